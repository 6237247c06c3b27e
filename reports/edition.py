"""An edition: built in a temporary folder beside its place, then moved there whole. Readers see all of it or none."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from typing import Any

from remitwatch.errors import InputError
from reports import numbers
from reports.corridor import render_corridor
from reports.figures import draw_figures
from reports.findings import AVERAGE
from reports.inputs import EditionInput
from reports.language import speaking
from reports.listing import render_corridors, render_quality
from reports.overview import render_overview
from reports.site import Site, make_site
from reports.tables import csv_tables

_BUILDING = ".building-"
_POINTING = ".latest-"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,79}")


def build(data: EditionInput, destination: Path) -> Path:
    """Write the edition to `destination` and return that path.

    Raises FileExistsError when something is there already, InputError for data or a name that cannot be published.
    After any error, or a kill, nothing stands at `destination` (a killed build leaves a folder that `clean` removes).
    """
    _checked_name(destination.name)
    if os.path.lexists(destination):
        raise FileExistsError(f"{destination}: an edition stands there already")
    contents = pages(data)
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=destination.parent))
    try:
        for path, body in contents.items():
            _write(building, path, body)
        for folder in sorted({(building / path).parent for path in contents} | {building}):
            _sync(folder)
        building.chmod(0o755)
        building.rename(destination)
        _sync(destination.parent)
    except BaseException:  # an interrupt too must not leave a half edition behind; it is raised again
        shutil.rmtree(building, ignore_errors=True)
        raise
    return destination


def pages(data: EditionInput) -> dict[str, bytes]:
    """Every file of the edition by its path, the manifest last."""
    plain = make_site(data)
    figures = draw_figures(plain)
    site = Site(plain.data, plain.views, frozenset(figures))
    contents: dict[str, bytes] = {}
    for code in data.languages:
        with speaking(code):
            contents.update({site.folder + path: text.encode() for path, text in html_pages(site).items()})
    contents.update({path: text.encode("utf-8") for path, text in csv_tables(site).items()})
    contents.update(figures)
    for name in ("style.css", "table.js"):
        contents[name] = files("reports").joinpath("static", name).read_bytes()
    contents["manifest.json"] = _manifest(site, contents)
    return contents


def html_pages(site: Site) -> dict[str, str]:
    """Every page of the edition in the language spoken, by its path below the language's folder."""
    made: dict[str, str] = {}
    for view in site.views:
        made[site.overview(view)] = render_overview(site, view)
        for key in view.paged:
            made[site.corridor_page(view, key)] = render_corridor(site, view, key)
    made["corridors.html"] = render_corridors(site)
    made["quality.html"] = render_quality(site)
    return made


def _manifest(site: Site, contents: dict[str, bytes]) -> bytes:
    data = site.data
    manifest: dict[str, Any] = {
        "edition": site.label,
        "period": data.period,
        "number": data.number,
        "as_of": data.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "made_at": data.made_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "world": data.world,
        "method": data.method,
        "version": data.version,
        "digest": data.digest,
        "bases": [
            {
                "basis": view.basis,
                "period": view.data.period,
                "corridors": len(view.corridors),
                "services": figure.services if (figure := view.figures.get(AVERAGE)) else 0,
                "figures": len(view.data.indicators),
                "pages": [site.overview(view), *(site.corridor_page(view, key) for key in view.paged)],
            }
            for view in site.views
        ],
        "sources": [
            {
                "key": source.key,
                "name": source.name,
                "attribution": source.attribution,
                "licence": source.licence,
                "terms_url": source.terms_url,
                "redistribution": source.redistribution,
                "state": source.state,
            }
            for source in data.sources
        ],
        "runs": [{key: _json_value(value) for key, value in row.items()} for row in data.runs.to_dict("records")],
        "missing": list(data.missing),
        "open_issues": data.issues_open,
        "files": {
            path: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for path, body in sorted(contents.items())
        },
    }
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _json_value(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, str | bool):
        return value
    day = numbers.date_of(value) if not isinstance(value, int | float) else None
    if day is not None:
        return day.isoformat()
    return value.item() if hasattr(value, "item") else value


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
            elif path.name.startswith(_POINTING) and path.is_symlink():
                path.unlink()
            else:
                continue
            removed.append(path.name)
    return removed


def _checked_name(name: str) -> None:
    if _NAME.fullmatch(name) is None or name == "latest":
        raise InputError(f"edition name {name!r}: expected letters, digits, points and hyphens such as 2025-Q3-1")
