"""Which sources the sandbox plays: what each answers, to which method, and its robots.txt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from scrapers.sandbox import (
    central_bank_pages,
    central_banks,
    ecb,
    instarem,
    rate_services,
    sendwave,
    taptap_send,
    transfergo,
    western_union,
    wise,
    wise_quotes,
    worldbank,
    xe,
)
from scrapers.sandbox.fx import last_business_day
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import Answer, Question
from scrapers.sandbox.world import World

DAILY = ("ecb", "wise_comparisons", "transfergo")
"""What the demo asks every day, and what a sandbox plays where nothing else is said."""
YEARLY = ("knomad", "worldbank")
"""What the demo asks now and then, as their schedules say: flows, and the official figures of a year."""
_ALLOWED = "User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True)
class Player:
    """How one source is played."""

    answer: Callable[[World, Question, date], Answer]
    method: str = "GET"
    robots: str = _ALLOWED


PLAYERS: Mapping[str, Player] = MappingProxyType(
    {
        "ecb": Player(ecb.answer, robots=ecb.ROBOTS),
        "wise_comparisons": Player(wise.answer, robots=wise.ROBOTS),
        "transfergo": Player(transfergo.answer, robots=transfergo.ROBOTS),
        "bank_of_canada": Player(central_banks.bank_of_canada),
        "bank_of_england": Player(central_bank_pages.bank_of_england),
        "banrep": Player(central_banks.banrep),
        "banxico": Player(central_banks.banxico),
        "bceao": Player(central_bank_pages.bceao),
        "bcra": Player(central_banks.bcra),
        "cbk": Player(central_banks.cbk, method="POST"),
        "cbn": Player(central_banks.cbn),
        "fbil": Player(central_banks.fbil),
        "frankfurter": Player(rate_services.frankfurter),
        "hkma": Player(central_banks.hkma),
        "instarem": Player(instarem.answer),
        "knomad": Player(worldbank.flows),
        "nbp": Player(central_banks.nbp),
        "nbu": Player(central_banks.nbu),
        "nrb": Player(central_banks.nrb),
        "open_er_api": Player(rate_services.open_er_api),
        "sendwave": Player(sendwave.answer),
        "taptap_send": Player(taptap_send.answer),
        "western_union": Player(western_union.answer, method="POST"),
        "wise_quotes": Player(wise_quotes.answer, method="POST", robots=wise.ROBOTS),
        "worldbank": Player(worldbank.figures),
        "worldbank_survey": Player(worldbank.survey),
        "xe": Player(xe.answer, method="POST"),
    }
)
SOURCES: tuple[str, ...] = tuple(PLAYERS)


def question(
    target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Question:
    """A question as it comes over the wire: `target` is path and query, `headers` have any case."""
    parts = urlsplit(target)
    names = {name.lower(): value for name, value in (headers or {}).items()}
    return Question(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), method, names, body)


def answer_to(world: World, source: str, asked: Question, day: date) -> Answer:
    """What a source answers to a question on a day: a pure function of its arguments.

    robots.txt is served also on days on which the source itself is down or blocks. A question that cannot be understood
    is answered with 400, the other method with 405. Raises KeyError for an unknown source and ValueError for a day
    outside the sandbox's years.
    """
    player = PLAYERS[source]
    last_business_day(day)
    if asked.method == "GET" and asked.path == "/robots.txt":
        return Answer(200, "text/plain; charset=utf-8", f"# {MARK}\n{player.robots}".encode())
    if asked.method != player.method:
        return Answer(405, "text/plain; charset=utf-8", b"Method Not Allowed\n", {"Allow": player.method})
    try:
        return player.answer(world, asked, day)
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        return Answer(400, "text/plain; charset=utf-8", f"not understood: {error}\n".encode())
