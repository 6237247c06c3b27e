"""Sources asked side by side: each run is stored when it ends, and the trouble of one costs the others nothing."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from remitwatch.config import load
from remitwatch.errors import StorageError
from remitwatch.home import Home
from remitwatch.pipeline import collecting, workspace
from remitwatch.runs import Harvest, RunStatus, Verdict
from scrapers import registry
from scrapers.archive import Archive
from tests.journeys.faults import Spoiler


def _loaded():  # type: ignore[no-untyped-def]
    return load(None, os.environ, {}, frozenset(registry.definitions()))


def _home(remitwatch: Any) -> Home:
    return Home(remitwatch.home, remitwatch.home / "remitwatch.toml")


def _wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def _broken_archive(monkeypatch: pytest.MonkeyPatch, source: str, error: Exception) -> None:
    put = Archive.put

    def broken(self: Archive, key: str, *arguments: Any, **named: Any) -> Any:
        if key == source:
            raise error
        return put(self, key, *arguments, **named)

    monkeypatch.setattr(Archive, "put", broken)


@pytest.mark.parametrize(
    ("broken", "error", "reason"),
    [
        ("wise_comparisons", StorageError("the disk is full"), "storage"),
        ("ecb", StorageError("the disk is full"), "storage"),
        ("transfergo", ZeroDivisionError("a fault of ours"), "broke"),
    ],
)
def test_the_error_of_one_source_costs_the_others_nothing_and_is_raised_at_the_end(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, monkeypatch, broken: str, error: Exception, reason: str
) -> None:
    remitwatch("init", "--sandbox")
    _broken_archive(monkeypatch, broken, error)
    with workspace.writing(_home(remitwatch), _loaded()) as home, pytest.raises(type(error), match=str(error)):
        collecting.collect(home)
    runs = {run["source"]: run for run in remitwatch("runs", "list", "--json").json}
    assert (runs[broken]["status"], runs[broken]["reason"], runs[broken]["accepted"]) == ("failed", reason, False)
    others = {key: run["status"] for key, run in runs.items() if key != broken}
    assert others == dict.fromkeys({"ecb", "transfergo", "wise_comparisons"} - {broken}, "ok")
    (issue,) = [one for one in remitwatch("issues", "list", "--json").json if one["source"] == broken]
    assert (issue["code"], issue["run_id"]) == ("failed_run", runs[broken]["id"])
    assert str(error) in issue["message"]


def test_a_run_that_cannot_be_stored_costs_the_others_nothing(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    judge = collecting.quality.judge

    def broken(harvest: Any, *given: Any) -> Any:
        if harvest.source == "transfergo":
            raise StorageError("database: a rule of the tables is broken")
        return judge(harvest, *given)

    monkeypatch.setattr(collecting.quality, "judge", broken)
    assert "a rule of the tables" in remitwatch("collect", code=1).err
    runs = {run["source"]: run["status"] for run in remitwatch("runs", "list", "--json").json}
    assert runs == {"ecb": "ok", "transfergo": "failed", "wise_comparisons": "ok"}


def test_a_run_is_stored_as_soon_as_it_ends(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    asked, go_on = threading.Event(), threading.Event()

    def slow(path: str, body: bytes) -> bytes | None:
        asked.set()
        go_on.wait(30)
        return None

    done: list[collecting.Collected] = []

    def work() -> None:
        with workspace.writing(_home(remitwatch), _loaded()) as home:
            done.append(collecting.collect(home))

    def stored() -> dict[str, str]:
        return {run["source"]: run["status"] for run in remitwatch("runs", "list", "--json").json}

    with Spoiler(sandbox.base_urls["transfergo"], slow) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", server.url)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert asked.wait(20)
            _wait_for(lambda: stored() == {"ecb": "ok", "transfergo": "running", "wise_comparisons": "ok"})
        finally:
            go_on.set()
            thread.join()
    assert [(run.source, run.status.value) for run in done[0].runs] == [
        ("ecb", "ok"), ("transfergo", "ok"), ("wise_comparisons", "ok"),
    ]  # fmt: skip


def test_the_error_that_ends_all_leaves_nobody_asking(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The database takes nothing any more: collect raises when the last thread has stopped asking."""
    remitwatch("init", "--sandbox")
    home = _home(remitwatch)
    with Spoiler(sandbox.base_urls["wise_comparisons"], lambda path, body: time.sleep(0.2)) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__WISE_COMPARISONS__BASE_URL", server.url)
        with workspace.writing(home, _loaded()) as open_home:
            collecting.collect(open_home, ["ecb"])

            def full(*_given: Any) -> Any:
                raise StorageError("the disk is full")

            monkeypatch.setattr(open_home.store, "finish_run", full)
            before = sandbox.requests_served
            with pytest.raises(StorageError, match="the disk is full"):
                collecting.collect(open_home, ["transfergo", "wise_comparisons"])
        served = sandbox.requests_served
        assert served > before
        time.sleep(0.6)
        assert sandbox.requests_served == served


def test_a_stop_from_outside_ends_the_asking_even_in_a_pause(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    monkeypatch.setenv("REMITWATCH_SOURCES__WISE_COMPARISONS__PAUSE", "30")
    remitwatch("collect", "ecb")
    stop = threading.Event()
    before = sandbox.requests_served
    threading.Thread(
        target=lambda: (_wait_for(lambda: sandbox.requests_served > before), stop.set()), daemon=True
    ).start()
    begun = time.monotonic()
    with workspace.writing(_home(remitwatch), _loaded()) as home:
        (run,) = collecting.collect(home, ["wise_comparisons"], stop=stop.is_set).runs
    assert time.monotonic() - begun < 10
    assert (run.status, run.reason, run.quotes) == ("failed", "interrupted", 0)
    assert remitwatch("issues", "list", "--json").json == []


def test_trials_and_imports_do_not_push_out_the_runs_that_tell_what_is_usual(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect")
    seen: list[list[int]] = []
    judge = collecting.quality.judge

    def noted(harvest: Any, definition: Any, recent: Any) -> Any:
        seen.append([run.id for run in recent])
        return judge(harvest, definition, recent)

    with workspace.writing(_home(remitwatch), _loaded()) as home:
        usual = home.queries.accepted_run("transfergo", home.today)
        assert usual is not None
        for number in range(collecting.quality.RECENT_RUNS):
            run = home.store.start_run(
                source="transfergo",
                logical_date=home.today,
                kind="import" if number % 2 else "collect",
                started_at=home.now(),
                trial=not number % 2,
            )
            home.store.finish_run(run.id, Harvest("transfergo", home.now()), Verdict(RunStatus.OK), home.now())
        monkeypatch.setattr(collecting.quality, "judge", noted)
        collecting.collect(home, ["transfergo"])
    assert seen == [[usual.id]]


def test_a_loopback_name_is_not_a_prefix() -> None:
    assert workspace.is_loopback("http://127.0.0.1:8000/x")
    assert workspace.is_loopback("http://[::1]:8000/")
    assert workspace.is_loopback("http://localhost/")
    assert not workspace.is_loopback("http://127.evil.example/")
    assert not workspace.is_loopback("https://api.example.org/")
