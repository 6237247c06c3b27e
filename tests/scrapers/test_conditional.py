"""A source that is told what is held: 304 is the held answer observed again, and nothing is trusted for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response as Answered

from remitwatch.runs import Harvest, Snapshot
from scrapers.archive import DOWNLOADED, Archive
from scrapers.conditional import HeldAnswers
from scrapers.http import HttpClient
from scrapers.runner import collect
from tests.scrapers.acme import INQUIRIES, Acme
from tests.scrapers.loopback import NOW, client, definition, own

MODIFIED = "Thu, 29 Oct 2026 15:00:00 GMT"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


class Server:
    """A source with ETags; `obeys` says whether it looks at what it is told, `always` answers 304 to everything."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[dict[str, str]] = []
        self.rate = "80"
        self.always = False
        self.url = server.url_for("")
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/prices").respond_with_handler(self.answer)

    def answer(self, request: Asked) -> Answered:
        self.asked.append(dict(request.headers))
        etag = f'"{self.rate}"'
        if self.always or request.headers.get("If-None-Match") == etag:
            return Answered(status=304, headers={"ETag": etag})
        body = json.dumps({"offers": [{"rate": self.rate}]})
        return Answered(body, headers={"ETag": etag, "Last-Modified": MODIFIED}, content_type="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", durable=False)


@pytest.fixture
def http(server: Server) -> Iterator[HttpClient]:
    one = client(**own(server.url))
    yield one
    one.close()


def ask(http: HttpClient, archive: Archive, known: list[Snapshot], at: datetime = NOW) -> Harvest:
    http._now = lambda: at  # the time stamped on answers
    return collect(
        Acme(definition()),
        INQUIRIES[:1],
        client=http,
        archive=archive,
        now=lambda: at,
        world="real",
        run_label=f"{at.date()}/acme-1",
        held=HeldAnswers(known, archive),
    )


def test_304_is_the_held_answer_observed_again(server: Server, archive: Archive, http: HttpClient) -> None:
    first = ask(http, archive, [])
    assert not {"If-None-Match", "If-Modified-Since"} & set(server.asked[0])
    tomorrow = NOW + timedelta(days=1)
    again = ask(http, archive, first.snapshots, tomorrow)
    assert (server.asked[1]["If-None-Match"], server.asked[1]["If-Modified-Since"]) == ('"80"', MODIFIED)
    assert [one.value for one in again.quotes] == [one.value for one in first.quotes]
    assert (again.answered, again.failures, again.issues) == (1, {}, [])
    (old,), (new,) = first.snapshots, again.snapshots
    assert new.id != old.id
    assert (new.body_sha256, new.fetched_at, new.status) == (old.body_sha256, tomorrow, 200)
    assert new.headers[DOWNLOADED] == NOW.isoformat()
    assert len(list(archive.root.glob("bodies/*/*.gz"))) == 1
    assert archive.response(new).json() == archive.response(old).json()  # it can be read again like any other


def test_a_changed_answer_comes_whole(server: Server, archive: Archive, http: HttpClient) -> None:
    first = ask(http, archive, [])
    server.rate = "81"
    again = ask(http, archive, first.snapshots, NOW + timedelta(days=1))
    assert [str(one.value.rate) for one in again.quotes] == ["81"]
    assert DOWNLOADED not in again.snapshots[0].headers


def test_304_without_a_held_body_is_changed_and_nothing_is_made_up(
    server: Server, archive: Archive, http: HttpClient
) -> None:
    server.always = True
    harvest = ask(http, archive, [])
    assert (harvest.quotes, harvest.failures) == ([], {"changed": 1})


def test_a_lost_body_is_asked_for_whole(server: Server, archive: Archive, http: HttpClient) -> None:
    first = ask(http, archive, [])
    for body in archive.root.glob("bodies/*/*.gz"):
        body.unlink()
    again = ask(http, archive, first.snapshots, NOW + timedelta(days=1))
    assert "If-None-Match" not in server.asked[1]
    assert len(again.quotes) == 1


def test_a_server_that_never_changes_its_etag_is_found_out(server: Server, archive: Archive, http: HttpClient) -> None:
    known = ask(http, archive, []).snapshots
    for day in range(1, 10):
        known = ask(http, archive, known, NOW + timedelta(days=day)).snapshots
    whole = [number for number, headers in enumerate(server.asked) if "If-None-Match" not in headers]
    assert whole == [0, 7]  # every seventh day, counted from the download and not from the last 304


def test_another_question_is_asked_without_a_condition(server: Server, archive: Archive, http: HttpClient) -> None:
    (known,) = ask(http, archive, []).snapshots
    other = known.model_copy(update={"url": known.url.replace("GBR-IND", "GBR-NGA")})
    ask(http, archive, [other], datetime(2026, 10, 31, tzinfo=UTC))
    assert "If-None-Match" not in server.asked[1]
