"""Files of alerts: written in one step each, and only where they say something else than before."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write(folder: Path, name: str, content: str) -> None:
    """Put a file in its place. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path, body = folder / name, content.encode("utf-8", "replace")
    if path.is_file() and path.read_bytes() == body:
        return
    part = folder / f".writing-{name}.{os.getpid()}"
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def newest_key(path: Path) -> str | None:
    """The key of the newest message in a file of lines; empty where it has none, None where there is no such file."""
    try:
        last = path.read_text("utf-8").rstrip("\n").rpartition("\n")[2]
        return str(json.loads(last)["id"]) if last else ""
    except (OSError, ValueError, KeyError, TypeError):
        return None
