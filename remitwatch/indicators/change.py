"""Why an average moved: its change between two periods, in parts that add up exactly.

Take the average total cost of a scope in A and in B (the same figures as `indicators` gives), and the services that are
in both, the *continuing* ones (what counts as the same service: see `pairs`), which all weigh the same.

    change = average(B) - average(A)
    fee    = mean fee of the continuing in B - in A
    margin = mean (total - fee) of the continuing in B - in A
    entry  = average(B) - mean total of the continuing in B
    exit   = mean total of the continuing in A - average(A)
    change = fee + margin + entry + exit

The margin is total less fee, so that a survey row's published total stays the total; where the published margins moved
by more than 0.01 points otherwise, the flag `margin_is_total_less_fee` says so. Survey rows that are one service count
once among the continuing and as they are in the averages, so what a repeated row weighs too much is in entry and exit
(flag `duplicates_averaged`).

With a grouping (`by`), what entry and exit owe to another make-up of the sample becomes the mix. Let group g have the
share s and the mean m among all services of a period, the share k and the mean c among its continuing ones; where none
continues, k = 0 and c = m. Then

    average - mean of the continuing = sum of (s m - k c) over the groups = between + within
    between = sum of (s - k) (m + c) / 2        within = sum of (s + k) / 2 (m - c)

    mix   = between in B - between in A         entry = within in B         exit = - within in A
    change = fee + margin + entry + exit + mix

Fee and margin stay as they were. Entry now says whether newcomers are dearer than others of their group, mix whether
they belong to dearer groups. The groups are the labels as they stand: a joint label (`cash+debit_card`) and `unknown`
are groups of their own, so that every service is in one. Where all are of one group the mix is 0.

By hand: A holds x 6 (fee 4), y 10 (fee 5), z 14; B holds x 5 (fee 3), y 9 (fee 5), w 4. Averages 10 and 6, change -4.
Continuing x, y: means 8 and 7, fees 4.5 and 4. So fee -0.5, margin -0.5, entry 6 - 7 = -1, exit 8 - 10 = -2.

Private rows: an average that is withheld is not decomposed. One that is shown is, when of the private services of each
period all continue or none does: then the parts tell nothing that the two averages do not. Otherwise only the change is
shown (`private_suppressed`). With a grouping private rows are left out, as in breakdowns (`private_left_out`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from remitwatch.errors import InputError
from remitwatch.fields import UtcTime, Value
from remitwatch.figures import IndicatorRow, Scope, ratio, rounded
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.pairs import AVERAGE, Half, Pair, Side, matched, side
from remitwatch.indicators.selection import Selection, select
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import Period, parse_periods
from remitwatch.quotes import Basis, Tier

if TYPE_CHECKING:
    import pandas as pd


PLACES = 4
_MARGIN_TOLERANCE = Fraction(1, 100)
_PARTS = ("fee", "margin", "entry", "exit", "mix")


class Change(Value):
    """The change of an average between two periods, in percentage points, and its parts, all exact.

    Averages are None where there is none or it is withheld, parts where they cannot be told; flags say why. `mix` is
    None without a grouping (`by`). `services_*` count what is behind the averages (each survey row as one);
    `continuing`, `entered` and `left` count different services.
    """

    period_from: str
    period_to: str
    scope: Scope
    sender: str | None
    receiver: str | None
    region: str | None
    by: str | None
    amount: Tier
    basis: Basis
    average_from: Fraction | None
    average_to: Fraction | None
    fee: Fraction | None = None
    margin: Fraction | None = None
    entry: Fraction | None = None
    exit: Fraction | None = None
    mix: Fraction | None = None
    services_from: int
    services_to: int
    continuing: int
    entered: int
    left: int
    flags: tuple[str, ...]
    method: str
    as_of: UtcTime

    @property
    def change(self) -> Fraction | None:
        """average_to - average_from, None unless both are there."""
        if self.average_from is None or self.average_to is None:
            return None
        return self.average_to - self.average_from

    @property
    def parts(self) -> dict[str, Fraction]:
        """The parts by name, in the order of the formula; they add up to `change`. Empty where they are not told."""
        named = {name: getattr(self, name) for name in _PARTS}
        return {name: part for name, part in named.items() if part is not None}

    @property
    def subject(self) -> str:
        """What it speaks of: `world`, `GBR`, `South Asia`, `GBR-IND`."""
        if self.scope == "corridor":
            return f"{self.sender}-{self.receiver}"
        return self.sender or self.receiver or self.region or "world"

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch indicators explain --json`: numbers as text with four decimals.

        As printed, too, the parts add up to the change and the change is the difference of the averages: a part may be
        one or two in the last place off its own rounding for that.
        """
        averages = [None if one is None else shown(one) for one in (self.average_from, self.average_to)]
        change = None if averages[0] is None or averages[1] is None else averages[1] - averages[0]
        parts = {} if change is None else adding_up(self.parts, change)
        return {
            "from": self.period_from,
            "to": self.period_to,
            "scope": self.scope,
            "sender": self.sender,
            "receiver": self.receiver,
            "region": self.region,
            "by": self.by,
            "amount": self.amount,
            "basis": self.basis.value,
            "unit": "percentage_points",
            "average_from": text(averages[0]),
            "average_to": text(averages[1]),
            "change": text(change),
            **{name: text(parts.get(name)) for name in _PARTS},
            "services_from": self.services_from,
            "services_to": self.services_to,
            "continuing": self.continuing,
            "entered": self.entered,
            "left": self.left,
            "flags": list(self.flags),
            "method": self.method,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
        }


