"""Routes, when they are due, pauses between attempts, and masks over addresses."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from remitwatch.config import AlertSettings, load
from remitwatch.errors import InputError
from remitwatch.notify import files
from remitwatch.notify.backoff import is_given_up, next_attempt
from remitwatch.notify.masking import masked
from remitwatch.notify.rendered import Rendered
from remitwatch.notify.routes import Route, routes_of
from remitwatch.notify.sending import NotSentError, send

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)  # a Wednesday


def route(**changes: object) -> Route:
    settings = AlertSettings.model_validate({"routes": {"desk": {"url": "json://127.0.0.1/x"} | changes}})
    (made,) = routes_of(settings, audiences=("readers", "operators"), languages=("en", "fr"))
    return made


def test_readers_hear_daily_and_operators_at_once_unless_they_say_otherwise() -> None:
    assert (route().when, route(audience="operators").when) == ("daily", "immediate")
    assert route(when="immediate").due(NOW) == NOW
    assert route(at="12:00").due(NOW) == dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    assert route(at="12:01").due(NOW) == dt.datetime(2026, 11, 25, 12, 1, tzinfo=dt.UTC)
    assert route(when="weekly", day="wed", at="12:00").due(NOW) == dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)
    assert route(when="weekly", day="tue").due(NOW) == dt.datetime(2026, 12, 1, 7, tzinfo=dt.UTC)


@given(st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 12, 31), timezones=st.just(dt.UTC)))
def test_a_digest_is_due_after_what_it_tells_and_within_its_time(made_at: dt.datetime) -> None:
    for when, days in (("daily", 1), ("weekly", 7)):
        due = route(when=when).due(made_at)
        assert made_at < due <= made_at + dt.timedelta(days=days)
        assert route(when=when).due(due - dt.timedelta(microseconds=1)) == due


def test_a_route_takes_its_audience_from_its_severity_on() -> None:
    one = route(min_severity="warning")
    assert [one.takes("readers", severity) for severity in ("info", "warning", "critical")] == [False, True, True]
    assert not one.takes("operators", "critical")


def test_pauses_grow_to_an_hour_and_a_little_chance() -> None:
    waits = [(next_attempt(n, NOW, Random(n)) - NOW).total_seconds() for n in range(1, 200)]
    for place, least in enumerate((60, 120, 240, 480, 960, 1920, 3600, 3600)):
        assert least <= waits[place] <= least * 1.25
    assert all(3600 <= wait <= 4500 for wait in waits[6:])
    assert len({*waits[6:]}) > 100
    assert not is_given_up(None, NOW, 1)
    assert not is_given_up(NOW - dt.timedelta(hours=23), NOW, 1)
    assert is_given_up(NOW - dt.timedelta(days=1), NOW, 1)


TOKENS = st.text(st.characters(min_codepoint=48, max_codepoint=122, categories=("L", "N")), min_size=6, max_size=30)


@given(TOKENS.filter(lambda text: not text.isdigit()), st.sampled_from(("json", "slack", "tgram", "mailtos")))
def test_no_token_of_an_address_is_left_in_an_error(token: str, scheme: str) -> None:
    addresses = (
        f"{scheme}://user:{token}@example.org:8080/a/{token}/?+X-Key={token}",
        f"{scheme}://{token}/BBBBBBBB/{token}",
        f"{scheme}://123456789:{token}/lead2gold",
        f"{scheme}://user:{quote('p@:/' + token, safe='')}@example.org/",
    )
    for address in addresses:
        for words in (address, f"error at {token}", f"path /x{token}y", token.upper(), f"'{token}' was refused"):
            assert token.lower() not in masked(words, address).lower()
    assert masked("example.org:8080: refused", addresses[0]) == "example.org:8080: refused"


def test_secrets_of_routes_are_masked_in_settings(tmp_path: Path) -> None:
    (tmp_path / "remitwatch.toml").write_text('[alerts.routes.desk]\nurl = "json://user:hidden@x/"\nwhen = "never"\n')
    with pytest.raises(InputError) as told:
        load(tmp_path / "remitwatch.toml", {}, {}, frozenset())
    assert "alerts.routes.desk.when" in str(told.value)
    assert "hidden" not in str(told.value)
    assert "hidden" not in repr(route(url="json://user:hidden@x/"))


MESSAGE = Rendered("0" * 64, "subject", "text", "<p>text</p>", "en", "info", NOW)


def test_a_receiver_that_hangs_is_given_up_in_time(caplog: pytest.LogCaptureFixture) -> None:
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        answered = threading.Event()

        def drip() -> None:
            connection, _ = deaf.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not answered.wait(0.05):
                    connection.sendall(b".")

        slow = threading.Thread(target=drip, daemon=True)
        slow.start()
        one = route(url=f"json://127.0.0.1:{port}/secretpath")
        with caplog.at_level(logging.DEBUG), pytest.raises(NotSentError, match=r"no answer within 0\.5 seconds"):
            send(one, MESSAGE, longest=0.5)
        answered.set()
        slow.join(5)
    assert "secretpath" not in caplog.text


def test_an_address_that_apprise_does_not_know_is_named_without_itself() -> None:
    one = Route("desk", SecretStr("nosuch://TOKEN123/x"), "readers", "en", "immediate", dt.time(7), 0, "info")
    with pytest.raises(InputError) as told:
        send(one, MESSAGE)
    assert str(told.value).startswith("alerts.routes.desk.url: not an address of nosuch:// that apprise knows")
    assert "TOKEN123" not in str(told.value)


def test_files_are_swapped_in_whole_and_left_alone_when_they_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "alerts" / "a.jsonl"
    assert files.newest_key(path) is None
    files.write(path.parent, "a.jsonl", "")
    assert files.newest_key(path) == ""
    files.write(path.parent, "a.jsonl", '{"id": "one"}\n{"id": "two"}\n')
    assert files.newest_key(path) == "two"
    before = path.stat().st_mtime_ns
    files.write(path.parent, "a.jsonl", path.read_text())
    assert path.stat().st_mtime_ns == before
    assert [one.name for one in path.parent.iterdir()] == ["a.jsonl"]
