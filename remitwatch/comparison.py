"""Our figures against those that others publish: how far apart, and which rule would explain it.

    equal       both round to the same two decimals
    within      at most 0.05 percentage points apart
    apart       further apart
    no_figure   there is no figure of ours: nothing is in force for it, or a flag says why

For a figure that is not equal, ours is computed again under one other rule at a time (RULES). A rule explains a figure
when it gives the published number to two decimals; it is an explanation, not a proof. Annual values of the official
series are those of the third quarter (METHODOLOGY section 3).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from remitwatch.figures import IndicatorRow, Scope, ratio, rounded
from remitwatch.indicators import METHOD, Observations, Options, indicators
from remitwatch.quotes import Basis, Tier

SERIES: dict[str, str] = {
    "ATCR.CORR": "average_total_cost",
    "SI.RMT.COST.IB.ZS": "average_total_cost",
    "SI.RMT.COST.OB.ZS": "average_total_cost",
    "SI_RMT_COST": "average_total_cost",
    "SI_RMT_COST_SND": "average_total_cost",
    "SI_RMT_COST_BC": "average_total_cost",
    "SI_RMT_COST_SC": "smart",
}
"""The published series that have a counterpart here: series -> indicator. Scope and period are the figure's own."""

RULES: dict[str, str] = {
    "undisclosed_included": "services that do not disclose their rate counted, their fee as their whole cost",
    "russia_included": "senders in Russia counted",
    "russia_excluded": "senders in Russia left out",
    "first_quarter": "the first quarter's value for the year",
    "second_quarter": "the second quarter's value for the year",
    "fourth_quarter": "the fourth quarter's value for the year",
    "year_pooled": "the mean of all services of the year's quarters",
    "quarters_mean": "the mean of the year's quarterly values",
    "corridor_means": "the mean of corridor averages in place of services",
    "one_per_provider": "one service a provider among the three cheapest",
    "amount_200": "the prices of sending USD 200",
    "amount_500": "the prices of sending USD 500",
}
"""The other rules, in the order in which explanations are listed: code -> words."""
UNEXPLAINED = "unexplained"
WITHIN = Decimal("0.05")

Verdict = Literal["equal", "within", "apart", "no_figure"]
_QUARTERS = {"first_quarter": "Q1", "second_quarter": "Q2", "fourth_quarter": "Q4"}
_OFFICIAL = "Q3"
_RUSSIA = "RUS"
_HUNDREDTH_E8 = 10**6
_ONE_PER_PROVIDER = Options(one_per_provider=True)


@dataclass(frozen=True)
class Published:
    """A figure that others publish. `value` per cent, with every digit published; `period` a quarter or a year."""

    series: str
    source: str
    scope: Scope
    sender: str | None
    receiver: str | None
    period: str
    value: Decimal

    @property
    def subject(self) -> str:
        """What it speaks of: `world`, `GBR`, `GBR-IND`."""
        return f"{self.sender}-{self.receiver}" if self.scope == "corridor" else self.sender or self.receiver or "world"

    @property
    def meant(self) -> Decimal:
        """The value without the digits that single precision adds: 23.6175003051758 was 23.6175.

        DataBank publishes numbers that went through single precision. The shortest decimal that single precision takes
        for the same number is meant, else 7.0949997901917 would round to another second decimal than 7.095.
        """
        digits = len(self.value.as_tuple().digits)
        single = np.float32(float(self.value))
        if digits > 9 and Decimal(f"{float(single):.{digits}g}") == self.value:
            return Decimal(str(single))
        return self.value


