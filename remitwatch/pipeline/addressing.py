"""Who hears of alerts, and by which routes."""

from __future__ import annotations

import datetime as dt

from db.alerts import Addressed, StoredMessage
from remitwatch.notify.routes import Route, routes_of
from remitwatch.pipeline.alerting.evaluate import rules_of
from remitwatch.pipeline.workspace import Workspace
from reports.language import languages

_ALWAYS = ("readers", "operators")


def audiences_of(workspace: Workspace) -> tuple[str, ...]:
    """Whoever a rule tells, and the two that are always there."""
    return tuple(sorted({*_ALWAYS, *(rule.audience for rule in rules_of(workspace))}))


def routes(workspace: Workspace) -> tuple[Route, ...]:
    """The routes that are set. Raises InputError for one that cannot be (see `routes_of`)."""
    return routes_of(workspace.settings.alerts, audiences=audiences_of(workspace), languages=languages())


def addressed(workspace: Workspace) -> Addressed:
    """For every message the routes that take it, each with the time from which it is due. Raises InputError."""
    known = routes(workspace)

    def of(message: StoredMessage) -> list[tuple[str, dt.datetime]]:
        taking = (route for route in known if route.takes(message.audience, message.severity))
        return [(route.name, route.due(message.made_at)) for route in taking]

    return of
