"""An edition: built in a temporary folder beside its place, then moved there whole. Readers see all of it or none."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from remitwatch.errors import InputError
from reports.archive import WRITING
from reports.briefs import brief_parts
from reports.exports.folder import edition_exports
from reports.figures import draw_figures
from reports.inputs import EditionInput
from reports.language import speaking
from reports.manifest import manifest
from reports.parts import LABEL_MARK, Before, Part, encoded
from reports.registry import Page, html_pages, pages_of
from reports.search import index_name, search_index
from reports.site import Site, make_site

__all__ = ("build", "clean", "html_pages", "pages", "point_latest")

_BUILDING = ".building-"
_POINTING = ".latest-"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,79}")


def build(data: EditionInput, destination: Path, before: Path | None = None) -> Path:
    """Write the edition to `destination` and return that path. `before`: the folder of an edition of which files are
    taken over where their inputs are the same.

    Raises FileExistsError when something is there already, InputError for data or a name that cannot be published.
    After any error, or a kill, nothing stands at `destination` (a killed build leaves a folder that `clean` removes).
    """
    _checked_name(destination.name)
    if os.path.lexists(destination):
        raise FileExistsError(f"{destination}: an edition stands there already")
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=destination.parent))
    try:
        for path, body in contents(data, Before(before)):
            _write(building, path, body)
        for folder in sorted({path.parent for path in building.rglob("*")} | {building}):
            _sync(folder)
        building.chmod(0o755)
        building.rename(destination)
        _sync(destination.parent)
    except BaseException:  # an interrupt too must not leave a half edition behind; it is raised again
        shutil.rmtree(building, ignore_errors=True)
        raise
    return destination


def pages(data: EditionInput) -> dict[str, bytes]:
    """Every file of the edition by its path, the manifest last; all made anew."""
    return dict(contents(data, Before(None)))


def contents(data: EditionInput, before: Before) -> Iterator[tuple[str, bytes]]:
    """Every file of the edition, one after the other, the manifest last: made one at a time, so that they need not be
    held all at once."""
    site = make_site(data)
    files: dict[str, dict[str, Any]] = {}

    def finished(parts: Iterable[Part]) -> Iterator[tuple[str, bytes]]:
        for part in parts:
            made = before.finished(part, site.label, data.as_of.date())
            files[part.path] = {"bytes": len(made.body), "sha256": hashlib.sha256(made.body).hexdigest()}
            if made.inputs is not None:
                files[part.path]["inputs"] = made.inputs
            yield part.path, made.body

    yield from finished(_files(site))
    # The pages come last: one of them lists the files.
    drawn = frozenset(path for path in files if path.startswith("figures/"))
    sizes = {path: int(entry["bytes"]) for path, entry in files.items()}
    yield from finished(_pages(replace(site, figure_files=drawn, files=sizes)))
    yield "manifest.json", manifest(site, files)


def _files(site: Site) -> Iterator[Part]:
    """The files that are no pages."""
    for name in ("icon.svg", "style.css", "table.js", "finder.js"):
        yield Part(name, package_files("reports").joinpath("static", name).read_bytes)
    for path, body in draw_figures(site).items():
        yield Part(path, partial(bytes, body))
    for path, body in edition_exports(site).items():
        yield Part(path, partial(bytes, body))
    yield from brief_parts(site)


def _pages(site: Site) -> Iterator[Part]:
    """The pages of each language, with the index that its search reads."""
    marked = replace(site, label_mark=LABEL_MARK)
    for code in site.data.languages:
        with speaking(code):
            for page in pages_of(marked):
                yield Part(site.folder + page.path, partial(_rendered, page, code), page.inputs, code)
            index = search_index(site)
        yield Part(index_name(code), partial(encoded, index))


def _rendered(page: Page, code: str) -> bytes:
    with speaking(code):
        return encoded(page.render())


def _write(root: Path, path: str, body: bytes) -> None:
    target = root / path
    if not target.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{path}: would be written outside the edition")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def point_latest(editions_dir: Path, name: str) -> None:
    """Make `latest` a link to the edition `name`, in one step. Raises InputError when there is no such edition, or when
    `latest` is something else than a link."""
    _checked_name(name)
    latest = editions_dir / "latest"
    if not (editions_dir / name / "manifest.json").is_file():
        raise InputError(f"{editions_dir / name}: no complete edition stands there")
    if latest.exists() and not latest.is_symlink():
        raise InputError(f"{latest}: expected a link made by publish; move it away")
    pointing = editions_dir / f"{_POINTING}{os.getpid()}"
    pointing.unlink(missing_ok=True)
    pointing.symlink_to(name)
    os.replace(pointing, latest)
    _sync(editions_dir)


def clean(editions_dir: Path) -> list[str]:
    """Remove what a killed build left behind; the names removed. Call it only while holding the home."""
    removed = []
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(editions_dir.iterdir()):
            if path.name.startswith(_BUILDING) and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name.startswith((_POINTING, WRITING)) and (path.is_symlink() or path.is_file()):
                path.unlink()
            else:
                continue
            removed.append(path.name)
    return removed


def _checked_name(name: str) -> None:
    if _NAME.fullmatch(name) is None or name == "latest":
        raise InputError(f"edition name {name!r}: expected letters, digits, points and hyphens such as 2025-Q3-1")
