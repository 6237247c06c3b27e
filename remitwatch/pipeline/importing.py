"""Bring in a file: recognised, read, checked, archived as evidence, stored in one transaction, priced."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remitwatch import quality
from remitwatch.errors import InputError
from remitwatch.memory import cycles_left_alone
from remitwatch.pipeline import observing
from remitwatch.pipeline.releases import survey_losses
from remitwatch.pipeline.workspace import Now, Workspace
from remitwatch.reconciliation import Reconciliation, reconcile
from remitwatch.runs import CollectionRun, FromSnapshot, Harvest, Issue, RunStatus
from remitwatch.send_amounts import SendAmount, nearest_tier
from remitwatch.sources import SourceDefinition
from scrapers import registry, runner
from scrapers.archive import FILE_METHOD
from scrapers.base import AnswerError, Request, Response, Scraper
from scrapers.quotes.quotes_csv import TEMPLATE
from scrapers.sandbox import is_sandbox_file
from scrapers.tables import is_workbook
from scrapers.workbook import check_sheets, is_old_workbook

HANDED_IN = "quotes"
SURVEY = "survey"
WHOLE_ONLY = frozenset({HANDED_IN, "flows"})
"""Kinds of file of which nothing is stored when one row is refused: they are to be corrected and brought again."""
HEAD_BYTES = 65536
MOST_TOLD = 1000
"""So many refused rows of a file are told one by one: all that a person corrects in one go."""
_OF_ROWS = frozenset({"refused_record", "conflict"})
_LEFT_OUT = "left_out_"  # a scraper counts what a file holds and nobody stores (totals, zeros) as `left_out_total` ...


@dataclass(frozen=True)
class Imported:
    """What an import did. `run` is None when nothing was stored (a check, or a file that is already in)."""

    kind: str
    run: CollectionRun | None
    rows_read: int
    stored: int
    repairs: dict[str, int]
    refused: tuple[Issue, ...]
    already: CollectionRun | None = None
    reconciliation: Reconciliation | None = None
    notes: tuple[str, ...] = ()

    def lines(self, name: str, *, checked: bool = False) -> list[str]:
        """What happened, for a person."""
        if self.already is not None:
            return [f"{name}: already in as run {self.already.id} ({self.already.logical_date}): nothing changed"]
        lines = [
            f"{name}: {self.kind}: {self.rows_read} rows read, {self.stored} values "
            + ("good; nothing stored (a check)" if checked else "stored")
            + f", {sum(self._repaired.values())} repairs, {self._refused_rows} rows refused"
        ]
        lines += [f"  repaired {kind}: {count}" for kind, count in sorted(self._repaired.items())]
        lines += [f"  left out {kind}: {count}" for kind, count in sorted(self._left_out.items())]
        lines += self.notes
        if self.run is not None:
            lines.append(f"run {self.run.id}: {self.run.status.value} {self.run.reason}".rstrip())
        return lines

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        run = self.run or self.already
        return {
            "kind": self.kind,
            "run": None if run is None else run.id,
            "status": None if run is None else run.status.value,
            "already": self.already is not None,
            "rows_read": self.rows_read,
            "stored": self.stored,
            "repaired": self._repaired,
            "left_out": self._left_out,
            "refused": [issue.message for issue in self.refused],
            "reconciliation": None if self.reconciliation is None else self.reconciliation.model_dump(mode="json"),
            "notes": list(self.notes),
        }

    @property
    def _refused_rows(self) -> int:
        """Of a survey the rows, not the prices: a row can be refused at both amounts, or at one of them."""
        return len(self.refused) if self.reconciliation is None else self.reconciliation.refused

    @property
    def _repaired(self) -> dict[str, int]:
        return {kind: count for kind, count in self.repairs.items() if not kind.startswith(_LEFT_OUT)}

    @property
    def _left_out(self) -> dict[str, int]:
        return {kind[len(_LEFT_OUT) :]: count for kind, count in self.repairs.items() if kind.startswith(_LEFT_OUT)}

    @property
    def exit_code(self) -> int:
        """0, or 3 when some rows were refused or the run is held."""
        held = self.run is not None and self.run.status is RunStatus.HELD
        return 3 if self.refused or held else 0


def import_kinds() -> dict[str, SourceDefinition]:
    """The kinds of file that can be brought in, by name."""
    return {one.import_kind: one for one in registry.definitions().values() if one.import_kind is not None}


def import_file(
    workspace: Workspace,
    path: Path,
    *,
    kind: str | None = None,
    source: str | None = None,
    allow_replace: bool = False,
) -> Imported:
    """Bring in one file and price what it brought. Keyed by the file's hash: the same file twice changes nothing.

    `source` names who hands in a `quotes` file. Raises InputError (nothing stored) for a file that cannot be read, has
    no good row, belongs to the other world, has any refused row (`quotes`, `flows`), or would remove over half of the
    survey rows in force (`allow_replace` lets it).
    """
    with cycles_left_alone():
        return _import(workspace, path, kind, source, allow_replace)


def _import(workspace: Workspace, path: Path, kind: str | None, source: str | None, allow_replace: bool) -> Imported:
    content = _read(path)
    scraper, kind = _reader(path, content, kind)
    if source is not None and not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,79}", source, re.ASCII):
        raise InputError(f"--source {source!r}: expected a short name of lower case letters, digits and underscores")
    if source is not None and kind != HANDED_IN:
        raise InputError(f"--source names who hands in a quotes file; {path.name} is read as {kind}")
    key = source or scraper.definition.key
    if source is not None and source in registry.definitions():
        raise InputError(f"--source {source}: that is the key of a collected source; name the team or provider")
    _check_world(workspace, path)
    sha256 = hashlib.sha256(content).hexdigest()
    already = workspace.queries.run_of_file(key, sha256)
    if already is not None:
        if already.accepted_by is not None and not already.accepted:
            raise InputError(
                f"{path.name}: it came in as run {already.id}, and {already.accepted_by} rejected it "
                f"({already.accepted_why}): `remitwatch runs accept {already.id}` takes it back"
            )
        return Imported(kind, None, 0, 0, {}, (), already, workspace.queries.reconciliation(already.id))
    harvest = runner.read_file(scraper, path, archive=None, now=workspace.now, tables=True)
    harvest.source = key
    refused = _refused(path, kind, harvest)
    notes: tuple[str, ...] = give_tiers(workspace, harvest) if kind == HANDED_IN else ()
    if kind == SURVEY and not allow_replace:
        _check_replacement(workspace, path, key, harvest)
    harvest.reconciliation = reconciled(harvest, workspace)
    _archive(workspace, scraper, path.name, content, harvest, f"{key}-{sha256[:12]}")
    run = workspace.store.start_run(
        source=key,
        logical_date=workspace.today,
        kind="import",
        started_at=workspace.now(),
        file_name=path.name,
        file_sha256=sha256,
    )
    verdict = quality.judge_import(harvest, scraper.definition)
    run = workspace.store.finish_run(run.id, harvest, verdict, workspace.now())
    _price(workspace, run, harvest)
    notes += _twice(harvest)
    if run.status is RunStatus.HELD:
        notes += (f"held, in no figure: look at it (runs show {run.id}), then `remitwatch runs accept {run.id}`",)
    return Imported(
        kind,
        run,
        harvest.rows_read,
        harvest.stored,
        harvest.repairs,
        refused,
        reconciliation=harvest.reconciliation,
        notes=notes,
    )


def _twice(harvest: Harvest) -> tuple[str, ...]:
    """That a file says the same more than once."""
    if not harvest.duplicates:
        return ()
    return (f"{harvest.duplicates} values stand in the file twice, equal in everything: each is stored once",)


def _price(workspace: Workspace, run: CollectionRun, harvest: Harvest) -> None:
    """Price what was brought, and what waited for it (reference rates)."""
    match harvest.tables:
        case [one] if not harvest.quotes:
            observing.observe_table(workspace, run, one.value)
        case _:
            observing.observe(workspace)


def reconciled(harvest: Harvest, workspace: Workspace | None) -> Reconciliation | None:
    """What became of the rows of a survey file; None of anything else. Its firms are compared with each other, and
    with those that the home holds. Every unknown label becomes an issue of the harvest: it must ring."""
    match harvest.tables:
        case [one]:
            found = reconcile(one.value, {} if workspace is None else workspace.queries.firms())
            harvest.issues += [
                Issue(
                    level="warning",
                    code="unknown_label",
                    source=harvest.source,
                    message=f"{label.sheet}: column {label.column}: unknown label {label.label!r}: its rows are in no "
                    "group of a breakdown by it",
                    record=f"{label.count} rows, first {', '.join(map(str, label.first_rows))}",
                )
                for label in found.unknown_labels
            ]
            return found
        case _:
            return None


def give_tiers(workspace: Workspace, harvest: Harvest) -> tuple[str, ...]:
    """Give handed-in prices the tier of this home's own send amounts where the reference table has none for them.

    Those that belong to no tier are stored and are in no figure: one issue and one line a sender and amount.
    """
    own: dict[tuple[str, str], list[SendAmount]] = {}
    for amount in workspace.store.send_amounts():
        own.setdefault((amount.sender, amount.currency), []).append(amount)
    for at, record in enumerate(harvest.quotes):
        inquiry = record.value.inquiry
        if inquiry.tier is not None:
            continue
        lane = inquiry.corridor
        tier = nearest_tier(own.get((lane.sender, lane.send_currency), ()), inquiry.send_amount)
        if tier is not None:
            quote = record.value.model_copy(update={"inquiry": inquiry.model_copy(update={"tier": tier})})
            harvest.quotes[at] = FromSnapshot(record.snapshot, quote)
    notes = tuple(f"{line}: they are kept and are in no figure" for line in _without_tier(harvest))
    harvest.issues += [
        Issue(level="warning", code="no_tier", source=harvest.source, message=message) for message in notes
    ]
    return notes


def _without_tier(harvest: Harvest) -> list[str]:
    """The prices that belong to no tier, a line a sender and amount."""
    without: Counter[str] = Counter()
    for record in harvest.quotes:
        inquiry = record.value.inquiry
        if inquiry.tier is None:
            without[f"{inquiry.corridor.sender}: {inquiry.corridor.send_currency} {inquiry.send_amount}"] += 1
    return [f"{what}: {count} prices belong to neither USD 200 nor USD 500" for what, count in sorted(without.items())]


def check_file(path: Path, *, kind: str | None, now: Now) -> Imported:
    """Read a file without storing anything (`--dry-run`): the same refusals as the import. Raises InputError."""
    scraper, kind = _reader(path, _read(path), kind)
    harvest = runner.read_file(scraper, path, archive=None, now=now, tables=True)
    refused = _refused(path, kind, harvest)
    return Imported(
        kind,
        None,
        harvest.rows_read,
        harvest.stored,
        harvest.repairs,
        refused,
        reconciliation=reconciled(harvest, None),
        notes=(*_twice(harvest), *(_of_no_tier_here(harvest) if kind == HANDED_IN else ())),
    )


def _of_no_tier_here(harvest: Harvest) -> Iterator[str]:
    """What a check can say of amounts: the home that the file goes to may have send amounts of its own."""
    for line in _without_tier(harvest):
        yield f"{line}: they will be kept and be in no figure, unless the home that takes them has such a send amount"


def template() -> str:
    """An empty `quotes` csv with two example rows."""
    return TEMPLATE


def _archive(workspace: Workspace, scraper: Scraper, name: str, content: bytes, harvest: Harvest, label: str) -> None:
    """Keep the file as evidence, once it is known that it will be stored: the same snapshot as the harvest's."""
    answer = Response(Request(f"file:{name}", method=FILE_METHOD), 200, {}, content, harvest.started_at, name)
    kept = workspace.archive.put(scraper.definition.key, answer, run_label=f"{workspace.today}/{label}")
    assert [kept.id] == [snapshot.id for snapshot in harvest.snapshots]


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: not a file: save it to a file first")
    try:
        if (size := path.stat().st_size) > runner.LARGEST_FILE:
            largest = runner.LARGEST_FILE / 2**20
            raise InputError(f"{path}: {size / 2**20:.0f} MiB: expected at most {largest:.0f} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not content:
        raise InputError(f"{path}: the file is empty")
    return content


def _reader(path: Path, content: bytes, kind: str | None) -> tuple[Scraper, str]:
    kinds = import_kinds()
    if kind is not None:
        if kind not in kinds:
            raise InputError(f"--as {kind}: unknown kind of file: expected one of {', '.join(kinds)}")
        return registry.scraper(kinds[kind].key), kind
    head = content if is_workbook(content) or is_old_workbook(content) else content[:HEAD_BYTES]
    try:
        for name, definition in kinds.items():
            scraper = registry.scraper(definition.key)
            if scraper.recognises(head, path.name):
                return scraper, name
        if is_workbook(content):
            check_sheets(content)  # nobody's, and hostile: that is what is told
    except AnswerError as error:
        raise InputError(f"{path.name}: {error}") from None
    raise InputError(
        f"{path}: not recognised as any of {', '.join(kinds)}: check the file, or name its kind with --as KIND"
    )


def _check_world(workspace: Workspace, path: Path) -> None:
    pretended = is_sandbox_file(path)
    if pretended and workspace.world == "real":
        raise InputError(f"{path.name}: this is sandbox data, not real prices: a real home does not take it")
    if not pretended and workspace.world == "sandbox":
        raise InputError(f"{path.name}: this home is a sandbox and takes sandbox data only: use another --home")


def _refused(path: Path, kind: str, harvest: Harvest) -> tuple[Issue, ...]:
    refused = tuple(issue for issue in harvest.issues if issue.level == "error")
    values = harvest.stored - len(harvest.not_offered)
    if kind in WHOLE_ONLY and refused:
        rows = sum(issue.code in _OF_ROWS for issue in refused)
        what = f"{rows} row{'' if rows == 1 else 's'} refused" if rows else "refused"
        lines = [f"{what}, nothing stored", *(issue.message for issue in refused[:MOST_TOLD])]
        if len(refused) > MOST_TOLD:
            lines.append(f"... and {len(refused) - MOST_TOLD} more")
        raise InputError("\n".join(f"{path.name}: {line}" for line in lines))
    if values == 0:
        why = f": {refused[0].message}" if refused else ""
        raise InputError(f"{path.name}: no good row, nothing stored{why}")
    return refused


def _check_replacement(workspace: Workspace, path: Path, source: str, harvest: Harvest) -> None:
    for lost in survey_losses(workspace, source, harvest):
        raise InputError(f"{path.name}: {lost}: nothing stored; add --replace if that is meant")
