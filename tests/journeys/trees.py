"""Folders as values: what stands in them."""

import hashlib
import os
from pathlib import Path

LOCKS = (".lock", "lock")


def tree(root: Path) -> dict[str, str]:
    """Every file below a folder by its path: the SHA-256 of its content; of a link its target. Locks apart."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.name.endswith(LOCKS):
            continue
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
