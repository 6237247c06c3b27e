"""Cases: recorded or documented answers of a source, replayed through its scraper, compared with what they must give.

A case is a folder `<source>/<case>/` with

    case.toml         origin = "documented" or "recorded", on = its day, note; for rates also [ask] since, until, today
    0001.meta.json    the exchange: request, status, headers, time (a Snapshot without its hashes)
    0001.body.json    the body as it came (the extension is free)
    expected.json     everything that the scraper reads from it

Replay is strict: a request that the case does not hold, an answer that nothing asked for and any difference in the
output fail. By hand: `python -m scrapers.cases FOLDER` checks, `--write` writes expected.json anew.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from remitwatch.errors import InputError
from remitwatch.fields import Value
from remitwatch.quotes import Inquiry
from remitwatch.runs import Snapshot
from remitwatch.sources import OF_A_SPAN
from remitwatch.survey import SurveyTable
from scrapers.archive import FILE_METHOD
from scrapers.base import (
    UNREADABLE,
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
from scrapers.redact import strip_form, strip_json, strip_url
from scrapers.urls import full_url, read_request_body, request_body, with_context

HASH_FIELDS = ("id", "body_sha256", "body_size")
_EXTENSIONS = (("json", ".json"), ("xml", ".xml"), ("html", ".html"), ("csv", ".csv"), ("zip", ".zip"))


class CaseError(InputError):
    """A case that is damaged, or that does not give what it must."""


class Ask(Value):
    """What a source of rates, benchmarks or flows is asked for in a case."""

    since: dt.date
    until: dt.date
    today: dt.date


class CaseNotes(Value):
    """The content of case.toml: where the case comes from. `on` is the day of the recording or of the documentation."""

    origin: Literal["documented", "recorded"]
    on: dt.date
    note: str
    ask: Ask | None = None


@dataclass(frozen=True)
class Exchange:
    """One question and its answer. `number` is the file's (`0001`)."""

    number: str
    snapshot: Snapshot
    body: bytes


@dataclass(frozen=True)
class Case:
    """A case as it stands in its folder."""

    folder: Path
    notes: CaseNotes
    exchanges: tuple[Exchange, ...]

    @property
    def source(self) -> str:
        """The key of the source: the name of the folder around the case."""
        return self.folder.parent.name


def find_cases(root: Path) -> list[Path]:
    """The case folders under `root/<source>/<case>/`, sorted."""
    return sorted(path.parent for path in root.glob("*/*/case.toml"))


