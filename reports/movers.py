"""The corridors whose average moved most, and why: fees, margin, services that came or left, another mix of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from reports import compare, numbers
from reports.inputs import BasisInput
from reports.language import N_, Words, _, ngettext
from reports.lookup import MIX_FACTOR, Place

LEAST_SERVICES = 3
"""Fewer services at one of the two times: the change is not listed."""
_HALF = 2
Reason = Literal["fee", "margin", "entry", "exit", "mix", "several", "nothing_in_common"]
PARTS: tuple[Literal["fee", "margin", "entry", "exit", "mix"], ...] = ("fee", "margin", "entry", "exit", "mix")


@dataclass(frozen=True)
class Mover:
    """A place whose average changed since the period `since`. Averages in per cent, changes in points; the parts add up
    to the change, and are None where they cannot be told (`flags`)."""

    place: Place
    since: str
    before: Decimal
    now: Decimal
    fee: Decimal | None
    margin: Decimal | None
    entry: Decimal | None
    exit: Decimal | None
    mix: Decimal | None
    services_before: int
    services_now: int
    continuing: int
    entered: int
    left: int
    flags: tuple[str, ...]

    @property
    def change(self) -> Decimal:
        """Points, from unrounded values."""
        return self.now - self.before

    @property
    def parts(self) -> dict[str, Decimal]:
        """The parts by name; empty where they are not told."""
        return {name: part for name in PARTS if (part := getattr(self, name)) is not None}

    @property
    def others(self) -> Decimal:
        """What services that came or left and another mix of them changed, points."""
        return sum((self.parts.get(name, Decimal(0)) for name in ("entry", "exit", "mix")), Decimal(0))

    @property
    def reason(self) -> Reason:
        """The part that is half of all movement at least, else `several`."""
        sizes = {name: abs(part) for name, part in self.parts.items()}
        if not sizes:
            return "nothing_in_common"
        largest = max(PARTS, key=lambda name: sizes.get(name, Decimal(0)))
        return largest if sizes[largest] * _HALF >= sum(sizes.values()) else "several"


def movers(data: BasisInput) -> tuple[list[Mover], list[Mover]]:
    """The corridors that became cheaper and dearer, the largest change first: those with three services or more at both
    times, about as many, whose printed averages differ."""
    found = [one for one in _moves(data) if one.place[0] == "corridor" and _listed(one)]
    cheaper = sorted((one for one in found if one.change < 0), key=lambda one: (one.change, one.place))
    dearer = sorted((one for one in found if one.change > 0), key=lambda one: (-one.change, one.place))
    return cheaper, dearer


def _listed(one: Mover) -> bool:
    few, many = sorted((one.services_before, one.services_now))
    moved = compare.direction(one.now, one.before) in ("down", "up")
    return few >= LEAST_SERVICES and many < few * MIX_FACTOR and moved


def world_move(data: BasisInput, since: str) -> Mover | None:
    """Why the average of everything moved since a period; None where that is not held or not told."""
    found = (one for one in _moves(data) if one.place[0] == "world" and one.since == since and one.parts)
    return next(found, None)


def since(data: BasisInput) -> str | None:
    """The period that the changes count from."""
    return None if data.moves.empty else str(data.moves["from"].iloc[0])


def _moves(data: BasisInput) -> Iterator[Mover]:
    for row in data.moves.to_dict("records"):
        before, now = numbers.decimal_of(row["average_from"]), numbers.decimal_of(row["average_to"])
        if before is None or now is None:
            continue
        corridor = row["scope"] == "corridor"
        parts: dict[str, Any] = {name: numbers.decimal_of(row[name]) for name in PARTS}
        yield Mover(
            place=("corridor", row["sender"], row["receiver"]) if corridor else (row["scope"], "", ""),
            since=row["from"],
            before=before,
            now=now,
            **parts,
            services_before=int(row["services_from"]),
            services_now=int(row["services_to"]),
            continuing=int(row["continuing"]),
            entered=int(row["entered"]),
            left=int(row["left"]),
            flags=tuple(row["flags"]),
        )


REASONS = Words({
    "fee": N_("Mainly fees"),
    "margin": N_("Mainly the exchange-rate margin"),
    "entry": N_("Mainly new services"),
    "exit": N_("Mainly services that left"),
    "mix": N_("Mainly another mix of provider types"),
    "several": N_("Several reasons"),
    "nothing_in_common": N_("No service in common"),
})  # fmt: skip
_SAME = Words({
    "fell fell": N_("Fees fell {fee} points and the margin {margin}; services quoted both times: {n}."),
    "fell rose": N_("Fees fell {fee} points, the margin rose {margin}; services quoted both times: {n}."),
    "fell unchanged": N_("Fees fell {fee} points, the margin did not move; services quoted both times: {n}."),
    "rose fell": N_("Fees rose {fee} points, the margin fell {margin}; services quoted both times: {n}."),
    "rose rose": N_("Fees rose {fee} points and the margin {margin}; services quoted both times: {n}."),
    "rose unchanged": N_("Fees rose {fee} points, the margin did not move; services quoted both times: {n}."),
    "unchanged fell": N_("The margin fell {margin} points, fees did not move; services quoted both times: {n}."),
    "unchanged rose": N_("The margin rose {margin} points, fees did not move; services quoted both times: {n}."),
    "unchanged unchanged": N_("Fees and margin did not move; services quoted both times: {n}."),
    "together fell": N_("Fees and margin together fell {both} points; services quoted both times: {n}."),
    "together rose": N_("Fees and margin together rose {both} points; services quoted both times: {n}."),
})  # fmt: skip


def explained(mover: Mover) -> str:
    """What each part did, in sentences; parts under 0.05 points are left out. No causes beyond the data."""
    if not mover.parts:
        return _("No service was quoted both times, so what changed is the make-up.")
    assert mover.fee is not None
    assert mover.margin is not None
    ways = f"{compare.moved(mover.fee)} {compare.moved(mover.margin)}"
    both = mover.fee + mover.margin
    if ways == "unchanged unchanged" and _counts(both):
        ways = f"together {compare.moved(both)}"
    sentences = [
        _SAME[ways].format(
            fee=_size(mover.fee), margin=_size(mover.margin), both=_size(both), n=numbers.count(mover.continuing)
        )
    ]
    if mover.entry is not None and _counts(mover.entry):
        sentences.append(_came(mover.entry, mover.entered))
    if mover.exit is not None and _counts(mover.exit):
        sentences.append(_left(mover.exit, mover.left))
    if mover.mix is not None and _counts(mover.mix):
        sentences.append(_mixed(mover.mix))
    return " ".join(sentences)


def _counts(part: Decimal) -> bool:
    return abs(part) >= compare.UNCHANGED


def _size(part: Decimal) -> str:
    return numbers.number(abs(part))


def _came(part: Decimal, services: int) -> str:
    if part > 0:
        return ngettext("{n} service is new, which added {points} points.",
                        "{n} services are new, which added {points} points.", services, points=_size(part))  # fmt: skip
    return ngettext("{n} service is new, which took off {points} points.",
                    "{n} services are new, which took off {points} points.", services, points=_size(part))  # fmt: skip


def _left(part: Decimal, services: int) -> str:
    if part > 0:
        return ngettext("{n} service left, which added {points} points.",
                        "{n} services left, which added {points} points.", services, points=_size(part))  # fmt: skip
    return ngettext("{n} service left, which took off {points} points.",
                    "{n} services left, which took off {points} points.", services, points=_size(part))  # fmt: skip


def _mixed(part: Decimal) -> str:
    if part > 0:
        return _("Another mix of provider types added {points} points.", points=_size(part))
    return _("Another mix of provider types took off {points} points.", points=_size(part))
