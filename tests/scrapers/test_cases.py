"""Every case of every source gives exactly what it must; every source has cases; replay is strict."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from scrapers import cases, registry
from scrapers.cases import CaseError, CaseNotes

ROOT = Path(__file__).parents[1] / "cases"
CASES = cases.find_cases(ROOT)
SOURCES = sorted(registry.definitions())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_case(folder: Path) -> None:
    assert cases.check(registry.scraper(folder.parent.name), folder) > 0


@pytest.mark.parametrize("key", SOURCES)
def test_source_has_cases_that_agree_with_its_evidence(key: str) -> None:
    mine = [folder for folder in CASES if folder.parent.name == key]
    assert mine, f"{key} has no case under tests/cases/{key}/"
    assert cases.evidence(mine) == registry.definitions()[key].evidence


def test_no_case_is_without_a_source() -> None:
    assert {folder.parent.name for folder in CASES} == set(SOURCES)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A good case that a test may damage."""
    target = tmp_path / "wise_comparisons" / "normal"
    shutil.copytree(ROOT / "wise_comparisons" / "normal", target)
    return target


def check(folder: Path) -> None:
    cases.check(registry.scraper(folder.parent.name), folder)


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_request_that_the_case_does_not_hold_fails(copy: Path) -> None:
    meta = copy / "0002.meta.json"
    edit(meta, url=json.loads(meta.read_text())["url"].replace("sendAmount=300", "sendAmount=301"))
    with pytest.raises(CaseError, match=r"asks for GET .*sendAmount=300.*the case holds .*sendAmount=301"):
        check(copy)


def test_a_request_with_another_context_fails(tmp_path: Path) -> None:
    folder = tmp_path / "instarem" / "normal"
    shutil.copytree(ROOT / "instarem" / "normal", folder)
    check(folder)
    meta = folder / "0002.meta.json"
    edit(meta, url=json.loads(meta.read_text())["url"].replace("#pay_in=bank+transfer", "#pay_in=credit+card"))
    with pytest.raises(CaseError, match=r"asks for GET .*#pay_in=bank\+transfer.*the case holds"):
        check(folder)


def test_the_order_of_parameters_does_not_matter(copy: Path) -> None:
    meta = copy / "0001.meta.json"
    path, _, query = json.loads(meta.read_text())["url"].partition("?")
    edit(meta, url=f"{path}?{'&'.join(reversed(query.split('&')))}")
    check(copy)


def test_an_answer_that_nothing_asked_for_fails(copy: Path) -> None:
    for kind in ("meta", "body"):
        shutil.copy(copy / f"0001.{kind}.json", copy / f"0003.{kind}.json")
    with pytest.raises(CaseError, match="nothing asked for the answers 0003"):
        check(copy)


def test_any_difference_in_the_output_fails(copy: Path) -> None:
    expected = copy / "expected.json"
    expected.write_text(expected.read_text().replace('"fee": "1.9"', '"fee": "1.90"', 1))
    with pytest.raises(CaseError, match=r"record 3: fee: expected '1\.90', got '1\.9'"):
        check(copy)


def test_a_record_too_few_fails(copy: Path) -> None:
    expected = copy / "expected.json"
    expected.write_text(json.dumps(json.loads(expected.read_text())[:-1]))
    with pytest.raises(CaseError, match="expected 7 records, got 8"):
        check(copy)


def test_a_status_that_carries_no_answer_is_no_answer(copy: Path) -> None:
    edit(copy / "0001.meta.json", status=503)
    first = cases.replay(registry.scraper("wise_comparisons"), copy)[0]
    assert first == {"exchange": "0001", "type": "RefusedAnswer", "why": "status 503 carries no answer"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "expected.json").unlink(), "expected.json: No such file"),
        (lambda folder: (folder / "0001.body.json").unlink(), r"expected one 0001.body.\*, found 0"),
        (lambda folder: (folder / "0001.meta.json").write_text("{"), "0001.meta.json"),
        (lambda folder: edit(folder / "0001.meta.json", fetched_at="2026-11-20T09:00:00"), "fetched_at.*offset"),
        (lambda folder: (folder / "case.toml").write_text('origin = "guessed"'), "case.toml: origin"),
        (lambda folder: [path.unlink() for path in folder.glob("000*")], "no exchange 0001"),
    ],
)
def test_a_damaged_case_is_named(copy: Path, damage, message: str) -> None:
    damage(copy)
    with pytest.raises(CaseError, match=message):
        check(copy)


def test_a_case_of_rates_says_what_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "ecb" / "daily"
    shutil.copytree(ROOT / "ecb" / "daily", folder)
    (folder / "case.toml").write_text('origin = "documented"\non = 2026-11-23\nnote = ""\n')
    with pytest.raises(CaseError, match=r"\[ask\] is missing"):
        check(folder)


def test_a_case_belongs_to_its_source(copy: Path) -> None:
    with pytest.raises(CaseError, match="a case of wise_comparisons: expected one of transfergo"):
        cases.replay(registry.scraper("transfergo"), copy)


def test_exchanges_become_a_recorded_case(copy: Path, tmp_path: Path) -> None:
    case = cases.read_case(copy)
    folder = tmp_path / "new" / "wise_comparisons" / "live"
    notes = CaseNotes(origin="recorded", on=date(2026, 11, 20), note='a "quoted" note')
    cases.write_case(folder, case.exchanges, notes)
    scraper = registry.scraper("wise_comparisons")
    assert cases.write_expected(scraper, folder) == cases.check(scraper, folder) == 8
    assert cases.read_case(folder).notes == notes
    assert cases.evidence([copy, folder]) == "recorded"
    with pytest.raises(CaseError, match="exists already"):
        cases.write_case(folder, case.exchanges, notes)


def test_the_command_says_in_one_line_what_is_wrong(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.main([str(copy)]) == 0
    (copy / "expected.json").write_text("[]")
    assert cases.main([str(copy)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert cases.main([str(copy), "--write"]) == 0
    assert cases.main([str(copy)]) == 0
