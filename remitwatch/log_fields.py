"""What a line of the log is about (run, source, job): said once around a piece of work, found on every line of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_FIELDS: ContextVar[Mapping[str, str | int]] = ContextVar("fields", default={})  # noqa: B039 (never changed in place)


@contextmanager
def log_fields(**fields: str | int) -> Iterator[None]:
    """Every line of the log that this thread writes inside is about these too."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


def current_fields() -> Mapping[str, str | int]:
    """What a line of the log would be about now."""
    return _FIELDS.get()
