"""Delivery of what alerts tell: from the outbox by every route, and to the files of the home.

An attempt is kept before it begins, and what came of it after: killed in between, it is repeated with the same key.
A route that fails is left alone until the next pass, and what waits there is tried again with growing pauses until
it is delivered or given up after `alerts.dead_after_days`.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from db.alerts import StoredMessage
from db.deliveries import WAITING, Delivery
from remitwatch.errors import InputError, RemitwatchError
from remitwatch.notify import files
from remitwatch.notify.backoff import is_given_up, next_attempt
from remitwatch.notify.masking import masked
from remitwatch.notify.rendered import Rendered
from remitwatch.notify.routes import Route
from remitwatch.notify.sending import send
from remitwatch.pipeline.addressing import audiences_of, routes
from remitwatch.pipeline.workspace import Workspace

log = logging.getLogger("remitwatch.deliver")

PASS_SECONDS = 60.0
"""A pass begins no further send after so long."""
FOLDER = "alerts"
Send = Callable[[Route, Rendered], str | None]


@dataclass
class Delivered:
    """What a pass did, in deliveries (one message by one route)."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    left: int = 0
    problems: list[str] = field(default_factory=list)

    def says(self, problem: str) -> None:
        """Keep what was the matter, and log it. It names nothing of an address."""
        self.problems.append(problem)
        log.warning("%s", problem)

    def __bool__(self) -> bool:
        return bool(self.sent or self.failed or self.dead or self.left)

    @property
    def line(self) -> str:
        """In one line for a person."""
        return f"delivered: {self.sent} sent, {self.failed} to be tried again, {self.dead} given up, {self.left} left"

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        names = ("sent", "failed", "dead", "left", "problems")
        return {name: getattr(self, name) for name in names}


def anything_to_do(workspace: Workspace) -> bool:
    """Whether a delivery is due or a file of the home is behind. Reads only, so that a clock need not take the writer's
    lock to hear that nothing waits."""
    if workspace.queries.deliveries(states=[WAITING], due_by=workspace.now(), limit=1):
        return True
    return any(_is_behind(workspace, audience, key) for audience, key in _newest(workspace).items())


def deliver(
    workspace: Workspace,
    stop: Callable[[], bool] = lambda: False,
    *,
    seconds: float = PASS_SECONDS,
    dice: Random | None = None,
    send_by: Send = send,
) -> Delivered:
    """One pass: write the files of the home that are behind, and send what is due. Returns early once `stop` says so,
    and begins nothing new after `seconds`.

    What waits on a route to be digested goes as one message, all that was due at the same time. Raises InputError for
    routes that cannot be; an address that apprise does not know fails its own deliveries only.
    """
    known = {route.name: route for route in routes(workspace)}
    done = Delivered()
    try:
        _write_files(workspace)
    except OSError as error:  # mails are sent all the same
        done.says(f"{folder_of(workspace)}: the feeds cannot be written ({error.strerror}): check space and rights")
    waiting = workspace.queries.deliveries(states=[WAITING], due_by=workspace.now())
    give_up_at = time.monotonic() + seconds
    broken: set[str] = set()
    for batch in _batches(waiting, known):
        name = batch[0].route
        if name in broken or stop() or time.monotonic() >= give_up_at:
            done.left += len(batch)
            continue
        if not _one(workspace, known.get(name), batch, done, dice or Random(), send_by):
            broken.add(name)
    return done


def _batches(waiting: Sequence[Delivery], known: dict[str, Route]) -> Iterator[list[Delivery]]:
    """What goes as one message: of a digest all that is due at one time, else each by itself; the oldest first."""

    def batch(one: Delivery) -> tuple[Any, ...]:
        route = known.get(one.route)
        if route is not None and route.is_digest:
            return one.next_at, one.route, 0
        return one.next_at, one.route, one.id

    for _key, several in groupby(sorted(waiting, key=batch), key=batch):
        yield list(several)


def _one(
    workspace: Workspace, route: Route | None, batch: list[Delivery], done: Delivered, dice: Random, send_by: Send
) -> bool:
    """Send a batch and keep what came of it. Returns whether it was sent."""
    ids = [one.id for one in batch]
    now = workspace.now()
    if route is None:
        _failed(workspace, batch, done, f"alerts.routes.{batch[0].route}: there is no such route any more", dead=True)
        return False
    next_at = next_attempt(batch[0].attempts + 1, now, dice)
    workspace.store.deliveries_begun(ids, now, next_at)
    try:
        note = _sent(workspace, route, batch, send_by)
    except Exception as error:  # whatever is the matter with one message must not keep the others from being sent
        dead = is_given_up(batch[0].failing_since, now, workspace.settings.alerts.dead_after_days)
        _failed(workspace, batch, done, _words(error, route), dead=dead)
        return False
    workspace.store.deliveries_sent(ids, workspace.now(), note)
    done.sent += len(batch)
    if note:
        done.says(f"route {route.name}: {note}")
    return True


