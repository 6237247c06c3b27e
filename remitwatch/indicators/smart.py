"""SmaRT: the mean of the three cheapest qualifying services of a corridor (METHODOLOGY section 3).

A service qualifies when its rate is disclosed, it takes at most five days and it is accessible (taken as true unless
the option says otherwise). An unknown speed does not qualify in the survey; it does, flagged, for collected quotes.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from remitwatch.indicators.averages import corridors_of, mean_cost
from remitwatch.indicators.exact import BoolArray, IntArray, Ratios, means_of
from remitwatch.indicators.family import Groups, Indicator, Outcome, from_cheapest
from remitwatch.indicators.units import Units
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


def has_label(units: Units, column: str, wanted: Collection[str]) -> BoolArray:
    """Which units have one of these labels; an empty cell is unknown."""
    labels = units.labels(column)
    is_wanted = np.array([(name or "unknown") in wanted for name in labels.names], dtype=bool)
    return is_wanted[labels.codes] if len(units) else np.zeros(0, dtype=bool)


def slots(units: Units, groups: Groups, options: Options) -> tuple[Groups, IntArray]:
    """The services that fill the slots of each group, and the place (1, 2, 3) of each.

    Equal costs are settled by the service's key, so the choice never depends on the order of rows; the value does not
    depend on it at all.
    """

    def filled() -> tuple[Groups, IntArray]:
        candidates = from_cheapest(units, groups.only(qualifying(units, options)))
        unit, group = candidates.unit, candidates.group
        if options.one_per_provider and len(unit):
            provider = units.labels("provider").codes[unit]
            pairs = group * (int(provider.max()) + 1) + provider
            _, cheapest = np.unique(pairs, return_index=True)
            cheapest.sort()
            unit, group = unit[cheapest], group[cheapest]
        sizes = np.bincount(group, minlength=groups.size)
        place = np.arange(len(group)) - (np.cumsum(sizes) - sizes)[group] + 1
        kept = place <= SLOTS
        return Groups(unit[kept], group[kept], groups.size), place[kept].astype(np.int64)

    return groups.once(("slots", options), filled)


def smart(units: Units, groups: Groups, options: Options) -> Outcome:
    """SmaRT of corridors: one group is one corridor (in one period)."""
    chosen, _ = slots(units, groups, options)
    outcome = Outcome(chosen, groups.present, mean_cost(units, chosen))
    known = outcome.values.known
    outcome.flag("no_qualifying_service", outcome.present & ~known)
    outcome.flag("fewer_than_three", known & (chosen.counts < SLOTS))
    outcome.flag("rate_advantage", outcome.values.negative)
    _flag_unknown_speed(units, outcome)
    return outcome


def world_smart(units: Units, groups: Groups, options: Options) -> Outcome:
    """The simple mean of corridor SmaRTs."""
    by_corridor, group_of = corridors_of(units, groups)
    chosen, _ = slots(units, by_corridor, options)
    counted = chosen.counts >= (SLOTS if options.world_smart_assessable_only else 1)
    thin = chosen.present & (chosen.counts < SLOTS)
    if options.world_smart_assessable_only:
        chosen = chosen.only_groups(counted)
    smarts = mean_cost(units, chosen)
    of_counted = Ratios(smarts.numerators[counted], smarts.denominators[counted])
    used = Groups(chosen.unit, group_of[chosen.group], groups.size)
    outcome = Outcome(used, groups.present, means_of(group_of[counted], of_counted, groups.size))
    outcome.flag("no_qualifying_service", outcome.present & ~outcome.values.known)
    if not options.world_smart_assessable_only:
        outcome.flag_members("includes_fewer_than_three", group_of[thin])
    _flag_unknown_speed(units, outcome)
    return outcome


def _flag_unknown_speed(units: Units, outcome: Outcome) -> None:
    used = outcome.used
    outcome.flag_members("speed_unknown", used.group[has_label(units, "speed", {Speed.UNKNOWN})[used.unit]])


SMART = (Indicator("smart", smart, ("corridor",)), Indicator("smart", world_smart, ("world",)))
