"""Cases: check every source against its own, and make one of an archived run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remitwatch.errors import InputError, RemitwatchError
from remitwatch.pipeline.asking import is_live
from remitwatch.pipeline.workspace import Workspace
from remitwatch.sources import read_definition
from scrapers import cases, registry
from scrapers.cases import CaseNotes
from scrapers.recording import RecordedCase, record_case


@dataclass(frozen=True)
class CheckedSource:
    """One source: how many cases and records agree, and what is wrong (empty when nothing is)."""

    source: str
    cases: int
    records: int
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "source": self.source,
            "cases": self.cases,
            "records": self.records,
            "ok": not self.problems,
            "problems": list(self.problems),
        }


def checkout() -> Path:
    """The checkout that this program runs from. Raises InputError where it was installed without its tests."""
    root = registry.HERE.parent
    if not (root / "tests" / "cases").is_dir():
        raise InputError("this installation has no tests/cases: say where with --dir DIR (or --cases DIR)")
    return root


def check_sources(key: str | None, root: Path | None, case_folder: Path | None) -> list[CheckedSource]:
    """Check definitions and cases: of the sources here, or of those that stand under `root` (laid out like a
    checkout); `key` chooses one of them. A source without a case fails.

    Raises InputError for an unknown key and where no cases are.
    """
    folder = case_folder or (root or checkout()) / "tests" / "cases"
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder: say where the cases are with --cases DIR")
    paths = {path.stem: path for path in registry.files([] if root is None else [root / "scrapers"])}
    if root is not None:
        paths = {name: path for name, path in paths.items() if path.is_relative_to(root / "scrapers")}
    if key is not None and key not in paths:
        raise InputError(f"unknown source {key!r}: expected one of {', '.join(sorted(paths)) or '(none is here)'}")
    extra = [] if root is None else [root / "scrapers"]
    chosen = sorted(paths) if key is None else [key]
    return [_check(name, paths[name], folder / name, extra) for name in chosen]


def _check(key: str, path: Path, folder: Path, extra: Sequence[Path]) -> CheckedSource:
    found = sorted(case.parent for case in folder.glob("*/case.toml"))
    agreed = records = 0
    try:
        definition = read_definition(path)
        scraper = registry.scraper(key, extra)
    except Exception as error:  # whatever the author's module raises when it is loaded is what is wrong with it
        return CheckedSource(key, 0, 0, (f"{path.name}: {error}",))
    problems: list[str] = []
    if not found:
        problems.append(f"no case under {folder}: a source without one cannot be trusted")
    for case in found:
        try:
            records += cases.check(scraper, case)
            agreed += 1
        except RemitwatchError as error:
            problems.append(str(error))
    try:
        says = cases.evidence(found)
    except RemitwatchError as error:
        problems.append(str(error))
    else:
        if found and says != definition.evidence:
            problems.append(f"{path.name}: evidence is {definition.evidence!r}, its cases are {says!r}")
    return CheckedSource(key, agreed, records, tuple(dict.fromkeys(problems)))


def case_of_run(
    workspace: Workspace, run_id: int, *, name: str | None, out: Path | None, chosen: Sequence[str] = ()
) -> RecordedCase:
    """Make a case of what a run archived (`chosen`: ids of single answers). It is written to `out/<source>/<name>`, by
    default among this checkout's cases.

    A case of a live source is `recorded`; one of a server on this machine is `documented`. Raises InputError for a run
    that archived nothing, holds private prices, or whose answers today's scraper would not ask for; StorageError when
    the archive has lost a body.
    """
    run = workspace.queries.run(run_id)
    snapshots = workspace.queries.snapshots(run_id)
    if not snapshots:
        raise InputError(f"run {run_id}: it archived no answer ({run.status.value} {run.reason}".rstrip() + ")")
    unknown = [one for one in chosen if not any(snapshot.id == one for snapshot in snapshots)]
    if unknown:
        raise InputError(
            f"--snapshot {unknown[0]!r}: not an answer of run {run_id}; see: remitwatch runs show {run_id}"
        )
    if chosen:
        snapshots = [snapshot for snapshot in snapshots if snapshot.id in chosen]
    if workspace.queries.holds_private(run_id):
        raise InputError(f"run {run_id}: it holds private prices: they are put into no case")
    scraper = registry.scraper(snapshots[0].source)
    source = scraper.definition.key
    name = name or f"run_{run.logical_date:%Y_%m_%d}_{run.attempt}"
    if not name.replace("_", "").replace("-", "").isalnum():
        raise InputError(f"--name {name!r}: expected letters, digits, _ and -")
    live = is_live(workspace, scraper.definition) and workspace.world == "real"
    where = "a live answer" if live else "an answer of a server on this machine"
    notes = CaseNotes(
        origin="recorded" if live else "documented",
        on=run.started_at.date(),
        note=f"{where}, run {run.status.value} {run.reason}".rstrip() + "; secrets and personal data masked",
    )
    return record_case(
        scraper,
        snapshots,
        lambda snapshot: workspace.archive.body(snapshot.body_sha256),
        (out or checkout() / "tests" / "cases") / source / name,
        notes,
        secrets=workspace.secrets,
        today=run.started_at.date(),
        until=run.logical_date,
    )
