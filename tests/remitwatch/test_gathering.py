"""What an edition is gathered from: parts of the past, read and kept as far as they are needed, tell what all
observations tell."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest

from benchmarks.publish_home import LAST_DAY
from benchmarks.publish_home import Home as MadeUp
from remitwatch.config import load
from remitwatch.home import Home
from remitwatch.indicators import indicators
from remitwatch.periods import parse_period
from remitwatch.pipeline.gathering import basis as basis_module
from remitwatch.pipeline.gathering import edition
from remitwatch.pipeline.gathering.annual import annual_figures
from remitwatch.pipeline.gathering.basis import basis_input
from remitwatch.pipeline.gathering.held import Held, hold
from remitwatch.pipeline.looking import as_of_now, flows_in_force, observations
from remitwatch.pipeline.workspace import Workspace, reading
from remitwatch.quotes import Basis
from reports import sharing
from reports.inputs import BasisInput, EditionInput
from scrapers import registry

DAYS = 130
NOW = dt.datetime.combine(LAST_DAY, dt.time(19), tzinfo=dt.UTC)
HAPPENED = (
    "UPDATE quote SET private = 1 WHERE product = '1' AND sender = (SELECT min(sender) FROM quote) "
    "AND day BETWEEN '2026-08-20' AND '2026-08-25' AND survey_period IS NULL",
    "UPDATE observation SET flags = 'jump+quarantined' WHERE quote_id IN (SELECT id FROM quote WHERE product = '2' "
    "AND day IN ('2026-06-29', '2026-07-30', '2026-09-02', '2026-09-03') AND survey_period IS NULL)",
    "UPDATE observation SET total_e8 = total_e8 + 90000000, fee_e8 = fee_e8 + 90000000 WHERE quote_id IN (SELECT id "
    "FROM quote WHERE product = '0' AND day > '2026-08-02' AND survey_period IS NULL)",
    "DELETE FROM observation WHERE quote_id IN (SELECT id FROM quote WHERE product = '3' AND survey_period IS NULL "
    "AND day BETWEEN '2026-07-20' AND '2026-08-10')",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("made-up") / "home"
    MadeUp(root, 2, 5).make(9, DAYS)
    with closing(sqlite3.connect(root / "remitwatch.sqlite")) as connection, connection:
        for statement in HAPPENED:
            assert connection.execute(statement).rowcount
    return Home(root, root / "remitwatch.toml")


def both(workspace: Workspace, period: str, basis: Basis) -> tuple[BasisInput, BasisInput]:
    """The figures of a basis gathered from parts, and from all observations."""
    as_of = as_of_now(workspace)
    parts = hold(workspace, parse_period(period), as_of)
    every = observations(workspace, as_of, flows=flows_in_force(workspace, as_of))
    whole = Held(workspace, parse_period(period), as_of, every, parts.past, every)
    made = [basis_input(held, basis, None) for held in (parts, whole)]
    assert made[0] is not None
    assert made[1] is not None
    return made[0], made[1]


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("period", ["latest", "2026-Q3"])
def test_parts_of_the_past_tell_what_all_observations_tell(home: Home, period: str, kept: bool) -> None:
    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    with reading(home, loaded, lambda: NOW) as workspace:
        for basis in (Basis.SURVEY, Basis.STANDARD):
            parts, whole = both(workspace, period, basis)
            for name in ("indicators", "history", "before", "moves"):
                found, expected = getattr(parts, name), getattr(whole, name)
                assert len(found)
                pd.testing.assert_frame_equal(found, expected)
            if basis is Basis.STANDARD:
                assert parts.log is not None
                assert whole.log is not None
                assert {"quarantined", "gone", "again"} & set(parts.log.rows["kind"])
                pd.testing.assert_frame_equal(parts.log.rows, whole.log.rows)
                assert parts.log.left == whole.log.left
    assert (home.cache / "thinned").is_dir()


def test_annual_figures_are_those_of_third_quarters(home: Home) -> None:
    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    with reading(home, loaded, lambda: NOW) as workspace:
        as_of = as_of_now(workspace)
        held = hold(workspace, parse_period("latest"), as_of)
        made = [basis_input(held, basis, None) for basis in (Basis.SURVEY, Basis.STANDARD)]
        found = annual_figures(held.past, [one for one in made if one is not None])
        every = observations(workspace, as_of, flows=flows_in_force(workspace, as_of))
        expected = [
            (str(row.id), row.value, row.services, sources)
            for basis, sources in ((Basis.SURVEY, "worldbank_survey"), (Basis.STANDARD, "hand_in"))
            for year in (2024, 2025, 2026)
            for scopes, code in (
                (["world", "sender", "receiver", "corridor"], "average_total_cost"),
                (["corridor"], "smart"),
            )
            for row in indicators(every, period=f"{year}-Q3", scope=scopes, basis=basis, codes=code, as_of=as_of)
            if "no_observations" not in row.flags
        ]
    assert list(found[["id", "value", "services", "sources"]].itertuples(index=False, name=None)) == expected


def test_a_second_process_gathers_what_one_gathers(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    found: list[EditionInput] = []
    for second in (False, True):
        for module, least in ((edition, "WORTH"), (basis_module, "LARGE")):
            monkeypatch.setattr(module, least, 0 if second else 10**9)
        monkeypatch.setattr(sharing, "can_share", lambda second=second: second)
        with reading(home, loaded, lambda: NOW) as workspace:
            found.append(edition.gather(workspace, "latest", languages=("en",)).data)
    one, two = found
    assert one.digest == two.digest
    for alone, beside in zip(one.bases, two.bases, strict=True):
        for name in ("indicators", "history", "services", "before", "moves"):
            pd.testing.assert_frame_equal(getattr(alone, name), getattr(beside, name))
        assert alone.rows_digest == beside.rows_digest == replace(beside).rows_digest
        assert (alone.log is None) == (beside.log is None)
        if alone.log is not None and beside.log is not None:
            pd.testing.assert_frame_equal(alone.log.rows, beside.log.rows)
