"""kill -9 while collecting and while publishing: nothing half is seen, and a rerun completes without doubles."""

import contextlib
import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CommandLine
from tests.journeys.faults import Spoiler
from tests.journeys.receivers import route, webhook
from tests.journeys.stopping import stops
from tests.journeys.test_alerts import outbox

pytestmark = pytest.mark.slow

CODE = """
import sys
import time_machine, datetime as dt
from remitwatch.cli import main
sys.argv = ["remitwatch", *sys.argv[2:]]
with time_machine.travel(dt.datetime.fromisoformat({now!r}), tick=True):
    main()
"""


def _start(now: str, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    code = CODE.format(now=now)
    command = [sys.executable, "-c", code, "child", "--home", str(home), *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ)


def _kill(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert child.stderr is not None
    child.stderr.close()


def test_killed_while_collecting(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    killed_at_work = 0
    for requests in (2, 5, 9):
        before = sandbox.requests_served
        child = _start(today.now.isoformat(), remitwatch.home, "collect")
        deadline = time.monotonic() + 20
        while sandbox.requests_served < before + requests and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        killed_at_work += child.poll() is None
        _kill(child)
        assert remitwatch("indicators", "--json").json == []  # nothing of a half run is in a figure
    assert killed_at_work == 3
    remitwatch("collect")
    runs = remitwatch("runs", "list", "--json").json
    assert [run["status"] for run in runs if run["status"] not in ("failed", "ok")] == []
    assert {run["reason"] for run in runs if run["status"] == "failed"} <= {"aborted"}
    assert any(run["reason"] == "aborted" for run in runs)
    done = {run["source"]: run["quotes"] for run in runs if run["status"] == "ok"}
    assert set(done) == {"ecb", "transfergo", "wise_comparisons"}
    remitwatch("observe")
    rows = remitwatch("quotes", "--corridor", "GBR-IND", "--json").json
    named = [(row["basis"], row["provider"], row["payment_instrument"], row["pickup_method"]) for row in rows]
    assert len(named) == len(set(named)) > 5
    assert remitwatch("db", "check", "--json").json["problems"] == []


@pytest.mark.long
def test_killed_fifty_times_at_random_points_of_a_run(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, httpserver, monkeypatch, tmp_path
) -> None:
    """What a run that was killed wherever leaves behind becomes, by one more run, what a run that nobody disturbed
    makes. `_held` is all that is compared: what is to survive a kill is added there."""
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")
    hook = webhook(httpserver)
    for name, audience in (("readers", "readers"), ("desk", "operators")):
        route(monkeypatch, name, url=hook.url, audience=audience, when="immediate")
    for rule, audience in (("AVERAGE", "readers"), ("SMART", "operators")):  # all is dear
        for name, value in (("THRESHOLD", "1"), ("CLEAR", "0.5"), ("RUNS", "1"), ("AUDIENCE", audience)):
            monkeypatch.setenv(f"REMITWATCH_ALERTS__RULES__CORRIDOR_{rule}_ABOVE_5__{name}", value)
    whole = CommandLine(tmp_path / "whole")
    whole("init", "--sandbox")
    begun = time.monotonic()
    child = _start(_later(), whole.home, "run")
    assert child.wait(120) == 0
    takes = time.monotonic() - begun
    assert child.stderr is not None
    child.stderr.close()
    held = _held(whole)
    assert [(rule, subject, state) for rule, subject, state, *_ in held["alerts"]] == [
        ("corridor_average_above_5", "corridor:GBR-IND", "open"),
        ("corridor_smart_above_5", "corridor:GBR-IND", "open"),
    ]
    assert [(rule, to, state) for _, rule, to, state in held["deliveries"]] == [
        ("corridor_average_above_5", "readers", "sent"),
        ("corridor_smart_above_5", "desk", "sent"),
    ]
    assert sorted(hook.taken) == _keys(whole)
    hook.taken.clear()
    chance = random.Random(50)
    killed = killed_on_delivery = 0
    while killed < 50:
        if not remitwatch.home.exists():
            remitwatch("init", "--sandbox")
        child = _start(_later(), remitwatch.home, "run")
        where = chance.random()
        if where < 0.4:  # while it collects, where anything is left to collect
            asked = sandbox.requests_served + chance.randint(1, 8)
            while sandbox.requests_served < asked and child.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.05))
        elif where < 0.6:  # while it delivers, before or after it notes that it did
            asked = hook.asked + chance.randint(1, 2)
            while hook.asked < asked and child.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.05))
            killed_on_delivery += child.poll() is None
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(chance.uniform(0.2, 1) * takes)
        if child.poll() is None:
            killed += 1
            _kill(child)
            problems = remitwatch("db", "check", "--json").json["problems"]
            assert problems == []
            continue
        assert child.returncode == 0  # this time it came to its end: compared, and begun anew
        assert child.stderr is not None
        child.stderr.close()
        _deliver_what_pauses(remitwatch.home)
        assert _held(remitwatch) == held
        assert set(hook.taken) == set(_keys(remitwatch))
        hook.taken.clear()
        shutil.rmtree(remitwatch.home)
    assert killed_on_delivery > 3
    if not remitwatch.home.exists():
        remitwatch("init", "--sandbox")
    remitwatch("run")
    _deliver_what_pauses(remitwatch.home)
    assert _held(remitwatch) == held
    assert set(hook.taken) == set(_keys(remitwatch))  # each at least once, and none that the home does not know
    runs = remitwatch("runs", "list", "--json").json
    assert {run["reason"] for run in runs if run["status"] != "ok"} <= {"aborted"}
    assert len({(run["source"], run["logical_date"], run["attempt"]) for run in runs}) == len(runs)


