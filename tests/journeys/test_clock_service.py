"""The clock as a process: it says that it runs, stops when told, whatever it is doing, and there is one of it."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from remitwatch import heartbeat, jobs
from remitwatch.errors import StorageError
from remitwatch.heartbeat import Heartbeat
from remitwatch.home import only_writer
from tests.conftest import CommandLine
from tests.journeys.faults import Spoiler
from tests.journeys.receivers import route
from tests.journeys.stopping import stops
from tests.journeys.test_clock import _home, _loaded, _runs, _work

CODE = """
import sys, threading
import time_machine, datetime as dt
from remitwatch.cli import main
from remitwatch.pipeline import {module}
def held(*given, **more):
    print("held", file=sys.stderr, flush=True)
    threading.Event().wait(60)
{replace}
sys.argv = ["remitwatch", "--home", {home!r}, *{arguments!r}]
with time_machine.travel(dt.datetime.fromisoformat({now!r}), tick=True):
    main()
"""


def _code(home: Path, now: str, held: tuple[str, str] | None = None, arguments: Sequence[str] = ("schedule",)) -> str:
    module, name = held or ("publishing", "")
    replace = f"{module}.{name} = held" if held else ""
    return CODE.format(module=module, replace=replace, home=str(home), now=now, arguments=tuple(arguments))


@contextmanager
def _clock(
    home: Path, now: str, held: tuple[str, str] | None = None, arguments: Sequence[str] = ("schedule",)
) -> Iterator[subprocess.Popen[str]]:
    """A scheduler (or another command) as a process of its own at a given time. `held`: module and name of what never
    comes to its end."""
    with subprocess.Popen(
        [sys.executable, "-c", _code(home, now, held, arguments)], stderr=subprocess.PIPE, text=True, env=os.environ
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _read_until(child: subprocess.Popen[str], words: str) -> list[str]:
    """What it said up to these words. A child that does not say them in two minutes is killed: the test ends."""
    assert child.stderr is not None
    lines = []
    too_late = threading.Timer(120, child.kill)
    too_late.start()
    try:
        for line in child.stderr:
            lines.append(line)
            if words in line:
                return lines
    finally:
        too_late.cancel()
    raise AssertionError(f"{words!r} was not said: {''.join(lines)}")


def test_it_says_what_it_does_and_that_it_runs(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    assert heartbeat.read(_home(remitwatch)) is None
    with _clock(remitwatch.home, today.now.isoformat()) as child:
        lines = _read_until(child, "publish: edition 2026-10-30-1")
        deadline = time.monotonic() + 10
        while (beat := heartbeat.read(_home(remitwatch))) and beat.last_job != "publish":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert beat is not None
        assert stops(child, signal.SIGINT) == 130
    said = [line.partition("remitwatch.schedule: ")[2].rpartition(" (")[0] for line in lines]
    said = [line for line in said if line]
    assert said[0].startswith("try again: transfergo ok, 20 quotes, wise_comparisons ok, 46")
    assert [line.partition(":")[0] for line in said] == ["try again", "observe", "check", "publish"]
    assert (beat.pid, beat.next_job, beat.working) == (child.pid, "deliver", None)
    assert beat.next_at == today.now.replace(minute=5)
    assert (beat.last_job, beat.last_outcome, beat.last_message) == ("publish", "ok", "edition 2026-10-30-1")
    assert beat.is_alive(today.now + dt.timedelta(minutes=1))
    assert not beat.is_alive(today.now + dt.timedelta(minutes=10))
    after = heartbeat.read(_home(remitwatch))
    assert after is not None
    assert after.stopped
    assert not after.is_alive(today.now)


def test_a_heartbeat_is_read_as_it_was_written_and_damage_is_told(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    home = _home(remitwatch)
    home.root.mkdir()
    noon = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)
    beat = Heartbeat(1, "host", noon, noon, "observe", noon, None, None, "check", noon, "failed", "résumé")
    heartbeat.write(home, beat)
    assert heartbeat.read(home) == beat
    assert [path.name for path in home.root.iterdir()] == ["heartbeat.json"]
    for damage in (b"", b"[]", b'{"pid": 1}', b"\xff", b'{"other": 1}'):
        heartbeat.path_of(home).write_bytes(damage)
        with pytest.raises(StorageError, match="not a heartbeat"):
            heartbeat.read(home)


def test_it_stops_within_five_seconds_while_a_source_is_slow(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    asked, over = threading.Event(), threading.Event()

    def slow(path: str, body: bytes) -> None:
        asked.set()
        over.wait(30)

    with Spoiler(sandbox.base_urls["transfergo"], slow) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", server.url)
        with _clock(remitwatch.home, today.now.isoformat()) as child:
            assert asked.wait(30)
            assert stops(child) == 143
        over.set()
    cut = [reason for source, _, reason in _runs(remitwatch) if source == "transfergo"]
    assert cut == ["interrupted"]
    assert ("transfergo", "ok", "") not in _runs(remitwatch)
    remitwatch("collect", "ecb")  # no lock is left


@pytest.mark.parametrize("held", [("publishing", "publish_if_any"), ("observing", "observe")])
def test_it_stops_within_five_seconds_while_it_publishes_or_prices(remitwatch, sandbox, today, held) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    with _clock(remitwatch.home, today.now.isoformat(), held) as child:
        _read_until(child, "held")
        assert stops(child) == 143
    remitwatch("observe")  # no lock is left
    remitwatch("publish")


@contextmanager
def _receiver_without_answer(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A route to a webhook that does not answer before this is over, and a rule that opens. Says when it was asked."""
    asked, over = threading.Event(), threading.Event()

    def hold(_request: Request) -> Response:
        asked.set()
        over.wait(60)
        return Response()

    httpserver.expect_request("/hook").respond_with_handler(hold)
    route(monkeypatch, "desk", url=httpserver.url_for("/hook").replace("http://", "json://"), when="immediate")
    for name, value in (("THRESHOLD", "1"), ("CLEAR", "0.5"), ("RUNS", "1")):
        monkeypatch.setenv(f"REMITWATCH_ALERTS__RULES__CORRIDOR_AVERAGE_ABOVE_5__{name}", value)
    try:
        yield asked
    finally:
        over.set()


