"""From a published figure to what it was made of: observations, quotes, answers, runs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from db.queries import TracedQuote
from remitwatch.errors import InputError
from remitwatch.figures import IndicatorRow, parse_figure_id
from remitwatch.flows import FlowTable
from remitwatch.indicators import indicators, member_ids
from remitwatch.indicators.where import where_of
from remitwatch.marks import reasons
from remitwatch.method import flows_of, options_of
from remitwatch.pipeline.looking import observations_of
from remitwatch.pipeline.workspace import Workspace
from scrapers.archive import DOWNLOADED


@dataclass(frozen=True)
class Trace:
    """A figure computed again (None for a single quote), and the evidence: one row an observation, with its quote,
    answer and run. `flows`: of a weighted average where its weights came from."""

    figure: IndicatorRow | None
    evidence: list[dict[str, Any]]
    flows: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The trace for a machine."""
        figure = None if self.figure is None else self.figure.as_json()
        return {"figure": figure, "evidence": self.evidence, "flows": self.flows}


def trace(workspace: Workspace, figure_id: str) -> Trace:
    """The evidence behind the figure with this id, as it stood at the figure's `as_of`.

    Private rows are counted in it and nothing else: not whose they are, not what they cost. Raises InputError for an
    id that names no figure held here, and for a figure that is withheld because of private rows.
    """
    figure = parse_figure_id(figure_id)
    named_flows = flows_of(figure.method)
    flows = None if named_flows is None else workspace.queries.flows(*named_flows, figure.as_of)
    held = observations_of(workspace, figure.period, figure.as_of, figure.basis.value, figure.amount, flows)
    named = {name: getattr(figure, name) for name in ("sender", "receiver", "region") if getattr(figure, name)}
    rows = indicators(
        held,
        period=figure.period,
        scope=figure.scope,
        amount=figure.amount,
        basis=figure.basis,
        codes=figure.indicator,
        by=figure.breakdown,
        where=[f"{column}={group}" for column, group in where_of(figure.where).parts],
        as_of=figure.as_of,
        options=options_of(figure.method),
        **named,
    )
    row = next((one for one in rows if one.group == figure.group), None)
    if row is None:
        raise InputError(f"figure id {figure_id!r}: nothing is behind it in this home")
    if "private_suppressed" in row.flags:
        raise InputError(
            f"figure id {figure_id!r}: it is withheld, it would tell the private prices of fewer than three providers"
        )
    traced = workspace.queries.trace(member_ids(held, figure))
    return Trace(row, _all_evidence(workspace, traced), None if flows is None else _flows(workspace, flows))


def trace_quote(workspace: Workspace, number: int) -> Trace:
    """The evidence of one quote, by its number (the pages print them). Raises InputError when there is none."""
    traced = workspace.queries.trace([number])
    if not traced:
        raise InputError(f"quote {number}: there is none of this number in this home")
    return Trace(None, _all_evidence(workspace, traced))


@dataclass(frozen=True)
class AnswerTrace:
    """An archived answer and what was read from it: one entry a run that holds it, with its quotes."""

    body: str
    pruned_at: dt.datetime | None
    archived: bool
    answers: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The trace for a machine."""
        return {
            "body": self.body,
            "archived": self.archived,
            "pruned_at": self.pruned_at,
            "answers": self.answers,
        }


def _with_archive(workspace: Workspace, evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The evidence, saying of each answer whether its body is still archived, or when it was pruned."""
    archive = workspace.archive
    kept = {sha256: archive.has(sha256) for sha256 in {row["body"] for row in evidence}}
    pruned = {sha256: archive.pruned_at(sha256) for sha256, there in kept.items() if not there}
    return [{**row, "archived": kept[row["body"]], "pruned_at": pruned.get(row["body"])} for row in evidence]


def names_answer(text: str) -> bool:
    """Whether this names an archived answer: the id of a snapshot, the hash of a body, or a body's path."""
    return _answer_name(text) is not None


def _answer_name(text: str) -> dict[str, str] | None:
    if re.fullmatch(r"[0-9a-f]{24}", text):
        return {"snapshot_id": text}
    found = re.fullmatch(r"(?:.*/)?([0-9a-f]{64})(?:\.gz)?", text)
    return None if found is None else {"body_sha256": found[1]}