def _deliver_what_pauses(home: Path) -> None:
    """What a kill cut short while it was sent is sent again after a pause: once the longest of them has passed."""
    child = _start(_later(dt.timedelta(hours=11)), home, "alerts", "deliver")
    assert child.wait(60) == 0
    assert child.stderr is not None
    child.stderr.close()


def _later(by: dt.timedelta = dt.timedelta(0)) -> str:
    """The time of this process, or later: what one run has put off is due in the next."""
    return (dt.datetime.now(dt.UTC) + by).isoformat()


def _keys(command: CommandLine) -> list[str]:
    """The idempotency keys of what was to be sent, sorted; each once."""
    keys = sorted(one["key"] for one in command("alerts", "deliveries", "--json").json)
    assert len(set(keys)) == len(keys)
    return keys


def _held(command: CommandLine) -> dict[str, Any]:
    """What a home holds, without the numbers and times of its runs."""
    named = ("basis", "provider", "payment_instrument", "access_point", "pickup_method", "total_cost", "received")
    rows = [
        row
        for amount in ("200", "500")
        for row in command("quotes", "--corridor", "GBR-IND", "--amount", amount, "--json").json
    ]
    runs = command("runs", "list", "--json").json
    ok = [run for run in runs if run["status"] == "ok"]
    figures = command("indicators", "--json").json
    alerts = command("alerts", "list", "--all", "--json").json
    deliveries = command("alerts", "deliveries", "--json").json
    return {
        "quotes": sorted([str(row.get(name)) for name in named] for row in rows),
        "runs": sorted((run["source"], run["logical_date"], run["quotes"], run["rates"]) for run in ok),
        "editions": sorted(path.name for path in (command.home / "editions").iterdir()),
        "figures": [(row["indicator"], row["basis"], row["value"], row["services"]) for row in figures],
        "alerts": sorted((one["rule"], one["subject"], one["state"], one["first_day"], one["value"]) for one in alerts),
        "messages": sorted(outbox(command)),
        "deliveries": sorted((one["kind"], one["rule"], one["route"], one["state"]) for one in deliveries),
        "problems": command("db", "check", "--json").json["problems"],
    }


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2])
def test_killed_while_publishing(remitwatch, sandbox, today, delay: float) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("collect")
    remitwatch("observe")
    editions = remitwatch.home / "editions"
    child = _start(today.now.isoformat(), remitwatch.home, "publish")
    deadline = time.monotonic() + 20
    while not any(editions.iterdir()) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(delay)
    _kill(child)
    for edition in editions.glob("2026*"):  # whatever stands is whole
        manifest = json.loads((edition / "manifest.json").read_text())
        assert all((edition / name).is_file() for name in manifest["files"])
    remitwatch("publish")
    edition = editions / "2026-10-30-1"
    assert (editions / "latest").resolve() == edition
    # one edition, and the files of the archive whole: nothing else is left behind
    assert sorted(path.name for path in editions.iterdir()) == [
        "2026-10-30-1", "editions.css", "feed.ar.xml", "feed.es.xml", "feed.fr.xml", "feed.xml",
        "index.ar.html", "index.es.html", "index.fr.html", "index.html", "latest",
    ]  # fmt: skip
    for listing in (*editions.glob("index*"), *editions.glob("feed*")):
        assert "2026-10-30-1" in listing.read_text("utf-8"), listing.name


def test_sigterm_ends_a_collection_within_five_seconds_and_says_so_on_its_run(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch
) -> None:
    remitwatch("init", "--sandbox")
    asked = threading.Event()

    def slow(path: str, body: bytes) -> bytes | None:
        asked.set()
        ended.wait(30)
        return None

    ended = threading.Event()
    with Spoiler(sandbox.base_urls["wise_comparisons"], slow) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__WISE_COMPARISONS__BASE_URL", server.url)
        child = _start(today.now.isoformat(), remitwatch.home, "collect", "wise_comparisons")
        assert asked.wait(20)
        assert stops(child) == 143
        ended.set()
    assert child.stderr is not None
    assert child.stderr.read().decode().splitlines()[-1] == "remitwatch: stopped by SIGTERM"
    child.stderr.close()
    (run,) = remitwatch("runs", "list", "--json").json
    assert (run["status"], run["reason"]) == ("failed", "interrupted")
    remitwatch("collect", "ecb")  # no lock is left


def test_a_second_writer_is_refused_with_75(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    from remitwatch.home import Home, only_writer

    remitwatch("init", "--sandbox")
    with only_writer(Home(remitwatch.home, remitwatch.home / "x"), dt.datetime.now(dt.UTC)):
        refused = remitwatch("collect", code=75)
        assert "already in use by process" in refused.err
        remitwatch("runs", "list")  # readers are not held up


def test_two_homes_on_one_database_do_not_write_at_once(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("REMITWATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'shared' / 'one.sqlite'}")
    remitwatch("init", "--sandbox")
    asked, go_on = threading.Event(), threading.Event()

    def slow(path: str, body: bytes) -> bytes | None:
        asked.set()
        go_on.wait(30)
        return None

    with Spoiler(sandbox.base_urls["ecb"], slow) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", server.url)
        child = _start(today.now.isoformat(), remitwatch.home, "collect", "ecb")
        try:
            assert asked.wait(20)
            remitwatch.home = tmp_path / "second"
            refused = remitwatch("check", code=75)
            assert "already in use by" in refused.err
            (run,) = remitwatch("runs", "list", "--json").json
            assert run["status"] == "running"  # it was not aborted by the other home
        finally:
            go_on.set()
            child.wait()
    assert child.stderr is not None
    child.stderr.close()
    (run,) = remitwatch("runs", "list", "--json").json
    assert run["status"] == "ok"
    remitwatch("check")
