"""Which function reads which kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from remitwatch.alerts.readings import Reading
from remitwatch.alerts.rules import Rule
from remitwatch.pipeline.alerting import benchmarks, costs, home, rates, services, sources
from remitwatch.pipeline.alerting.span import Span

READ: dict[str, Callable[[Rule, Span], Iterator[Reading]]] = {
    "cost_above": costs.cost_above,
    "target_missed": costs.target_missed,
    "cost_change": costs.cost_change,
    "new_cheapest": services.new_cheapest,
    "provider_vanished": services.provider_vanished,
    "provider_appeared": services.provider_appeared,
    "service_vanished": services.service_vanished,
    "service_appeared": services.service_appeared,
    "change_point": services.change_point,
    "few_qualifying": costs.few_qualifying,
    "coverage_low": costs.coverage_low,
    "benchmark_apart": benchmarks.benchmark_apart,
    "rates_apart": rates.rates_apart,
    "rate_stale": rates.rate_stale,
    "source_stale": sources.source_stale,
    "source_failing": sources.source_failing,
    "source_held": sources.source_held,
    "source_changed": sources.source_changed,
    "runs_missed": sources.runs_missed,
    "disk_low": home.disk_low,
    "database_unsound": home.database_unsound,
}


def readings(rule: Rule, span: Span) -> Iterable[Reading]:
    """What a rule finds on the days of a span; a kind that cannot look at past days looks at the last only."""
    return READ[rule.kind](rule, span)


PRESENCE_DAYS = 100
"""Who has come or gone is told from so many days: a provider that was seen before them and comes back is new."""
_OF_PRESENCE = ("provider_vanished", "provider_appeared", "service_vanished", "service_appeared")


def look_back(rules: Iterable[Rule]) -> int:
    """How many days of prices before a day these rules look at, at most."""
    return max((_look_back(rule) for rule in rules), default=0)


def _look_back(rule: Rule) -> int:
    least = PRESENCE_DAYS if rule.kind in _OF_PRESENCE else 30
    return least + 2 * (rule.days or 0)