def shown(value: Fraction) -> Decimal:
    """As figures are shown: four decimals, rounded half-up once."""
    return rounded(ratio(value.numerator, value.denominator), PLACES)


def text(value: Decimal | None) -> str | None:
    """A shown number as text."""
    return None if value is None else f"{value:f}"


def adding_up(parts: dict[str, Fraction], total: Decimal) -> dict[str, Decimal]:
    """The parts with four decimals, so that they add up to `total` as it is shown.

    Each is rounded down, then what is missing goes to those with the largest remainders; a part that is 0 stays 0.
    """
    exact = {name: part * 10**PLACES for name, part in parts.items()}
    units = {name: part.__floor__() for name, part in exact.items()}
    missing = int(total.scaleb(PLACES)) - sum(units.values())
    order = sorted((name for name in exact if exact[name]), key=lambda name: (units[name] - exact[name], name))
    step = 1 if missing > 0 else -1
    for at in range(abs(missing) if order else 0):
        name = order[at % len(order)] if step > 0 else order[-1 - at % len(order)]
        units[name] += step
    return {name: Decimal(whole).scaleb(-PLACES) for name, whole in units.items()}


def explain(
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
    by: str | None = None,
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[Change]:
    """The change of the average total cost from the first to the second of two periods (`2024-Q3..2025-Q3`), in parts.

    The selection is that of `indicators`; `by` names the grouping of the mix. One row a subject that has observations
    in either period, the bases apart; with a basis named, named subjects without observations get a row too.

    Raises InputError for anything unknown or that does not fit together, and for a period that is not two.
    """
    observations = prepared(frame)
    tier = checked_amount(amount)
    first, last = two_periods(period)
    selection = select_average(
        observations, scope=scope, sender=sender, receiver=receiver, region=region, corridor=corridor, by=by
    )
    bases = observations.bases(tier) if basis is None else (checked_basis(basis),)
    return [
        row
        for one_basis in bases
        for row in _between(
            observations,
            one_basis,
            tier,
            (first, last),
            selection,
            (as_of, as_of),
            options,
            by=by,
            empty_rows=basis is not None,
        )
    ]


def changes_between(
    observations: Observations,
    first: Period,
    last: Period,
    *,
    basis: Basis,
    scopes: Sequence[str],
    by: str | None = None,
    amount: Tier = 200,
    as_of: dt.datetime,
    first_as_of: dt.datetime | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Change]:
    """The changes of every subject of the scopes between two periods that need not be of one kind: of a week and the
    latest prices, for example; with `first_as_of`, of the latest prices then and now. Everything else is as in
    `explain`. Raises InputError for an unknown scope or `by`."""
    selection = select_average(observations, scope=scopes, by=by)
    times = (first_as_of or as_of, as_of)
    return list(
        _between(observations, basis, amount, (first, last), selection, times, options, by=by, empty_rows=False)
    )


def _between(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    periods: tuple[Period, Period],
    selection: Selection,
    times: tuple[dt.datetime, dt.datetime],
    options: Options,
    *,
    by: str | None,
    empty_rows: bool,
) -> Iterator[Change]:
    for scope in selection.scopes:
        ends = (
            side(observations, basis, amount, period, replace(selection, by=None), scope, as_of, options)
            for period, as_of in zip(periods, times, strict=True)
        )
        yield from _changes(*ends, by=by, empty_rows=empty_rows)


def two_periods(period: str) -> tuple[Period, Period]:
    """The ends of `A..B`. Raises InputError for anything else."""
    found = parse_periods(period)
    if len(found) < 2:
        raise InputError(f"period {period!r}: expected two different periods such as 2024-Q3..2025-Q3")
    return found[0], found[-1]


def select_average(observations: Observations, **choice: Any) -> Selection:
    """The selection of `indicators` for the average total cost. Raises InputError."""
    regions = observations.regions() if choice.get("region") else ()
    return select(codes=AVERAGE, regions=regions, **choice)


def subjects_of(sides: Sequence[Side], *, empty_rows: bool) -> Iterator[tuple[str, IndicatorRow]]:
    """The subjects that have services on any side, in order, each with a published row that names it.

    `empty_rows`: also named subjects that have none.
    """
    rows: dict[str, IndicatorRow] = {}
    for one in sides:
        rows = one.published | rows
    for subject in sorted(rows):
        held = [one.published[subject] for one in sides if subject in one.published]
        if empty_rows or any("no_observations" not in row.flags for row in held):
            yield subject, rows[subject]


class _Parts(NamedTuple):
    fee: Fraction
    margin: Fraction
    entry: Fraction
    exit: Fraction
    mix: Fraction | None


def _changes(first: Side, second: Side, *, by: str | None, empty_rows: bool) -> Iterator[Change]:
    """The rows of one basis and scope."""
    pair = matched(first.without_private(), second.without_private()) if by else matched(first, second)
    found, remarks = _parts(pair, by)
    for subject, row in subjects_of((first, second), empty_rows=empty_rows):
        flags: set[str] = set()
        averages: list[Fraction | None] = []
        counts: list[int] = []
        held: list[int] = []
        split = False
        continuing = 0
        for whole, half in ((first, pair.first), (second, pair.second)):
            published = whole.published.get(subject)
            flags.update(published.flags if published is not None else ["no_observations"])
            number = half.side.number(subject)
            withheld = by is None and published is not None and "private_suppressed" in published.flags
            averages.append(None if withheld else half.side.averages.get(number))
            counts.append(int(half.side.services[number]) if number >= 0 else 0)
            held.append(int(half.services[number]) if number >= 0 else 0)
            if number >= 0:
                split |= bool(half.splits_private[number])
                continuing = int(pair.continuing[number])
                if by and whole.private[number]:
                    flags.add("private_left_out")
        if by:
            flags.discard("private_suppressed")
        parts: dict[str, Fraction | None] = {}
        number = first.number(subject)
        if None not in averages:
            if number not in found:
                flags.add("nothing_in_common")
            elif split:
                flags.add("private_suppressed")
            else:
                parts = found[number]._asdict()
                flags |= remarks.get(number, set())
        yield Change(
            period_from=_key(first, subject),
            period_to=_key(second, subject),
            by=by,
            average_from=averages[0],
            average_to=averages[1],
            **parts,
            services_from=counts[0],
            services_to=counts[1],
            continuing=continuing,
            entered=held[1] - continuing,
            left=held[0] - continuing,
            flags=tuple(sorted(flags)),
            **subject_fields(row),
        )


def _key(one: Side, subject: str) -> str:
    row = one.published.get(subject)
    return one.units.period.key if row is None else row.period


def subject_fields(row: IndicatorRow) -> dict[str, Any]:
    """What a row of a change or an index takes over from the published figure of its subject."""
    names = ("scope", "sender", "receiver", "region", "amount", "basis", "method", "as_of")
    return {name: getattr(row, name) for name in names}


def _parts(pair: Pair, by: str | None) -> tuple[dict[int, _Parts], dict[int, set[str]]]:
    """The parts of every subject with continuing services, and remarks on them."""
    halves = (pair.first, pair.second)
    totals, fees, margins = (
        [pair.means(half, column) for half in halves] for column in ("total_e8", "fee_e8", "margin_e8")
    )
    spreads = [_spread(half, pair, by) for half in halves] if by else []
    found: dict[int, _Parts] = {}
    remarks: dict[int, set[str]] = {}
    for group in totals[0]:
        fee = fees[1][group] - fees[0][group]
        margin = totals[1][group] - totals[0][group] - fee
        if by:
            (left, exit_), (came, entry) = (spread[group] for spread in spreads)
            found[group] = _Parts(fee, margin, entry, -exit_, came - left)
        else:
            entry = pair.second.side.averages[group] - totals[1][group]
            found[group] = _Parts(fee, margin, entry, totals[0][group] - pair.first.side.averages[group], None)
        remarks[group] = {
            name
            for name, holds in (
                ("duplicates_averaged", any(half.repeated[group] for half in halves)),
                (
                    "margin_is_total_less_fee",
                    abs(margin - (margins[1][group] - margins[0][group])) > _MARGIN_TOLERANCE,
                ),
            )
            if holds
        }
    return found, remarks


def _spread(half: Half, pair: Pair, by: str) -> dict[int, tuple[Fraction, Fraction]]:
    """By subject with continuing services: average less mean of the continuing, parted in between and within groups."""
    used, labels = half.side.used, half.side.units.labels(by)
    width = max(len(labels.names), 1)
    group, size = used.group * width + labels.codes[used.unit], used.size * width
    every = np.bincount(group, minlength=size)
    sums = half.side.sums("total_e8", group, np.ones(len(group), dtype=np.int64), size)
    staying, staying_sums = half.staying_counts(group, size), half.staying_sums("total_e8", group, size)
    found: dict[int, tuple[Fraction, Fraction]] = {}
    for at, total in sums.items():
        subject = at // width
        if not pair.continuing[subject]:
            continue
        share = Fraction(int(every[at]), int(half.side.services[subject]))
        mean = total / int(every[at])
        kept = staying.get(at, Fraction(0)) / int(pair.continuing[subject])
        kept_mean = staying_sums[at] / staying[at] if at in staying else mean
        between, within = found.get(subject, (Fraction(0), Fraction(0)))
        found[subject] = (
            between + (share - kept) * (mean + kept_mean) / 2,
            within + (share + kept) * (mean - kept_mean) / 2,
        )
    return found
