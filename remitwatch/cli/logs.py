"""The log: lines on standard error, and in a file of the home where the settings say so. Times are UTC; secrets are
masked in everything, tracebacks too."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from remitwatch.log_fields import current_fields

if TYPE_CHECKING:
    from remitwatch.config import Loaded, LogSettings
    from remitwatch.home import Home

_ROOT = logging.getLogger("remitwatch")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
_MASKED: list[str] = []
"""The secrets of the settings that were loaded in this process."""


def begin(level: int) -> None:
    """Log to standard error from this level on, before any settings are known."""
    for handler in _ROOT.handlers:
        handler.close()
    _MASKED.clear()
    _ROOT.handlers[:] = [_on_stderr(level, Lines())]
    _ROOT.setLevel(level)
    _ROOT.propagate = False


def follow(home: Home, loaded: Loaded) -> None:
    """Log as the settings say, and mask their secrets from here on."""
    from remitwatch.config import secret_values

    _MASKED[:] = sorted({*_MASKED, *secret_values(loaded.settings)}, key=len, reverse=True)
    sys.excepthook = _say_masked
    settings = loaded.settings.log
    stderr = next(handler for handler in _ROOT.handlers if isinstance(handler, logging.StreamHandler))
    stderr.setFormatter(_formatter(settings))
    if settings.file is None or any(isinstance(handler, File) for handler in _ROOT.handlers):
        return
    file = File(home.logs / settings.file, int(settings.max_mb * 1_000_000), settings.keep)
    file.setFormatter(_formatter(settings))
    file.setLevel(min(logging.INFO, stderr.level))
    _ROOT.addHandler(file)
    _ROOT.setLevel(file.level)


def say_more(logger: str) -> None:
    """Let what this logger says of its work reach standard error, without -v too."""
    for handler in _ROOT.handlers:
        for one in handler.filters:
            if isinstance(one, _FromLevel):
                one.louder.add(logger)
                handler.setLevel(min(logging.INFO, handler.level))  # the filter keeps the lines of others out
    logging.getLogger(logger).setLevel(min(logging.INFO, _ROOT.level))


def masked(text: str) -> str:
    """The text without the secrets of the settings, and without passwords and keys in URLs."""
    from scrapers.redact import strip_url, strip_values

    return _URL.sub(lambda found: strip_url(found[0]), strip_values(text, _MASKED))


class _FromLevel(logging.Filter):
    """Lets lines of a level pass; of the loggers in `louder` from INFO on."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self.level = level
        self.louder: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= (min(self.level, logging.INFO) if record.name in self.louder else self.level)


def _on_stderr(level: int, formatter: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.level = level
    handler.addFilter(_FromLevel(level))
    handler.setFormatter(formatter)
    return handler


def _formatter(settings: LogSettings) -> logging.Formatter:
    return Objects() if settings.format == "json" else Lines()


class Lines(logging.Formatter):
    """A line for people: time, level, logger, message; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record, masked."""
        text = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}"
        return masked(f"{text}\n{_trace(record)}" if record.exc_info else text)


class Objects(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, what it is about (`run`, `source`, `job`), and
    `traceback` of an error of the program."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record, masked."""
        content: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            **current_fields(),
        }
        if record.exc_info:
            content["traceback"] = masked(_trace(record))
        return json.dumps(content, ensure_ascii=False, default=str)


def _time(record: logging.LogRecord) -> str:
    return dt.datetime.fromtimestamp(record.created, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _trace(record: logging.LogRecord) -> str:
    return "".join(traceback.format_exception(*record.exc_info)).rstrip() if record.exc_info else ""


class File(logging.Handler):
    """Appends to a file that several processes may write; one that outgrows `most` bytes is put aside as `<name>.1`,
    and `keep` of those stay. A file that cannot be written is told once, and the work goes on."""

    def __init__(self, path: Path, most: int, keep: int) -> None:
        super().__init__()
        self._path = path
        self._most = most
        self._keep = keep
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            self._append(self.format(record).encode("utf-8", "replace") + b"\n")
        except OSError as error:
            if not self._told:
                self._told = True
                print(f"remitwatch: {self._path}: no log is kept: {error.strerror}", file=sys.stderr)  # noqa: T201

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if not self._is_still(handle):  # another process put it aside meanwhile
                    continue
                if (size := os.fstat(handle).st_size) and size + len(line) > self._most:
                    self._put_aside()
                    continue
                os.write(handle, line)
                return
            finally:
                os.close(handle)

    def _is_still(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self._path))
        except FileNotFoundError:
            return False

    def _put_aside(self) -> None:
        names: Sequence[Path] = [self._path, *(_numbered(self._path, number + 1) for number in range(self._keep))]
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            if newer.exists():
                os.replace(newer, older)
        if not self._keep:
            os.unlink(self._path)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _say_masked(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error of the program: on standard error as ever, without secrets."""
    print(masked("".join(traceback.format_exception(kind, error, trace))), end="", file=sys.stderr)  # noqa: T201
