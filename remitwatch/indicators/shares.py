"""Shares, in per cent: of corridors below or above a line, of services that are transparent or fast.

"Below" is strictly below: a corridor at exactly 5.00 is not below 5, and not above it either. The shares of services
are proxies for the G20 targets, which speak of payments: they are flagged `services_not_payments`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np

from remitwatch.figures import SCOPES, Scope
from remitwatch.indicators.averages import corridors_of, mean_cost
from remitwatch.indicators.exact import BoolArray, IntArray, Ratios
from remitwatch.indicators.family import Groups, Indicator, Outcome, disclosed
from remitwatch.indicators.smart import SLOTS, has_label, slots
from remitwatch.indicators.units import Units
from remitwatch.method import Options
from remitwatch.services import Speed

_HUNDRED = 100
_ABOVE_ONE_CORRIDOR: tuple[Scope, ...] = ("world", "sender", "receiver", "region")


def share_below(units: Units, groups: Groups, options: Options, *, line: int) -> Outcome:
    """The share of corridors whose average total cost is below `line` per cent, of those that have an average."""
    used = disclosed(units, groups)
    by_corridor, group_of = corridors_of(units, groups)
    averages = mean_cost(units, disclosed(units, by_corridor))
    met, counted = group_of[averages.below(line)], group_of[averages.known]
    outcome = _share(groups, used, np.bincount(counted, minlength=groups.size), met)
    outcome.flag("no_disclosed_service", outcome.present & ~outcome.values.known)
    return outcome


def share_smart_above(units: Units, groups: Groups, options: Options, *, line: int) -> Outcome:
    """The share of assessable corridors (three qualifying services) whose SmaRT is above `line` per cent."""
    by_corridor, group_of = corridors_of(units, groups)
    chosen, _ = slots(units, by_corridor, options)
    assessable = chosen.counts >= SLOTS
    chosen = chosen.only_groups(assessable)
    met = group_of[mean_cost(units, chosen).above(line)]
    used = Groups(chosen.unit, group_of[chosen.group], groups.size)
    outcome = _share(groups, used, np.bincount(group_of[assessable], minlength=groups.size), met)
    outcome.flag("no_assessable_corridor", outcome.present & ~outcome.values.known)
    outcome.flag_members("corridors_not_assessable", group_of[by_corridor.present & ~assessable])
    outcome.flag_members("speed_unknown", used.group[has_label(units, "speed", {Speed.UNKNOWN})[used.unit]])
    return outcome


def share_transparent(units: Units, groups: Groups, options: Options) -> Outcome:
    """The share of services that disclose their exchange rate."""
    return _share_of_services(groups, groups, units.transparent)


def share_within(units: Units, groups: Groups, options: Options, *, speeds: frozenset[Speed]) -> Outcome:
    """The share of services with a stated speed that are this fast. Flagged where others state none."""
    wanted: Collection[str] = speeds - {Speed.NEXT_DAY} if options.within_day_same_day_only else speeds
    unknown = has_label(units, "speed", {Speed.UNKNOWN})
    stated = groups.once("speed_stated", lambda: groups.only(~unknown))
    outcome = _share_of_services(groups, stated, has_label(units, "speed", wanted))
    outcome.flag_members("speed_unknown", groups.group[unknown[groups.unit]])
    outcome.flag("services_not_payments", outcome.present)
    return outcome


def _share_of_services(groups: Groups, counted: Groups, met: BoolArray) -> Outcome:
    return _share(groups, counted, counted.counts, counted.group[met[counted.unit]])


def _share(groups: Groups, used: Groups, counted: IntArray, met: IntArray) -> Outcome:
    """met of counted in each group; none where nothing is counted."""
    hits = np.bincount(met, minlength=groups.size).astype(np.int64)
    return Outcome(used, groups.present, Ratios(_HUNDRED * hits, counted.astype(np.int64)))


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
