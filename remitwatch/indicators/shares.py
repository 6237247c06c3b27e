"""Shares, in per cent: of corridors below or above a line, of services that are transparent or fast.

"Below" is strictly below: a corridor at exactly 5.00 is not below 5, and not above it either. The shares of services
are proxies for the G20 targets, which speak of payments: they are flagged `services_not_payments`.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from remitwatch.figures import SCOPES, Scope
from remitwatch.indicators.exact import BoolArray, Ratio, means
from remitwatch.indicators.family import Groups, Indicator, Outcome, groups_present
from remitwatch.indicators.panel import Units
from remitwatch.indicators.smart import SLOTS, corridors_of, has_label, slots, smart_of
from remitwatch.method import Options
from remitwatch.services import Speed

_HUNDRED = 100
_ABOVE_ONE_CORRIDOR: tuple[Scope, ...] = ("world", "sender", "receiver", "region")


def share_below(units: Units, groups: Groups, options: Options, *, line: int) -> Outcome:
    """The share of corridors whose average total cost is below `line` per cent, of those that have an average."""
    disclosed = groups.only(units.disclosed)
    by_corridor, group_of = corridors_of(units, disclosed)
    averages = means(
        by_corridor.group, units.totals("total_e8")[by_corridor.unit], units.days[by_corridor.unit], by_corridor.size
    )
    met = np.zeros(by_corridor.size, dtype=bool)
    for corridor, value in averages.items():
        met[corridor] = value.is_below(line)
    outcome = _share(groups, disclosed, np.bincount(group_of, minlength=groups.size), group_of[met])
    for group, share in outcome.values.items():
        if share is None:
            outcome.flag(group, "no_disclosed_service")
    return outcome


def share_smart_above(units: Units, groups: Groups, options: Options, *, line: int) -> Outcome:
    """The share of assessable corridors (three qualifying services) whose SmaRT is above `line` per cent."""
    by_corridor, group_of = corridors_of(units, groups)
    chosen, _ = slots(units, by_corridor, options)
    assessable = np.bincount(chosen.group, minlength=chosen.size) >= SLOTS
    chosen = chosen.only_groups(assessable)
    met = np.zeros(by_corridor.size, dtype=bool)
    for corridor, value in smart_of(units, chosen).items():
        met[corridor] = value.is_above(line)
    used = Groups(chosen.unit, group_of[chosen.group], groups.size)
    outcome = _share(groups, used, np.bincount(group_of[assessable], minlength=groups.size), group_of[met])
    for group, share in outcome.values.items():
        if share is None:
            outcome.flag(group, "no_assessable_corridor")
    for group in np.unique(group_of[~assessable]):
        outcome.flag(int(group), "corridors_not_assessable")
    for group in np.unique(used.group[has_label(units, "speed", {Speed.UNKNOWN})[used.unit]]):
        outcome.flag(int(group), "speed_unknown")
    return outcome


def share_transparent(units: Units, groups: Groups, options: Options) -> Outcome:
    """The share of services that disclose their exchange rate."""
    return _share_of_services(groups, groups, units.transparent)


def share_within(units: Units, groups: Groups, options: Options, *, speeds: frozenset[Speed]) -> Outcome:
    """The share of services with a stated speed that are this fast. Flagged where others state none."""
    wanted = set(speeds)
    if options.within_day_same_day_only:
        wanted.discard(Speed.NEXT_DAY)
    unknown = has_label(units, "speed", {Speed.UNKNOWN})
    outcome = _share_of_services(groups, groups.only(~unknown), has_label(units, "speed", wanted))
    for group in groups_present(groups.only(unknown)):
        outcome.flag(group, "speed_unknown")
    for group in outcome.values:
        outcome.flag(group, "services_not_payments")
    return outcome


def _share_of_services(groups: Groups, counted: Groups, met: BoolArray) -> Outcome:
    return _share(groups, counted, np.bincount(counted.group, minlength=groups.size), counted.group[met[counted.unit]])


def _share(groups: Groups, used: Groups, counted: np.ndarray, met: np.ndarray) -> Outcome:
    """met of counted in each group; None where nothing is counted."""
    hits = np.bincount(met, minlength=groups.size)
    values = {
        group: Ratio(_HUNDRED * int(hits[group]), int(counted[group])) if counted[group] else None
        for group in groups_present(groups)
    }
    return Outcome(used, values)


_HOUR = frozenset({Speed.WITHIN_HOUR})
_DAY = frozenset({Speed.WITHIN_HOUR, Speed.SAME_DAY, Speed.NEXT_DAY})

SHARES = (
    *(
        Indicator(f"share_corridors_below_{line}", partial(share_below, line=line), _ABOVE_ONE_CORRIDOR)
        for line in (3, 5, 7, 10)
    ),
    Indicator("share_corridors_smart_above_5", partial(share_smart_above, line=5), _ABOVE_ONE_CORRIDOR),
    Indicator("share_transparent", share_transparent, SCOPES, breakdowns=True, of_costs=False),
    Indicator(
        "share_services_within_hour", partial(share_within, speeds=_HOUR), SCOPES, breakdowns=True, of_costs=False
    ),
    Indicator("share_services_within_day", partial(share_within, speeds=_DAY), SCOPES, breakdowns=True, of_costs=False),
)
