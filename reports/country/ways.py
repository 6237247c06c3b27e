"""The two ways of a country's money, inbound and outbound, and the words that depend on them."""

from __future__ import annotations

from typing import Literal

from reports import names
from reports.language import N_, Words
from reports.lookup import Place

Way = Literal["inbound", "outbound"]
WAYS: tuple[Way, ...] = ("inbound", "outbound")

TITLES = Words({"inbound": N_("To {country}"), "outbound": N_("From {country}")})
SENDING = Words({"inbound": N_("Sending to {country}"), "outbound": N_("Sending from {country}")})


def place_of(way: Way, code: str) -> Place:
    """The place of a country's figures: as a receiver or a sender."""
    return ("receiver" if way == "inbound" else "sender", code, "")


def other_end(way: Way, key: str) -> str:
    """The country at the other end of a corridor."""
    sender, receiver = key.split("-")
    return sender if way == "inbound" else receiver


def said(words: Words, way: Way, code: str, **values: object) -> str:
    """A message of this way, with the country's name in it."""
    return words[way].format(country=names.country(code), **values)