def _sent(workspace: Workspace, route: Route, batch: list[Delivery], send_by: Send) -> str | None:
    if route.folder is not None:
        _write_feed(workspace, route.folder, route.name, route.audience, route.language, route.min_severity)
        return None
    return send_by(route, rendered(workspace, route, [one.message for one in batch]))


def _failed(workspace: Workspace, batch: list[Delivery], done: Delivered, error: str, *, dead: bool) -> None:
    workspace.store.deliveries_failed([one.id for one in batch], error, dead=dead)
    done.says(f"route {batch[0].route}: {error}{'; given up' if dead else ''}")
    if dead:
        done.dead += len(batch)
    else:
        done.failed += len(batch)


def _words(error: Exception, route: Route) -> str:
    """What was the matter, without the address."""
    if isinstance(error, RemitwatchError):
        return str(error)
    if isinstance(error, OSError) and route.folder is not None:  # its path is the address
        return f"the folder of the route cannot be written ({error.strerror or type(error).__name__})"
    return masked(f"it could not be made ready ({type(error).__name__}: {error})", route.url.get_secret_value())


def rendered(workspace: Workspace, route: Route, messages: Sequence[StoredMessage]) -> Rendered:
    """What is sent of these messages by a route. Its key is that of the message; of a digest it is made of the keys,
    and its time is when it is due."""
    from remitwatch.pipeline import wording_alerts

    first = messages[0]
    key, made_at = first.key, first.made_at
    if route.is_digest:
        names = [route.name, *sorted(one.key for one in messages)]
        key = hashlib.sha256("\n".join(names).encode()).hexdigest()
        made_at = max(route.due(one.made_at) for one in messages)
    language, digest = route.language, route.is_digest
    return wording_alerts.rendered(workspace, messages, key=key, language=language, made_at=made_at, digest=digest)


# Files


def folder_of(workspace: Workspace) -> Path:
    """Where the feeds of the home are."""
    return workspace.home.root / FOLDER


def _newest(workspace: Workspace) -> dict[str, str]:
    """By audience the key of its newest message; empty where it has none yet."""
    return dict.fromkeys(audiences_of(workspace), "") | workspace.queries.newest_messages()


def _is_behind(workspace: Workspace, audience: str, key: str) -> bool:
    return files.newest_key(folder_of(workspace) / f"{audience}.jsonl") != key


def _write_files(workspace: Workspace) -> None:
    from remitwatch.pipeline import wording_alerts

    for audience, key in _newest(workspace).items():
        if _is_behind(workspace, audience, key):
            language = wording_alerts.languages_of(workspace)[0]
            _write_feed(workspace, folder_of(workspace), audience, audience, language, "info")


def _write_feed(workspace: Workspace, folder: Path, name: str, audience: str, language: str, severity: str) -> None:
    """The feed, and then the lines, by which it is known that both are written."""
    from remitwatch.pipeline import wording_alerts

    atom, lines = wording_alerts.feed(workspace, audience, language, severity)
    files.write(folder, f"{name}.xml", atom)
    files.write(folder, f"{name}.jsonl", lines)


# By hand


def send_test(workspace: Workspace, name: str, *, send_by: Send = send) -> str | None:
    """Send a test message by a route at once; nothing of it is kept. Returns what was less than whole. Raises
    InputError for an unknown route or address, NotSentError with the reason."""
    from remitwatch.pipeline import wording_alerts

    known = {route.name: route for route in routes(workspace)}
    if name not in known:
        if not known:
            raise InputError(f"route {name!r}: no route is set: see [alerts.routes.NAME] in remitwatch.toml")
        raise InputError(f"route {name!r}: expected one of {', '.join(known)}")
    route = known[name]
    if route.folder is not None:
        try:
            _write_feed(workspace, route.folder, route.name, route.audience, route.language, route.min_severity)
        except OSError as error:
            raise InputError(f"alerts.routes.{name}: {_words(error, route)}") from None
        return None
    return send_by(route, wording_alerts.test_message(workspace, route))
