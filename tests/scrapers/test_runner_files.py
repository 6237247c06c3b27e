"""The runner on spans of dates, on files, and on the archive: reading again gives the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from remitwatch.errors import InputError
from remitwatch.rates import RateScope, ReferenceRate
from scrapers.archive import Archive
from scrapers.base import AnswerError, Record, Refused, Repaired, Request, Response, Scraper
from scrapers.runner import read_file, reparse
from tests.scrapers.acme import INQUIRIES, LABEL, URL, Acme, Source, codes, quote
from tests.scrapers.loopback import NOW, definition


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def source(httpserver: HTTPServer, tmp_path: Path) -> Source:
    return Source(httpserver, tmp_path)


# --- rates


class Rates(Scraper):
    def requests_between(self, since: date, until: date, today: date) -> Iterator[Request]:
        yield Request(URL, {"page": f"{since}..{until}/{today}"})

    def parse(self, response: Response) -> Iterator[Record]:
        for row in response.json()["offers"]:
            yield ReferenceRate.model_validate(
                {"base": "EUR", "quote": "USD", "date": "2026-10-30", "rate": "1.1"} | row
            )


@pytest.mark.parametrize(
    ("since", "until", "asked"),
    [
        (None, None, "2026-10-30..2026-10-30"),
        (date(2026, 10, 1), date(2026, 10, 5), "2026-10-01..2026-10-05"),
        (date(2026, 10, 1), None, "2026-10-01..2026-10-30"),
        (None, date(2026, 10, 5), "2026-10-05..2026-10-05"),
    ],
)
def test_rates_are_asked_for_a_span(source: Source, since: date | None, until: date | None, asked: str) -> None:
    harvest = source.collect(Rates(definition(kind="rates")), inquiries=(), since=since, until=until)
    assert source.asked == [f"{asked}/2026-10-30"]
    assert len(harvest.rates) == 1


def test_rates_of_a_day_agree_or_conflict(source: Source) -> None:
    rows = [{}, {}, {"rate": "1.2"}, {"quote": "GBP"}, {"scope": RateScope.RESPONSE, "rate": "1.3"}]
    source.answers["2026-10-30..2026-10-30/2026-10-30"] = {"offers": rows}
    harvest = source.collect(Rates(definition(kind="rates")), inquiries=())
    assert (len(harvest.rates), harvest.duplicates, codes(harvest)) == (3, 1, ["conflict"])


# --- files


class Lines(Scraper):
    """A file of `product,fee` lines."""

    def parse(self, response: Response) -> Iterator[Record]:
        assert response.file_name == "prices.csv"
        text = response.body.decode()
        if not text.startswith("product,fee\n"):
            raise AnswerError("changed", "no header: expected product,fee")
        for number, line in enumerate(text.splitlines()[1:], start=2):
            product, fee = line.split(",")
            if fee.endswith("!"):
                yield Repaired("text_number")
                fee = fee[:-1]
            try:
                yield quote(INQUIRIES[0], product=product, fee=fee)
            except ValueError as error:
                yield Refused({"product": product, "fee": fee}, str(error).splitlines()[0], row=number)


LINES = Lines(definition((), method="file"))


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text("product,fee\na,1.50\nb,2.50!\nc,free\nd,3.00!\n")
    return path


def test_a_file_is_one_answer(prices: Path, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    harvest = read_file(LINES, prices, archive=archive, now=lambda: NOW)
    assert [value.value.product for value in harvest.quotes] == ["a", "b", "d"]
    assert (harvest.requests, harvest.answered, harvest.rows_read, harvest.repairs) == (1, 1, 4, {"text_number": 2})
    (issue,) = harvest.issues
    assert issue.code == "refused_record"
    assert issue.message.startswith("row 4: ")
    assert json.loads(str(issue.record)) == {"product": "c", "fee": "free"}
    (snapshot,) = harvest.snapshots
    assert (snapshot.method, snapshot.url) == ("FILE", "file:prices.csv")
    assert archive.response(snapshot).file_name == "prices.csv"
    again = reparse(LINES, harvest.snapshots, archive, lambda: NOW)
    assert (again.quotes, again.issues, again.repairs) == (harvest.quotes, harvest.issues, harvest.repairs)


def test_a_dry_run_writes_nothing(prices: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    harvest = read_file(LINES, prices, archive=None, now=lambda: NOW)
    assert len(harvest.quotes) == 3
    assert len(harvest.snapshots) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_of_something_else_stores_nothing(prices: Path, tmp_path: Path) -> None:
    prices.write_text("<html>")
    harvest = read_file(LINES, prices, archive=Archive(tmp_path / "archive"), now=lambda: NOW)
    assert harvest.failures == {"changed": 1}
    assert "expected product,fee" in harvest.issues[0].message
    assert not (tmp_path / "archive").exists()


def test_files_that_cannot_be_read(prices: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    for path, why in (
        (tmp_path / "none.csv", "No such file"),
        (tmp_path / "empty.csv", "empty"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(InputError, match=why):
            read_file(LINES, path, archive=None, now=lambda: NOW)
    with pytest.raises(InputError, match="expected at most"):
        read_file(LINES, prices, archive=None, now=lambda: NOW, limit_bytes=10)


# --- reading again


def test_reading_again_gives_the_same(source: Source) -> None:
    source.answers["GBR-NGA"] = {"next": 2, "offers": [{}, {"fee": "x"}]}
    source.answers["2"] = {"closed": True, "offers": [{"product": "b"}]}
    source.answers["USA-MEX"] = b"null"
    harvest = source.collect()
    asked = len(source.asked)
    again = reparse(Acme(definition()), source.archive.snapshots(LABEL), source.archive, lambda: NOW)
    assert len(source.asked) == asked
    for part in ("snapshots", "quotes", "not_offered", "issues", "failures", "duplicates", "answered", "requests"):
        assert getattr(again, part) == getattr(harvest, part), part


def test_reading_again_with_a_better_parser(source: Source) -> None:
    source.answers["GBR-IND"] = {"deals": [{}]}
    harvest = source.collect()
    assert len(harvest.quotes) == 3

    class Better(Acme):
        def parse(self, response: Response) -> Iterator[Record]:
            answer = response.json()
            for offer in answer.get("offers") or answer["deals"]:
                yield quote(response.inquiry, **offer)

    again = reparse(Better(definition()), harvest.snapshots, source.archive, lambda: NOW)
    assert len(again.quotes) == 4
    assert again.quotes[0].snapshot == harvest.snapshots[0].id


def test_an_answer_that_the_archive_lost_is_an_issue(source: Source) -> None:
    source.answers["GBR-IND"] = {"offers": [{"product": "lost"}]}
    harvest = source.collect()
    sha256 = harvest.snapshots[0].body_sha256
    (source.archive.root / "bodies" / sha256[:2] / f"{sha256}.gz").unlink()
    again = reparse(Acme(definition()), harvest.snapshots, source.archive, lambda: NOW)
    assert len(again.quotes) == 3
    assert codes(again) == ["archive"]
    assert again.issues[0].snapshot == harvest.snapshots[0].id
    assert again.snapshots == harvest.snapshots[1:]  # it is not read again: what was read from it stays
