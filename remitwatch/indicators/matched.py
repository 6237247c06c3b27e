"""The matched-sample index: how prices moved where nobody came or left.

The plain average moves when the sample does. The index compares each period with the one before by the services that
are in both (what counts as the same service: see `pairs`; every service weighs the same), and chains these links:

    index(first) = 100          index(t) = index(t-1) x mean of the matched in t / mean of the matched in t-1
    level(t) = average(first) x index(t) / 100, in per cent: what the average would be, had the sample stayed

`change` is the same link in percentage points: mean of the matched in t - in t-1, the fee + margin of `explain`.

By hand: quarter 1 has a 4, b 6; quarter 2 a 5, b 7, c 12; quarter 3 b 7, c 6. The averages are 5, 8, 6.5, the links
6 / 5 and 6.5 / 9.5: index 100, 120, 82.1053, level 5, 6, 4.1053.

Successive periods are those that have a priced service: a period without (2025-Q2 of the survey) has no value and the
next link reaches over it (flag `link_over_gap`). Where two successive periods have no service in common the chain is
broken (`nothing_in_common`), where a mean of the matched is not above 0 a ratio says nothing (`not_above_zero`): from
there on there is no index and no level (`chain_broken`), only changes. Nothing is invented.

Private rows are left out, as in breakdowns, because successive links would part them (`private_left_out` on every row
of the subject).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from remitwatch.errors import InputError
from remitwatch.fields import UtcTime, Value
from remitwatch.figures import Scope
from remitwatch.indicators.change import select_average, shown, subject_fields, subjects_of, text
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.pairs import Pair, Side, matched, side
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import parse_periods
from remitwatch.quotes import Basis, Tier

if TYPE_CHECKING:
    import pandas as pd


_FIRST = Fraction(100)


class MatchedPoint(Value):
    """One period of a matched-sample index, exact. `base`: the period that is 100; `previous`: the one it is linked to.

    `average` is the plain average of the period. `mean_before` and `mean_now` are the means of the `matched` services
    in `previous` and now. All are None where a flag says why, and in the first period the links are.
    """

    period: str
    base: str | None
    previous: str | None
    scope: Scope
    sender: str | None
    receiver: str | None
    region: str | None
    amount: Tier
    basis: Basis
    index: Fraction | None
    level: Fraction | None
    average: Fraction | None
    mean_before: Fraction | None = None
    mean_now: Fraction | None = None
    services: int
    matched: int
    flags: tuple[str, ...]
    method: str
    as_of: UtcTime

    @property
    def change(self) -> Fraction | None:
        """The change of the matched since `previous`, in percentage points."""
        return None if self.mean_before is None or self.mean_now is None else self.mean_now - self.mean_before

    @property
    def subject(self) -> str:
        """What it speaks of: `world`, `GBR`, `South Asia`, `GBR-IND`."""
        if self.scope == "corridor":
            return f"{self.sender}-{self.receiver}"
        return self.sender or self.receiver or self.region or "world"

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch indicators matched --json`: numbers as text with four decimals, each rounded once."""
        numbers = {
            name: None if (value := getattr(self, name)) is None else text(shown(value))
            for name in ("index", "level", "change", "mean_before", "mean_now", "average")
        }
        return {
            "period": self.period,
            "base": self.base,
            "previous": self.previous,
            "scope": self.scope,
            "sender": self.sender,
            "receiver": self.receiver,
            "region": self.region,
            "amount": self.amount,
            "basis": self.basis.value,
            **numbers,
            "services": self.services,
            "matched": self.matched,
            "flags": list(self.flags),
            "method": self.method,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
        }


