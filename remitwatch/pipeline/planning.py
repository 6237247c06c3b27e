"""What a collection would ask, without asking: requests, hosts and the time the pauses take."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urlsplit

from remitwatch.pipeline import collecting
from remitwatch.pipeline.inquiring import make_inquiries
from remitwatch.pipeline.workspace import Workspace
from remitwatch.sources import SourceDefinition, SourceKind
from scrapers import registry
from scrapers.base import Request
from scrapers.urls import full_url, request_body


@dataclass(frozen=True)
class Planned:
    """One request that would be made; `body` is what a POST says."""

    source: str
    host: str
    method: str
    url: str
    body: str = ""

    def as_json(self) -> dict[str, Any]:
        """The request for a machine."""
        return {"source": self.source, "host": self.host, "method": self.method, "url": self.url, "body": self.body}


@dataclass(frozen=True)
class Plan:
    """The requests of a collection and how long the pauses between them take."""

    requests: tuple[Planned, ...]
    seconds: float
    skipped: tuple[collecting.Skipped, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """Requests, then a line a host, then the expected duration."""
        lines = [f"{one.source}: {one.method} {one.url} {one.body}".rstrip() for one in self.requests]
        lines += [f"{host}: {count} requests" for host, count in Counter(one.host for one in self.requests).items()]
        lines += [f"not asked: {line}" for line in collecting.in_short(self.skipped)]
        lines += list(self.notes)
        lines.append(f"expected duration: {self.seconds / 60:.1f} minutes (hosts are asked side by side)")
        return lines


def plan(
    workspace: Workspace,
    keys: Sequence[str],
    corridors: Sequence[str],
    since: dt.date | None,
    until: dt.date | None,
) -> Plan:
    """What `collect` with the same arguments would ask. Raises InputError as `collect` does."""
    definitions, skipped = collecting.sources_to_ask(workspace, keys)
    watched = collecting.watched_by(workspace, corridors)
    day = until or workspace.today
    planned: list[Planned] = []
    notes: list[str] = []
    seconds: dict[str, float] = {}
    for definition in definitions:
        if definition.kind is SourceKind.SURVEYS:
            requests = list(registry.scraper(definition.key).requests(()))
        elif definition.kind is SourceKind.QUOTES:
            made = make_inquiries(workspace, watched, definition.send_amounts, day, fix=False)
            notes += [issue.message for issue in made.issues if issue.message not in notes]
            requests = list(registry.scraper(definition.key).requests(made.inquiries))
        else:
            first = since or collecting.first_missing_day(workspace, definition, day)
            requests = list(registry.scraper(definition.key).requests_between(first, day, workspace.today))
        left = collecting.requests_left(workspace, definition)
        if left is not None and len(requests) > left:
            notes.append(
                f"{definition.key}: {len(requests) - left} of {len(requests)} requests are over the day's budget, "
                f"of which {left} are left: not asked"
            )
            requests = requests[:left]
        scraper = registry.scraper(definition.key)
        if requests and scraper.leads_to:
            notes.append(f"{definition.key}: and {scraper.leads_to}")
        pause = workspace.settings.source(definition.key).pause
        for request in requests:
            url = _address(workspace, definition, request)
            host = urlsplit(url).netloc
            planned.append(Planned(definition.key, host, request.method, url, request_body(request).decode()))
            each = (definition.pause if pause is None else pause) + 1  # a second an answer, roughly
            seconds[host] = seconds.get(host, 0.0) + each
    return Plan(tuple(planned), max(seconds.values(), default=0.0), tuple(skipped), tuple(notes))


def _address(workspace: Workspace, definition: SourceDefinition, request: Request) -> str:
    url = urldefrag(full_url(request)).url
    base = workspace.settings.source(definition.key).base_url
    if base is None:
        return url
    parts = urlsplit(url)
    return base.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
