"""SmaRT: the mean of the three cheapest qualifying services of a corridor (METHODOLOGY section 3).

A service qualifies when its rate is disclosed, it takes at most five days and it is accessible (taken as true unless
the option says otherwise). An unknown speed does not qualify in the survey; it does, flagged, for collected quotes.
"""

from __future__ import annotations

import numpy as np

from remitwatch.indicators.exact import BoolArray, IntArray, Ratio, mean_of, means
from remitwatch.indicators.family import Groups, Indicator, Outcome, groups_present
from remitwatch.indicators.panel import Units
from remitwatch.method import Options
from remitwatch.quotes import Basis
from remitwatch.services import Coverage, Speed

SLOTS = 3
_WIDE_COVERAGE = {Coverage.HIGH, Coverage.MEDIUM, Coverage.NATIONWIDE, Coverage.MAJOR_CITIES}


def qualifying(units: Units, options: Options) -> BoolArray:
    """Which services may fill a slot."""
    too_slow = {Speed.SIX_DAYS_OR_MORE}
    if units.panel.basis is Basis.SURVEY:
        too_slow.add(Speed.UNKNOWN)
    found = units.disclosed & ~has_label(units, "speed", too_slow)
    if options.needs_wide_coverage:
        found &= has_label(units, "coverage", _WIDE_COVERAGE)
    return found


def has_label(units: Units, column: str, wanted: set[Speed] | set[Coverage]) -> BoolArray:
    """Which units have one of these labels; an empty cell is unknown."""
    labels = units.labels(column)
    is_wanted = np.array([(name or "unknown") in wanted for name in labels.names], dtype=bool)
    return is_wanted[labels.codes] if len(units) else np.zeros(0, dtype=bool)


def slots(units: Units, groups: Groups, options: Options) -> tuple[Groups, IntArray]:
    """The services that fill the slots of each group, and the place (1, 2, 3) of each.

    Equal costs are settled by the service's key, so the choice never depends on the order of rows; the value does not
    depend on it at all.
    """
    candidates = groups.only(qualifying(units, options))
    values = units.means("total_e8")[candidates.unit]
    order = np.lexsort((candidates.unit, values, candidates.group))
    unit, group = candidates.unit[order], candidates.group[order]
    if options.one_per_provider and len(unit):
        provider = units.labels("provider").codes[unit]
        pairs = group * (int(provider.max()) + 1) + provider
        _, cheapest = np.unique(pairs, return_index=True)
        cheapest.sort()
        unit, group = unit[cheapest], group[cheapest]
    sizes = np.bincount(group, minlength=groups.size)
    place = np.arange(len(group)) - (np.cumsum(sizes) - sizes)[group] + 1
    filled = place <= SLOTS
    return Groups(unit[filled], group[filled], groups.size), place[filled].astype(np.int64)


def smart_of(units: Units, chosen: Groups) -> dict[int, Ratio]:
    """The mean of the slots of each group."""
    return means(chosen.group, units.totals("total_e8")[chosen.unit], units.days[chosen.unit], chosen.size)


def corridors_of(units: Units, groups: Groups) -> tuple[Groups, IntArray]:
    """The groups split by corridor: the finer groups, and the old group of each finer one."""
    corridor = units.labels("corridor")
    width = max(len(corridor.names), 1)
    pairs, finer = np.unique(groups.group * width + corridor.codes[groups.unit], return_inverse=True)
    return Groups(groups.unit, finer.astype(np.int64), len(pairs)), (pairs // width).astype(np.int64)


def smart(units: Units, groups: Groups, options: Options) -> Outcome:
    """SmaRT of corridors: one group is one corridor."""
    chosen, _ = slots(units, groups, options)
    found = smart_of(units, chosen)
    outcome = Outcome(chosen, {group: found.get(group) for group in groups_present(groups)})
    filled = np.bincount(chosen.group, minlength=chosen.size)
    speed_unknown = has_label(units, "speed", {Speed.UNKNOWN})
    for group, value in outcome.values.items():
        if value is None:
            outcome.flag(group, "no_qualifying_service")
        elif filled[group] < SLOTS:
            outcome.flag(group, "fewer_than_three")
        if value is not None and value.numerator < 0:
            outcome.flag(group, "rate_advantage")
    for group in np.unique(chosen.group[speed_unknown[chosen.unit]]):
        outcome.flag(int(group), "speed_unknown")
    return outcome


def world_smart(units: Units, groups: Groups, options: Options) -> Outcome:
    """The simple mean of corridor SmaRTs (the world is group 0)."""
    if not len(groups.unit):
        return Outcome(groups, {})
    by_corridor, _ = corridors_of(units, groups)
    chosen, _ = slots(units, by_corridor, options)
    filled = np.bincount(chosen.group, minlength=chosen.size)
    found = smart_of(units, chosen)
    thin = {corridor for corridor in found if filled[corridor] < SLOTS}
    if options.world_smart_assessable_only:
        chosen = chosen.only_groups(filled >= SLOTS)
        found = {corridor: value for corridor, value in found.items() if corridor not in thin}
    used = Groups(chosen.unit, np.zeros(len(chosen.unit), dtype=np.int64), groups.size)
    outcome = Outcome(used, {0: mean_of(list(found.values())) if found else None})
    if not found:
        outcome.flag(0, "no_qualifying_service")
    elif thin and not options.world_smart_assessable_only:
        outcome.flag(0, "includes_fewer_than_three")
    if has_label(units, "speed", {Speed.UNKNOWN})[used.unit].any():
        outcome.flag(0, "speed_unknown")
    return outcome


SMART = (Indicator("smart", smart, ("corridor",)), Indicator("smart", world_smart, ("world",)))
