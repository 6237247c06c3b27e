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
from collections.abc import Iterator, Sequence
from math import lcm

import numpy as np

from remitwatch.figures import Scope
from remitwatch.flows import FlowTable
from remitwatch.indicators.averages import corridors_of, mean_cost
from remitwatch.indicators.exact import Ratio, Ratios
from remitwatch.indicators.family import Groups, Indicator, Outcome, disclosed
from remitwatch.indicators.units import Units
from remitwatch.method import Options


def weighted_average(units: Units, groups: Groups, options: Options, *, scope: Scope) -> Outcome:
    """The mean of corridor averages weighted by flows. Without flows there is no value (`no_flows`)."""
    flows, shown = units.flows, disclosed(units, groups)
    if flows is None:
        none = groups.only(np.zeros(len(units), dtype=bool))
        outcome = Outcome(none, groups.present, _ratios({}, groups.size))
        outcome.flag("no_flows", groups.present)
        return outcome
    corridors, group_of = corridors_of(units, shown)
    weights = [flows.weights.get(name, 0) for name in _names(units, corridors)]
    weighs = np.array([weight > 0 for weight in weights], dtype=bool)
    weighing = corridors.only_groups(weighs)
    inside: dict[int, list[tuple[Ratio, int]]] = defaultdict(list)
    for corridor, average in mean_cost(units, weighing).items():
        inside[int(group_of[corridor])].append((average, weights[corridor]))
    values = {group: _mean(weighed) for group, weighed in inside.items()}
    used = Groups(weighing.unit, group_of[weighing.group], groups.size)
    outcome = Outcome(used, groups.present, _ratios(values, groups.size), parts=(weighing, group_of))
    for group, names in _all_corridors(units, groups, scope, flows):
        if every := sum(flows.weights[name] for name in names):
            outcome.coverage[group] = Ratio(100 * sum(weight for _, weight in inside[group]), every)
    without = outcome.present & ~outcome.values.known
    outcome.flag("no_flow", without & shown.present)
    outcome.flag("no_disclosed_service", without & ~shown.present)
    outcome.flag("rate_advantage", outcome.values.negative)
    outcome.flag_members("corridors_without_flow", group_of[corridors.present & ~weighs])
    return outcome


def _ratios(values: dict[int, Ratio], size: int) -> Ratios:
    numerators, denominators = np.zeros(size, dtype=object), np.zeros(size, dtype=object)
    for group, value in values.items():
        numerators[group], denominators[group] = value.numerator, value.denominator
    return Ratios(numerators, denominators)


def _mean(weighed: list[tuple[Ratio, int]]) -> Ratio:
    """The weighted mean, exactly."""
    common = lcm(*(average.denominator for average, _ in weighed))
    total = sum(average.numerator * (common // average.denominator) * weight for average, weight in weighed)
    return Ratio(total, common * sum(weight for _, weight in weighed))


def _names(units: Units, corridors: Groups) -> list[str]:
    """The corridor (`GBR-IND`) that each finer group is of; '' of one without services."""
    labels = units.labels("corridor")
    code = np.full(corridors.size, len(labels.names), dtype=np.int64)
    code[corridors.group] = labels.codes[corridors.unit]
    names = [*labels.names, ""]
    return [names[one] for one in code.tolist()]


def _all_corridors(units: Units, groups: Groups, scope: Scope, flows: FlowTable) -> Iterator[tuple[int, Sequence[str]]]:
    """For each group every corridor with a flow that belongs to its subject, priced or not."""
    order = np.argsort(groups.group, kind="stable")
    unit, ends = groups.unit[order], np.cumsum(groups.counts)
    receivers = units.labels("receiver")
    subjects = units.labels(scope) if scope != "world" else None
    for group in np.flatnonzero(groups.present).tolist():
        of_group = unit[ends[group] - groups.counts[group] : ends[group]]
        if subjects is None:
            yield group, flows.about("world", "")
            continue
        seen = {receivers.names[code] for code in np.unique(receivers.codes[of_group])}
        yield group, flows.about(scope, subjects.names[int(subjects.codes[of_group[0]])], seen)


def _of_scope(scope: Scope) -> Indicator:
    def compute(units: Units, groups: Groups, options: Options) -> Outcome:
        return weighted_average(units, groups, options, scope=scope)

    return Indicator("weighted_average", compute, (scope,), weighted=True)


_SCOPES: tuple[Scope, ...] = ("world", "sender", "receiver", "region")
WEIGHTED = tuple(_of_scope(scope) for scope in _SCOPES)
"""One a scope, because the flows of a subject depend on it. Of one corridor it is the corridor's average."""
