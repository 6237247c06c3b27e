"""The parts of an edition: every file with what makes it, and how one is taken over from the edition before.

A part that names the digest of its inputs is taken over when the edition before has the same file of the same inputs:
only what changed is made anew. Two things that every page says are no input of it, and are put in anew: the name of the
edition, and the day that its figures are as of.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports import numbers
from reports.language import speaking

LABEL_MARK = "\ue000edition\ue000"
"""Stands for the name of the edition while a page is made. Private characters: the text of others never holds them."""
_DAY = re.compile(rb'<span data-as-of="">[^<]*</span>')


@dataclass(frozen=True)
class Part:
    """A file of the edition: its path, what makes it, and the digest of all that it is made from but its language and
    the code (None: it is made anew every time). `language`: of a page the language that it is written in; in a page,
    LABEL_MARK stands for the name of the edition."""

    path: str
    make: Callable[[], bytes]
    inputs: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Made:
    """A file as it is published, and the digest by which a later edition may take it over, if it may."""

    body: bytes
    inputs: str | None
    taken: bool


def day_mark(day: dt.date) -> Markup:
    """The day that the figures of an edition are as of, marked: it alone may differ on a page that is taken over."""
    return Markup('<span data-as-of="">{}</span>').format(numbers.day(day))


class Before:
    """The edition before, of which files are taken over. None is trusted: a file whose checksum is not the manifest's
    is as good as absent."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._label: bytes = b""
        self._files: dict[tuple[str, str], str] = {}
        if folder is not None:
            self._label, self._files = _held(folder / "manifest.json")

    def finished(self, part: Part, label: str, as_of: dt.date) -> Made:
        """The part as the edition `label` publishes it: taken over where it can be, else made."""
        inputs = None if part.inputs is None else _digest(part.inputs, part.language or "", _code_digest())
        taken = None if inputs is None else self._take(part.path, inputs)
        if part.language is None:
            return Made(taken if taken is not None else part.make(), inputs, taken is not None)
        name = label.encode()
        if taken is not None:
            with speaking(part.language):
                day = str(day_mark(as_of)).encode()
            return Made(_DAY.sub(lambda _: day, taken.replace(self._label, name)), inputs, True)
        marked = part.make()
        body = marked.replace(LABEL_MARK.encode(), name)
        # A page whose own text holds the name, too, cannot be told from one that says it: it is not taken over.
        told_apart = body.count(name) == marked.count(LABEL_MARK.encode())
        return Made(body, inputs if told_apart else None, False)

    def _take(self, path: str, inputs: str) -> bytes | None:
        sha256 = self._files.get((path, inputs))
        if sha256 is None or self._folder is None:
            return None
        try:
            body = (self._folder / path).read_bytes()
        except OSError:
            return None
        return body if hashlib.sha256(body).hexdigest() == sha256 else None


def _held(manifest: Path) -> tuple[bytes, dict[tuple[str, str], str]]:
    """The name of an edition, and by path and digest of inputs the checksum of each file that may be taken over.
    Nothing where the manifest is not as expected: then everything is made anew."""
    try:
        content: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
        found = {
            (path, entry["inputs"]): str(entry["sha256"])
            for path, entry in content["files"].items()
            if entry.get("inputs")
        }
        return str(content["edition"]).encode(), found
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return b"", {}


def digest_of(*inputs: object) -> str:
    """A digest of plain values (texts, numbers, dates, tuples, dataclasses of these): equal values, equal digest."""
    return _digest(*map(repr, inputs))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def _code_digest() -> str:
    """Of everything that pages are made by: our code, templates and catalogues, the reference tables, the libraries."""
    sha = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in ("babel", "jinja2", "markupsafe")).encode())
    _add(sha, files("reports"))
    _add(sha, files("remitwatch.reference"))
    return sha.hexdigest()


def _add(sha: Any, folder: Traversable) -> None:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if not one.is_dir():
            sha.update(one.name.encode() + b"\0" + one.read_bytes())
        elif one.name != "__pycache__":
            _add(sha, one)


def encoded(text: str) -> bytes:
    """A text file; what cannot be written in UTF-8 (a lone surrogate) becomes a question mark."""
    return text.encode("utf-8", "replace")
