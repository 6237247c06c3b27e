"""The archive as evidence: asked again without a download, read again over a span, walked back, pruned by rule."""

import json
from pathlib import Path

import pytest

from scrapers.archive import DOWNLOADED, Archive
from tests.journeys.faults import Spoiler


def _answers(remitwatch, run: int):  # type: ignore[no-untyped-def]
    return remitwatch("runs", "show", str(run), "--json").json["snapshots"]


def test_an_unchanged_answer_is_observed_again_without_a_download(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    (first,) = remitwatch("collect", "ecb", "--date", str(today.now.date()), "--json").json
    (again,) = remitwatch("collect", "ecb", "--date", str(today.now.date()), "--json").json
    assert again["status"] == "ok"
    assert again["rates"] == first["rates"] > 25
    (old,), (new,) = _answers(remitwatch, first["id"]), _answers(remitwatch, again["id"])
    assert new["snapshot"] != old["snapshot"]
    assert new["body"] == old["body"]
    trace = remitwatch("trace", new["body"], "--json").json
    assert [one["run"] for one in trace["answers"]] == [first["id"], again["id"]]
    assert [one["downloaded_at"] is not None for one in trace["answers"]] == [False, True]
    assert len(list((remitwatch.home / "archive").glob("bodies/*/*.gz"))) == 1
    assert f"not changed since {trace['answers'][1]['downloaded_at']}" in remitwatch("trace", new["snapshot"]).out
    assert "0 new, 0 gone" in remitwatch("reparse", "ecb").out
    snapshots = Archive(remitwatch.home / "archive").snapshots(f"{today.now.date()}/ecb-2")
    assert DOWNLOADED in next(iter(snapshots)).headers


def test_from_an_answer_to_its_quotes_and_to_its_bytes(remitwatch, sandbox, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect")
    remitwatch("observe")
    row = remitwatch("quotes", "--corridor", "GBR-IND", "--basis", "standard", "--json").json[0]
    (evidence,) = remitwatch("trace", str(row["quote"]), "--json").json["evidence"]
    back = remitwatch("trace", evidence["snapshot"], "--json").json
    assert back["body"] == evidence["body"]
    assert row["quote"] in [one["quote"] for one in back["answers"][0]["quotes"]]
    assert back["answers"][0]["in_force"] is True
    path = f"archive/bodies/{back['body'][:2]}/{back['body']}.gz"
    assert remitwatch("trace", path, "--json").json == back
    assert "in force" in remitwatch("trace", evidence["snapshot"]).out
    body = Archive(remitwatch.home / "archive").body(back["body"])
    assert remitwatch("trace", str(row["quote"]), "--body").out.encode() == body
    target = tmp_path / "answer.json"
    remitwatch("trace", evidence["snapshot"], "--out", target)
    assert target.read_bytes() == body
    assert "nothing is written over" in remitwatch("trace", evidence["snapshot"], "--out", target, code=2).err
    figure = remitwatch("indicators", "--scope", "world", "--basis", "estimate", "--json").json[0]["id"]
    assert "answers are behind it" in remitwatch("trace", figure, "--body", code=2).err
    assert "no run of this home holds it" in remitwatch("trace", "0" * 64, code=2).err
    remitwatch("runs", "reject", str(evidence["run"]), "--why", "a trial")
    assert remitwatch("trace", evidence["snapshot"], "--json").json["answers"][0]["in_force"] is False


def test_reparse_over_a_span_says_what_changed_and_a_dry_run_changes_nothing(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch
) -> None:
    from scrapers.quotes import wise_comparisons

    days = []
    for _ in range(3):
        (run,) = [one for one in remitwatch("collect", "--json").json if one["source"] == "wise_comparisons"]
        days.append((str(today.now.date()), run["id"]))
        today.move(days=1)
    original = wise_comparisons.provider_key
    monkeypatch.setattr(wise_comparisons, "provider_key", lambda alias: original(alias).replace("wise", "wyse"))
    before = remitwatch("db", "check").out
    dry = remitwatch("reparse", "wise_comparisons", "--since", days[1][0], "--dry-run", "--json").json
    assert [one["run"] for one in dry] == [days[1][1], days[2][1]]
    assert all(one["added"] == one["removed"] > 0 for one in dry)
    assert any("wyse" in example for one in dry for example in one["examples"])
    assert remitwatch("reparse", "wise_comparisons", "--dry-run", "--json").json[0]["added"] > 0
    assert remitwatch("db", "check").out == before
    (only,) = remitwatch("reparse", "wise_comparisons", "--since", days[1][0], "--until", days[1][0], "--json").json
    assert {**only, "date": None} == {**dry[0], "date": None}
    (still,) = remitwatch("reparse", "wise_comparisons", "--run", str(days[0][1]), "--dry-run", "--json").json
    assert still["added"] > 0  # the other runs were left alone
    told = remitwatch("reparse", "wise_comparisons").out
    assert f"run {days[0][1]} {days[0][0]}: " in told
    assert f"run {days[1][1]} " not in told  # it had been read again already
    assert "no archived answers until 2000-01-01" in remitwatch("reparse", "ecb", "--until", "2000-01-01", code=2).err


@pytest.fixture
def pruned(remitwatch, sandbox, today, monkeypatch):  # type: ignore[no-untyped-def]
    """A home with a good run, a failed one whose issues are closed, and one with open issues, all 40 days old."""
    remitwatch("collect")
    remitwatch("observe")
    failed = []
    for text in (b'{"gone": 1}', b'{"gone": 2}'):
        with Spoiler(sandbox.base_urls["transfergo"], lambda path, body, text=text: text) as spoiled:
            monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", spoiled.url)
            failed.append(remitwatch("collect", "transfergo", "--json", code=1).json[0]["id"])
        if len(failed) == 1:
            for issue in remitwatch("issues", "list", "--limit", "500", "--json").json:
                remitwatch("issues", "close", str(issue["id"]), "--why", "known")
    today.move(days=40)
    return failed


def test_prune_takes_what_nothing_rests_on_and_says_so(remitwatch, pruned, today) -> None:  # type: ignore[no-untyped-def]
    archive = remitwatch.home / "archive"
    before = {path.name: path.stat().st_size for path in archive.glob("bodies/*/*.gz")}
    assert "kept for ever" in remitwatch("archive", "prune", code=2).err
    dry = remitwatch("archive", "prune", "--dry-run", "--keep-days", "30", "--json").json
    gone = {one["body"] for one in _answers(remitwatch, pruned[0])}
    assert set(dry["sha256"]) == gone
    assert dry["bytes"] == sum(before[f"{sha256}.gz"] for sha256 in gone)
    assert dry["staying"].keys() == {"figures rest on it", "an open issue points to it"}
    assert {path.name for path in archive.glob("bodies/*/*.gz")} == set(before)
    remitwatch("archive", "prune", "--keep-days", "30")
    assert {path.name for path in archive.glob("bodies/*/*.gz")} == set(before) - {f"{one}.gz" for one in gone}
    snapshot = _answers(remitwatch, pruned[0])[0]["snapshot"]
    assert f"pruned on {today.now.date()}" in remitwatch("trace", snapshot).out
    assert "was pruned on" in remitwatch("trace", snapshot, "--body", code=1).err
    assert remitwatch("archive", "prune", "--keep-days", "30", "--json").json["bodies"] == 0


def test_figures_outlive_their_bodies_when_they_are_pruned_too(remitwatch, pruned, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def shown() -> str:
        return remitwatch("quotes", "--corridor", "GBR-IND", "--on", "2026-10-30", "--json").out

    before = shown()
    assert json.loads(before)
    monkeypatch.setenv("REMITWATCH_ARCHIVE__KEEP_DAYS", "30")
    assert "0 answers" not in remitwatch("archive", "prune", "--even-in-force").out
    report = remitwatch("reparse", "wise_comparisons").out
    assert "0 values unchanged, 0 new, 0 gone" in report  # nothing could be read again, so nothing was taken away
    assert shown() == before
    traced = remitwatch("trace", str(json.loads(before)[0]["quote"]))
    assert "pruned on 2026-12-09; its hash and description are kept" in traced.out
    assert Path(remitwatch.home / "archive" / "pruned.jsonl").exists()
