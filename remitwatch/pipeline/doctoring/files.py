"""Are the files of the home as they should be: answers, editions, leftovers, rights, room?"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from remitwatch.config import Loaded, secrets_set
from remitwatch.errors import StorageError
from remitwatch.home import Home
from remitwatch.pipeline.backup.making import last_backup
from remitwatch.pipeline.backup.restoring import REPLACED
from remitwatch.pipeline.disk import disk_of, in_words
from remitwatch.pipeline.doctoring.checks import Check, fault, ok, warning
from remitwatch.pipeline.leftovers import is_old, leftovers
from scrapers.archive import Archive

SAMPLE = 200
"""So many answers are read, spread over all, where not all are asked for."""
OLD_BACKUP_DAYS = 7
Progress = Callable[[str], None]


def check_archive(archive: Archive, named: Sequence[str], *, full: bool, progress: Progress) -> Check:
    """Whether the answers that the database names are there (or pruned), and what they were."""
    absent = [one for one in named if not archive.has(one) and archive.pruned_at(one) is None]
    there = [one for one in named if archive.has(one)]
    read = there if full else there[:: max(len(there) // SAMPLE, 1)]
    damaged = []
    for sha256 in read:
        progress(f"answer {sha256[:12]}")
        try:
            archive.body(sha256)
        except StorageError:
            damaged.append(sha256)
    if absent or damaged:
        first = (absent or damaged)[0]
        found = f"{len(absent)} answers are missing and {len(damaged)} damaged, of {len(named)}: {first[:12]}…"
        return fault("archive", found, "bring them back: unpack archive/ of a backup (a tar.gz) over the archive")
    looked = "all were read" if len(read) == len(there) else f"{len(read)} were read (--full reads all)"
    return ok("archive", f"{len(there)} answers are there, {looked}; {len(named) - len(there)} pruned")


def check_editions(editions: Path, *, full: bool, progress: Progress) -> Check:
    """Whether every file of the newest edition (of all of them) is what its manifest says."""
    manifests = sorted(editions.glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    standing = [path.parent for path in manifests if not path.parent.is_symlink()]
    wrong = []
    for edition in standing if full else standing[-1:]:
        progress(f"edition {edition.name}")
        wrong += [f"{edition.name}/{name}" for name in wrong_files(edition)]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        return fault("editions", f"{wrong[0]}{more}: not what was published", "restore a backup that has editions")
    if not standing:
        return ok("editions", "none yet")
    if full or len(standing) == 1:
        return ok("editions", f"{len(standing)} stand; every file is what was published")
    name = standing[-1].name
    return ok("editions", f"{len(standing)} stand; every file of {name} is what was published (--full reads all)")


def wrong_files(edition: Path) -> list[str]:
    """The files of an edition that are missing or are not what its manifest says."""
    try:
        files = json.loads((edition / "manifest.json").read_text("utf-8"))["files"]
        return [name for name, entry in sorted(files.items()) if _sha256(edition / name) != entry["sha256"]]
    except (OSError, ValueError, KeyError, TypeError):
        return ["manifest.json"]


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def check_disk(home: Home, database: Path | None) -> Check:
    """Whether there is room for a copy of the database and some days of work."""
    disk = disk_of(home, database)
    found = f"{in_words(disk.free)} free of {in_words(disk.total)}; the database has {in_words(disk.database)}"
    if disk.is_full:
        return fault("disk", f"full: {found}", "make room: nothing can be stored")
    if disk.is_low:
        return warning("disk", f"low: {found}", "make room: an upgrade copies the database first")
    return ok("disk", found)


def check_rights(home: Home, loaded: Loaded) -> list[Check]:
    """Whether the home can be written, and the settings with secrets in them be read by their owner only."""
    checks = []
    closed = [path for path in (home.root, home.archive, home.editions) if path.exists() and not _writable(path)]
    if closed:
        checks.append(fault("rights", f"{closed[0]}: cannot be written", "give it to the user that runs remitwatch"))
    in_file = [path for path, origin in secrets_set(loaded) if origin == str(home.config)]
    mode = stat.S_IMODE(home.config.stat().st_mode) if home.config.exists() else 0
    if in_file and mode & 0o077:
        checks.append(
            warning("rights", f"{home.config}: {in_file[0]} stands in it and others may read it ({mode:03o})",
                    f"run: chmod 600 {home.config}")
        )  # fmt: skip
    if not checks:
        kept = f"{home.config.name} holds secrets and is closed to others" if in_file else "no secret in a file"
        checks.append(ok("rights", f"the home can be written; {kept}"))
    return checks


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and not os.statvfs(folder).f_flag & os.ST_RDONLY


def check_leftovers(home: Home, database: Path | None, now: dt.datetime) -> Check:
    """What a kill or a power cut left, and what a restore put aside."""
    found = leftovers(home, now)
    if database is not None:
        journal = database.with_name(f"{database.name}-journal")
        if journal.exists() and journal.stat().st_size and is_old(journal, now):
            return warning(
                "leftovers",
                f"{journal}: a half transaction of a kill",
                "never delete it: the next writing command undoes it: remitwatch db upgrade",
            )
    if found:
        names = ", ".join(str(path.relative_to(home.root)) for path in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return warning("leftovers", f"{names}{more}: left by a kill", "run: remitwatch tidy")
    aside = sorted(path.name for path in home.root.glob(f"{REPLACED}*"))
    if aside:
        return ok("leftovers", f"{', '.join(aside)}: what a restore replaced; delete it when you are sure")
    return ok("leftovers", "none")


def check_backup(home: Home, now: dt.datetime) -> Check:
    """When the last backup was made."""
    made = last_backup(home)
    if made is None:
        return warning("backup", "none was made of this home", "run: remitwatch backup FILE, daily")
    days = (now - made).days
    if days > OLD_BACKUP_DAYS:
        return warning("backup", f"the last one is {days} days old", "run: remitwatch backup FILE, daily")
    return ok("backup", f"the last one was made {made:%Y-%m-%d %H:%M} UTC")
