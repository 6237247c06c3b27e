"""The headline of one alert: what happened, in one line. One whole message a kind of rule and turn (opened, over)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from reports import numbers
from reports.alerts.told import Item, Told
from reports.indicator_names import indicator_name
from reports.language import N_, Words, _, ngettext

_OPENED = Words({
    "provider_vanished": N_("{place}: {name} has no price any more"),
    "service_vanished": N_("{place}: a service of {name} has no price any more"),
    "rates_apart": N_("{place}: reference rates contradict each other"),
    "rate_stale": N_("{place}: the reference rates are old"),
    "source_stale": N_("{place}: the source is stale"),
    "source_failing": N_("{place}: the last two runs brought nothing"),
    "source_held": N_("{place}: a run is held and waits for a person"),
    "source_changed": N_("{place}: answers are not as documented"),
    "database_unsound": N_("The database is damaged"),
})  # fmt: skip
_OVER = Words({
    "provider_vanished": N_("{place}: {name} has a price again"),
    "service_vanished": N_("{place}: a service of {name} has a price again"),
    "rates_apart": N_("{place}: reference rates agree again"),
    "rate_stale": N_("{place}: the reference rates are current again"),
    "source_stale": N_("{place}: the source is current again"),
    "source_failing": N_("{place}: runs bring answers again"),
    "source_held": N_("{place}: no run is held any more"),
    "source_changed": N_("{place}: answers are as documented again"),
    "runs_missed": N_("The sources are asked on every scheduled day again"),
    "database_unsound": N_("The database is sound again"),
    "benchmark_apart": N_("{place}: the published figure and ours are close again"),
})  # fmt: skip


def headline(told: Told, item: Item) -> str:
    """What happened to one alert of a message."""
    if told.kind == "corrected":
        return _corrected(item)
    if told.kind == "closed":
        if item.content.get("closed_why") == "not_judged":
            return _("{place}: no figure any more, so the alert is closed", place=item.place)
        return _over(told, item)
    worded = _WORDED.get(told.rule_kind)
    return worded(told, item) if worded else _OPENED[told.rule_kind].format(place=item.place, name=item.name)


def _corrected(item: Item) -> str:
    before, now = item.in_unit(item.told_value), item.in_unit(item.value)
    if item.value is None:
        return _("{place}: correction, the figure of {before} is withdrawn", place=item.place, before=before)
    return _("{place}: correction, {now} instead of {before}", place=item.place, now=now, before=before)


def _over(told: Told, item: Item) -> str:
    place, value = item.place, item.in_unit(item.value)
    if told.rule_kind == "cost_above":
        return _("{place}: {indicator} {value}, no longer above {line}",
                 place=place, indicator=_indicator(told), value=_beside_line(told, item),
                 line=line_words(told, item))  # fmt: skip
    if told.rule_kind == "target_missed":
        return _("{place}: {cost}, the national target of {target} is met",
                 place=place, cost=_percent(item, "cost"), target=_percent(item, "target", "value"))  # fmt: skip
    if told.rule_kind == "few_qualifying":
        return _("{place}: services that qualify for SmaRT: {value}, enough again", place=place, value=value)
    if told.rule_kind == "coverage_low":
        return _("{value} of the watched corridors have a price, enough again", value=value)
    if told.rule_kind == "disk_low":
        return _("Disk space is enough again: {free} MB", free=value)
    return _OVER[told.rule_kind].format(place=place, name=item.name)


def _cost_above(told: Told, item: Item) -> str:
    return _("{place}: {indicator} {value}, above {line}",
             place=item.place, indicator=_indicator(told), value=_beside_line(told, item),
             line=line_words(told, item))  # fmt: skip


def _target_missed(told: Told, item: Item) -> str:
    return _("{place}: {cost}, the national target of {target} is missed",
             place=item.place, cost=_percent(item, "cost"), target=_percent(item, "target", "value"))  # fmt: skip


def _cost_change(told: Told, item: Item) -> str:
    points = numbers.number(item.value or Decimal(0))
    if item.facts.get("direction") == "down":
        return _("{place}: average cost down {points} points", place=item.place, points=points)
    return _("{place}: average cost up {points} points", place=item.place, points=points)


def _new_cheapest(told: Told, item: Item) -> str:
    cost = _percent(item, "cost")
    return _("{place}: {name} is the cheapest now, at {cost}", place=item.place, name=item.name, cost=cost)


def _provider_appeared(told: Told, item: Item) -> str:
    if item.number("cost") is None:
        return _("{place}: {name} is new", place=item.place, name=item.name)
    return _("{place}: {name} is new, at {cost}", place=item.place, name=item.name, cost=_percent(item, "cost"))


def _service_appeared(told: Told, item: Item) -> str:
    if item.number("cost") is None:
        return _("{place}: {name} has a new service", place=item.place, name=item.name)
    return _(
        "{place}: {name} has a new service, at {cost}", place=item.place, name=item.name, cost=_percent(item, "cost")
    )


def _change_point(told: Told, item: Item) -> str:
    return _("{place}: a service of {name} costs {now}, {before} before",
             place=item.place, name=item.name, now=_percent(item, "level_now"),
             before=_percent(item, "level_before"))  # fmt: skip


def _few_qualifying(told: Told, item: Item) -> str:
    return _("{place}: services that qualify for SmaRT: {value}, fewer than {line}",
             place=item.place, value=item.in_unit(item.value), line=line_words(told, item))  # fmt: skip


def _coverage_low(told: Told, item: Item) -> str:
    return _("{value} of the watched corridors have a price, below {line}",
             value=_beside_line(told, item), line=line_words(told, item))  # fmt: skip


def _benchmark_apart(told: Told, item: Item) -> str:
    return _("{place}: published {published}, ours {ours}",
             place=item.place, published=_percent(item, "published"), ours=_percent(item, "ours"))  # fmt: skip


def _runs_missed(told: Told, item: Item) -> str:
    return ngettext("{n} scheduled run was missed", "{n} scheduled runs were missed", int(item.number("missed") or 0))


def _disk_low(told: Told, item: Item) -> str:
    return _("The disk is nearly full: {free} MB free", free=item.in_unit(item.value))


_WORDED: dict[str, Callable[[Told, Item], str]] = {
    "cost_above": _cost_above,
    "target_missed": _target_missed,
    "cost_change": _cost_change,
    "new_cheapest": _new_cheapest,
    "provider_appeared": _provider_appeared,
    "service_appeared": _service_appeared,
    "change_point": _change_point,
    "few_qualifying": _few_qualifying,
    "coverage_low": _coverage_low,
    "benchmark_apart": _benchmark_apart,
    "runs_missed": _runs_missed,
    "disk_low": _disk_low,
}


def _indicator(told: Told) -> str:
    return indicator_name(told.indicator or "average_total_cost")


def _percent(item: Item, *path: str) -> str:
    return numbers.percent(item.number(*path))


def line_words(told: Told, item: Item) -> str:
    """The line of the rule: `5%`, `4.8%`."""
    line = told.threshold
    if line is None:
        return ""
    return item.in_unit(line, 0 if line == line.to_integral_value() else 1)


def _beside_line(told: Told, item: Item) -> str:
    """The value with as many decimals as keep it apart from the line it stands beside."""
    value, line = item.value, told.threshold
    same = value is not None and line is not None and numbers.rounded(value, 1) == numbers.rounded(line, 1)
    return item.in_unit(value, 2 if same and value != line else 1)
