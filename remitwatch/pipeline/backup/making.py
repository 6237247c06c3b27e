"""Make a backup while the home is in use: first the database, then the answers that this state of it names."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from db.copying import copy_database, sync_folder
from db.engine import open_engine, sqlite_path
from db.health import problems
from db.migrate import head as newest_schema
from db.queries import Queries
from remitwatch.errors import InputError, StorageError
from remitwatch.home import Home
from remitwatch.pipeline.backup import form
from remitwatch.pipeline.backup.form import Head, Manifest
from remitwatch.pipeline.backup.packing import Packer
from remitwatch.pipeline.workspace import Workspace

LAST = "last-backup.json"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Backup:
    """A backup that was made: its size, what is in it, and the bodies that the archive no longer had whole."""

    made_at: dt.datetime
    bytes: int
    sha256: str
    runs: int
    bodies: int
    editions: int
    settings: bool
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {**self.__dict__, "missing": list(self.missing)}


def back_up_to(
    workspace: Workspace,
    file: Path,
    *,
    settings: bool = True,
    editions: bool = False,
    progress: Progress = lambda text: None,
) -> Backup:
    """Make a backup in the file, which is there whole or not at all, readable by its owner only.

    Raises InputError where something else stands there, and what `back_up` raises.
    """
    form.refuse_to_write_over(file)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            made = back_up(workspace, out, file.parent, settings=settings, editions=editions, progress=progress)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, file)
        sync_folder(file.parent)
    except OSError as error:
        raise StorageError(
            f"{file}: cannot be written: {error.strerror or error}; what stood there is intact"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return made


def back_up(
    workspace: Workspace,
    out: BinaryIO,
    scratch: Path | None = None,
    *,
    settings: bool = True,
    editions: bool = False,
    progress: Progress = lambda text: None,
) -> Backup:
    """Write a backup to a stream. The database is copied to the folder `scratch` (None: that for temporary files) first
    and checked there: a damaged one is not saved over a good backup.

    `settings`: with the settings file, and the secrets in it. `editions`: with the published editions. Raises
    InputError for a database that is no SQLite file, StorageError when the database is damaged or the disk refuses.
    """
    if sqlite_path(workspace.engine) is None:
        raise InputError(
            f"the figures are in PostgreSQL: save them with pg_dump, and the folder {workspace.home.root} with your "
            "backup of files"
        )
    made_at = workspace.now()
    with _copied(workspace, scratch, progress) as (copy, queries):
        packer = Packer(out, int(made_at.timestamp()))
        packer.add_json(
            form.HEAD,
            Head(
                format=form.FORMAT,
                remitwatch=version("remitwatch"),
                schema_version=newest_schema(),
                world=workspace.world,
                made_at=made_at,
            ),
        )
        progress("database")
        packer.add_path(form.DATABASE, copy)
        has_settings = settings and _add_if_there(packer, form.SETTINGS, workspace.home.config)
        for name in form.OWN_FILES:
            _add_if_there(packer, name, workspace.home.root / name)
        bodies, missing = _add_archive(packer, workspace, queries.bodies_named(), progress)
        names = _add_editions(packer, workspace.home.editions, progress) if editions else []
        digests = queries.digests()
        packer.add_json(
            form.MANIFEST, Manifest(files=packer.files, links=packer.links, missing=tuple(missing), runs=digests)
        )
        size, sha256 = packer.close()
        runs = len(digests)
    made = Backup(made_at, size, sha256, runs, bodies, len(names), has_settings, tuple(missing))
    _remember(workspace.home, made)
    return made


@contextmanager
def _copied(workspace: Workspace, scratch: Path | None, progress: Progress) -> Iterator[tuple[Path, Queries]]:
    """A checked copy of the database, and what reads it."""
    with tempfile.TemporaryDirectory(prefix=".remitwatch-backup-", dir=scratch) as folder:
        copy = Path(folder) / form.DATABASE
        progress("copying the database")
        copy_database(workspace.engine, copy)
        engine = open_engine(f"sqlite:///{copy}", read_only=True)
        try:
            progress("checking the copy")
            found = problems(engine)
            if found:
                where = str(sqlite_path(workspace.engine))
                raise StorageError(
                    f"nothing was saved, the database is damaged: {found[0].replace(str(copy), where)}"
                    + (f" (and {len(found) - 1} more: remitwatch doctor)" if len(found) > 1 else "")
                )
            yield copy, Queries(engine)
        finally:
            engine.dispose()


def _add_if_there(packer: Packer, name: str, path: Path) -> bool:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    packer.add(name, content)
    return True


def _add_archive(packer: Packer, workspace: Workspace, named: list[str], progress: Progress) -> tuple[int, list[str]]:
    """Add the bodies of these hashes and the lists of runs; how many bodies, and those that are missing or damaged."""
    archive, root = workspace.archive, workspace.home.archive
    count, missing = 0, []
    for sha256 in named:
        progress(f"answer {sha256[:12]}")
        try:
            packed = archive.packed(sha256)
        except StorageError:
            if archive.pruned_at(sha256) is None:
                missing.append(sha256)
            continue
        packer.add(f"archive/bodies/{sha256[:2]}/{sha256}.gz", packed)
        count += 1
    for listing in sorted(root.glob("runs/*/*.jsonl")):
        packer.add(f"archive/{listing.relative_to(root).as_posix()}", listing.read_bytes())
    _add_if_there(packer, "archive/pruned.jsonl", root / "pruned.jsonl")
    return count, missing


def _add_editions(packer: Packer, root: Path, progress: Progress) -> list[str]:
    """Add every edition that stands, the pages and the feed that lead to them, and the link to the newest."""
    standing = sorted(path.parent for path in root.glob("*/manifest.json") if not path.parent.is_symlink())
    for edition in standing:
        progress(f"edition {edition.name}")
        for path in sorted(edition.rglob("*")):
            if path.is_file():
                packer.add_path(f"editions/{path.relative_to(root).as_posix()}", path)
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            packer.add(f"editions/{path.name}", path.read_bytes())
    latest = root / "latest"
    if latest.is_symlink() and latest.exists():
        packer.add_link(form.LATEST, os.readlink(latest))
    return [edition.name for edition in standing]


def _remember(home: Home, made: Backup) -> None:
    """Keep when the last backup was made, for `status`, `doctor` and the metrics."""
    content = {"made_at": made.made_at.isoformat(), "bytes": made.bytes, "sha256": made.sha256}
    part = home.root / f".{LAST}.{os.getpid()}.part"
    with contextlib.suppress(OSError):  # a home that may only be read can be saved all the same
        part.write_text(json.dumps(content), "utf-8")
        os.replace(part, home.root / LAST)


def last_backup(home: Home) -> dt.datetime | None:
    """When the last backup of this home was made; None where none is known."""
    try:
        return dt.datetime.fromisoformat(json.loads((home.root / LAST).read_text("utf-8"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
