"""What is priced, when, and with which rate: nothing leaves the figures in silence, and the moment of observing does
not change a figure."""

from pathlib import Path

import pytest

ROW = "{when},GBR,IND,{name},money_transfer_operator,cash,agent,cash,within_hour,high,120,GBP,1.9,GBP,added,{rate},,INR,,true,false,false,\n"  # noqa: E501


@pytest.fixture
def prices(remitwatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    header = remitwatch("import", "--template").out.splitlines()[0] + "\n"

    def write(name: str, *rows: str) -> Path:
        path = tmp_path / name
        path.write_text(header + "".join(rows), "utf-8")
        return path

    return write


def _history(tmp_path: Path) -> Path:
    days = [f"2026-{month:02d}-{day:02d}" for month in (8, 9, 10) for day in range(1, 31)]
    path = tmp_path / "eurofxref-hist.csv"
    lines = [f"{day},1.16,0.88,100.{number:02d}," for number, day in enumerate(days)]
    path.write_text("Date,USD,GBP,INR,\n" + "\n".join(reversed(lines)) + "\n")
    return path


def _quotes(remitwatch, day: str):  # type: ignore[no-untyped-def]
    return remitwatch("quotes", "--corridor", "GBR-IND", "--on", day, "--json").json


def test_an_old_hand_in_is_in_the_figures_of_its_day(remitwatch, prices, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    days = ("2026-08-20", "2026-09-20", "2026-10-10", "2026-10-20", "2026-10-29")
    remitwatch("import", _history(tmp_path), "--as", "ecb-history")
    brought = remitwatch("import", prices("old.csv", *(ROW.format(when=d, name="Example", rate="112") for d in days)))
    assert "5 values stored" in brought.out
    assert all(row["total_cost_pct"] for day in days for row in _quotes(remitwatch, day))
    months = remitwatch("indicators", "--corridor", "GBR-IND", "--period", "2026-08..2026-10", "--json").json
    found = {row["period"] for row in months if row["indicator"] == "average_total_cost" and row["value"]}
    assert found == {"2026-08", "2026-09", "2026-10"}


def test_a_run_accepted_late_comes_back_whole(remitwatch, prices, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", _history(tmp_path), "--as", "ecb-history")
    run = remitwatch("import", prices("a.csv", ROW.format(when="2026-08-20", name="Example", rate="112")), "--json")
    number = str(run.json["run"])
    remitwatch("runs", "reject", number, "--why", "in doubt")
    assert _quotes(remitwatch, "2026-08-20") == []
    remitwatch("runs", "accept", number, "--why", "checked")
    assert len(_quotes(remitwatch, "2026-08-20")) == 1


def test_a_published_figure_can_be_traced_as_it_stood_after_its_run_was_rejected(  # type: ignore[no-untyped-def]
    remitwatch, prices, tmp_path, today
) -> None:
    remitwatch("import", _history(tmp_path), "--as", "ecb-history")
    remitwatch("import", prices("a.csv", ROW.format(when="2026-10-28", name="One", rate="112")))
    second = remitwatch("import", prices("b.csv", ROW.format(when="2026-10-28", name="Two", rate="100")), "--json")
    published = remitwatch("indicators", "--corridor", "GBR-IND", "--indicator", "average_total_cost", "--json").json[0]
    today.move(1)
    remitwatch("runs", "reject", str(second.json["run"]), "--why", "wrong")
    now = remitwatch("indicators", "--corridor", "GBR-IND", "--indicator", "average_total_cost", "--json").json[0]
    assert (published["services"], now["services"]) == (2, 1)
    assert remitwatch("trace", published["id"], "--json").json["figure"]["value"] == published["value"]
    then = remitwatch("indicators", "--corridor", "GBR-IND", "--as-of", published["as_of"], "--json").json
    assert {row["services"] for row in then if row["indicator"] == "average_total_cost"} == {2}


def test_a_rejected_file_does_not_come_back_by_itself(remitwatch, prices, today) -> None:  # type: ignore[no-untyped-def]
    path = prices("a.csv", ROW.format(when="2026-10-29", name="Example", rate="112"))
    number = str(remitwatch("import", path, "--json").json["run"])
    remitwatch("runs", "reject", number, "--why", "invented", "--who", "ana")
    refused = remitwatch("import", path, code=2)
    assert f"it came in as run {number}, and ana rejected it (invented)" in refused.err


def test_the_rate_of_a_day_is_in_force_from_its_publication_whenever_it_is_observed(  # type: ignore[no-untyped-def]
    remitwatch, prices, tmp_path, today
) -> None:
    morning = ROW.format(when="2026-10-29T08:00:00Z", name="Morning", rate="112")
    evening = ROW.format(when="2026-10-29T18:00:00Z", name="Evening", rate="112")
    dated = ROW.format(when="2026-10-29", name="Dated", rate="112")
    remitwatch("import", prices("before.csv", morning, evening, dated))
    assert all(row["flags"] == ["no_reference_rate"] for row in _quotes(remitwatch, "2026-10-29"))
    assert [one["code"] for one in remitwatch("issues", "list", "--json").json] == ["no_reference_rate"]
    remitwatch("import", _history(tmp_path), "--as", "ecb-history")
    remitwatch("observe")
    assert remitwatch("issues", "list", "--json").json == []  # it was dealt with: its quotes are priced
    first = {row["provider"]: row for row in _quotes(remitwatch, "2026-10-29")}
    traced = {
        name: remitwatch("trace", str(row["quote"]), "--json").json["evidence"][0]["reference_date"]
        for name, row in first.items()
    }
    assert traced == {"morning": "2026-10-28", "evening": "2026-10-29", "dated": "2026-10-29"}
    remitwatch("observe", "--rebuild")
    assert {row["provider"]: row for row in _quotes(remitwatch, "2026-10-29")} == first


def test_a_price_that_lies_ahead_is_refused(remitwatch, prices, today) -> None:  # type: ignore[no-untyped-def]
    refused = remitwatch("import", prices("a.csv", ROW.format(when="2026-12-24", name="X", rate="112")), code=2)
    assert "row 2: column observed_at: '2026-12-24': expected a time that has been: it lies ahead" in refused.err


def test_an_amount_of_no_tier_is_said_to_be_in_no_figure(remitwatch, prices, today) -> None:  # type: ignore[no-untyped-def]
    row = ROW.format(when="2026-10-29", name="Example", rate="112").replace(",120,GBP", ",1000,GBP")
    brought = remitwatch("import", prices("a.csv", row))
    assert "GBR: GBP 1000: 1 prices belong to neither USD 200 nor USD 500" in brought.out
    assert "no_tier" in {one["code"] for one in remitwatch("issues", "list", "--json").json}


@pytest.mark.parametrize("source", ["UPPER", "Bad Key/../x", "", "ключ"])
def test_a_source_is_a_short_plain_name(remitwatch, prices, today, source: str) -> None:  # type: ignore[no-untyped-def]
    path = prices("a.csv", ROW.format(when="2026-10-29", name="Example", rate="112"))
    assert "expected a short name" in remitwatch("import", path, "--source", source, code=2).err
    assert not list((remitwatch.home / "archive").rglob("*.gz"))
