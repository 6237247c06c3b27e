"""The providers of an edition: whose services are listed on which basis, and the file name of each one's page."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reports import numbers, wording
from reports.lookup import Offer

_PLAIN = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*", re.ASCII)
_LONGEST = 60
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))})
"""Names that some systems keep for devices, with any ending."""

Offers = Mapping[str, list[Offer]]
"""Offers by corridor."""


@dataclass(frozen=True)
class Listed:
    """One provider: its name as most of its services have it, its types (codes, the most frequent first) and its
    offers by basis, in the order of corridor and cost; promotions apart."""

    key: str
    name: str
    types: tuple[str, ...]
    offers: Mapping[str, list[Offer]]
    promotions: Mapping[str, list[Offer]]

    @property
    def path(self) -> str:
        """Path of its page."""
        return f"providers/{slug(self.key)}.html"

    @property
    def type(self) -> str:
        """The type most of its services are listed under: it decides the mark."""
        return self.types[0]


def slug(key: str) -> str:
    """A file name of letters, digits and hyphens for a provider's key: `western_union` gives `western-union`.

    A key that is not plain keeps what is plain of it and gets `--` and a part of its hash, so two keys never share a
    name, and none depends on which others there are.
    """
    if _PLAIN.fullmatch(key) and len(key) <= _LONGEST and key not in _DEVICES:
        return key.replace("_", "-")
    rest = re.sub(r"[^a-z0-9]+", "-", key[:200].lower()).strip("-")[:_LONGEST].strip("-")
    return f"{rest or 'provider'}--{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"


def read_providers(bases: Iterable[tuple[str, Offers, Offers]]) -> dict[str, Listed]:
    """By key: every provider with a listed service, in the order of their names. `bases`: each basis with its offers
    and promotions; what must not be shown is not among them."""
    found: dict[str, tuple[dict[str, list[Offer]], dict[str, list[Offer]]]] = {}
    for basis, *kinds in bases:
        for place, offers in enumerate(kinds):
            for corridor in sorted(offers):
                for offer in offers[corridor]:
                    found.setdefault(offer.provider, ({}, {}))[place].setdefault(basis, []).append(offer)
    listed = [_listed(key, *held) for key, held in found.items()]
    return {one.key: one for one in sorted(listed, key=lambda one: (one.name.casefold(), one.key))}


def _listed(key: str, offers: Mapping[str, list[Offer]], promotions: Mapping[str, list[Offer]]) -> Listed:
    every = [offer for held in (offers, promotions) for some in held.values() for offer in some]
    return Listed(
        key, _most_frequent(offer.name for offer in every)[0], _most_frequent(offer.type for offer in every),
        offers, promotions,
    )  # fmt: skip


def _most_frequent(values: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(values)
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))


def counted(offers: Iterable[Offer], tier: int = 200) -> list[Offer]:
    """Those of one amount that stand behind figures: a disclosed rate, not too old, not in quarantine."""
    return [
        offer
        for offer in offers
        if offer.tier == tier and offer.total_pct is not None and not offer.stale and not offer.quarantined
    ]


def mean(values: Iterable[Decimal | None]) -> Decimal | None:
    """The simple mean of those that are there; None for none."""
    held = [value for value in values if value is not None]
    return sum(held, Decimal(0)) / len(held) if held else None


def type_words(provider: Listed) -> str:
    """Its types in words, separated by commas."""
    return numbers.separated(wording.PROVIDER_TYPES[code] for code in provider.types)


def ranks(offers: Offers) -> dict[str, tuple[int, int]]:
    """By `ref`: the place of each priced service at USD 200 among those listed in its corridor, and of how many.
    Services that cost the same share a place."""
    found: dict[str, tuple[int, int]] = {}
    for some in offers.values():
        priced = counted(some)
        totals = sorted(offer.total_pct for offer in priced if offer.total_pct is not None)
        for offer in priced:
            assert offer.total_pct is not None
            found[offer.ref] = (bisect_left(totals, offer.total_pct) + 1, len(totals))
    return found
