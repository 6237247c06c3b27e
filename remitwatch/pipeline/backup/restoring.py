"""Put a backup in the place of a home: unpacked aside, checked, moved in; what stood there is moved away, not lost."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from db.copying import sync_folder
from remitwatch.config import Loaded
from remitwatch.errors import InputError, StorageError
from remitwatch.home import RESTORING, Home, make_folders, only_writer
from remitwatch.locks import locked
from remitwatch.pipeline.backup import form
from remitwatch.pipeline.backup.unpacking import Progress, Unpacked, unpack
from remitwatch.pipeline.places import Now, sqlite_file, utc_now

STAGING = ".restoring-"
REPLACED = "replaced-"
_BESIDE_DATABASE = ("-journal", "-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What was put in place, and where what stood there is now (None: nothing stood there)."""

    backup: Unpacked
    replaced: Path | None

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {**self.backup.as_json(), "replaced": None if self.replaced is None else str(self.replaced)}


def restore(
    home: Home,
    load: Callable[[Path], Loaded],
    stream: BinaryIO,
    *,
    replace: bool = False,
    settings: bool = True,
    now: Now = utc_now,
    progress: Progress = lambda text: None,
) -> Restored:
    """Restore a home from a backup. `load` gives the settings in force with a given settings file; `settings`: the
    settings file of the backup is put in place too.

    Everything is checked before anything is moved; only then the database, the answers, the settings, the operator's
    own files and, if the backup has them, the editions take the place of those that stand there, which go to
    `<home>/replaced-<time>`. Editions stay where the backup has none: what was published stays published.

    Raises InputError for a home that is not empty without `replace`, for a stream that is no backup or of a newer
    program, and where the figures are in PostgreSQL; StorageError for a damaged backup or a full disk; BusyError while
    somebody uses the home. Then everything stands as before.
    """
    make_folders(home)
    if not replace:
        _refuse_what_is_there(home, load(home.config), settings=settings)
    with ExitStack() as stack:
        stack.enter_context(locked(home.root / "scheduler.lock", str(home.root), by="the scheduler, "))
        stack.enter_context(only_writer(home, now()))
        _remove_leftovers(home)
        folder = stack.enter_context(_staging(home))
        backup = unpack(stream, folder, progress=progress)
        has_settings = settings and form.SETTINGS in backup.manifest.files
        database = sqlite_file(home, load(folder / form.SETTINGS if has_settings else home.config).settings)
        if database is None:
            raise InputError(
                "the settings say that the figures are in PostgreSQL: restore those with pg_restore, or leave "
                "database_url out"
            )
        if not replace and database.exists():
            raise InputError(f"{database}: there is a database here: with --replace it is moved aside")
        stack.enter_context(locked(database.with_name(f"{database.name}.lock"), str(database)))
        progress("putting it in place")
        moved = _swap(home, folder, database, aside=_new_folder(home, now), settings=has_settings)
    return Restored(backup, moved)


def _refuse_what_is_there(home: Home, loaded: Loaded, *, settings: bool) -> None:
    database = sqlite_file(home, loaded.settings)
    there = [path for path in (database, home.config if settings else None) if path is not None and path.exists()]
    there += [*home.archive.glob("bodies/*/*.gz"), *home.editions.glob("*/manifest.json")][:1]
    if there:
        raise InputError(
            f"{home.root}: it is not empty ({there[0].name}): choose another folder with --home, or say --replace: "
            "what is there is then moved aside"
        )


@contextmanager
def _staging(home: Home) -> Iterator[Path]:
    """A folder in the home, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=home.root))
    try:
        yield folder
    except OSError as error:
        raise StorageError(
            f"{error.filename or home.root}: {error.strerror or error}: check free space and rights; run it again"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(home: Home) -> None:
    for folder in home.root.glob(f"{STAGING}*"):  # of a kill; nobody else works here, the lock is ours
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder(home: Home, now: Now) -> Path:
    """A name that no folder has yet, for what is moved aside."""
    name = f"{REPLACED}{now():%Y%m%dT%H%M%SZ}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(home.root / one for one in names if not (home.root / one).exists())


def _swap(home: Home, folder: Path, database: Path, *, aside: Path, settings: bool) -> Path | None:
    """Move what stands there aside and the new in. While it lasts the home is marked: a kill in between leaves one that
    says that it must be restored again, and the old parts whole in `aside`."""
    own = [name for name in form.OWN_FILES if (folder / name).exists()]
    parts = [(folder / name, home.root / name) for name in own]
    parts += [(folder / "editions", home.editions)] if (folder / "editions").exists() else []
    parts += [(folder / form.SETTINGS, home.config)] if settings else []
    (folder / "archive").mkdir(exist_ok=True)
    parts += [(folder / "archive", home.archive), (folder / form.DATABASE, database)]  # the database last
    os.sync()
    mark = home.root / RESTORING
    mark.write_text(f"{aside}\n", "utf-8")
    sync_folder(home.root)
    for new, old in parts:
        for there in (old, *(old.with_name(old.name + end) for end in _BESIDE_DATABASE if old == database)):
            if there.exists() and not (there.is_dir() and not any(there.iterdir())):
                aside.mkdir(exist_ok=True, mode=0o700)
                _move(there, aside / there.name)
        if old.is_dir():
            old.rmdir()
        _move(new, old)
    shutil.rmtree(home.cache, ignore_errors=True)
    os.sync()
    mark.unlink()
    return aside if aside.exists() else None


def _move(source: Path, target: Path) -> None:
    """Rename, or copy where the two are on different disks."""
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            shutil.copy2(source, part)
            os.replace(part, target)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        source.unlink()
