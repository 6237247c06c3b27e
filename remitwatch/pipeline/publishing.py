"""Publish an edition: gather the figures in force, build the pages aside, swap them in whole, point `latest` at them.

The editions folder is the truth: an edition is there with its manifest or not at all, so a kill at any moment leaves
nothing half-published. The same figures on the same day give the edition that already stands.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from remitwatch.corridors import corridor_key
from remitwatch.countries import find_country
from remitwatch.errors import InputError, StorageError
from remitwatch.figures import rounded
from remitwatch.indicators import indicators
from remitwatch.pipeline.gathering.edition import Nothing, gather
from remitwatch.pipeline.looking import as_of_now, observations
from remitwatch.pipeline.workspace import Workspace
from reports import edition as pages


@dataclass(frozen=True)
class Edition:
    """A published edition: its name (`2026-10-30-1`), its folder, and whether it was made just now."""

    name: str
    path: Path
    new: bool


def publish(
    workspace: Workspace,
    *,
    period: str = "latest",
    countries: Sequence[str] = (),
    corridors: Sequence[str] = (),
    out: Path | None = None,
) -> Edition:
    """Publish the figures of a period. With `countries` or `corridors` only those corridors get a page; the figures of
    the overview are still those of everything.

    Raises InputError when nothing is in force for the period, or `out` is already there.
    """
    if out is not None and out.exists():
        raise InputError(f"--out {out}: it is already there; name a new folder")
    chosen = _Chosen([find_country(code).code for code in countries], [corridor_key(key) for key in corridors])
    data = gather(workspace, period, chosen.keeps if countries or corridors else None)
    editions = workspace.home.editions
    pages.clean(editions)
    standing = _standing(editions, data.period)
    same = next((path for path, digest in standing if digest == data.digest), None)
    if same is None:
        number = 1 + max((int(path.name.rsplit("-", 1)[1]) for path, _ in standing), default=0)
        built = pages.build(data.numbered(number, workspace.now()), editions / f"{data.period}-{number}")
        found = Edition(built.name, built, new=True)
    else:
        found = Edition(same.name, same, new=False)
    pages.point_latest(editions, found.name)
    if out is not None:
        _copy(found.path, out)
    return found


def publish_if_any(workspace: Workspace) -> Edition | None:
    """Publish the latest figures; None when nothing is in force yet."""
    try:
        return publish(workspace)
    except Nothing:
        return None


@dataclass(frozen=True)
class _Chosen:
    countries: list[str]
    corridors: list[str]

    def keeps(self, corridor: str) -> bool:
        """Whether a corridor gets a page."""
        return corridor in self.corridors or not set(corridor.split("-")).isdisjoint(self.countries)


def _standing(editions: Path, period: str) -> list[tuple[Path, str]]:
    """The editions of a period that stand, with the digests of their data, in the order of their numbers."""
    found = []
    for path in sorted(editions.glob(f"{period}-*"), key=lambda path: (len(path.name), path.name)):
        manifest = path / "manifest.json"
        if not path.is_dir() or not path.name.rsplit("-", 1)[1].isdigit() or path.name.rsplit("-", 1)[0] != period:
            continue
        try:
            found.append((path, str(json.loads(manifest.read_text("utf-8"))["digest"])))
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(f"{manifest}: not readable ({error}): restore the edition or move it away") from None
    return found


def _copy(edition: Path, out: Path) -> None:
    try:
        shutil.copytree(edition, out)
    except OSError as error:
        shutil.rmtree(out, ignore_errors=True)
        raise StorageError(f"{out}: cannot be written ({error})") from None


def headline(workspace: Workspace) -> list[str]:
    """The headline figures of every basis in force, a line each."""
    as_of = as_of_now(workspace)
    held = observations(workspace, as_of)
    lines = []
    for basis in held.bases(200):
        rows = {row.indicator: row for row in indicators(held, basis=basis, scope="world", as_of=as_of)}
        average, smart = rows["average_total_cost"], rows.get("smart")
        if average.value is None:
            continue
        line = (
            f"{basis.value:12} sending USD 200 costs {rounded(average.value, 2)} % on average "
            f"({average.services} services, {average.corridors} corridors)"
        )
        if smart is not None and smart.value is not None:
            line += f"; three cheapest {rounded(smart.value, 2)} %"
        lines.append(line)
    return lines
