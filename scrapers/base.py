"""The contract of a scraper: what it asks (Request), what it is given (Response), what it yields."""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from remitwatch.benchmarks import Benchmark
from remitwatch.flows import Flow
from remitwatch.quotes import Inquiry, NotOffered, Quote
from remitwatch.rates import ReferenceRate
from remitwatch.sources import SourceDefinition
from remitwatch.survey import SurveyTable


class AnswerError(Exception):
    """An answer whose frame is wrong: it is refused whole. `reason` is the failure class (`changed`, `blocked`,
    `truncated`, `invalid`, `empty`)."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """One question to a source. `params` become the query, `json` a JSON body or `form` the body of a web form.
    `inquiries` is what it asks for: one, many (one call for all corridors) or none (rates of a span of dates).

    `context` is what reading the answer needs and the answer does not say: what an earlier one said (the name of a
    pay-in known by its number here), or which dates are wanted of an answer that always holds everything. It is never
    sent; the archive keeps it as the fragment of the URL, so that the answer can be read again.

    `max_bytes` and `deadline` (seconds of one attempt) are for an answer known to be larger than others: they raise
    the client's limits, never lower them. `once` marks the question of something published that does not change and
    that `context` names: while a run holds the answer of the same context it is not asked again. `instead` asks for
    the same at another address when this one gives no answer.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    inquiries: tuple[Inquiry, ...] = ()
    method: str = "GET"
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 0
    deadline: float = 0.0
    once: bool = False
    instead: Request | None = None


@dataclass(frozen=True)
class Response:
    """One answer, read to its end within the limits of size and time."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: dt.datetime
    file_name: str | None = None

    @property
    def inquiry(self) -> Inquiry:
        """The one inquiry of this answer's request. Raises ValueError when there is not exactly one."""
        (inquiry,) = self.request.inquiries
        return inquiry

    def json(self) -> Any:
        """The body as JSON, every number with a point as Decimal. Raises AnswerError: `blocked` for a page of HTML in
        place of data, `truncated` for JSON that stops early, `changed` for anything else."""
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            head = self.body[:300].lstrip().lower()
            if head.startswith((b"<!doctype", b"<html", b"<head")):
                raise AnswerError("blocked", "a page of HTML came in place of JSON") from None
            if head.startswith((b"{", b"[")) and not self.body.rstrip().endswith((b"}", b"]")):
                raise AnswerError("truncated", f"the JSON stops early: {error}") from None
            raise AnswerError("changed", f"the body is not JSON: {error}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


@dataclass(frozen=True)
class Refused:
    """A record that could not be read: the record itself, why, and (from a file) its row number."""

    record: Any
    why: str
    row: int | None = None


@dataclass(frozen=True)
class Repaired:
    """A record that was read after a known repair (`text_number`, `country_code` ...): counted by kind, not judged.

    The kind `rows_read` is none: with it a file's scraper tells how many rows it read, the refused ones included.
    """

    kind: str
    count: int = 1


@dataclass(frozen=True)
class NothingPublished:
    """The source says, in its own way, that it published nothing for what was asked (a holiday): an answer, and no
    failure. `why` is for people."""

    why: str


Record = (
    Quote
    | NotOffered
    | ReferenceRate
    | Benchmark
    | Flow
    | Request
    | Refused
    | Repaired
    | SurveyTable
    | NothingPublished
)


class Scraper(ABC):
    """The code that reads one source. Authors catch nothing: the runner makes one issue of what is raised.

    `answer_statuses` are the HTTP statuses that carry an answer; any other fails the request by its class.
    `leads_to` says which further requests its answers lead to, for those who plan (`one more request a pay-in`).
    """

    answer_statuses: frozenset[int] = frozenset({200})
    leads_to: str = ""

    def __init__(self, definition: SourceDefinition) -> None:
        self.definition = definition

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        """What to ask for these inquiries (price sources)."""
        raise TypeError(f"{self.definition.key} is not a source of prices")
        yield

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        """What to ask on the day `today` for the dates `since` to `until`, both included (rates, benchmarks)."""
        raise TypeError(f"{self.definition.key} does not answer for a span of dates")
        yield

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        """Whether a file is one that this scraper reads, told from its first bytes (64 KiB are plenty) and its name.

        A workbook is given whole, because no first bytes tell one from another: `workbook_heads` looks into it. Raises
        AnswerError for a workbook that cannot be read.
        """
        return False

    @abstractmethod
    def parse(self, response: Response) -> Iterator[Record]:
        """The values in an answer. Pure: bytes in, values out; no clock, network or database.

        Yielding nothing is a failure. Raises AnswerError when the frame is wrong; KeyError, ValueError and the like
        refuse the answer whole, with the error's words.
        """

    def parse_table(self, response: Response) -> Iterator[Record]:
        """As `parse`, in the form that is fastest to store: for a source of very many prices a table of them."""
        return self.parse(response)


def parsed(parse: Callable[[Response], Iterable[Record]], response: Response) -> list[Record]:
    """All that a scraper's `parse` (or `parse_table`) reads from an answer. Raises AnswerError `empty` for an answer of
    status 200 without any content, and whatever `parse` raises."""
    if response.status == 200 and not response.body.strip():
        raise AnswerError("empty", "the answer has no content")
    return list(parse(response))


UNREADABLE = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError)
"""What code raises that meets a record of another shape than documented (a ValidationError is a ValueError)."""


def each(records: Iterable[Any], read: Callable[[Any], Iterable[Record]]) -> Iterator[Record]:
    """Read independent records one by one: one that cannot be read is refused alone, openly, and rings."""
    for record in records:
        try:
            values = list(read(record))
        except UNREADABLE as error:
            yield Refused(record, describe(error))
        else:
            yield from values


def describe(error: Exception) -> str:
    """An error in one line for an issue: pydantic's first complaint with its field, or `unknown or missing 'x'`."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        return f"{where}: {message}" if where else message
    if isinstance(error, KeyError):
        return f"unknown or missing {error.args[0]!r}" if error.args else "a field is missing"
    return str(error) or type(error).__name__
