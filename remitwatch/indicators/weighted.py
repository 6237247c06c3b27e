"""The weighted average: corridor averages weighted by what migrants send through them (METHODOLOGY section 3).

    value    = sum of (flow x average total cost) / sum of flow     over the corridors with an average and a flow
    coverage = sum of flow of those corridors / sum of flow of all corridors of the subject

A corridor's average is that of its disclosed services, as `average_total_cost` of the corridor; flows are of one series
and year, million US dollars. Corridors without an average are left out and the weights of the others renormalised;
those without a flow weigh nothing and are flagged (`corridors_without_flow`). Senders in Russia are in it, unlike in
the world's simple average.

By hand: A-B costs 4 and has a flow of 30, A-C costs 8 and 10, A-D has a flow of 60 and no price. The value for the
sender A is (30 x 4 + 10 x 8) / 40 = 5, the coverage 40 / 100.
"""

from __future__ import annotations

from collections import defaultdict
from math import lcm

import numpy as np

from remitwatch.figures import Scope
from remitwatch.flows import FlowTable
from remitwatch.indicators.exact import IntArray, Ratio, means
from remitwatch.indicators.family import Groups, Indicator, Outcome, groups_present
from remitwatch.indicators.panel import Units
from remitwatch.indicators.smart import corridors_of
from remitwatch.method import Options


def weighted_average(units: Units, groups: Groups, options: Options, *, scope: Scope) -> Outcome:
    """The mean of corridor averages weighted by flows. Without flows there is no value (`no_flows`)."""
    flows, disclosed = units.flows, groups.only(units.disclosed)
    if flows is None:
        none = Outcome(groups.only(np.zeros(len(units), dtype=bool)), dict.fromkeys(groups_present(groups)))
        for group in none.values:
            none.flag(group, "no_flows")
        return none
    corridors, group_of = corridors_of(units, disclosed)
    names = _names(units, corridors)
    weights = [flows.weights.get(name, 0) for name in names]
    weighing = corridors.only_groups(np.array([weight > 0 for weight in weights], dtype=bool))
    averages = means(weighing.group, units.totals("total_e8")[weighing.unit], units.days[weighing.unit], weighing.size)
    used = Groups(weighing.unit, group_of[weighing.group], groups.size)
    outcome = Outcome(used, dict.fromkeys(groups_present(groups)), parts=(weighing, group_of))
    inside: dict[int, list[int]] = defaultdict(list)
    for corridor in averages:
        inside[int(group_of[corridor])].append(corridor)
    for group in outcome.values:
        found = inside[group]
        every = sum(flows.weights[name] for name in _all_corridors(units, groups, group, scope, flows))
        held = sum(weights[corridor] for corridor in found)
        if every:
            outcome.coverage[group] = Ratio(100 * held, every)
        if found:
            outcome.values[group] = _mean([(averages[corridor], weights[corridor]) for corridor in found])
    _add_flags(outcome, disclosed, group_of[[weight == 0 for weight in weights]])
    return outcome


def _mean(weighed: list[tuple[Ratio, int]]) -> Ratio:
    """The weighted mean, exactly."""
    common = lcm(*(average.denominator for average, _ in weighed))
    total = sum(average.numerator * (common // average.denominator) * weight for average, weight in weighed)
    return Ratio(total, common * sum(weight for _, weight in weighed))


def _names(units: Units, corridors: Groups) -> list[str]:
    """The corridor (`GBR-IND`) that each finer group is of."""
    labels = units.labels("corridor")
    code = np.zeros(corridors.size, dtype=np.int64)
    code[corridors.group] = labels.codes[corridors.unit]
    return [labels.names[one] for one in code]


def _all_corridors(units: Units, groups: Groups, group: int, scope: Scope, flows: FlowTable) -> list[str]:
    """Every corridor with a flow that belongs to the subject of a group, priced or not."""
    if scope == "world":
        return flows.about("world", "")
    of_group = groups.unit[groups.group == group]
    labels, receivers = units.labels(scope), units.labels("receiver")
    seen = {receivers.names[code] for code in np.unique(receivers.codes[of_group])}
    return flows.about(scope, labels.names[int(labels.codes[of_group[0]])], seen)


def _add_flags(outcome: Outcome, disclosed: Groups, without_flow: IntArray) -> None:
    shown = set(groups_present(disclosed))
    for group, value in outcome.values.items():
        if value is None:
            outcome.flag(group, "no_flow" if group in shown else "no_disclosed_service")
        elif value.numerator < 0:
            outcome.flag(group, "rate_advantage")
    for group in np.unique(without_flow):
        outcome.flag(int(group), "corridors_without_flow")


def _of_scope(scope: Scope) -> Indicator:
    def compute(units: Units, groups: Groups, options: Options) -> Outcome:
        return weighted_average(units, groups, options, scope=scope)

    return Indicator("weighted_average", compute, (scope,), weighted=True)


_SCOPES: tuple[Scope, ...] = ("world", "sender", "receiver", "region")
WEIGHTED = tuple(_of_scope(scope) for scope in _SCOPES)
"""One a scope, because the flows of a subject depend on it. Of one corridor it is the corridor's average."""
