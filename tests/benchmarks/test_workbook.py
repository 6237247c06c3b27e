"""The workbook that is measured with: the real layout, every quirk, the same figures as its clean twin."""

import datetime as dt
from pathlib import Path

import pytest

from benchmarks.survey_rows import NEW_COLUMNS, OLD_COLUMNS
from benchmarks.workbook import NEW_SHEET, OLD_SHEET, write_workbook
from remitwatch.runs import Harvest
from scrapers import registry
from scrapers.runner import read_file
from scrapers.sandbox import is_sandbox_file
from scrapers.tables import workbook_sheets

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)


def _read(path: Path) -> Harvest:
    return read_file(registry.scraper("worldbank_survey"), path, archive=None, now=lambda: NOW)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("workbooks")
    for name, clean in (("messy", False), ("clean", True)):
        write_workbook(folder / f"{name}.xlsx", rows=3000, clean=clean)
    return folder / "messy.xlsx", folder / "clean.xlsx"


def test_both_sheets_have_the_documented_columns_and_the_sandbox_s_mark(twins: tuple[Path, Path]) -> None:
    for path in twins:
        assert is_sandbox_file(path)
        heads = {sheet.name: next(iter(sheet.rows))[1] for sheet in workbook_sheets(path.read_bytes())}
        assert tuple(heads[OLD_SHEET])[: len(OLD_COLUMNS)] == OLD_COLUMNS
        assert tuple(heads[NEW_SHEET])[: len(NEW_COLUMNS)] == NEW_COLUMNS
        assert len(NEW_COLUMNS) == 42


def test_the_messy_one_needs_every_repair_and_says_the_same(twins: tuple[Path, Path]) -> None:
    messy, clean = map(_read, twins)
    assert (clean.refused, set(clean.repairs)) == (0, {"tier_without_price"})
    assert set(messy.repairs) >= {"country_code", "currency_code", "interbank_rate_not_positive", "text_number"}
    assert messy.refused > 0

    def plain(harvest: Harvest) -> list[str]:
        said = []
        for one in harvest.quotes:
            row, quote = one.value.survey, one.value
            assert row is not None
            kept = row.model_copy(update={"labels": {}, "interbank_rate": None})  # one is as written, one was lost
            said.append(repr((kept, quote.inquiry, quote.fee, quote.rate, quote.provider.key, quote.speed)))
        return sorted(said)

    assert plain(messy) == plain(clean)


def test_the_same_seed_gives_the_same_cells(tmp_path: Path, twins: tuple[Path, Path]) -> None:
    again = write_workbook(tmp_path / "again.xlsx", rows=3000)
    cells = [
        [cells for sheet in workbook_sheets(path.read_bytes()) for _, cells in sheet.rows]
        for path in (again.path, twins[0])
    ]
    assert cells[0] == cells[1]
