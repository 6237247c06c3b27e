"""Routes: by which way an audience hears of alerts, from when on, in which language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from remitwatch.alerts.rules import SEVERITIES
from remitwatch.config import AlertSettings, RouteSettings
from remitwatch.errors import InputError

FILE_SCHEME = "file:"
DIGESTED = "readers"
"""The audience that hears once a day unless its route says otherwise."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Route:
    """One route. `when`: `immediate`, or a digest: `daily` or `weekly` (on `weekday`, Monday is 0), at `at`, UTC."""

    name: str
    url: SecretStr
    audience: str
    language: str
    when: str
    at: dt.time
    weekday: int
    min_severity: str

    @property
    def is_digest(self) -> bool:
        """Whether what waits goes as one message."""
        return self.when != "immediate"

    @property
    def folder(self) -> Path | None:
        """The folder of a route to files; None for all others."""
        text = self.url.get_secret_value()
        return Path(text.removeprefix(FILE_SCHEME).removeprefix("//")) if text.startswith(FILE_SCHEME) else None

    @property
    def scheme(self) -> str:
        """The scheme of the address: all of it that may be shown."""
        return self.url.get_secret_value().partition(":")[0]

    def as_json(self, now: dt.datetime) -> dict[str, Any]:
        """The row of `remitwatch alerts routes --json`. `next`: when what is made now would go."""
        when = self.when if not self.is_digest else f"{self.when} {self.at:%H:%M}"
        return {
            "route": self.name,
            "to": self.scheme,
            "audience": self.audience,
            "language": self.language,
            "when": f"{when} {_DAYS[self.weekday]}" if self.when == "weekly" else when,
            "min_severity": self.min_severity,
            "next": self.due(now) if self.is_digest else None,
        }

    def takes(self, audience: str, severity: str) -> bool:
        """Whether a message goes this way."""
        return audience == self.audience and SEVERITIES.index(severity) >= SEVERITIES.index(self.min_severity)

    def due(self, made_at: dt.datetime) -> dt.datetime:
        """From when on a message made at a time is due: at once, or at the next time of the digest."""
        if not self.is_digest:
            return made_at
        made_at = made_at.astimezone(dt.UTC)
        due = dt.datetime.combine(made_at.date(), self.at, tzinfo=dt.UTC)
        if self.when == "weekly":
            due += dt.timedelta(days=(self.weekday - due.weekday()) % 7)
        if due <= made_at:
            due += dt.timedelta(days=7 if self.when == "weekly" else 1)
        return due


def routes_of(settings: AlertSettings, *, audiences: Collection[str], languages: Collection[str]) -> tuple[Route, ...]:
    """The routes that are set. Raises InputError for an audience that no rule tells, a language without catalogue, and
    an address that is none; whether apprise knows an address is seen when it is used (`sending.check`)."""
    return tuple(_route(name, one, audiences, languages) for name, one in settings.routes.items())


def _route(name: str, given: RouteSettings, audiences: Collection[str], languages: Collection[str]) -> Route:
    where = f"alerts.routes.{name}"
    if given.audience not in audiences:
        known = ", ".join(sorted(audiences))
        raise InputError(f"{where}.audience: {given.audience!r}: no rule tells it: expected one of {known}")
    if given.language not in languages:
        raise InputError(f"{where}.language: {given.language!r}: expected one of {', '.join(languages)}")
    route = Route(
        name=name,
        url=given.url,
        audience=given.audience,
        language=given.language,
        when=given.when or ("daily" if given.audience == DIGESTED else "immediate"),
        at=dt.time.fromisoformat(given.at),
        weekday=_DAYS.index(given.day),
        min_severity=given.min_severity,
    )
    if route.folder is not None:
        if not route.folder.is_absolute():
            raise InputError(f"{where}.url: expected a whole path after file: such as file:/srv/alerts")
    elif "://" not in given.url.get_secret_value():
        raise InputError(f"{where}.url: expected an address such as mailtos://... or jsons://..., or file:/FOLDER")
    return route