def matched_index(
    frame: pd.DataFrame | Columns | Observations,
    *,
    period: str,
    scope: str | Sequence[str] | None = None,
    amount: int = 200,
    basis: str | Basis | None = None,
    sender: str | None = None,
    receiver: str | None = None,
    region: str | None = None,
    corridor: str | None = None,
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[MatchedPoint]:
    """The matched-sample index of the average total cost over a range of periods (`2023-Q1..2025-Q3`).

    The selection is that of `indicators`. For every subject with observations in the range one row a period, oldest
    first, the bases apart; with a basis named, named subjects without observations get rows too.

    Raises InputError for anything unknown or that does not fit together, and for a single period.
    """
    observations = prepared(frame)
    tier = checked_amount(amount)
    periods = parse_periods(period)
    if len(periods) < 2:
        raise InputError(f"period {period!r}: expected a range of periods such as 2023-Q1..2025-Q3")
    selection = select_average(
        observations, scope=scope, sender=sender, receiver=receiver, region=region, corridor=corridor
    )
    found: list[MatchedPoint] = []
    for one_basis in observations.bases(tier) if basis is None else (checked_basis(basis),):
        for one_scope in selection.scopes:
            sides = [side(observations, one_basis, tier, one, selection, one_scope, as_of, options) for one in periods]
            found += _points(sides, empty_rows=basis is not None)
    return found


@dataclass(frozen=True)
class _Link:
    """Two successive periods of a subject, by the services that are in both: their means, and how many there are."""

    before: Fraction | None = None
    now: Fraction | None = None
    services: int = 0
    flags: frozenset[str] = frozenset()

    def chained(self, index: Fraction | None) -> Fraction | None:
        """The index carried over this link; None where it cannot be."""
        if index is None or self.before is None or self.now is None or self.before <= 0 or self.now <= 0:
            return None
        return index * self.now / self.before


class _Links:
    """The links between periods, each pair of periods matched once for all subjects."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = sides
        self._found: dict[tuple[int, int], dict[int, _Link]] = {}

    def link(self, before: int, now: int, group: int) -> _Link:
        """The link of a subject's group between two periods, by their places in the range."""
        if (before, now) not in self._found:
            self._found[before, now] = _links(matched(self._sides[before], self._sides[now]))
        return self._found[before, now].get(group, _Link(flags=frozenset({"nothing_in_common"})))


def _links(pair: Pair) -> dict[int, _Link]:
    halves = (pair.first, pair.second)
    before, now = (pair.means(half, "total_e8") for half in halves)
    found = {}
    for group, mean in before.items():
        flags = set()
        if mean <= 0 or now[group] <= 0:
            flags.add("not_above_zero")
        if any(half.repeated[group] for half in halves):
            flags.add("duplicates_averaged")
        found[group] = _Link(mean, now[group], int(pair.continuing[group]), frozenset(flags))
    return found


def _points(sides: Sequence[Side], *, empty_rows: bool) -> Iterator[MatchedPoint]:
    """The rows of one basis and scope."""
    public = [one.without_private() for one in sides]
    links = _Links(public)
    for subject, row in subjects_of(sides, empty_rows=empty_rows):
        left_out = any(one.private[one.number(subject)] for one in sides if one.number(subject) >= 0)
        yield from _chain(subject, subject_fields(row), public, links, {"private_left_out"} if left_out else set())


def _chain(
    subject: str, common: dict[str, Any], sides: Sequence[Side], links: _Links, remarks: set[str]
) -> Iterator[MatchedPoint]:
    """The rows of one subject."""
    averages = [one.averages.get(one.number(subject)) for one in sides]
    priced = [at for at, average in enumerate(averages) if average is not None]
    index: Fraction | None = None
    for at, one in enumerate(sides):
        published, number, average = one.published.get(subject), one.number(subject), averages[at]
        flags = set(published.flags) - {"private_suppressed"} if published is not None else {"no_observations"}
        flags |= remarks
        link, previous = _Link(), None
        if average is not None and at == priced[0]:
            index = _FIRST
        elif average is not None:
            previous = priced[priced.index(at) - 1]
            link = links.link(previous, at, number)
            flags |= link.flags
            if previous < at - 1:
                flags.add("link_over_gap")
            if index is None:
                flags.add("chain_broken")
            index = link.chained(index)
        told = None if average is None else index
        first = averages[priced[0]] if priced else None
        yield MatchedPoint(
            period=one.units.period.key,
            base=sides[priced[0]].units.period.key if priced else None,
            previous=None if previous is None else sides[previous].units.period.key,
            index=told,
            level=None if told is None or first is None else first * told / 100,
            average=average,
            mean_before=link.before,
            mean_now=link.now,
            services=int(one.services[number]) if number >= 0 else 0,
            matched=link.services,
            flags=tuple(sorted(flags)),
            **common,
        )
