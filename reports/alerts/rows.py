"""What is behind an alert, as rows of a label and a value: the figure, its n and period, the reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from reports import movers, numbers
from reports.alerts.headlines import line_words
from reports.alerts.told import Item, Told
from reports.indicator_names import indicator_name
from reports.language import _, ngettext, pgettext
from reports.wording import basis_name, clean_text

Row = tuple[str, str]
_FIGURES = ("cost_above", "target_missed", "few_qualifying", "benchmark_apart")
_MOST_LISTED = 10


def rows(told: Told, item: Item) -> list[Row]:
    """The rows of one alert, those without a value left out."""
    found = [*_correction(told, item), *_figure(told, item), *_of_kind(told, item), *_since(told, item)]
    return [(label, value) for label, value in found if value]


def _correction(told: Told, item: Item) -> list[Row]:
    if told.kind != "corrected" or item.told_day is None:
        return []
    day, before, now = numbers.day(item.told_day), item.in_unit(item.told_value), item.in_unit(item.value)
    if item.value is None:
        words = _("On {day} we told you {before}. There is no figure of that day any more.", day=day, before=before)
    else:
        words = _("On {day} we told you {before}; the figure of that day is {now} now.",
                  day=day, before=before, now=now)  # fmt: skip
    why = _("Prices of that day were withdrawn, released, or read again from the archive.")
    over = item.content.get("closed_why") == "corrected"
    state = _("The alert is closed.") if over else _("The alert stands.")
    return [(_("Correction"), words), (_("Why"), why), (_("State"), state)]


def _figure(told: Told, item: Item) -> list[Row]:
    found: list[Row] = []
    if told.rule_kind in _FIGURES and told.kind != "corrected":
        value = item.number("cost") if told.rule_kind == "target_missed" else item.value
        if told.rule_kind == "benchmark_apart":
            value = item.number("ours")
        if value is not None and told.rule_kind != "few_qualifying":
            found.append(
                (indicator_name(str(item.facts.get("indicator") or told.indicator)), numbers.percent(value, 2))
            )
    if told.rule_kind == "cost_change" and item.number("moved", "average_to") is not None:
        before, now = (numbers.percent(item.number("moved", name), 2) for name in ("average_from", "average_to"))
        found.append((_("Average cost"), _("{now}, {before} before", now=now, before=before)))
    if told.threshold is not None and told.rule_kind == "cost_above":
        line, clear = line_words(told, item), numbers.decimal_of(told.clear)
        if clear is not None and clear != told.threshold:
            line = _("{line}; over again from {clear} on", line=line, clear=item.in_unit(clear))
        found.append((pgettext("alert", "Line"), line))
    if item.number("services") is not None and told.rule_kind in _FIGURES:
        found.append((_("Behind it"), _behind(item)))
    if item.facts.get("basis") is not None:
        prices = _("{basis}, sending USD {amount}", basis=basis_name(str(item.facts["basis"])), amount=_amount(item))
        found.append((_("Prices"), prices if item.facts.get("amount") else basis_name(str(item.facts["basis"]))))
    period = str(item.facts.get("period") or "")
    if period and numbers.period_kind(period) != "latest":
        found.append((_("Period"), numbers.period_words(period, with_in=False)))
    elif item.facts.get("basis") is not None and (day := numbers.date_of(item.content.get("day"))):
        found.append((_("Day"), numbers.day(day)))
    return found


def _amount(item: Item) -> str:
    return str(int(item.number("amount") or Decimal(0)))


def _behind(item: Item) -> str:
    services = ngettext("{n} service", "{n} services", int(item.number("services") or 0))
    if item.number("providers") is None:
        return services
    providers = ngettext("{n} provider", "{n} providers", int(item.number("providers") or 0))
    return numbers.separated([services, providers])


def _of_kind(told: Told, item: Item) -> list[Row]:
    found = [(_("Reason"), _moved(item)), (_("Reason"), _parted(item))]
    target = item.facts.get("target")
    if isinstance(target, dict):
        found.insert(0, (_("Target"), _target(item)))
    if told.rule_kind == "new_cheapest" and item.facts.get("before"):
        who = numbers.listed(clean_text(one, 80) for one in item.facts["before"])
        cost = numbers.percent(item.number("cost_before"), 2)
        found.append((_("The cheapest before"), _("{names}, at {cost}", names=who, cost=cost)))
    if told.rule_kind.startswith("service_") or told.rule_kind == "change_point":
        found.append((_("Service"), _service(item)))
    if told.rule_kind == "benchmark_apart":
        published = _("{value}, {series} of {source}", value=numbers.percent(item.number("published"), 2),
                      series=clean_text(item.facts.get("series"), 60), source=item.text("source"))  # fmt: skip
        found.append((_("Published"), published))
    if told.rule_kind == "coverage_low":
        found.append((_("Corridors with a price"), _("{covered} of {watched} watched", covered=item.text("covered"),
                                                     watched=item.text("watched"))))  # fmt: skip
        found.append((_("Without one"), _several(item, "missing")))
    found += [
        (_("Last price"), item.day("last_day") if "vanished" in told.rule_kind else ""),
        (_("Last accepted run"), item.day("last_ok")),
        (_("Newest rate"), item.day("newest")),
        (_("Sources"), _several(item, "sources")),
        (_("Run"), item.text("run")),
        (
            _("Details"),
            _several(item, "words") or item.text("words"),
        ),
        (_("Details"), _several(item, "problems")),
    ]
    return found


def _since(told: Told, item: Item) -> list[Row]:
    first = numbers.date_of(item.content.get("first_day"))
    if first is None or told.kind != "opened":
        return []
    return [(_("Since"), numbers.day(first))]


def _moved(item: Item) -> str:
    """What moved the average, in sentences: fees, margin, services that came and left, another mix."""
    moved = item.facts.get("moved")
    before, now = item.number("moved", "average_from"), item.number("moved", "average_to")
    if not isinstance(moved, dict) or before is None or now is None:
        return ""
    parts: dict[str, Any] = {name: item.number("moved", name) for name in movers.PARTS}
    sizes = {"services_before": "services_from", "services_now": "services_to"}
    sizes |= {name: name for name in ("continuing", "entered", "left")}
    services: dict[str, Any] = {name: int(item.number("moved", fact) or 0) for name, fact in sizes.items()}
    mover = movers.Mover(("world", "", ""), str(moved["from"]), before, now, **parts, **services, flags=())
    start = str(moved["from"])
    change, why = numbers.change(now - before), movers.explained(mover)
    day = numbers.date_of(start)
    if day is not None:
        return pgettext("day", "{change} points since {since}. {why}", change=change, since=numbers.day(day), why=why)
    return _("{change} points since {since}. {why}", change=change, since=numbers.period_words(start, with_in=False),
             why=why)  # fmt: skip


def _parted(item: Item) -> str:
    """The parts of a service's change."""
    total, fee, margin = (item.number("parted", "change", name) for name in ("total", "fee", "margin"))
    start = numbers.date_of((item.facts.get("parted") or {}).get("from", {}).get("day"))
    if total is None or fee is None or margin is None or start is None:
        return ""
    return _("{total} points since {since}: fee {fee}, exchange-rate margin {margin}.",
             total=numbers.change(total, 2), since=numbers.day(start), fee=numbers.change(fee, 2),
             margin=numbers.change(margin, 2))  # fmt: skip


def _target(item: Item) -> str:
    target = item.facts["target"]
    limit = numbers.percent(item.number("target", "value"), 1)
    deadline = clean_text(target.get("deadline"), 20) if target.get("deadline") else ""
    words = numbers.separated([limit, clean_text(target.get("name"), 120)])
    if not deadline:
        return words
    day = numbers.date_of(deadline)
    return _("{target}, by {deadline}", target=words, deadline=numbers.day(day) if day else deadline)


def _service(item: Item) -> str:
    from reports.wording import ACCESS_POINTS, INSTRUMENTS, PICKUPS, joined

    parts = [
        joined(item.facts.get(code), words)
        for code, words in (
            ("payment_instrument", INSTRUMENTS),
            ("access_point", ACCESS_POINTS),
            ("pickup_method", PICKUPS),
        )
        if item.facts.get(code)
    ]
    return numbers.separated([item.name, *parts])


def _several(item: Item, key: str) -> str:
    value = item.facts.get(key)
    if not isinstance(value, list) or not value:
        return ""
    named = [clean_text(one) for one in value[:_MOST_LISTED]]
    return numbers.separated([*named, "…"] if len(value) > _MOST_LISTED else named)
