"""Sending one message by one route, through apprise. It is loaded here only, and nothing of an address leaves here: not
in an error, not in a log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from remitwatch.errors import InputError, RemitwatchError
from remitwatch.notify.mail import send_mail
from remitwatch.notify.masking import masked
from remitwatch.notify.rendered import Rendered
from remitwatch.notify.routes import Route

LONGEST_SECONDS = 30.0
"""A send that takes longer has failed, however slowly the other side answers."""
_LONGEST_ERROR = 300
_KINDS = {"info": "info", "warning": "warning", "critical": "failure"}


class NotSentError(RemitwatchError):
    """A message could not be handed over. The words name nothing of the address."""


def check(route: Route) -> None:
    """Raises InputError, without showing the address, when apprise does not know it."""
    if route.folder is None:
        with _quiet():
            _plugin(route)


def send(route: Route, rendered: Rendered, *, longest: float = LONGEST_SECONDS) -> str | None:
    """Hand a message over. Returns what was less than whole, if anything. Raises InputError for an address that apprise
    does not know, and NotSentError with the reason otherwise."""
    with _quiet() as heard:
        plugin = _plugin(route)
        try:
            note = _in_time(lambda: _handed_over(plugin, rendered, heard), longest)
            return None if note is None else _one_line(note, route)
        except NotSentError as error:
            raise NotSentError(_one_line(str(error), route)) from None


def _handed_over(plugin: Any, rendered: Rendered, heard: list[str]) -> str | None:
    from apprise.plugins.email import NotifyEmail

    try:
        # apprise signs and encrypts by itself
        if isinstance(plugin, NotifyEmail) and plugin.pgp_mode == "no":
            return send_mail(plugin, rendered)
        _send_elsewhere(plugin, rendered, heard)
    except NotSentError:
        raise
    except Exception as error:  # a hundred services fail in their own ways; the kind is the least that can be said
        raise NotSentError(f"{type(error).__name__}: {error}") from None
    return None


def _send_elsewhere(plugin: Any, rendered: Rendered, heard: list[str]) -> None:
    import apprise
    from apprise.attachment.memory import AttachMemory
    from apprise.plugins.custom_json import NotifyJSON
    from apprise.plugins.email import NotifyEmail

    headers = getattr(plugin, "headers", None)
    if isinstance(headers, dict):
        headers.setdefault("Idempotency-Key", rendered.key)
    if isinstance(plugin, NotifyJSON):
        plugin.payload_extras |= {
            "id": rendered.key,
            "severity": rendered.severity,
            "language": rendered.language,
            "messages": list(rendered.content),
        }
    is_mail, is_read_by_machines = isinstance(plugin, NotifyEmail), isinstance(plugin, NotifyJSON)
    subject, text = rendered.subject, rendered.text
    if not is_read_by_machines:  # some services look in plain text for whom to call: @everyone
        subject, text = (one.replace("@", "@\u2060") for one in (subject, text))
    pictures = apprise.AppriseAttachment()
    memory: Any = AttachMemory
    if plugin.attachment_support:
        for picture in rendered.pictures:
            pictures.add(memory(content=picture.body, name=picture.name, mimetype="image/png"))
    done = plugin.notify(
        body=rendered.html if is_mail else text,
        title=subject,
        notify_type=apprise.NotifyType(_KINDS[rendered.severity]),
        body_format=apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.TEXT,
        attach=pictures if len(pictures) else None,
    )
    if not done:
        raise NotSentError("; ".join(heard) or "the service did not take it and gave no reason")


def _plugin(route: Route) -> Any:
    """What apprise makes of an address. It answers with nothing, not with an error, when it does not know it."""
    import apprise

    asset = apprise.AppriseAsset(
        app_id="remitwatch",
        app_desc="remitwatch",
        app_url="",
        async_mode=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    url = route.url.get_secret_value()
    try:
        plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    except Exception:  # said below, without the address that the error may name
        plugin = None
    if not plugin:
        scheme = url.partition("://")[0]
        raise InputError(
            f"alerts.routes.{route.name}.url: not an address of {scheme}:// that apprise knows (it is not shown here): "
            "expected one such as mailtos://user:password@host?from=a@host&to=b@host; see https://appriseit.com/services/"
        )
    return plugin


def _one_line(text: str, route: Route) -> str:
    words = " ".join(masked(text, route.url.get_secret_value()).split())
    return words if len(words) <= _LONGEST_ERROR else words[: _LONGEST_ERROR - 1] + "…"


def _in_time(work: Callable[[], str | None], longest: float) -> str | None:
    """The work, given up after so many seconds: its own time limits count from byte to byte only."""
    done: list[str | None] = []
    broke: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            broke.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(longest)
    if broke:
        raise broke[0]
    if not done:
        raise NotSentError(f"no answer within {longest:g} seconds")
    return done[0]


class _Heard(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """What apprise and what it rests on would have logged, kept from every log: the lines name addresses."""
    lines: list[str] = []
    handler = _Heard(lines)
    before = []
    for name, level in (("apprise", logging.WARNING), ("urllib3", logging.CRITICAL), ("requests", logging.CRITICAL)):
        logger = logging.getLogger(name)
        before.append((logger, logger.level, logger.propagate))
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger("apprise").addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger("apprise").removeHandler(handler)
        for logger, level, propagate in before:
            logger.setLevel(level)
            logger.propagate = propagate
