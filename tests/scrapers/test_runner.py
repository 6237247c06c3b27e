"""The runner: archived first, each request alone, everything counted, and the two worlds never mixed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response as Answered

from remitwatch.errors import FetchError, InputError, StorageError
from remitwatch.quotes import Inquiry
from scrapers.archive import Archive
from scrapers.base import AnswerError, Record, Request, Response
from scrapers.runner import GIVE_UP_AFTER, MAX_DEPTH, reparse
from tests.scrapers.acme import CORRIDORS, INQUIRIES, LABEL, URL, Acme, Source, codes, page, quote
from tests.scrapers.loopback import NOW, definition


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def source(httpserver: HTTPServer, tmp_path: Path) -> Source:
    return Source(httpserver, tmp_path)


def test_asks_archives_reads_and_stamps(source: Source) -> None:
    told: list[str] = []
    harvest = source.collect(progress=told.append)
    assert [value.value.inquiry for value in harvest.quotes] == list(INQUIRIES[:4])
    assert (harvest.requests, harvest.answered, harvest.stored, harvest.rows_read) == (4, 4, 4, 4)
    assert not harvest.issues
    assert not harvest.failures
    assert (harvest.started_at, harvest.finished_at) == (NOW, NOW)
    assert [value.snapshot for value in harvest.quotes] == [snapshot.id for snapshot in harvest.snapshots]
    assert list(source.archive.snapshots(LABEL)) == harvest.snapshots
    assert harvest.snapshots[0].url == f"{source.base_url}prices?corridor=GBR-IND".replace("//prices", "/prices")
    assert len(told) == 4
    assert "GBR-IND GBP 200: 1 values" in told[0]


BROKEN: list[tuple[Any, str, str]] = [
    (b'{"offers": [{"fee"', "truncated", "stops early"),
    (page("<!DOCTYPE html><html><title>Just a moment...</title></html>"), "blocked", "challenge"),
    (page("<!DOCTYPE html><html><body>Please log in</body></html>"), "blocked", "HTML came in place of JSON"),
    (b"PK\x03\x04 nothing like it", "changed", "not JSON"),
    ({"deals": []}, "changed", "unknown or missing 'offers'"),
    ({"offers": 7}, "changed", "not iterable"),
    (b"null", "changed", "get"),
    ({"offers": []}, "empty", "no value"),
    (b" \r\n", "empty", "no content"),
    (page("no", 404), "status", "404"),
    (page("no", 500), "unreachable", "500"),
    (page("no", 403), "refused", "403"),
]


@pytest.mark.parametrize(("answer", "code", "words"), BROKEN)
def test_a_broken_answer_is_one_issue_and_the_others_are_kept(
    source: Source, answer: Any, code: str, words: str
) -> None:
    source.answers["GBR-NGA"] = answer
    harvest = source.collect()
    assert [value.value.inquiry.corridor.key for value in harvest.quotes] == ["GBR-IND", "USA-MEX", "USA-PHL"]
    (issue,) = harvest.issues
    assert issue.code == code
    assert words in issue.message
    assert issue.message.startswith("GBR-NGA GBP 200: ")
    assert issue.inquiry == "GBR-NGA GBP 200"
    assert harvest.failures == {code: 1}
    assert (harvest.requests, harvest.answered) == (4, 3)


def test_a_refused_answer_can_be_looked_at(source: Source) -> None:
    source.answers["GBR-NGA"] = Answered(b"\x00<p>changed</p>" + b"x" * 9000)
    source.answers["USA-MEX"] = page("<html>no access</html>", 403)
    harvest = source.collect()
    changed, refused = harvest.issues
    assert changed.record is not None
    assert changed.record.startswith("<p>changed</p>xxx")
    assert len(changed.record) < 2100
    assert (
        source.archive.body(next(s for s in harvest.snapshots if s.id == changed.snapshot).body_sha256)[:1] == b"\x00"
    )
    assert refused.record == "<html>no access</html>"
    kept = next(s for s in harvest.snapshots if s.id == refused.snapshot)  # a refusal is evidence too
    assert (kept.status, source.archive.body(kept.body_sha256)) == (403, b"<html>no access</html>")
    again = reparse(Acme(definition(())), harvest.snapshots, source.archive, lambda: NOW)
    assert [issue.snapshot for issue in again.issues] == [changed.snapshot]


def test_one_record_is_refused_alone(source: Source) -> None:
    offers = [{}, {"pickup_method": "drone", "product": "b"}, {"fee": "-1", "product": "c"}, {"product": "d"}]
    offers.append({"receive_amount": "17000", "product": "sum does not add up"})
    source.answers["GBR-IND"] = {"offers": offers}
    harvest = source.collect()
    assert len(harvest.quotes) == 5
    assert codes(harvest) == ["refused_record"] * 3
    assert harvest.refused == 3
    assert not harvest.failures
    assert harvest.answered == 4
    assert [json.loads(str(issue.record)) for issue in harvest.issues] == [offers[1], offers[2], offers[4]]
    assert "17000 does not follow from amount 200" in harvest.issues[2].message
    assert all(issue.snapshot == harvest.snapshots[0].id for issue in harvest.issues)


def test_an_answer_with_every_record_refused_is_not_answered(source: Source) -> None:
    source.answers["GBR-IND"] = {"offers": [{"fee": "x"}, {"fee": "y"}]}
    harvest = source.collect()
    assert harvest.failures == {"refused_record": 1}
    assert harvest.answered == 3


def test_an_answer_is_taken_whole_or_not_at_all(source: Source) -> None:
    class Half(Acme):
        def parse(self, response: Response) -> Iterator[Record]:
            yield quote(response.inquiry)
            raise KeyError("category")

    harvest = source.collect(Half(definition()))
    assert not harvest.quotes
    assert harvest.failures == {"changed": 4}


@pytest.mark.parametrize(
    "error",
    [
        *(KeyError("x"), ValueError("x"), TypeError("x"), ZeroDivisionError("x"), IndexError("x"), AttributeError("x")),
        *(SyntaxError("bad XML"), RuntimeError("x"), AssertionError("x"), AnswerError("changed", "x"), OSError("x")),
        *(AnswerError("Not A Code!", "x"), RecursionError("x"), UnicodeDecodeError("utf-8", b"", 0, 1, "x")),
    ],
)
def test_no_error_of_a_parser_costs_the_other_answers(source: Source, error: Exception) -> None:
    class Fragile(Acme):
        def parse(self, response: Response) -> Iterator[Record]:
            if response.inquiry.corridor.key == "GBR-NGA":
                raise error
            yield from super().parse(response)

    harvest = source.collect(Fragile(definition()))
    assert len(harvest.quotes) == 3
    is_value = isinstance(error, ValueError | ArithmeticError) and not isinstance(error, UnicodeError)
    assert codes(harvest) == ["invalid" if is_value else "changed"]


def test_what_is_no_value_is_refused(source: Source) -> None:
    class Odd(Acme):
        def parse(self, response: Response) -> Iterator[Any]:
            yield {"fee": 1}

    harvest = source.collect(Odd(definition()))
    assert codes(harvest) == ["changed"] * 4
    assert "yielded a dict" in harvest.issues[0].message


def test_not_offered_is_an_answer(source: Source) -> None:
    source.answers["GBR-IND"] = {"closed": True, "offers": []}
    harvest = source.collect()
    assert (harvest.answered, len(harvest.not_offered), len(harvest.quotes)) == (4, 1, 3)
    assert not harvest.issues


# --- further requests


def test_follows_pages(source: Source) -> None:
    source.answers["GBR-IND"] = {"next": 2, "offers": [{}]}
    source.answers["2"] = {"next": 3, "offers": [{"product": "b"}]}
    source.answers["3"] = {"offers": [{"product": "c"}]}
    harvest = source.collect(inquiries=INQUIRIES[:2])
    assert source.asked == ["GBR-IND", "2", "3", "GBR-NGA"]
    assert (harvest.requests, harvest.answered, len(harvest.quotes), len(harvest.snapshots)) == (4, 4, 4, 4)


def test_pages_without_end_are_ended(source: Source) -> None:
    source.answers["GBR-IND"] = source.answers["2"] = {"next": 2, "offers": [{}]}
    harvest = source.collect(inquiries=INQUIRIES[:2])
    assert len(source.asked) == MAX_DEPTH + 2
    assert codes(harvest) == ["too_many_requests"]
    assert len(harvest.quotes) == 2
    assert harvest.duplicates == MAX_DEPTH


# --- a host that refuses


@pytest.mark.parametrize(
    ("answer", "reason", "tries"),
    [
        (page("<html><title>Just a moment...</title></html>"), "blocked", 1),
        (page("<!doctype html><html>who are you</html>"), "blocked", 1),
        (page("no", 403), "refused", 1),
        (page("slow down", 429), "refused", 3),
        (page("down", 503), "unreachable", 3),
    ],
)
def test_a_host_that_refuses_is_left_alone(source: Source, answer: Answered, reason: str, tries: int) -> None:
    for key in CORRIDORS[1:]:
        source.answers[key] = answer
    harvest = source.collect(inquiries=INQUIRIES)
    assert len(source.asked) == 1 + GIVE_UP_AFTER * tries
    assert harvest.failures == {reason: len(INQUIRIES) - 1}
    assert codes(harvest) == [reason] * GIVE_UP_AFTER + ["gave_up"]
    assert harvest.requests == len(INQUIRIES)
    assert len(harvest.quotes) == 1


def test_failures_that_are_not_in_a_row_do_not_end_a_run(source: Source) -> None:
    for key in CORRIDORS[::2]:
        source.answers[key] = page("no", 403)
    harvest = source.collect(inquiries=INQUIRIES)
    assert len(source.asked) == len(INQUIRIES)
    assert len(harvest.quotes) == 4


def test_unknown_routes_do_not_end_a_run(source: Source) -> None:
    for key in CORRIDORS[:6]:
        source.answers[key] = page("no such route", 404)
    harvest = source.collect(inquiries=INQUIRIES)
    assert harvest.failures == {"status": 6}
    assert len(harvest.quotes) == 2


def test_a_run_asks_no_more_than_is_left_of_the_day(source: Source) -> None:
    harvest = source.collect(requests_left=3)
    assert (len(source.asked), len(harvest.quotes), harvest.failures) == (3, 3, {"budget": 1})
    (issue,) = harvest.issues
    assert (issue.code, "daily_budget" in issue.message) == ("gave_up", True)
    nothing = source.collect(requests_left=0)
    assert (len(source.asked), nothing.quotes, nothing.failures) == (3, [], {"budget": 4})
    assert source.collect(requests_left=4).failures == {}


def test_what_an_answer_leads_to_counts_too(source: Source) -> None:
    source.answers["GBR-IND"] = {"offers": [{}], "next": "p2"}
    harvest = source.collect(requests_left=2)
    assert source.asked == ["GBR-IND", "p2"]
    assert harvest.failures == {"budget": 3}


def test_a_run_has_a_time_budget(source: Source) -> None:
    times = iter(range(0, 100_000, 1800))
    harvest = source.collect(inquiries=INQUIRIES, monotonic=lambda: next(times), budget=timedelta(minutes=100))
    assert 1 <= len(harvest.quotes) < len(INQUIRIES)
    assert harvest.failures["slow"] == len(INQUIRIES) - len(harvest.quotes)
    assert codes(harvest) == ["gave_up"]


def test_a_clock_that_is_set_on_by_a_day_uses_up_no_time(source: Source) -> None:
    times = iter([NOW, NOW, *(NOW + timedelta(days=1, minutes=n) for n in range(50))])
    harvest = source.collect(inquiries=INQUIRIES, now=lambda: next(times), budget=timedelta(minutes=100))
    assert (len(harvest.quotes), harvest.failures) == (len(INQUIRIES), {})


# --- duplicates and contradictions


def test_the_same_statement_twice_is_one_quote(source: Source) -> None:
    source.answers["GBR-IND"] = {"offers": [{}, {}, {"fee": "1.50"}]}
    harvest = source.collect(
        inquiries=[*INQUIRIES[:1], INQUIRIES[0].model_copy(update={"send_amount": Decimal("200.00")})]
    )
    assert len(harvest.quotes) == 1
    assert harvest.duplicates == 5
    assert not harvest.issues


def test_two_statements_of_one_price_are_a_conflict(source: Source) -> None:
    source.answers["GBR-IND"] = {"offers": [{}, {"fee": "9.99"}, {"fee": "9.99", "quoted_at": "2026-10-30T05:00:00Z"}]}
    harvest = source.collect()
    assert codes(harvest) == ["conflict"]
    assert "fee 1.50 or 9.99" in harvest.issues[0].message
    assert json.loads(str(harvest.issues[0].record))["fee"] == "9.99"
    assert len(harvest.quotes) == 5  # the source's own time makes the third another statement


# --- the two worlds


@pytest.mark.parametrize(("world", "marked"), [("real", True), ("sandbox", False)])
@pytest.mark.parametrize("status", [200, 403])
def test_an_answer_from_the_other_world_empties_the_harvest(
    source: Source, world: str, marked: bool, status: int
) -> None:
    if not marked:
        source.headers = {}
    source.answers["GBR-IND"] = page("{}", status)
    harvest = source.collect(world=world)
    assert codes(harvest) == ["sandbox"]
    assert harvest.failures == {"sandbox": 1}
    assert len(source.asked) == 1
    assert not harvest.stored
    assert not harvest.snapshots
    assert not source.archive.root.exists()


def test_a_single_answer_from_the_other_world_is_enough(source: Source) -> None:
    source.unmarked = "USA-MEX"
    harvest = source.collect()
    assert (len(source.asked), harvest.stored, harvest.snapshots, codes(harvest)) == (3, 0, [], ["sandbox"])


# --- scrapers and sources that cannot be asked


def test_a_fault_while_making_requests_is_an_issue(source: Source) -> None:
    class Stumbles(Acme):
        def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
            yield from super().requests(inquiries[:2])
            raise KeyError("PHP")

    harvest = source.collect(Stumbles(definition()))
    assert len(harvest.quotes) == 2
    assert codes(harvest) == ["bad_request"]
    assert harvest.failures == {"bad_request": 1}


def test_a_request_that_must_not_be_sent_is_an_issue(source: Source) -> None:
    class Disguised(Acme):
        def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
            yield Request(URL, inquiries=inquiries[:1], headers={"User-Agent": "Mozilla/5.0"})
            yield Request("https://elsewhere.test/", inquiries=inquiries[:1])
            yield from super().requests(inquiries)

    harvest = source.collect(Disguised(definition()))
    assert codes(harvest) == ["bad_request", "address"]
    assert len(harvest.quotes) == 4


def test_a_file_source_cannot_be_asked(source: Source) -> None:
    with pytest.raises(InputError, match="remitwatch import"):
        source.collect(Acme(definition((), method="file")))


def test_an_archive_that_cannot_be_written_ends_the_run(source: Source, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    with pytest.raises(StorageError):
        source.collect(archive=Archive(tmp_path / "in the way"))


def test_when_it_is_to_stop_nothing_more_is_asked(source: Source) -> None:
    source.answers["GBR-NGA"] = {"offers": [{}], "next": "2"}
    with pytest.raises(FetchError, match="acme: stopped before everything was asked") as stopped:
        source.collect(stop=lambda: len(source.asked) == 2)
    assert stopped.value.reason == "interrupted"
    assert source.asked == ["GBR-IND", "GBR-NGA"]
    assert source.collect(stop=lambda: False).answered == 5
