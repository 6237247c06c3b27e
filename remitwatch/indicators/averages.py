"""Averages and quantiles over services, and the averages of named sub-populations.

Every service weighs the same. `mean_of_corridor_averages` is the one figure in which every corridor does: it is another
number (2025-Q3: 7.18 against 6.36), so it has its own name.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from remitwatch.figures import SCOPES
from remitwatch.indicators.exact import SCALE, IntArray, Ratios, means, means_of, pairs_of
from remitwatch.indicators.family import Groups, Indicator, Outcome, disclosed, from_cheapest, shared_groups
from remitwatch.indicators.units import Units
from remitwatch.method import Options


def average(units: Units, groups: Groups, options: Options, *, column: str) -> Outcome:
    """The mean over services of `column`: every service weighs the same, undisclosed ones are left out."""
    used = disclosed(units, groups)
    return with_undisclosed(Outcome(used, groups.present, mean_cost(units, used, column)))


def mean_cost(units: Units, used: Groups, column: str = "total_e8") -> Ratios:
    """The mean of `column` over the members of each group; all of them have a cost."""

    def made() -> Ratios:
        return means(used.group, units.of(units.totals(column), used.unit), units.of(units.days, used.unit), used.size)

    return used.once(("mean_cost", column), made)


def quantile(units: Units, groups: Groups, options: Options, *, quarter: int) -> Outcome:
    """The total cost below which `quarter` quarters of the services lie.

    The rule is linear interpolation between order statistics, definition 7 of Hyndman and Fan (The American
    Statistician 50, 1996), as R, numpy and spreadsheets (QUARTILE.INC) have it: with n costs in order x[0] ... x[n-1]
    and h = (n - 1) * quarter / 4, it is x[floor(h)] + (h - floor(h)) * (x[floor(h) + 1] - x[floor(h)]), exactly. For
    the median of an even number that is the mean of the middle two.
    """
    used = disclosed(units, groups)
    ordered = from_cheapest(units, used)
    starts = np.cumsum(ordered.counts) - ordered.counts
    held = np.flatnonzero(ordered.present)
    steps = (ordered.counts[held] - 1) * quarter
    at, weight = starts[held] + steps // 4, steps % 4
    after = np.minimum(at + 1, max(len(ordered.unit) - 1, 0))
    lower, upper = ordered.unit[at], ordered.unit[np.where(weight > 0, after, at)]
    totals, days = units.totals("total_e8"), units.days
    numerators, denominators = (np.zeros(groups.size, dtype=np.int64) for _ in range(2))
    # Costs are below 2^40 (a million per cent) and days below 2^9, so these products stay below 2^60.
    numerators[held] = totals[lower] * (4 - weight) * days[upper] + totals[upper] * weight * days[lower]
    denominators[held] = days[lower] * days[upper] * (4 * SCALE)
    between = weight > 0
    made_of = Groups(np.concatenate([lower, upper[between]]), np.concatenate([held, held[between]]), groups.size)
    return with_undisclosed(Outcome(used, groups.present, Ratios(numerators, denominators), made_of=made_of))


def mean_of_corridor_averages(units: Units, groups: Groups, options: Options) -> Outcome:
    """The mean over corridors of their average total cost: every corridor weighs the same."""
    used = disclosed(units, groups)
    by_corridor, group_of = corridors_of(units, groups)
    averages = mean_cost(units, disclosed(units, by_corridor))
    known = averages.known
    each = Ratios(averages.numerators[known], averages.denominators[known])
    found = means_of(group_of[known], each, groups.size)
    return with_undisclosed(Outcome(used, groups.present, found))


def corridors_of(units: Units, groups: Groups) -> tuple[Groups, IntArray]:
    """The groups split by corridor: the finer groups (some may be empty), and the old group of each finer one."""

    def split() -> tuple[Groups, IntArray]:
        corridor = units.labels("corridor")
        width = max(len(corridor.names), 1)
        if groups.group is units.period_of:  # the world: its corridors are those of the scope `corridor`
            size = groups.size * width
            return shared_groups(units, groups.unit, units.numbered("corridor"), size), np.arange(size) // width
        finer, pairs = pairs_of(groups.group, units.of(corridor.codes, groups.unit), groups.size, width)
        return Groups(groups.unit, finer, len(pairs)), pairs // width

    return groups.once("corridors_of", split)


def with_undisclosed(outcome: Outcome) -> Outcome:
    """The outcome with the flags of averages: where no service has a cost, and where the value is below 0."""
    outcome.flag("no_disclosed_service", outcome.present & ~outcome.values.known)
    outcome.flag("rate_advantage", outcome.values.negative)
    return outcome


AVERAGES = (
    *(
        Indicator(code, partial(average, column=column), SCOPES, breakdowns=True, world_without_russia=True)
        for code, column in (
            ("average_total_cost", "total_e8"),
            ("average_fee", "fee_e8"),
            ("average_fx_margin", "margin_e8"),
        )
    ),
    *(
        Indicator(code, partial(quantile, quarter=quarter), SCOPES, breakdowns=True, world_without_russia=True)
        for code, quarter in (("median_total_cost", 2), ("p25_total_cost", 1), ("p75_total_cost", 3))
    ),
    Indicator("mean_of_corridor_averages", mean_of_corridor_averages, ("world", "sender", "receiver", "region")),
)