def trace_answer(workspace: Workspace, text: str) -> AnswerTrace:
    """What was read from an archived answer (named by snapshot id, hash or path), and whether it is in force. Raises
    InputError when no run holds it."""
    found = workspace.queries.snapshots_of(**_named(text))
    if not found:
        raise InputError(f"answer {text!r}: no run of this home holds it")
    sha256 = found[0].snapshot.body_sha256
    answers = []
    for one in found:
        quotes = _decided_evidence(workspace, workspace.queries.trace(one.quotes))
        snapshot, run = one.snapshot, one.run
        answers.append(
            {
                "snapshot": snapshot.id,
                "source": snapshot.source,
                "run": run.id,
                "run_status": run.status,
                "in_force": run.accepted and not run.trial,
                "method": snapshot.method,
                "url": snapshot.url,
                "status": snapshot.status,
                "fetched_at": snapshot.fetched_at,
                "bytes": snapshot.body_size,
                "downloaded_at": snapshot.headers.get(DOWNLOADED),
                "file_name": run.file_name,
                "rates": one.rates,
                "quotes": quotes,
            }
        )
    archive = workspace.archive
    return AnswerTrace(sha256, archive.pruned_at(sha256), archive.has(sha256), answers)


def archived_body(workspace: Workspace, text: str) -> bytes:
    """The archived body behind an answer, a quote or a figure, as it came. Raises InputError when more than one answer
    is behind it or it holds private prices, StorageError when the archive has lost or pruned it."""
    if names_answer(text):
        hashes = {one.snapshot.body_sha256: one.run.id for one in workspace.queries.snapshots_of(**_named(text))}
    else:
        found = trace_quote(workspace, int(text)) if is_number(text) else trace(workspace, text)
        hashes = {one["body"]: one["run"] for one in found.evidence}
    if not hashes:
        raise InputError(f"answer {text!r}: no run of this home holds it")
    if len(hashes) > 1:
        raise InputError(f"{text}: {len(hashes)} answers are behind it: name one of them by its `snapshot`")
    ((sha256, _),) = hashes.items()
    runs = {one.run.id for one in workspace.queries.snapshots_of(body_sha256=sha256)}
    if any(workspace.queries.holds_private(run) for run in runs):
        raise InputError(f"{text}: the answer holds private prices: it is not shown")
    return workspace.archive.body(sha256)


def _named(text: str) -> dict[str, str]:
    return _answer_name(text) or {}


def is_number(text: str) -> bool:
    """Whether this is the number of a quote."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _flows(workspace: Workspace, flows: FlowTable) -> dict[str, Any]:
    run = workspace.queries.run(flows.run)
    first, *further = workspace.queries.snapshots(run.id)
    return {
        "series": flows.series,
        "year": flows.year,
        "source": run.source,
        "run": run.id,
        "run_status": run.status,
        "file_name": run.file_name,
        "snapshot": first.id,
        "fetched_at": first.fetched_at,
        "body": first.body_sha256,
        "further_bodies": [snapshot.body_sha256 for snapshot in further],  # the other pages of one list
    }


def _all_evidence(workspace: Workspace, traced: list[TracedQuote]) -> list[dict[str, Any]]:
    return _with_archive(workspace, _decided_evidence(workspace, traced))


def _decided_evidence(workspace: Workspace, traced: list[TracedQuote]) -> list[dict[str, Any]]:
    decided: dict[int, list[str]] = {}
    for one in workspace.queries.decisions():
        what = f"{'released' if one.released else 'rejected'} by {one.decided_by}"
        decided.setdefault(one.quote_id, []).append(f"{what} on {one.decided_at:%Y-%m-%d}: {one.why}")
    return [_evidence(one, decided.get(one.stored.id, [])) for one in traced]


def _evidence(one: TracedQuote, decided: list[str]) -> dict[str, Any]:
    quote, run, snapshot = one.stored.quote, one.run, one.snapshot
    seen = one.observation or {}
    shown: dict[str, Any] = {
        "quote": one.stored.id,
        "provider_name": quote.provider.name,
        "corridor": quote.inquiry.corridor.key,
        "send_amount": quote.inquiry.send_amount,
        "fee": quote.fee,
        "rate": quote.rate,
        "receive_amount": quote.receive_amount,
        "survey_row": None if quote.survey is None else f"{quote.survey.period} {quote.survey.row}",
        **{name: seen.get(column) for name, column in _OBSERVED.items()},
        "reasons": reasons(str(seen.get("flags") or "").split("+")),
        "decisions": decided,
        "day": one.stored.day,
        "source": one.stored.source,
        "run": run.id,
        "run_status": run.status,
        "in_force": run.accepted and not run.trial,
        "file_name": run.file_name,
        "snapshot": snapshot.id,
        "url": snapshot.url,
        "fetched_at": snapshot.fetched_at,
        "body": snapshot.body_sha256,
    }
    if quote.private:
        hidden = ("provider_name", "fee", "rate", "receive_amount", "reasons", "decisions", *_OBSERVED)
        shown |= dict.fromkeys(hidden) | {"provider_name": "(private)"}
    return shown


_OBSERVED = {
    "fee_pct": "fee_e8",
    "fx_margin_pct": "margin_e8",
    "total_cost_pct": "total_e8",
    "reference_source": "reference_source",
    "reference_date": "reference_date",
    "reference_rate": "reference_rate",
    "flags": "flags",
}