def read_case(folder: Path) -> Case:
    """The case in a folder. Raises CaseError naming the file and what is wrong with it."""
    try:
        notes = CaseNotes.model_validate(tomllib.loads((folder / "case.toml").read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise CaseError(f"{folder}: case.toml: {_first(error)}") from None
    metas = sorted(folder.glob("[0-9][0-9][0-9][0-9].meta.json"))
    if not metas:
        raise CaseError(f"{folder}: no exchange 0001.meta.json")
    return Case(folder, notes, tuple(_read_exchange(folder, meta.name[:4]) for meta in metas))


def _read_exchange(folder: Path, number: str) -> Exchange:
    bodies = list(folder.glob(f"{number}.body.*"))
    if len(bodies) != 1:
        raise CaseError(f"{folder}: expected one {number}.body.*, found {len(bodies)}")
    body = bodies[0].read_bytes()
    try:
        meta = json.loads((folder / f"{number}.meta.json").read_text("utf-8"))
        sha256 = hashlib.sha256(body).hexdigest()
        snapshot = Snapshot.model_validate({**meta, "id": sha256[:24], "body_sha256": sha256, "body_size": len(body)})
    except ValueError as error:
        raise CaseError(f"{folder}: {number}.meta.json: {_first(error)}") from None
    return Exchange(number, snapshot, body)


def write_case(folder: Path, exchanges: Iterable[Exchange], notes: CaseNotes) -> None:
    """Write a case (`expected.json` is written by `write_expected`). Raises CaseError when the folder exists."""
    if folder.exists():
        raise CaseError(f"{folder}: exists already: choose another name")
    folder.mkdir(parents=True)
    lines = [f'origin = "{notes.origin}"', f"on = {notes.on}", f"note = {json.dumps(notes.note)}"]
    if notes.ask is not None:
        lines += ["", "[ask]", *(f"{name} = {day}" for name, day in notes.ask)]
    (folder / "case.toml").write_text("\n".join(lines) + "\n", "utf-8")
    for exchange in exchanges:
        meta = exchange.snapshot.model_dump(mode="json", exclude=set(HASH_FIELDS))
        (folder / f"{exchange.number}.meta.json").write_text(_pretty(meta), "utf-8")
        (folder / f"{exchange.number}.body{_extension(exchange.snapshot)}").write_bytes(exchange.body)


def _extension(snapshot: Snapshot) -> str:
    if snapshot.method == FILE_METHOD:
        return Path(snapshot.url.removeprefix("file:")).suffix or ".bin"
    kind = snapshot.headers.get("content-type", "")
    return next((extension for word, extension in _EXTENSIONS if word in kind), ".bin")


def replay(scraper: Scraper, folder: Path) -> list[dict[str, Any]]:
    """Everything that the scraper reads from a case, as plain JSON values in the order read; each says in `exchange`
    from which answer. Raises CaseError for a request that the case does not hold and for an answer never asked for."""
    case = read_case(folder)
    if case.source != scraper.definition.key:
        raise CaseError(f"{folder}: a case of {case.source}: expected one of {scraper.definition.key}")
    left = {exchange.number: exchange for exchange in case.exchanges}
    output: list[dict[str, Any]] = []
    waiting = _questions(scraper, case)
    while waiting:
        request = waiting.pop(0)
        exchange = _take(request, left, case)
        response = Response(
            request=request,
            status=exchange.snapshot.status,
            headers=exchange.snapshot.headers,
            body=exchange.body,
            fetched_at=exchange.snapshot.fetched_at,
            file_name=request.url.removeprefix("file:") if request.method == FILE_METHOD else None,
        )
        if response.status not in scraper.answer_statuses and request.instead is not None:
            waiting.append(request.instead)
        for record in _read(scraper, response):
            if isinstance(record, Request):
                waiting.append(record)
            output.append({"exchange": exchange.number, **_plain(record)})
    if left:
        raise CaseError(f"{folder}: nothing asked for the answers {', '.join(left)}")
    return output


def _questions(scraper: Scraper, case: Case) -> list[Request]:
    if scraper.definition.method == "file":
        return [Request(url=exchange.snapshot.url, method=FILE_METHOD) for exchange in case.exchanges]
    if all(exchange.snapshot.method == FILE_METHOD for exchange in case.exchanges):
        return [Request(url=exchange.snapshot.url, method=FILE_METHOD) for exchange in case.exchanges]
    if scraper.definition.kind in OF_A_SPAN:
        if case.notes.ask is None:
            raise CaseError(f"{case.folder}: case.toml: [ask] is missing: expected since, until, today")
        return list(scraper.requests_between(case.notes.ask.since, case.notes.ask.until, case.notes.ask.today))
    inquiries: dict[Inquiry, None] = {}
    for exchange in case.exchanges:
        inquiries.update(dict.fromkeys(exchange.snapshot.inquiries))
    return list(scraper.requests(tuple(inquiries)))


def _take(request: Request, left: dict[str, Exchange], case: Case) -> Exchange:
    url = with_context(full_url(request), request)
    asked = _identity(request.method, url, request_body(request).decode())
    for number, exchange in left.items():
        snapshot = exchange.snapshot
        if _identity(snapshot.method, snapshot.url, snapshot.request_body) == asked:
            return left.pop(number)
    known = " or ".join(exchange.snapshot.url for exchange in left.values()) or "nothing more"
    raise CaseError(f"{case.folder}: the scraper asks for {request.method} {url}: the case holds {known}")


def _identity(method: str, url: str, body: str) -> tuple[Any, ...]:
    """What makes two requests the same one: the order of parameters and of JSON fields does not matter, nor do secrets
    (they are masked in what is kept)."""
    if method == FILE_METHOD:
        return (method, url)
    parts = urlsplit(strip_url(url))
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    context = parse_qsl(urlsplit(url).fragment, keep_blank_values=True)
    return (method, parts.scheme, parts.netloc, parts.path, query, context, _fields(body))


def same_question(body: str, other: str) -> bool:
    """Whether two bodies, of JSON or of forms, ask the same (secrets are masked in what is kept: so in both)."""
    return bool(_fields(body) == _fields(other))


def _fields(body: str) -> Any:
    asked, form = read_request_body(body)
    return strip_json(asked) if form is None else sorted(strip_form(form).items())


def find_requests(records: Iterable[Record]) -> Iterator[Request]:
    """The further requests among the records of an answer."""
    return (record for record in records if isinstance(record, Request))


def _read(scraper: Scraper, response: Response) -> Iterator[Record | AnswerError | str]:
    """The records of an answer, or how the runner would refuse it: whole, with what was read before the fault."""
    if response.status not in scraper.answer_statuses:
        yield f"status {response.status} carries no answer"
        return
    try:
        records = parsed(scraper.parse, response)
    except AnswerError as error:
        yield error
    except UNREADABLE as error:
        yield describe(error)
    else:
        yield from records
        if not records:
            yield "the answer holds no value at all"


def _plain(record: Record | AnswerError | str) -> dict[str, Any]:
    match record:
        case str():
            return {"type": "RefusedAnswer", "why": record}
        case AnswerError():
            return {"type": "AnswerError", "reason": record.reason, "message": str(record)}
        case Refused():
            text = json.dumps(record.record, default=str)
            return {"type": "Refused", "why": record.why, "row": record.row, "record": json.loads(text)}
        case Repaired():
            return {"type": "Repaired", "kind": record.kind, "count": record.count}
        case NothingPublished():
            return {"type": "NothingPublished", "why": record.why}
        case Request():
            url = with_context(strip_url(full_url(record)), record)
            return {"type": "Request", "method": record.method, "url": url}
        case SurveyTable():
            return {"type": "SurveyTable", "quotes": [quote.model_dump(mode="json") for quote in record.quotes()]}
        case _:
            return {"type": type(record).__name__, **record.model_dump(mode="json")}


def check(scraper: Scraper, folder: Path) -> int:
    """Replay a case and compare everything with expected.json. Returns how many records agreed. Raises CaseError with
    the first difference."""
    found = replay(scraper, folder)
    try:
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{folder}: expected.json: {_first(error)}: write it with --write and read it") from None
    for place, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            fields = [name for name in {**one, **other} if one.get(name) != other.get(name)]
            raise CaseError(
                f"{folder}: record {place}: {fields[0]}: expected {one.get(fields[0])!r}, got {other.get(fields[0])!r}"
            )
    if len(expected) != len(found):
        raise CaseError(f"{folder}: expected {len(expected)} records, got {len(found)}")
    return len(found)


def write_expected(scraper: Scraper, folder: Path) -> int:
    """Write what the scraper reads from a case as expected.json, to be read by a person. Returns how many records."""
    found = replay(scraper, folder)
    (folder / "expected.json").write_text(_pretty(found), "utf-8")
    return len(found)


def evidence(folders: Iterable[Path]) -> Literal["documented", "recorded"] | None:
    """What the definition of a source with these cases must say: `recorded` once one of them is; None without cases."""
    origins = {read_case(folder).notes.origin for folder in folders}
    if not origins:
        return None
    return "recorded" if "recorded" in origins else "documented"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return describe(error)
    return getattr(error, "strerror", None) or str(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m scrapers.cases FOLDER... [--write] [--scrapers DIR]`: exit 0, or 2 with one line that says why."""
    from scrapers.registry import scraper

    parser = argparse.ArgumentParser(
        prog="python -m scrapers.cases", description="Check cases or write what they give."
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a case: <source>/<case>")
    parser.add_argument("--write", action="store_true", help="write expected.json anew: read it before you commit it")
    parser.add_argument("--scrapers", action="append", default=[], type=Path, metavar="DIR", help="more sources")
    options = parser.parse_args(arguments)
    for folder in options.folders:
        try:
            source = scraper(folder.resolve().parent.name, extra=options.scrapers)
            count = (write_expected if options.write else check)(source, folder)
        except InputError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code
        sys.stdout.write(f"{folder}: {count} records {'written' if options.write else 'as expected'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