def _waiting(remitwatch: CommandLine) -> list[tuple[str, str, int]]:
    """Rule, state and attempts of the deliveries."""
    listed = remitwatch("alerts", "deliveries", "--json").json
    return [(one["rule"], one["state"], one["attempts"]) for one in listed]


@pytest.mark.parametrize("arguments", [("schedule",), ("alerts", "deliver")], ids=" ".join)
def test_it_stops_within_five_seconds_while_a_receiver_does_not_answer(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, httpserver, monkeypatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")
    remitwatch("run", code=None)
    with _receiver_without_answer(httpserver, monkeypatch) as asked:
        remitwatch("check")
        before_its_time = (today.now + dt.timedelta(minutes=4, seconds=55)).isoformat()
        with _clock(remitwatch.home, before_its_time, arguments=arguments) as child:
            assert asked.wait(60)
            assert stops(child) == 143
    assert _waiting(remitwatch) == [("corridor_average_above_5", "waiting", 1)]
    today.move(1)
    assert remitwatch("alerts", "deliver").out.startswith("delivered: 1 sent")  # no lock is left, and nothing is lost


def test_of_two_schedulers_that_start_together_one_works(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    code = f"import sys\nsys.stdin.readline()\n{_code(remitwatch.home, today.now.isoformat())}"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        )
        for _ in range(2)
    ]
    try:
        for child in children:  # the barrier
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        deadline = time.monotonic() + 60
        while not (ended := [child for child in children if child.poll() is not None]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (loser,) = ended
        (winner,) = [child for child in children if child is not loser]
        assert loser.stderr is not None
        assert loser.wait() == 75
        assert "already in use by another scheduler" in loser.stderr.read().splitlines()[-1]
        _read_until(winner, "publish: edition")
        with _clock(remitwatch.home, today.now.isoformat()) as third:  # killed or refused, it changes nothing
            third.kill()
        assert winner.poll() is None
        assert stops(winner) == 143
    finally:
        for child in children:
            child.kill()
            child.communicate()
    assert sorted(_runs(remitwatch)) == [("transfergo", "ok", ""), ("wise_comparisons", "ok", "")]


def test_two_homes_with_one_database_have_one_scheduler(remitwatch, sandbox, today, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'shared' / 'one.sqlite'}")
    remitwatch("init", "--sandbox")
    with _clock(remitwatch.home, today.now.isoformat()) as child:
        _read_until(child, "the clock runs")
        remitwatch.home = tmp_path / "second"
        refused = remitwatch("schedule", code=75)
        assert f"already in use by another scheduler, process {child.pid} on " in refused.err


def test_a_home_that_stays_busy_is_an_overlap(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(jobs, "BUSY_PAUSE", 0.01)
    monkeypatch.setattr(jobs, "BUSY_SECONDS", 0.1)
    remitwatch("init", "--sandbox")
    work = _work(remitwatch, "collect transfergo")
    with only_writer(_home(remitwatch), today.now):
        assert work().outcome == "failed"
    assert _runs(remitwatch) == [("transfergo", "missed", "overlap")]
    assert len(remitwatch("status", "--json", code=None).json["gaps"]) == 1
    jobs.try_again(_home(remitwatch), _loaded())
    assert _runs(remitwatch, "--source", "transfergo") == [
        ("transfergo", "missed", "overlap"),
        ("transfergo", "ok", ""),
    ]
    assert remitwatch("status", "--json", code=None).json["gaps"] == []
