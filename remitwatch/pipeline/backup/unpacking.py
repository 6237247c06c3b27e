"""Unpack a backup aside and check everything in it, before anything is put in its place."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from db.engine import open_engine
from db.health import problems
from db.migrate import head as newest_schema
from db.migrate import upgrade
from db.queries import Queries
from remitwatch.errors import StorageError
from remitwatch.pipeline.backup import form
from remitwatch.pipeline.backup.form import Entry, Head, Manifest

_PIECE = 1 << 20
_PRUNED = "archive/pruned.jsonl"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Unpacked:
    """A backup that was read to its end and checked: what it says of itself, and the days its prices are of."""

    head: Head
    manifest: Manifest
    newest_day: str | None

    @property
    def bodies(self) -> int:
        """How many answers it holds."""
        return sum(name.startswith("archive/bodies/") for name in self.manifest.files)

    @property
    def editions(self) -> list[str]:
        """The names of the editions it holds."""
        found = {tuple(name.split("/")) for name in self.manifest.files}
        return sorted(parts[1] for parts in found if parts[0] == "editions" and parts[2:] == ("manifest.json",))

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            **form.as_dict(self.head),
            "files": len(self.manifest.files),
            "runs": len(self.manifest.runs),
            "newest_day": self.newest_day,
            "bodies": self.bodies,
            "editions": self.editions,
            "settings": form.SETTINGS in self.manifest.files,
            "missing": list(self.manifest.missing),
        }


def verify(stream: BinaryIO, progress: Progress = lambda text: None) -> Unpacked:
    """Check a backup without putting it anywhere: every checksum, and the database in it. Raises as `unpack` does."""
    with tempfile.TemporaryDirectory(prefix="remitwatch-verify-") as folder:
        return unpack(stream, Path(folder), lambda name: name in (form.DATABASE, _PRUNED), progress)


def unpack(
    stream: BinaryIO,
    folder: Path,
    keeps: Callable[[str], bool] = lambda name: True,
    progress: Progress = lambda text: None,
) -> Unpacked:
    """Unpack the files that `keeps` names (the database always) to `folder` and check all of them; the database is
    brought to this program's schema.

    Raises InputError when the stream is no backup or a newer program's, StorageError when it ends early or anything in
    it is not what was saved.
    """
    try:
        head, manifest, found = _unpack(stream, folder, keeps, progress)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise StorageError(f"the backup is damaged or ends early ({error}): take another one") from None
    wrong = {name for name, entry in manifest.files.items() if found.get(name) != entry}
    wrong |= {*found, form.DATABASE} - manifest.files.keys()
    if wrong:
        raise StorageError(f"the backup is damaged: {min(wrong)} is not what was saved: take another one")
    progress("checking the database")
    return Unpacked(head, manifest, _check_database(folder, manifest))


def _unpack(
    stream: BinaryIO, folder: Path, keeps: Callable[[str], bool], progress: Progress
) -> tuple[Head, Manifest, dict[str, Entry]]:
    head: Head | None = None
    manifest: Manifest | None = None
    found: dict[str, Entry] = {}
    links: dict[str, str] = {}
    try:
        packed = tarfile.open(fileobj=stream, mode="r|gz")  # noqa: SIM115 (a context just below)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error):
        raise form.not_a_backup() from None
    with packed:
        for member in packed:
            if head is None:
                if member.name != form.HEAD or not member.isreg():
                    raise form.not_a_backup()
                head = form.read_head(_content(packed, member), newest_schema())
            elif manifest is not None or member.name in found:
                raise StorageError(f"the backup is damaged: {member.name} stands where nothing may: take another one")
            elif member.name == form.MANIFEST and member.isreg():
                manifest = form.read_manifest(_content(packed, member))
            elif member.issym() and form.is_link(member.name, member.linkname):
                links[member.name] = member.linkname
            elif member.isreg() and form.is_file_name(member.name):
                progress(member.name)
                target = folder / member.name if member.name == form.DATABASE or keeps(member.name) else None
                found[member.name] = _unpack_file(packed, member, target)
            else:
                raise StorageError(
                    f"the backup holds {member.name!r}, which no backup does: nothing was unpacked of it"
                )
    if head is None:
        raise form.not_a_backup()
    if manifest is None or links != manifest.links:
        raise StorageError("the backup is damaged or ends early: it has no manifest: take another one")
    for name, edition in links.items():
        if keeps(name):
            (folder / name).symlink_to(edition)
    return head, manifest, found


def _content(packed: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = packed.extractfile(member)
    assert file is not None
    return file.read()


def _unpack_file(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path | None) -> Entry:
    """Write one file (None: nowhere); what it really is."""
    file = packed.extractfile(member)
    assert file is not None
    sha256, size = hashlib.sha256(), 0
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") if target is not None else open("/dev/null", "wb") as out:
        while piece := file.read(_PIECE):
            sha256.update(piece)
            size += len(piece)
            out.write(piece)
    if target is not None and target.name == form.SETTINGS:
        target.chmod(0o600)  # the secrets of the sources and routes stand in it
    return Entry(bytes=size, sha256=sha256.hexdigest())


def _check_database(folder: Path, manifest: Manifest) -> str | None:
    """Check the unpacked database against the manifest; the newest day that it has a price of."""
    engine = open_engine(f"sqlite:///{folder / form.DATABASE}")
    try:
        upgrade(engine, keep_copies=0)
        wrong = problems(engine)
        queries = Queries(engine)
        if not wrong and queries.digests() != manifest.runs:
            wrong = ["its runs are not those of the manifest"]
        if wrong:
            raise StorageError(f"the backup is damaged: {wrong[0]}".replace(str(folder), "backup"))
        named, pruned = set(queries.bodies_named()), _pruned(folder / _PRUNED)
        held = {Path(name).stem for name in manifest.files if name.startswith("archive/bodies/")}
        lost = named - held - pruned - set(manifest.missing)
        if lost:
            raise StorageError(f"the backup is damaged: it lacks the answer {min(lost)[:12]}… and {len(lost) - 1} more")
        newest = queries.days()
        return str(newest[-1]) if newest else None
    finally:
        engine.dispose()


def _pruned(path: Path) -> set[str]:
    text = path.read_text("utf-8") if path.exists() else ""
    return {line.split('"')[3] for line in text.splitlines() if line.count('"') > 3}
