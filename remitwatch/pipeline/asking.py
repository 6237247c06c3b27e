"""The HTTP client as this home's settings make it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from remitwatch.pipeline.workspace import Workspace, is_loopback
from remitwatch.sources import SourceDefinition
from scrapers.http import ClientSettings, HttpClient


def is_live(workspace: Workspace, definition: SourceDefinition) -> bool:
    """Whether asking this source leaves this machine."""
    base = workspace.settings.source(definition.key).base_url
    return base is None or not is_loopback(base)


@contextmanager
def client_for(workspace: Workspace) -> Iterator[HttpClient]:
    """A client with the operator's identity, limits, pauses and base addresses; closed at the end."""
    settings = workspace.settings
    client = HttpClient(
        ClientSettings(
            contact=settings.contact or "no contact: asks this machine only",
            version=version("remitwatch"),
            allow_private=settings.allow_private_addresses,
            base_urls={key: one.base_url for key, one in settings.sources.items() if one.base_url is not None},
            pauses={key: one.pause for key, one in settings.sources.items() if one.pause is not None},
            deadline=settings.collect.deadline_seconds,
            max_bytes=int(settings.collect.max_megabytes * 2**20),
            retries=settings.collect.retries,
        ),
        now=workspace.now,
    )
    try:
        yield client
    finally:
        client.close()
