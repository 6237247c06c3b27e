"""The form of a backup: the names in it, what its first and its last file say."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from remitwatch.errors import InputError, StorageError

FORMAT = 1
HEAD = "remitwatch-backup.json"
DATABASE = "remitwatch.sqlite"
SETTINGS = "remitwatch.toml"
OWN_FILES = ("alerts.toml", "events.csv")
MANIFEST = "manifest.json"
LATEST = "editions/latest"
_FILE = re.compile(r"(archive|editions)(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_GZIP = b"\x1f\x8b"


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Head(_Json):
    """The first file: what the backup is of. `schema_version` is that of its database."""

    format: int
    remitwatch: str
    schema_version: int
    world: Literal["real", "sandbox"]
    made_at: dt.datetime


class Entry(_Json):
    """One file: its size and the SHA-256 of its bytes."""

    bytes: int
    sha256: str


class Manifest(_Json):
    """The last file. `missing`: bodies that the database names and the archive no longer had whole, pruned ones not
    among them; `runs`: the digest of every run that has one."""

    files: dict[str, Entry]
    links: dict[str, str]
    missing: tuple[str, ...]
    runs: dict[int, str]


def is_file_name(name: str) -> bool:
    """Whether a file of this name may stand in a backup: nothing that leads out of the folder it is unpacked to."""
    return name in (DATABASE, SETTINGS, *OWN_FILES) or _FILE.fullmatch(name) is not None


def is_link(name: str, target: str) -> bool:
    """Whether this is the one link that a backup may hold, to an edition beside it."""
    return name == LATEST and _EDITION.fullmatch(target) is not None


def read_head(content: bytes, newest_schema: int) -> Head:
    """What the first file says. Raises InputError for one that this program cannot read, or is newer than it."""
    try:
        head = Head.model_validate_json(content)
    except ValidationError:
        raise not_a_backup() from None
    if head.format != FORMAT or head.schema_version > newest_schema:
        raise InputError(
            f"the backup was made by a newer remitwatch ({head.remitwatch}, schema {head.schema_version}; this one's "
            f"is {newest_schema}): update remitwatch first"
        )
    return head


def read_manifest(content: bytes) -> Manifest:
    """What the last file says. Raises StorageError when it is damaged."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        raise StorageError("the backup is damaged: its manifest cannot be read; take another one") from None


def not_a_backup() -> InputError:
    """For a file that is something else."""
    return InputError("not a backup of remitwatch: expected a file made by `remitwatch backup`")


def refuse_to_write_over(file: Path) -> None:
    """Raise InputError when `file` is there and is no packed file: a backup takes the place of a backup only."""
    if not file.exists():
        return
    if not file.is_file():
        raise InputError(f"{file}: is there already and is no file")
    with file.open("rb") as there:
        if there.read(2) not in (_GZIP, b""):
            raise InputError(f"{file}: is there already and is no backup: nothing is written over")


def as_dict(model: BaseModel) -> dict[str, Any]:
    """A part of a backup as plain values for JSON."""
    return model.model_dump(mode="json")
