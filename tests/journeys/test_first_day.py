"""The first real day as the documentation walks it, against the sandbox by base-URL override."""

import json
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "first-week.md"


def test_the_walk_of_the_first_week(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    walk = PAGE.read_text("utf-8").split("```sh walk\n")[1].split("```")[0]
    commands = [line.split("#")[0].split()[1:] for line in walk.splitlines() if line.startswith("remitwatch ")]
    assert [command[0] for command in commands] == [
        "init", "sources", "sources", "collect", "run", "publish", "status",
    ]  # fmt: skip
    assert "sandbox data, not real prices" in remitwatch("init").out  # the sources are the sandbox: so is the home
    config = remitwatch.home / "remitwatch.toml"
    config.write_text(config.read_text().replace("# contact = ", "contact = "))
    for command in commands[1:]:
        extra = ["--yes"] if command[:2] == ["sources", "verify"] else []
        remitwatch(*command, *extra)
    edition = remitwatch.home / "editions" / "latest"
    manifest = json.loads((edition / "manifest.json").read_text())
    assert manifest["world"] == "sandbox"
    page = (edition / "index.html").read_text("utf-8")
    assert '<meta name="remitwatch-data" content="sandbox">' in page
    assert "sandbox data" in page.lower()
    figures = remitwatch("indicators", "--json").json
    assert {row["basis"] for row in figures} >= {"standard", "estimate"}
    assert all(row["value"] is None or re.fullmatch(r"-?\d+\.\d{4,}", row["value"]) for row in figures)


def test_a_live_source_is_not_asked_before_contact_is_set_nor_scheduled_before_it_is_verified(remitwatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    refused = remitwatch("collect", "ecb", code=2)
    assert "contact is not set" in refused.err
    assert "remitwatch.toml" in refused.err
    listed = {row["source"]: row for row in remitwatch("sources", "list", "--json").json}
    assert listed["transfergo"]["verified"] is False
    plan = remitwatch("schedule", "--dry-run").out
    assert re.search(r"collect transfergo .*not scheduled: has not been verified", plan)
    assert not re.search(r"collect transfergo +20\d\d", plan)


def test_a_day_without_a_source_or_a_figure_says_what_to_do(remitwatch, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    nothing = remitwatch("run", code=2)
    assert "nothing to do" in nothing.err
    assert " more: has not been verified;" in nothing.err
    assert "remitwatch sources verify" in nothing.err
    assert nothing.out == ""


def test_prices_are_verified_beside_rates_that_were_found_right_just_before(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    shown = remitwatch("sources", "verify", "ecb", "transfergo", "--yes").out
    prices = [line.split() for line in shown.splitlines() if line.startswith("GBR-IND GBP 120 ")]
    assert prices
    for *_, reference, cost, _survey in prices:
        assert 100 < float(reference) < 140
        assert 0 < float(cost) < 10
    assert remitwatch("rates", "--base", "EUR", "--json").json == []  # shown beside, and in no figure


def test_asking_nobody_is_not_success(remitwatch, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    refused = remitwatch("collect", code=2)
    assert "no source was asked (bank_of_canada, bank_of_england, banrep and " in refused.err
    assert (
        "more: has not been verified: `remitwatch sources verify KEY` asks it once and shows the answer" in refused.err
    )
    assert refused.out == ""


def test_prices_that_are_all_too_old_for_the_latest_figures_are_told(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("run")
    assert remitwatch("indicators").err == ""
    today.move(27)
    late = remitwatch("indicators", "--json")
    assert late.json == []
    assert (
        "standard: every price is too old for `latest`, the newest is of 2026-10-30: see --period 2026-10" in late.err
    )
    assert "estimate: every price is too old" in late.err
    assert "standard" not in remitwatch("indicators", "--sender", "KEN").err
    assert remitwatch("indicators", "--period", "2026-10").err == ""


def test_lists_need_no_word_and_say_when_there_is_more(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("collect")
    assert [run["source"] for run in remitwatch("runs", "--json").json] == ["wise_comparisons", "transfergo", "ecb"]
    assert remitwatch("issues", "--json").json == []
    assert "ecb" in {source["source"] for source in remitwatch("sources", "--json").json}
    some = remitwatch("runs", "list", "--limit", "2", "--json")
    assert len(some.json) == 2
    assert "only the newest 2 are listed" in some.err
    assert remitwatch("runs", "list", "--limit", "3").err == ""
    assert "--json stands after the word list" in remitwatch("runs", "--json", "list", code=2).err


def test_a_day_without_a_source_publishes_the_figures_that_are_held(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("run")
    today.move(1)
    for key in sandbox.base_urls:
        monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__ENABLED", "false")
    result = remitwatch("run", "--json").json
    assert result["runs"] == []
    assert result["edition"] is not None


def test_a_second_run_on_the_same_day_asks_nothing_and_publishes_the_same_edition(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    first = remitwatch("run", "--json").json
    asked = sandbox.requests_served
    assert first["priced"] > 0
    second = remitwatch("run", "--json").json
    assert sandbox.requests_served == asked
    assert (second["runs"], second["edition"]) == ([], first["edition"])
    assert [path.name for path in (remitwatch.home / "editions").glob("2026*")] == [Path(first["edition"]).name]


def test_a_sandbox_home_and_a_real_home_never_mix(remitwatch, sandbox, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.delenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES")
    remitwatch("init")  # nothing points at the sandbox as far as init may ask: a real home
    monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
    result = remitwatch("collect", "ecb", code=1)
    assert "sandbox" in result.out
    assert remitwatch("rates", "--base", "EUR", "--json").json == []
    assert "home of real figures" in remitwatch("init", "--sandbox", code=2).err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["collect", "nosuch"], "unknown source 'nosuch': expected one of bank_of_canada, bank_of_england"),
        (["collect", "--corridor", "GBR-XXX"], "unknown country 'XXX'"),
        (["collect", "transfergo", "--date", "2026-01-05"], "prices cannot be collected for the past"),
        (["collect", "--from", "2026-01-05"], "--from and --to belong together"),
        (["collect", "--date", "yesterday"], "--date 'yesterday': expected a day such as 2026-11-20"),
        (["run", "--date", "2999-01-01"], "that day has not come"),
        (["run", "--date", "yesterday"], "expected a day such as 2026-11-20"),
        (["publish", "--period", "2025-Q5"], "period '2025-Q5': expected 2025-Q3"),
        (["publish"], "nothing to publish: no figure is in force"),
        (["indicators", "--scope", "planet"], "scope 'planet': expected one of world"),
        (["indicators", "--indicator", "cheapness"], "indicator 'cheapness': expected one of average_total_cost"),
        (["indicators", "--amount", "300"], "expected 200 or 500"),
        (["indicators", "--basis", "guess"], "--basis 'guess': expected one of survey"),
        (["indicators", "--corridor", "GB-IN"], "expected two ISO country codes such as GBR-IND"),
        (["indicators", "--as-of", "2026-11-21T06:00"], "expected a time with its offset"),
        (["rates", "--base", "XQQ", "--quote", "EUR"], "unknown currency 'XQQ'"),
        (["trace", "nonsense"], "expected the `id` of a row of `remitwatch indicators --json`"),
        (["runs", "show", "99"], "run 99: there is none"),
        (["runs", "accept", "99", "--why", "x"], "run 99: there is none"),
        (["issues", "close", "99", "--why", "x"], "issue 99: there is none"),
        (["reparse", "ecb"], "no archived answers"),
        (["import"], "which file?"),
        (["import", "/nowhere/file.csv"], "cannot be read (No such file or directory)"),
        (["import", __file__], "not recognised as any of"),
        (["import", __file__, "--as", "gossip"], "unknown kind of file: expected one of"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_2(remitwatch, sandbox, command, message) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    result = remitwatch(*command, code=2)
    assert message in result.err
    assert len([line for line in result.err.splitlines() if line.strip()]) == 1
    assert result.out == ""


@pytest.mark.parametrize("command", [["frobnicate"], ["indicators", "--colour", "red"], ["demo", "--days", "0"]])
def test_unknown_commands_and_options_exit_2(remitwatch, command) -> None:  # type: ignore[no-untyped-def]
    assert remitwatch(*command, code=2).err


def test_reading_without_a_home_says_how_to_make_one(remitwatch) -> None:  # type: ignore[no-untyped-def]
    result = remitwatch("status", code=2)
    assert result.err.count("\n") == 1
    assert "make one with" in result.err
    assert not remitwatch.home.exists()
