"""The runner: archived first, each request alone, everything counted, and the two worlds never mixed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response as Answered

from remitwatch.corridors import corridor
from remitwatch.errors import InputError, StorageError
from remitwatch.quotes import Inquiry, Quote
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import Harvest
from remitwatch.services import Provider
from scrapers.archive import Archive
from scrapers.base import AnswerError, Record, Refused, Repaired, Request, Response, Scraper, each
from scrapers.runner import GIVE_UP_AFTER, MAX_DEPTH, SANDBOX_HEADER, collect, read_file, reparse
from tests.scrapers.loopback import NOW, client, definition, own

URL = "https://api.acme.test/prices"
LABEL = "2026-10-30/acme-1"
CORRIDORS = ("GBR-IND", "GBR-NGA", "USA-MEX", "USA-PHL", "DEU-TUR", "DEU-IND", "ESP-COL", "ARE-IND")
INQUIRIES = tuple(Inquiry(corridor=corridor(key), send_amount="200", tier=200) for key in CORRIDORS)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


class Acme(Scraper):
    """One question a corridor; an answer holds independent offers."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            yield Request(URL, {"corridor": inquiry.corridor.key}, (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        answer = response.json()
        if answer.get("closed"):
            yield response.inquiry.not_offered("closed")
        if "next" in answer:
            yield Request(URL, {"page": str(answer["next"])}, response.request.inquiries)
        yield from each(answer["offers"], lambda offer: [quote(response.inquiry, **offer)])


def quote(inquiry: Inquiry, **changes: Any) -> Quote:
    answer: dict[str, Any] = {
        "provider": Provider(key="acme", name="Acme"),
        "basis": "standard",
        "payment_instrument": "bank_account",
        "access_point": "internet",
        "pickup_method": "bank_account",
        "fee": Decimal("1.50"),
        "fee_model": "added",
        "rate": Decimal("80"),
    }
    return inquiry.quote(**(answer | changes))


class Source:
    """The made-up source on loopback: `answers` by corridor or page, else one offer."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.answers: dict[str, Any] = {}
        self.headers = {SANDBOX_HEADER: "sandbox data, not real prices"}
        self.unmarked = ""
        self.asked: list[str] = []
        self.archive = Archive(folder / "archive", durable=False)
        self.base_url = server.url_for("")
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/prices").respond_with_handler(self._answer)

    def _answer(self, request: Asked) -> Answered:
        key = request.args.get("corridor") or request.args.get("page") or ""
        self.asked.append(key)
        answer = self.answers.get(key, {"offers": [{}]})
        headers = {} if key == self.unmarked else self.headers
        if isinstance(answer, Answered):
            return Answered(answer.get_data(), status=answer.status, content_type=answer.content_type, headers=headers)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Answered(body, headers=headers)

    def collect(
        self, scraper: Scraper | None = None, inquiries: Sequence[Inquiry] = INQUIRIES[:4], **changes: Any
    ) -> Harvest:
        one = client(**own(self.base_url))
        arguments: dict[str, Any] = {
            "archive": self.archive,
            "now": lambda: NOW,
            "world": "sandbox",
            "run_label": LABEL,
        }
        try:
            return collect(scraper or Acme(definition()), inquiries, client=one, **(arguments | changes))
        finally:
            one.close()


@pytest.fixture
def source(httpserver: HTTPServer, tmp_path: Path) -> Source:
    return Source(httpserver, tmp_path)


def page(text: str, status: int = 200) -> Answered:
    return Answered(text, status=status, content_type="text/html")


def codes(harvest: Harvest) -> list[str]:
    return [issue.code for issue in harvest.issues]


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
    ({"deals": []}, "refused_answer", "unknown or missing 'offers'"),
    ({"offers": 7}, "refused_answer", "not iterable"),
    (b"null", "refused_answer", "get"),
    ({"offers": []}, "empty_answer", "no value"),
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
    assert refused.record == "<html>no access</html>"  # no snapshot: what is shown is all there is
    assert refused.snapshot is None


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
    assert harvest.failures == {"refused_answer": 4}


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
    assert codes(harvest) in (["refused_answer"], ["changed"])


def test_what_is_no_value_is_refused(source: Source) -> None:
    class Odd(Acme):
        def parse(self, response: Response) -> Iterator[Any]:
            yield {"fee": 1}

    harvest = source.collect(Odd(definition()))
    assert codes(harvest) == ["refused_answer"] * 4
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


def test_a_run_has_a_time_budget(source: Source) -> None:
    times = iter([NOW, NOW, *(NOW + timedelta(minutes=30 * n) for n in range(50))])
    harvest = source.collect(inquiries=INQUIRIES, now=lambda: next(times), budget=timedelta(minutes=100))
    assert 1 <= len(harvest.quotes) < len(INQUIRIES)
    assert harvest.failures["slow"] == len(INQUIRIES) - len(harvest.quotes)
    assert codes(harvest) == ["gave_up"]


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