@dataclass(frozen=True)
class Compared:
    """A published figure beside ours. `ours` is None where nothing of it is in force; `difference` is ours less theirs,
    in percentage points. `explained_by`: codes of RULES or `unexplained`; empty where the two are equal or one is
    missing."""

    published: Published
    ours: IndicatorRow | None
    amount: Tier
    basis: Basis
    as_of: dt.datetime
    difference: Decimal | None
    verdict: Verdict
    explained_by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch compare --json`. Ours and the difference have four decimals, rounded once."""
        figure, ours = self.published, self.ours
        return {
            "series": figure.series,
            "source": figure.source,
            "scope": figure.scope,
            "sender": figure.sender,
            "receiver": figure.receiver,
            "period": figure.period,
            "published": f"{figure.value:f}",
            "ours": None if ours is None or ours.value is None else f"{rounded(ours.value):f}",
            "difference": None if self.difference is None else f"{rounded(self.difference):f}",
            "verdict": self.verdict,
            "explained_by": list(self.explained_by),
            "indicator": SERIES[figure.series],
            "amount": self.amount,
            "basis": self.basis.value,
            "services": 0 if ours is None else ours.services,
            "flags": ["no_observations"] if ours is None else list(ours.flags),
            "method": METHOD if ours is None else ours.method,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "id": None if ours is None else ours.id,
        }


@dataclass
class Summary:
    """How one series agrees with ours. `compared` have a figure on both sides; `explained` counts figures by rule (one
    figure may have several). `theirs_missing`: figures of ours in the scopes and periods of the series that it has
    not."""

    series: str
    source: str
    amount: Tier
    basis: Basis
    compared: int = 0
    equal: int = 0
    within: int = 0
    apart: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    ours_missing: int = 0
    theirs_missing: int = 0

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch compare --summary --json`."""
        return {
            "series": self.series,
            "source": self.source,
            "indicator": SERIES[self.series],
            "amount": self.amount,
            "basis": self.basis.value,
            "compared": self.compared,
            "equal": self.equal,
            "within": self.within,
            "apart": self.apart,
            "explained": {rule: self.explained[rule] for rule in RULES if self.explained[rule]},
            "unexplained": self.explained[UNEXPLAINED],
            "ours_missing": self.ours_missing,
            "theirs_missing": self.theirs_missing,
        }


def compare(
    published: Iterable[Published],
    observations: Observations,
    *,
    amount: Tier = 200,
    basis: Basis = Basis.SURVEY,
    as_of: dt.datetime,
    is_wanted: Callable[[str | None, str | None], bool] = lambda sender, receiver: True,
) -> tuple[list[Compared], list[Summary]]:
    """Every published figure beside ours, in the order given, and how each series agrees.

    Figures of series without a counterpart (not in SERIES) are left out. `is_wanted` says of sender and receiver
    whether a figure of ours was asked for, for `theirs_missing`. Everything is computed once a rule, scope and period.
    """
    ours = _Ours(observations, basis, amount, as_of)
    found = [ours.compared(figure) for figure in published if figure.series in SERIES]
    summaries: dict[tuple[str, str], Summary] = {}
    for one in found:
        key = (one.published.series, one.published.source)
        summary = summaries.setdefault(key, Summary(*key, amount, basis))
        if one.verdict == "no_figure":
            summary.ours_missing += 1
            continue
        summary.compared += 1
        setattr(summary, one.verdict, getattr(summary, one.verdict) + 1)
        summary.explained.update(one.explained_by)
    for key, summary in summaries.items():
        theirs = [one.published for one in found if (one.published.series, one.published.source) == key]
        summary.theirs_missing = ours.without(theirs, is_wanted)
    return found, list(summaries.values())


class _Ours:
    """Our figures, and what they would be under the other rules: each scope and period computed once, when needed."""

    def __init__(self, observations: Observations, basis: Basis, amount: Tier, as_of: dt.datetime) -> None:
        self._observations = observations
        self._basis = basis
        self._amount: Tier = amount
        self._other: Tier = 500 if amount == 200 else 200
        self._as_of = as_of
        self._rows: dict[tuple[Any, ...], dict[str, IndicatorRow]] = {}
        self._corridors: dict[tuple[Any, ...], dict[tuple[str, str], tuple[int, Fraction]]] = {}
        self._with_undisclosed: Observations | None = None

    def compared(self, figure: Published) -> Compared:
        """A published figure beside ours."""
        row = self.rows(SERIES[figure.series], figure.scope, figure.period).get(figure.subject)
        shared = (figure, row, self._amount, self._basis, self._as_of)
        if row is None or row.value is None:
            return Compared(*shared, None, "no_figure")
        difference = row.value - figure.meant
        hundredths = rounded(figure.meant, 2)
        if rounded(row.value, 2) == hundredths:
            return Compared(*shared, difference, "equal")
        rules = tuple(
            rule
            for rule, value in self._others(figure)
            if value is not None and rounded(ratio(value.numerator, value.denominator), 2) == hundredths
        )
        verdict: Verdict = "within" if abs(difference) <= WITHIN else "apart"
        return Compared(*shared, difference, verdict, rules or (UNEXPLAINED,))

    def without(self, theirs: Sequence[Published], is_wanted: Callable[[str | None, str | None], bool]) -> int:
        """How many figures of ours, in the scopes and periods of a series, it does not have."""
        spans: dict[tuple[str, Scope, str], set[str]] = {}
        for figure in theirs:
            spans.setdefault((SERIES[figure.series], figure.scope, figure.period), set()).add(figure.subject)
        return sum(
            row.value is not None and subject not in subjects and is_wanted(row.sender, row.receiver)
            for span, subjects in spans.items()
            for subject, row in self.rows(*span).items()
        )

    def rows(self, code: str, scope: Scope, period: str) -> dict[str, IndicatorRow]:
        """Our figures of a scope and period, by subject; of a year the third quarter's."""
        if self._basis is not Basis.SURVEY and len(period) == 4:  # of a survey year, the figures take it by themselves
            period = f"{period}-{_OFFICIAL}"
        return self._figures(code, scope, period, self._amount)

    def _figures(
        self,
        code: str,
        scope: Scope,
        period: str,
        amount: Tier,
        *,
        undisclosed: bool = False,
        options: Options | None = None,
    ) -> dict[str, IndicatorRow]:
        key = (code, scope, period, amount, undisclosed, options)
        if key not in self._rows:
            found = indicators(
                self._undisclosed() if undisclosed else self._observations,
                period=period,
                scope=scope,
                codes=code,
                amount=amount,
                basis=self._basis,
                as_of=self._as_of,
                options=options or Options(),
            )
            self._rows[key] = {row.subject: row for row in found}
        return self._rows[key]

    def _undisclosed(self) -> Observations:
        """The observations with undisclosed services priced by their fee alone, in two decimals, as the survey's file
        shows them."""
        if self._with_undisclosed is None:
            frame = self._observations.columns.frame()
            frame = frame[frame["basis"] == self._basis.value]
            hidden = ~frame["transparent"].to_numpy(dtype=bool)
            fee = np.floor(frame["fee_e8"].to_numpy(dtype=np.float64) / _HUNDREDTH_E8 + 0.5) * _HUNDREDTH_E8
            priced = frame.assign(
                transparent=True,
                total_e8=np.where(hidden, fee, frame["total_e8"]),
                margin_e8=np.where(hidden, 0.0, frame["margin_e8"]),
            )
            self._with_undisclosed = Observations(priced, max_age_days=self._observations.max_age_days)
        return self._with_undisclosed

    def _others(self, figure: Published) -> Iterator[tuple[str, Fraction | None]]:
        """What our figure would be under each other rule that can make a difference to it, in the order of RULES."""
        if SERIES[figure.series] == "smart":
            yield from self._other_smarts(figure)
        else:
            yield from self._other_averages(figure)

    def _other_smarts(self, figure: Published) -> Iterator[tuple[str, Fraction | None]]:
        year, quarter = _quarter(figure.period)

        def smart(quarter: str, amount: Tier | None = None, **how: Any) -> Fraction | None:
            rows = self._figures("smart", figure.scope, f"{year}-{quarter}", amount or self._amount, **how)
            row = rows.get(figure.subject)
            return None if row is None or row.value is None else self._sum(row.value, row.services) / row.services

        yield "undisclosed_included", smart(quarter, undisclosed=True)
        if len(figure.period) == 4:
            for rule, other in _QUARTERS.items():
                yield rule, smart(other)
            known = [value for one in ("Q1", "Q2", "Q3", "Q4") if (value := smart(one)) is not None]
            yield "quarters_mean", sum(known, Fraction()) / len(known) if known else None
        yield "one_per_provider", smart(quarter, options=_ONE_PER_PROVIDER)
        yield f"amount_{self._other}", smart(quarter, self._other)

    def _other_averages(self, figure: Published) -> Iterator[tuple[str, Fraction | None]]:
        year, quarter = _quarter(figure.period)

        def cells(quarter: str, *, russia: bool = figure.scope != "world", **how: Any) -> list[tuple[int, Fraction]]:
            """The corridors of the figure: services and the sum of their costs."""
            of = self._by_corridor(f"{year}-{quarter}", **how)
            if figure.scope == "corridor":
                return [of[lane]] if (lane := (figure.sender or "", figure.receiver or "")) in of else []
            return [
                cell
                for (sender, receiver), cell in of.items()
                if figure.sender in (None, sender)
                and figure.receiver in (None, receiver)
                and (russia or sender != _RUSSIA)
            ]

        now = cells(quarter)
        yield "undisclosed_included", _mean(cells(quarter, undisclosed=True))
        if figure.scope == "world":
            yield "russia_included", _mean(cells(quarter, russia=True))
        elif figure.scope == "receiver":
            yield "russia_excluded", _mean(cells(quarter, russia=False))
        if len(figure.period) == 4:
            for rule, other in _QUARTERS.items():
                yield rule, _mean(cells(other))
            quarters = [found for one in ("Q1", "Q2", "Q3", "Q4") if (found := cells(one))]
            yield "year_pooled", _mean([cell for found in quarters for cell in found])
            yield "quarters_mean", _mean([(1, _mean(found) or Fraction()) for found in quarters])
        if figure.scope != "corridor":
            yield "corridor_means", _mean([(1, total / services) for services, total in now])
        yield f"amount_{self._other}", _mean(cells(quarter, amount=self._other))

    def _by_corridor(
        self, period: str, *, amount: Tier | None = None, undisclosed: bool = False
    ) -> dict[tuple[str, str], tuple[int, Fraction]]:
        """By sender and receiver: services, and the sum of their costs in per cent."""
        key = (period, amount, undisclosed)
        if key not in self._corridors:
            rows = self._figures(
                "average_total_cost", "corridor", period, amount or self._amount, undisclosed=undisclosed
            )
            self._corridors[key] = {
                (row.sender or "", row.receiver or ""): (row.services, self._sum(row.value, row.services))
                for row in rows.values()
                if row.value is not None
            }
        return self._corridors[key]

    def _sum(self, mean: Decimal, services: int) -> Fraction:
        """Of survey rows, whose costs are whole 1e-8 per cent, exact: the mean has twelve decimals."""
        total = Fraction(mean) * services
        return Fraction(round(total * 10**8), 10**8) if self._basis is Basis.SURVEY else total


def _quarter(period: str) -> tuple[str, str]:
    return period[:4], period[5:] or _OFFICIAL


def _mean(cells: Sequence[tuple[int, Fraction]]) -> Fraction | None:
    """The mean over the services of some corridors, exactly; None where there is none."""
    services = sum(count for count, _ in cells)
    return sum((total for _, total in cells), Fraction()) / services if services else None
