"""Reads answers into a Harvest: stamps, counts, isolates what cannot be read. No network, no clock."""

from __future__ import annotations

import logging
import re
from collections.abc import Hashable
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from remitwatch.benchmarks import Benchmark
from remitwatch.flows import Flow
from remitwatch.quotes import Inquiry, NotOffered, Quote, quote_key
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import FromSnapshot, Harvest, Issue, IssueLevel, Snapshot, record_text
from remitwatch.survey import SurveyTable
from scrapers.base import (
    AnswerError,
    NothingPublished,
    Record,
    Refused,
    Repaired,
    Request,
    Response,
    Scraper,
    describe,
    parsed,
)

SAMPLE_BYTES = 2048
"""How much of an answer that could not be read is shown in its issue; the whole of it is in the archive."""

log = logging.getLogger("remitwatch.reading")

_Stored = Quote | NotOffered | ReferenceRate | Benchmark | Flow


def sample(body: bytes) -> str:
    """The start of a body as text for an issue, without control characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", body[:SAMPLE_BYTES].decode("utf-8", "replace"))


class Reader:
    """Collects what one run of one scraper brings."""

    def __init__(self, scraper: Scraper, started_at: datetime, *, tables: bool = False) -> None:
        self._parse = scraper.parse_table if tables else scraper.parse
        self.harvest = Harvest(source=scraper.definition.key, started_at=started_at)
        self._seen: dict[Hashable, _Stored] = {}
        self._snapshots: set[str] = set()
        self._rows: set[Hashable] = set()

    def finish(self, finished_at: datetime) -> Harvest:
        """The harvest, complete."""
        self.harvest.finished_at = finished_at
        if not self.harvest.rows_read:
            self.harvest.rows_read = len(self._rows)
        return self.harvest

    def keep(self, snapshot: Snapshot) -> None:
        """Count an archived answer to this run."""
        if snapshot.id not in self._snapshots:
            self._snapshots.add(snapshot.id)
            self.harvest.snapshots.append(snapshot)

    def read(self, response: Response, snapshot: Snapshot) -> list[Request]:
        """Read one answer. Returns the further requests that it leads to.

        An answer is taken whole or not at all: its values count only when its last record has been parsed.
        """
        self.keep(snapshot)
        inquiry = _one_inquiry(response.request.inquiries)
        try:
            records = parsed(self._parse, response)
            strange = next((record for record in records if not isinstance(record, Record)), None)
            if strange is not None:
                raise TypeError(f"parse yielded a {type(strange).__name__}: expected the values of scrapers.base")
        except AnswerError as error:
            self.fail(error.reason, str(error), record=sample(response.body), snapshot=snapshot.id, inquiry=inquiry)
            return []
        except MemoryError:
            raise
        # Everything else, whatever its class: parsers and the libraries under them raise many (XML syntax, bad zip,
        # pydantic ...), and one unreadable answer must never cost the other answers of the run.
        except Exception as error:
            log.debug("%s: an answer was refused", self.harvest.source, exc_info=True)
            record = _offending(error) or sample(response.body)
            self.fail(_class_of(error), describe(error), record=record, snapshot=snapshot.id, inquiry=inquiry)
            return []
        return self._take(records, snapshot.id, inquiry)

    def fail(
        self,
        reason: str,
        message: str,
        *,
        record: str | None = None,
        snapshot: str | None = None,
        inquiry: Inquiry | None = None,
        count: bool = True,
    ) -> None:
        """Make a failed request one issue, and (unless `count` is False) one failure of its class."""
        code = reason if re.fullmatch(r"[a-z0-9][a-z0-9_]{0,79}", reason) else "changed"
        if count:
            self.harvest.failures[code] = self.harvest.failures.get(code, 0) + 1
        self._issue("error", code, message, record=record, snapshot=snapshot, inquiry=inquiry)

    def empty_out(self) -> None:
        """Forget everything that was read: no value and no snapshot of this run may be used."""
        for values in (self.harvest.snapshots, self.harvest.quotes, self.harvest.not_offered, self.harvest.rates):
            values.clear()
        self.harvest.benchmarks.clear()
        self.harvest.flows.clear()
        self.harvest.tables.clear()
        self.harvest.issues.clear()
        self.harvest.failures.clear()
        self.harvest.repairs.clear()
        self.harvest.answered = self.harvest.duplicates = self.harvest.rows_read = self.harvest.known = 0
        self._rows.clear()

    def _take(self, records: list[Record], snapshot: str, inquiry: Inquiry | None) -> list[Request]:
        follow_ups: list[Request] = []
        values = refused = 0
        nothing_published = False
        for record in records:
            if isinstance(record, Request):
                follow_ups.append(record)
            elif isinstance(record, Repaired):
                self._repair(record)
            elif isinstance(record, NothingPublished):
                nothing_published = True
                self._repair(Repaired("nothing_published"))
            elif isinstance(record, Refused):
                refused += 1
                self._refuse(record, snapshot, inquiry)
            elif isinstance(record, SurveyTable):
                values += len(record)
                self._store_table(record, snapshot)
            else:
                values += 1
                self._store(record, snapshot)
        if values or follow_ups or (nothing_published and not refused):
            self.harvest.answered += 1
        elif refused:
            failures = self.harvest.failures
            failures["refused_record"] = failures.get("refused_record", 0) + 1
        else:
            self.fail("empty", "the answer holds no value at all", snapshot=snapshot, inquiry=inquiry)
        return follow_ups

    def _repair(self, repaired: Repaired) -> None:
        if repaired.kind == "rows_read":  # a file's scraper tells how many rows it saw, rows without a price included
            self.harvest.rows_read += repaired.count
        else:
            self.harvest.repairs[repaired.kind] = self.harvest.repairs.get(repaired.kind, 0) + repaired.count

    def _refuse(self, refused: Refused, snapshot: str, inquiry: Inquiry | None) -> None:
        where = f"row {refused.row}: " if refused.row is not None else ""
        self._rows.add(("refused", refused.row if refused.row is not None else len(self._rows)))
        self._issue(
            "error",
            "refused_record",
            f"{where}{refused.why}",
            record=record_text(refused.record),
            snapshot=snapshot,
            inquiry=inquiry,
        )

    def _store(self, value: _Stored, snapshot: str) -> None:
        self._rows.add(_row(value, len(self._rows)))
        key = _natural_key(value, snapshot)
        first = self._seen.setdefault(key, value)
        if first is not value:
            if first == value:
                self.harvest.duplicates += 1
                return
            self._conflict(first, value, snapshot)
            return
        match value:
            case Quote():
                self.harvest.quotes.append(FromSnapshot(snapshot, value))
            case NotOffered():
                self.harvest.not_offered.append(FromSnapshot(snapshot, value))
            case ReferenceRate():
                self.harvest.rates.append(FromSnapshot(snapshot, value))
            case Benchmark():
                self.harvest.benchmarks.append(FromSnapshot(snapshot, value))
            case Flow():
                self.harvest.flows.append(FromSnapshot(snapshot, value))

    def _store_table(self, table: SurveyTable, snapshot: str) -> None:
        """Store a table, each natural key once. A source that gives one gives all its prices in it."""
        firsts: dict[str, int] = {}
        kept = np.ones(len(table), bool)
        keys = table.natural_keys()
        if len(set(keys)) < len(keys):
            for place, key in enumerate(keys):
                first = firsts.setdefault(key, place)
                if first == place:
                    continue
                kept[place] = False
                one, other = table.quote(first), table.quote(place)
                if one == other:
                    self.harvest.duplicates += 1
                else:
                    self._conflict(one, other, snapshot)
            table = table.taking(np.flatnonzero(kept))
        self.harvest.tables.append(FromSnapshot(snapshot, table))

    def _conflict(self, first: _Stored, value: _Stored, snapshot: str) -> None:
        self._issue(
            "error",
            "conflict",
            f"{_what(value)}two different statements of one thing, the first is kept: {_difference(first, value)}",
            record=record_text(value.model_dump(mode="json")),
            snapshot=snapshot,
            inquiry=value.inquiry if isinstance(value, Quote | NotOffered) else None,
        )

    def _issue(
        self,
        level: IssueLevel,
        code: str,
        message: str,
        *,
        record: str | None,
        snapshot: str | None,
        inquiry: Inquiry | None,
    ) -> None:
        self.harvest.issues.append(
            Issue(
                level=level,
                code=code,
                source=self.harvest.source,
                message=f"{inquiry}: {message}" if inquiry else message,
                record=record,
                snapshot=snapshot,
                inquiry=str(inquiry) if inquiry else None,
            )
        )


def _class_of(error: Exception) -> str:
    """The failure class of what a parser stumbled over: a value that cannot be, or else another shape."""
    if isinstance(error, ValueError | ArithmeticError) and not isinstance(error, UnicodeError):
        return "invalid"
    return "changed"


def _one_inquiry(inquiries: tuple[Inquiry, ...]) -> Inquiry | None:
    return inquiries[0] if len(inquiries) == 1 else None


def _natural_key(value: _Stored, snapshot: str) -> Hashable:
    match value:
        case Quote():
            return ("quote", quote_key(value))
        case NotOffered():
            provider = value.provider.key if value.provider else ""
            corridor = value.inquiry.corridor
            return ("not_offered", corridor, value.inquiry.send_amount, provider)
        case ReferenceRate():
            # A mid stated inside one answer holds for that answer only; a market rate for everybody.
            scope = snapshot if value.scope is RateScope.RESPONSE else ""
            return ("rate", value.base, value.quote, value.date, scope)
        case Benchmark():
            return ("benchmark", value.series, value.scope, value.sender, value.receiver, value.period)
        case Flow():
            return ("flow", value.series, value.sender, value.receiver, value.year)


def _row(value: _Stored, number: int) -> Hashable:
    """The row of a file that a value was read from: both tiers of a survey row are one row."""
    if isinstance(value, Quote) and value.survey is not None:
        return ("survey", value.survey.period, value.survey.row)
    return ("value", number)


def _what(value: _Stored) -> str:
    if isinstance(value, Quote) and value.survey is not None:
        return f"survey row {value.survey.period} {value.survey.row}: "
    return ""


def _difference(first: _Stored, second: _Stored) -> str:
    names = [name for name in type(first).model_fields if getattr(first, name) != getattr(second, name, None)]
    return ", ".join(f"{name} {_brief(first, name)} or {_brief(second, name)}" for name in names[:3])


def _brief(value: _Stored, name: str) -> str:
    """A field for a message: values within values by their first difference only would be unreadable, so by name."""
    part = getattr(value, name, None)
    return "otherwise" if isinstance(part, BaseModel | dict) else str(part)


def _offending(error: Exception) -> str | None:
    """What a validation complained about, as JSON text; None for other errors (the start of the body is shown)."""
    if not isinstance(error, ValidationError):
        return None
    first: Any = error.errors()[0]
    return record_text({".".join(str(part) for part in first["loc"]) or "value": first.get("input")})
