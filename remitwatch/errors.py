"""The errors of remitwatch: one family a kind of fault, each with the exit code of the command line."""

from __future__ import annotations


class RemitwatchError(Exception):
    """A fault that a person can read and act on. The message is one line: what, where, what to do next."""

    exit_code = 1


class InputError(RemitwatchError):
    """Bad input or bad usage: a wrong file, column, value, option or setting. Nothing was written."""

    exit_code = 2


class PartialError(RemitwatchError):
    """Part of the work failed or was refused; what succeeded is stored."""

    exit_code = 3


class BusyError(RemitwatchError):
    """Another run holds the home."""

    exit_code = 75


class StorageError(RemitwatchError):
    """The database, the archive or the disk cannot be used as asked."""


class FetchError(RemitwatchError):
    """An answer could not be had. `reason` is the failure class of the run: `unreachable`, `slow`, `blocked`,
    `refused`, `truncated`, `too_large`, `robots`, `address`, `redirect`, `status`, `budget`, `sandbox`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
