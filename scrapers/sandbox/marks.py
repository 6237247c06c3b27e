"""The mark on everything that comes out of the sandbox, so that it can never pass for real prices."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

MARK = "sandbox data, not real prices"
HEADER = "Remitwatch-Sandbox"
"""The HTTP header that carries the mark in every answer of the sandbox."""

_LOOKED_AT = 256 * 1024
_WORKBOOK_PARTS = ("docProps/core.xml", "docProps/app.xml", "xl/sharedStrings.xml")


def is_sandbox_file(path: Path) -> bool:
    """Whether a file was made by the sandbox: a workbook with the mark among its properties or first texts, or a text
    file with the mark in its first 256 KiB. A file that cannot be read as either is not. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    if MARK.encode() in head:
        return True
    if not head.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(_marked(archive, part) for part in _WORKBOOK_PARTS if part in archive.namelist())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False  # damaged, encrypted or in a compression we do not read: the import itself says so


def _marked(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as content:
        return MARK.encode() in content.read(_LOOKED_AT)
