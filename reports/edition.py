"""An edition: built in a temporary folder beside its place, then moved there whole. Readers see all of it or none."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from remitwatch.errors import InputError
from remitwatch.memory import cycles_left_alone, give_back, objects_set_apart
from reports.archive import WRITING
from reports.briefs import brief_parts
from reports.exports.folder import EDITION_EXPORTS
from reports.exports.inputs import ExportInput
from reports.inputs import EditionInput
from reports.language import speaking
from reports.manifest import manifest
from reports.parts import LABEL_MARK, Before, Part, encoded
from reports.registry import Page, html_pages, pages_of
from reports.search import index_name, search_index
from reports.sharing import WORTH, shared
from reports.site import Site, make_site

__all__ = ("build", "clean", "html_pages", "pages", "point_latest")

LARGE_FILE = 4 << 20
"""After a file of so many bytes what making it took is given back."""
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
        contents(data, Before(before), partial(_write, building.resolve()), alone=_is_small(data))
        for path in sorted(building.rglob("*")):
            _sync(path)
        _sync(building)
        building.chmod(0o755)
        building.rename(destination)
        _sync(destination.parent)
    except BaseException:  # an interrupt too must not leave a half edition behind; it is raised again
        shutil.rmtree(building, ignore_errors=True)
        raise
    return destination


def _is_small(data: EditionInput) -> bool:
    """Whether an edition is made sooner than a second process could help."""
    return data.listed * len(data.languages) < WORTH


def pages(data: EditionInput) -> dict[str, bytes]:
    """Every file of the edition by its path, the manifest last; all made anew."""
    found: dict[str, bytes] = {}
    contents(data, Before(None), found.__setitem__, alone=True)
    return found


def contents(data: EditionInput, before: Before, keep: Callable[[str, bytes], None], *, alone: bool) -> None:
    """Make every file of the edition, the manifest last, and `keep` each as it is made, so that they need not be held
    all at once. Unless `alone`, a second process may make and keep a part of them."""
    with cycles_left_alone():
        site = make_site(data)

    def finish(make: Making) -> dict[str, dict[str, Any]]:
        """Make and keep some files; what the manifest says of them."""
        told: dict[str, dict[str, Any]] = {}
        for part in make():
            made = before.finished(part, site.label, data.as_of.date())
            told[part.path] = {"bytes": len(made.body), "sha256": hashlib.sha256(made.body).hexdigest()}
            if made.inputs is not None:
                told[part.path]["inputs"] = made.inputs
            keep(part.path, made.body)
            large = len(made.body) >= LARGE_FILE
            del part, made  # the next may be as large
            if large:
                give_back()
        return told

    with objects_set_apart():
        others = _files(site)
        done = shared([*others, *_pages(site, naming=False)], finish, alone=alone)
        sizes = {path: int(entry["bytes"]) for told in done[: len(others)] for path, entry in told.items()}
        drawn = frozenset(path for path in sizes if path.startswith("figures/"))
        # The pages that name files come after them.
        done += shared(_pages(replace(site, figure_files=drawn, files=sizes), naming=True), finish, alone=alone)
    files = {path: entry for told in done for path, entry in told.items()}
    keep("manifest.json", manifest(site, files))


Making = Callable[[], Iterable[Part]]
"""Makes some files of the edition together."""


def _files(site: Site) -> list[Making]:
    """The files that are no pages: those that take long first."""
    export = ExportInput.of_edition(site)
    made: list[Callable[[], Iterable[tuple[str, bytes]]]] = [
        partial(_figures, site),
        *(partial(make, site, export) for make in EDITION_EXPORTS),
        lambda: _fixed().items(),
    ]
    return [*(partial(_parts, one) for one in made), partial(brief_parts, site)]


def _figures(site: Site) -> Iterable[tuple[str, bytes]]:
    from reports.figures import draw_figures  # matplotlib is long to import: only the process that draws needs it

    return draw_figures(site).items()


def _parts(made: Callable[[], Iterable[tuple[str, bytes]]]) -> Iterator[Part]:
    for path, body in made():
        yield Part(path, partial(bytes, body))
        del body


def _fixed() -> dict[str, bytes]:
    """The files that every edition has alike."""
    names = ("icon.svg", "style.css", "table.js", "finder.js")
    return {name: package_files("reports").joinpath("static", name).read_bytes() for name in names}


def _pages(site: Site, *, naming: bool) -> list[Making]:
    """The pages of each language that name files (`naming`), or the others with the index that a search reads."""
    marked = replace(site, label_mark=LABEL_MARK)
    found: list[Making] = []
    for code in site.data.languages:
        with speaking(code):
            for page in pages_of(marked):
                if page.names_files is not naming:
                    continue
                part = Part(site.folder + page.path, partial(_rendered, page, code), page.inputs, code)
                found.append(partial(tuple[Part, ...], (part,)))
        if not naming:
            found.append(partial(_index, site, code))
    return found


def _rendered(page: Page, code: str) -> bytes:
    with speaking(code), cycles_left_alone():  # it leaves none (`reports.templating`)
        return encoded(page.render())


def _index(site: Site, code: str) -> Iterator[Part]:
    with speaking(code):
        index = search_index(site)
    yield Part(index_name(code), partial(encoded, index))


def _write(root: Path, path: str, body: bytes) -> None:
    """Write a file below `root`, a resolved path. It is on the disk only once `_sync` was called of it: of all
    together, which takes far less long than of one after the other."""
    target = root / path
    if not target.resolve().is_relative_to(root):
        raise InputError(f"{path}: would be written outside the edition")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(body)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
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
