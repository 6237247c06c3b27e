"""The measurements of indicators, at a small size: they run, and all engines that are there agree."""

import re
from pathlib import Path

import pytest

from benchmarks import indicators, store_quotes
from benchmarks.engines import apply_engine, differences, ours, table_of
from benchmarks.observation_rows import daily_columns, survey_columns
from remitwatch.indicators import Observations

pytestmark = pytest.mark.slow


def test_the_kernels_give_what_groupby_apply_gives() -> None:
    columns = survey_columns(3000, corridor_count=12)
    mine, naive = ours(Observations(columns)), apply_engine(table_of(columns))
    figures = mine.figures(mine.run())
    assert len(figures) > 1000
    assert differences(figures, naive.figures(naive.run())) == []


def test_the_same_seed_gives_the_same_rows() -> None:
    frames = [make.frame() for make in (daily_columns(3, corridor_count=5), daily_columns(3, corridor_count=5))]
    assert frames[0].equals(frames[1])
    assert not frames[0].duplicated(["service", "day"]).any()


def test_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    indicators.survey(4000, 1)
    printed = capsys.readouterr().out
    assert re.search(r"remitwatch kernels +[\d.]+ +1\.00", printed)
    assert "the same by all engines to 1e-8" in printed
    indicators.daily(3, 1)
    assert re.search(r"latest +[\d.]+ +1\.00", capsys.readouterr().out)


def test_stored_quotes_are_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = store_quotes.compare(tmp_path, daily_columns(2, corridor_count=12))
    assert re.search(r"bulk path +[\d.]+ s +[\d.]+ +\d+ quotes", capsys.readouterr().out)
    done = indicators.measure([*indicators.REMITWATCH, "--home", home, "indicators", "--period", "2025-11", "--json"])
    assert '"average_total_cost"' in done.out, done.err
