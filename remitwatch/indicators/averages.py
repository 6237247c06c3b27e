"""Averages: the simple mean (and the median) over services of what they cost."""

from __future__ import annotations

from functools import partial

import numpy as np

from remitwatch.figures import SCOPES
from remitwatch.indicators.exact import SCALE, Ratio, mean_of, means
from remitwatch.indicators.family import Groups, Indicator, Outcome, groups_present
from remitwatch.indicators.panel import Units
from remitwatch.method import Options


def average(units: Units, groups: Groups, options: Options, *, column: str) -> Outcome:
    """The mean over services of `column`: every service weighs the same, undisclosed ones are left out."""
    used = groups.only(units.disclosed)
    found = means(used.group, units.totals(column)[used.unit], units.days[used.unit], used.size)
    return _with_undisclosed(groups, Outcome(used, {group: found.get(group) for group in groups_present(groups)}))


def median(units: Units, groups: Groups, options: Options) -> Outcome:
    """The median over services of the total cost; of an even number the mean of the middle two."""
    used = groups.only(units.disclosed)
    values = units.means("total_e8")[used.unit]
    order = np.lexsort((used.unit, values, used.group))
    totals, days = units.totals("total_e8")[used.unit][order], units.days[used.unit][order]
    sizes = np.bincount(used.group, minlength=used.size)
    starts = np.cumsum(sizes) - sizes
    found: dict[int, Ratio | None] = {}
    middles = np.zeros(len(order), dtype=bool)
    for group in groups_present(groups):
        size, start = int(sizes[group]), int(starts[group])
        middle = range(start + (size - 1) // 2, start + size // 2 + 1) if size else ()
        middles[list(middle)] = True
        exact = [Ratio(int(totals[at]), int(days[at]) * SCALE) for at in middle]
        found[group] = mean_of(exact) if exact else None
    made_of = Groups(used.unit[order][middles], used.group[order][middles], used.size)
    return _with_undisclosed(groups, Outcome(used, found, made_of=made_of))


def _with_undisclosed(groups: Groups, outcome: Outcome) -> Outcome:
    for group, value in outcome.values.items():
        if value is None:
            outcome.flag(group, "no_disclosed_service")
        elif value.numerator < 0:
            outcome.flag(group, "rate_advantage")
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
    Indicator("median_total_cost", median, SCOPES, breakdowns=True, world_without_russia=True),
)
