"""The words of alerts for one home: its links, its charts, its language, put together from the outbox."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from db.alerts import StoredMessage
from remitwatch.alerts.kinds import Scope
from remitwatch.alerts.rules import SEVERITIES, find
from remitwatch.errors import InputError
from remitwatch.notify.rendered import Picture, Rendered
from remitwatch.notify.routes import Route
from remitwatch.pipeline.alerting.course import course, span_up_to
from remitwatch.pipeline.alerting.evaluate import rules_of
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.gathering.edition import chosen_languages
from remitwatch.pipeline.workspace import Workspace
from reports.alerts import feed as feeds
from reports.alerts import message
from reports.alerts.told import Item, Told
from reports.language import speaking

MOST_CHARTS = 3
_CHARTED = ("cost_above", "target_missed", "cost_change", "new_cheapest", "benchmark_apart")
_AVERAGE = "average_total_cost"


def languages_of(workspace: Workspace) -> tuple[str, ...]:
    """The languages of the editions; the first is at their root."""
    return chosen_languages(workspace.settings.publish.languages)


def rendered(
    workspace: Workspace,
    messages: Sequence[StoredMessage],
    *,
    key: str,
    language: str,
    made_at: dt.datetime,
    digest: bool,
) -> Rendered:
    """The words, charts and content of some messages of the outbox."""
    told = [Told(one.key, one.content) for one in messages]
    with speaking(language):
        pictures = _charts(workspace, sorted(told, key=lambda one: one.order))
        named = {number: picture.name for number, picture in pictures.items()}
        made = message.render(told, link=_link(workspace, language), pictures=named, made_at=made_at, digest=digest)
    return Rendered(
        key=key,
        subject=made.subject,
        text=made.text,
        html=made.html,
        language=language,
        severity=max((one.severity for one in messages), key=SEVERITIES.index),
        made_at=made_at,
        pictures=tuple(pictures.values()),
        content=tuple(one.content for one in messages),
    )


def test_message(workspace: Workspace, route: Route) -> Rendered:
    """A message that tries a route: it says that it is one, and tells nothing."""
    now = workspace.now()
    key = hashlib.sha256(f"test\n{route.name}\n{now.isoformat()}".encode()).hexdigest()
    with speaking(route.language):
        made = message.test(route.name, world=workspace.world, made_at=now)
    content = {"kind": "test", "route": route.name, "audience": route.audience, "world": workspace.world}
    return Rendered(key, made.subject, made.text, made.html, route.language, "info", now, content=(content,))


def feed(workspace: Workspace, audience: str, language: str, severity: str) -> tuple[str, str]:
    """The Atom feed of an audience in a language, and its lines of JSON."""
    least = SEVERITIES.index(severity)
    told = [
        Told(one.key, one.content)
        for one in workspace.queries.alert_messages()
        if one.audience == audience and SEVERITIES.index(one.severity) >= least
    ]
    with speaking(language):
        atom = feeds.atom(audience, told, link=_link(workspace, language), world=workspace.world)
    return atom, feeds.lines(told)


def _link(workspace: Workspace, language: str) -> message.Link:
    """Where a page is found: under the address at which editions are served, else as a path in the home. The newest
    edition is looked into: a page that it lacks is its first page, and a language that it lacks is that of its root."""
    root = workspace.home.editions / "latest"
    base = workspace.settings.publish.base_url
    front = base if base is None or base.endswith("/") else f"{base}/"
    folder = f"{language}/" if language != languages_of(workspace)[0] and (root / language).is_dir() else ""

    def find_page(page: str | None) -> str:
        if page is None or not root.is_dir():
            return ""
        path = f"{folder}{page}" if (root / folder / page).is_file() else f"{folder}index.html"
        return f"{front or 'editions/'}latest/{path}"

    return find_page


def _charts(workspace: Workspace, told: Sequence[Told]) -> dict[int, Picture]:
    """By number of the alert the chart of the worst of each message, of the first few."""
    from reports.alerts import chart

    found: dict[int, Picture] = {}
    rules = rules_of(workspace)
    spans: dict[dt.date, Span] = {}
    for one in told:
        item = one.shown[0]
        if one.rule_kind not in _CHARTED or item.page is None or len(found) == MOST_CHARTS:
            continue
        try:
            rule = find(rules, one.rule)
        except InputError:  # a rule of the past
            continue
        indicator = str(item.facts.get("indicator") or one.indicator or _AVERAGE)
        last = dt.date.fromisoformat(str(item.content["day"]))
        if last not in spans:
            spans[last] = span_up_to(workspace, last)
        points = course(spans[last], rule, indicator, *_place(item.facts, one.scope))
        figure = _figure(one, item)
        if figure is not None and points and points[-1][0] == last.isoformat():
            points[-1] = (points[-1][0], figure)  # as it is told, though more was collected later that day
        body = chart.chart(item, indicator, points, world=one.world)
        if body is not None:
            number = int(item.content["alert"])
            found[number] = Picture(f"alert-{number}.png", body)
    return found


def _figure(told: Told, item: Item) -> Decimal | None:
    """The figure that is told and that the chart ends with."""
    if told.rule_kind == "cost_above":
        return item.value
    return item.number("cost") if told.rule_kind == "target_missed" else item.number("moved", "average_to")


def _place(facts: Mapping[str, Any], scope: Scope) -> tuple[Scope, str]:
    """The scope and the subject of the figures of a place."""
    if "sender" in facts and "receiver" in facts:
        return "corridor", f"{facts['sender']}-{facts['receiver']}"
    if "country" in facts:
        return facts.get("side") or scope, str(facts["country"])
    return "world", "world"
