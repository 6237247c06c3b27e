"""Locks of files: one process at a time. The kernel releases them when the process ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remitwatch.errors import BusyError, StorageError

_held: set[int] = set()
"""The open files of the locks that this process holds."""


def _let_go() -> None:
    """A copy of this process (fork) holds no lock: else one that outlives a kill would keep the next start out."""
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


@contextmanager
def locked(path: Path, what: str, *, by: str = "", since: str = "") -> Iterator[None]:
    """Hold the lock of the file `path`, which is made where there is none and stays.

    For the message to the next who comes: `what` the lock stands for, what kind of process holds it (`by`), and since
    when. Raises BusyError at once when another holds it, StorageError where the file cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror}): check the folder's owner") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise StorageError(f"{path}: cannot be locked ({error.strerror}): choose a local folder") from None
            known = os.pread(handle, 200, 0).decode("ascii", "replace").strip() or "another process"
            raise BusyError(f"{what}: already in use by {by}{known}; try again when it has ended") from None
        _held.add(handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}{since}".encode("ascii", "replace"), 0)
        yield
    finally:
        if handle in _held:
            _held.remove(handle)
        os.close(handle)
