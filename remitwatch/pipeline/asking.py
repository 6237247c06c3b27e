"""The HTTP client as this home's settings make it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

from remitwatch.errors import FetchError
from remitwatch.pipeline.workspace import Workspace, is_loopback
from remitwatch.sources import SourceDefinition
from scrapers.http import ClientSettings, HttpClient


def is_live(workspace: Workspace, definition: SourceDefinition) -> bool:
    """Whether asking this source leaves this machine."""
    base = workspace.settings.source(definition.key).base_url
    return base is None or not is_loopback(base)


INTERRUPTED = "interrupted"
OUT_OF_TIME = "out_of_time"


class Halt:
    """Says that nothing more may be asked: once `set`, when somebody outside says so, or when `seconds` have passed
    (None: they never do), whatever the machine's clock is set to. Called: whether it is so."""

    def __init__(self, outside: Callable[[], bool] | None = None, seconds: float | None = None) -> None:
        self._ours = threading.Event()
        self._outside = outside or (lambda: False)
        self._until = None if seconds is None else time.monotonic() + seconds

    def set(self) -> None:
        """From now on nothing more is asked."""
        self._ours.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody stops it, time apart."""
        return self._ours.is_set() or self._outside()

    @property
    def why(self) -> str:
        """The reason of a run that it cuts short: `interrupted` or `out_of_time`."""
        return INTERRUPTED if self.stopped else OUT_OF_TIME

    def __call__(self) -> bool:
        return self.stopped or (self._until is not None and time.monotonic() >= self._until)

    def sleep(self, seconds: float) -> None:
        """The pause before a request. Raises FetchError (`interrupted`) in place of that request."""
        end = time.monotonic() + seconds
        while not self():
            left = end - time.monotonic()
            if left <= 0:
                return
            self._ours.wait(min(left, 0.2))
        raise FetchError(INTERRUPTED, "stopped in the pause before a request")


@contextmanager
def client_for(workspace: Workspace, sleep: Callable[[float], None] = time.sleep) -> Iterator[HttpClient]:
    """A client with the operator's identity, limits, pauses and base addresses; closed at the end."""
    settings = workspace.settings
    client = HttpClient(
        ClientSettings(
            contact=settings.contact or "no contact: asks this machine only",
            version=version("remitwatch"),
            allow_private=settings.allow_private_addresses,
            base_urls={key: one.base_url for key, one in settings.sources.items() if one.base_url is not None},
            pauses={key: one.pause for key, one in settings.sources.items() if one.pause is not None},
            tokens={
                key: one.token.get_secret_value() for key, one in settings.sources.items() if one.token is not None
            },
            deadline=settings.collect.deadline_seconds,
            max_bytes=int(settings.collect.max_megabytes * 2**20),
            retries=settings.collect.retries,
        ),
        now=workspace.now,
        sleep=sleep,
    )
    try:
        yield client
    finally:
        client.close()
