"""The time of a whole collection: what is not done by then is cut and said, and the rest of the day is done."""

import threading

from remitwatch import jobs
from tests.journeys.faults import Spoil, Spoiler
from tests.journeys.test_clock import _home, _loaded


def _waiting(over: threading.Event, seconds: float) -> Spoil:
    """Answers that come after so many seconds, until it is over."""

    def spoil(path: str, body: bytes) -> None:
        over.wait(seconds)

    return spoil


def test_what_is_not_done_in_time_is_cut_with_its_reason_and_the_rest_is_published(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch
) -> None:
    remitwatch("init", "--sandbox")
    slow = threading.Event()
    with Spoiler(sandbox.base_urls["wise_comparisons"], _waiting(slow, 1)) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__WISE_COMPARISONS__BASE_URL", server.url)
        done = remitwatch("run", "--budget", "0.05", "--json", code=3).json
        runs = {run["source"]: (run["status"], run["reason"], run["quotes"]) for run in done["runs"]}
        assert runs["wise_comparisons"] == ("failed", "out_of_time", 0)
        assert runs["ecb"][0] == runs["transfergo"][0] == "ok"
        assert done["priced"] == runs["transfergo"][2] > 0
        assert done["edition"].endswith("editions/2026-10-30-1")
        said = (
            "failed out_of_time: the time for the whole collection was used up before the source was asked to its end"
        )
        assert said in remitwatch("status", code=None).out
        slow.set()
        jobs.try_again(_home(remitwatch), _loaded())  # it is asked again within the hour
    statuses = [run["status"] for run in remitwatch("runs", "list", "--source", "wise_comparisons", "--json").json]
    assert statuses == ["ok", "failed"]


def test_a_source_that_is_not_begun_in_time_is_recorded_too(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    slow = threading.Event()
    with Spoiler(sandbox.base_urls["ecb"], _waiting(slow, 2)) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", server.url)
        done = remitwatch("run", "--budget", "0.01", "--json", code=3).json
    runs = {run["source"]: (run["status"], run["reason"], run["requests"]) for run in done["runs"]}
    assert runs["transfergo"] == runs["wise_comparisons"] == ("failed", "out_of_time", 0)
    assert runs["ecb"][0] == "ok"  # its one answer came
    assert remitwatch("run", "--json").json["edition"] is not None


def test_a_budget_is_a_time(remitwatch, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert "--budget" in remitwatch("run", "--budget", "0", code=2).err
    monkeypatch.setenv("REMITWATCH_COLLECT__BUDGET_MINUTES", "-1")
    assert "collect.budget_minutes" in remitwatch("run", code=2).err
