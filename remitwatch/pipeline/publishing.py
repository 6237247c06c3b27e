"""Publish an edition: gather the figures in force, build the pages aside, swap them in whole, point `latest` at them.

The editions folder is the truth: an edition is there with its manifest or not at all, so a kill at any moment leaves
nothing half-published. The same figures on the same day give the edition that already stands.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from remitwatch.corridors import corridor_key
from remitwatch.countries import find_country
from remitwatch.errors import InputError, StorageError
from remitwatch.figures import rounded
from remitwatch.indicators import indicators
from remitwatch.memory import cycles_left_alone
from remitwatch.pipeline.gathering.edition import Gathered, Nothing, gather
from remitwatch.pipeline.gathering.since import edition_before, previous_edition
from remitwatch.pipeline.integrity import check_runs
from remitwatch.pipeline.looking import as_of_now, observations
from remitwatch.pipeline.workspace import Workspace
from reports import edition as pages
from reports.archive import Summary, read_archive, write_archive
from reports.pdf import why_not


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
    languages: Sequence[str] = (),
    out: Path | None = None,
) -> Edition:
    """Publish the figures of a period. With `countries` or `corridors` only those countries and their corridors, and
    those corridors, get a page; the figures of the overview are still those of everything. `languages`: those of the
    pages (none: those of the settings).

    Raises InputError when nothing is in force for the period, `out` is already there, or briefs are set and no PDF can
    be made here, StorageError when the prices of a run are not those that were stored.
    """
    if out is not None and out.exists():
        raise InputError(f"--out {out}: it is already there; name a new folder")
    missing = why_not() if workspace.settings.publish.briefs else None
    if missing is not None:
        raise InputError(f'setting publish.briefs: no PDF can be made: {missing}; or set it to "none"')
    chosen = _Chosen([find_country(code).code for code in countries], [corridor_key(key) for key in corridors])
    some = bool(countries or corridors)
    with cycles_left_alone():
        gathered = gather(
            workspace, period, chosen.keeps if some else None, chosen.countries if some else None, languages
        )
    editions = workspace.home.editions
    pages.clean(editions)
    standing = _standing(workspace, gathered.period)
    same = [one for one in standing if one.period == gathered.period and one.digest == gathered.digest]
    if same:
        found = Edition(same[0].name, editions / same[0].name, new=False)
    else:
        built = _build(workspace, gathered, standing)
        found = Edition(built.name, built, new=True)
    pages.point_latest(editions, found.name)
    write_archive(editions, workspace.home.cache, workspace.settings.publish.base_url)
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


def _build(workspace: Workspace, gathered: Gathered, standing: list[Summary]) -> Path:
    """Build the next edition of the period, with what it corrects of the one before."""
    check_runs(workspace)
    editions = workspace.home.editions
    number = 1 + max((one.number for one in standing if one.period == gathered.period), default=0)
    data = gathered.numbered(number, workspace.now())
    before = edition_before(standing, gathered.period)
    folder = None if before is None else editions / before.name
    if folder is not None:
        data = replace(data, previous=previous_edition(workspace, folder, data))
    return pages.build(data, editions / f"{gathered.period}-{number}", folder)


def _standing(workspace: Workspace, period: str) -> list[Summary]:
    """The editions that stand, newest first. Raises StorageError when one of this period has no readable manifest."""
    archive = read_archive(workspace.home.editions, workspace.home.cache)
    for name in archive.broken:
        if name.rsplit("-", 1)[0] == period:
            manifest = workspace.home.editions / name / "manifest.json"
            raise StorageError(f"{manifest}: not readable: restore the edition or move it away")
    return archive.editions


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
