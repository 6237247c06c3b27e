"""A ministry's statistician: flows in, a target of its own, how it stands, what it would save; and what goes wrong."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases"
SHARED = Path(__file__).parents[3] / "shared" / "data"
SAMPLE, MATRIX = SHARED / "rpw_service_rows_sample.csv", SHARED / "bilateral_remittance_matrix_2017.xlsx"
shared = pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
KENYA = (
    "targets", "add", "kenya_20", "--owner", "Example Ministry", "--name", "Sending to Kenya at 20%", "--indicator",
    "average_total_cost", "--scope", "receiver", "--receiver", "ken", "--operator", "le", "--value", "20", "--deadline",
    "2030", "--who", "ana",
)  # fmt: skip


@shared
def test_from_the_matrix_to_the_published_target(remitwatch, today) -> None:  # type: ignore[no-untyped-def]
    brought = remitwatch("import", MATRIX, "--json").json
    assert (brought["kind"], brought["rows_read"], brought["stored"], brought["refused"]) == ("flows", 215, 11896, [])
    assert brought["left_out"] == {"empty": 4, "no_code": 2, "own_country": 1, "total": 2, "zero": 33468}
    assert remitwatch("import", MATRIX, "--as", "flows", "--json").json["already"] is True
    remitwatch("import", SAMPLE)

    # flows of the four corridors: 3.4792 143.2217 12.4561 45.7153; their costs 22.5643 59.9933 45.1050 62.6760
    (world,) = remitwatch("indicators", "--indicator", "weighted_average", "--json").json
    assert (world["value"], world["coverage"], world["services"]) == ("59.0511", "0.0334", 35)
    assert world["method"] == "1+flows_bilateral_matrix_2017"
    traced = remitwatch("trace", world["id"], "--json").json
    assert traced["figure"]["value"] == "59.0511"
    assert (traced["flows"]["run"], traced["flows"]["file_name"]) == (brought["run"], MATRIX.name)
    assert len(traced["evidence"]) == 35
    assert "weighted by bilateral_matrix:2017: run 1" in remitwatch("trace", world["id"]).out

    remitwatch(*KENYA, "--baseline", "2011-Q1")
    (row,) = remitwatch("targets", "progress", "kenya_20", "--json").json
    assert (row["value"], row["gap"], row["status"], row["met"]) == ("46.2037", "26.2037", "deteriorating", False)
    assert (row["baseline_value"], row["actual_pace"], row["required_pace"]) == ("23.6175", "1.5578", "-0.1820")
    assert row["flags"] == ["corridors_differ"]
    # 3.4792 x 2.5643 % + 143.2217 x 39.9933 %
    assert (row["savings_usd_million"], row["savings_coverage"]) == ("57.3684", "7.4473")
    told = row["savings_assumptions"]
    assert (told["flows"], told["cost"], told["corridors"], told["corridors_above"]) == (
        "bilateral_matrix:2017", "average_total_cost", 2, 2,
    )  # fmt: skip
    assert told["words"][3] == "Corridors without such a cost are left out: 7.4473 % of the flow is covered."
    (halved,) = remitwatch("targets", "progress", "g20_cost", "--corridor", "TZA-KEN", "--json").json
    assert (halved["code"], halved["part_of"], halved["savings_usd_million"]) == (
        "g20_cost_corridor", "g20_cost", "78.7624",
    )  # fmt: skip

    edition = Path(remitwatch("publish").out.splitlines()[-1]).parent
    assert "Example Ministry: Sending to Kenya at 20% (to Kenya) by 2030" in (edition / "index.html").read_text("utf-8")
    with (edition / "csv" / "targets.csv").open(encoding="utf-8") as file:
        published = {one["code"]: one for one in csv.DictReader(file)}
    assert (published["kenya_20"]["subject"], published["kenya_20"]["national"]) == ("KEN", "true")
    assert published["sdg_10c_average"]["national"] == "false"
    assert "5x5" not in published


@shared
def test_a_window_a_pace_and_the_past(remitwatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", SAMPLE)
    plain = remitwatch("targets", "progress", "--json").json
    assert [one["code"] for one in plain] == ["sdg_10c_average", "g20_cost", "g20_speed", "g20_speed_day"]
    assert {one["savings_reason"] for one in plain} == {"no_flows", "not_a_cost"}
    assert {one["window"] for one in plain} == {"2011-Q1 to 2025-Q3, 14.5 years"}
    (past,) = remitwatch("targets", "progress", "5x5", "--json").json
    assert (past["deadline"], past["status"], past["required_from_now"]) == (2014, "deteriorating", None)
    (late,) = remitwatch(
        "targets", "progress", "g20_cost", "--scope", "world", "--period", "2011-Q3..2025-Q3", "--json"
    ).json
    assert (late["status"], late["reason"]) == ("not_assessable", "no_baseline")
    (compound,) = remitwatch("targets", "progress", "g20_cost", "--scope", "world", "--pace", "compound", "--json").json
    assert (compound["pace"], compound["pace_unit"]) == ("compound", "per cent a year")
    corridors = remitwatch("targets", "progress", "sdg_10c_corridor", "--json").json
    assert {(one["receiver"], one["period"]): one["flags"] for one in corridors if one["sender"] == "KEN"} == {
        ("UGA", "2011-Q3"): ["no_newer_period"]
    }


def test_a_target_is_kept_with_who_and_when_and_official_ones_stand(remitwatch, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch(*KENYA)
    (mine,) = [one for one in remitwatch("targets", "list", "--json").out.splitlines() if "kenya_20" in one]
    assert '"kind": "national"' in mine
    assert '"receiver": "KEN"' in mine
    assert '"added_by": "ana"' in mine
    assert f'"added_at": "{today.now:%Y-%m-%dT%H}' in mine
    assert "there is one of this code" in remitwatch(*KENYA, code=2).err
    for code in ("g20_cost", "5x5"):
        assert "cannot be removed" in remitwatch("targets", "remove", code, code=2).err
    remitwatch("targets", "remove", "kenya_20")
    assert "no national target has this code" in remitwatch("targets", "remove", "kenya_20", code=2).err
    assert [one["kind"] for one in remitwatch("targets", "list", "--json").json] == [*["official"] * 6, "historic"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kenya_20": "g20_speed"}, "that is an official one"),
        ({"kenya_20": "Kenya 20"}, "expected lower case letters"),
        ({"ken": "KEX"}, "unknown country 'KEX'"),
        ({"receiver": "sender"}, "--scope sender: it takes --sender"),
        ({"receiver": "region"}, "expected one of world, sender, receiver, corridor"),
        ({"average_total_cost": "average"}, "indicator 'average': expected one of"),
        ({"average_total_cost": "smart"}, "indicator smart has no figure for scope receiver"),
        ({"le": "below"}, "--operator 'below'"),
        ({"20": "20%"}, "--value '20%': expected a decimal number"),
        ({"2030": "30"}, "--deadline 30"),
        ({"Example Ministry": " "}, "--owner: expected some words"),
    ],
)
def test_a_target_that_does_not_fit_is_one_line_and_makes_no_home(remitwatch, changed, words) -> None:  # type: ignore[no-untyped-def]
    refused = remitwatch(*(changed.get(one, one) for one in KENYA), code=2)
    assert words in refused.err
    assert refused.err.count("\n") == 1
    assert not remitwatch.home.exists()
    assert "--baseline" in remitwatch(*KENYA, "--baseline", "2031", code=2).err


def test_a_flow_file_with_a_wrong_row_is_refused_whole(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    for case, name, words in (
        ("flows_csv", "flows.csv", "row 4: column receiver: unknown country 'QQQ'"),
        ("unknown", "bilateral.xlsx", "row 2: Bilateral_Remittances_2017: column B: unknown country name 'Kenia'"),
        ("two_years", "bilateral.xlsx", "its title and name state two years: 2017, 2018"),
    ):
        file = tmp_path / name
        shutil.copy(next((CASES / "bilateral_matrix" / case).glob("0001.body.*")), file)
        assert words in remitwatch("import", file, code=2).err
    assert remitwatch("runs", "list", "--json").json == []
    assert "expected one of none" in remitwatch("indicators", "--flows", "m:2017", code=2).err


def test_the_newest_file_of_a_year_and_the_newest_year_are_in_force(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    prices = CASES / "worldbank_survey" / "sheet_csv" / "0001.body.csv"
    remitwatch("import", prices)
    subject = remitwatch("indicators", "--scope", "corridor", "--indicator", "average_total_cost", "--json").json[0]
    corridor, file = f"{subject['sender']},{subject['receiver']}", tmp_path / "flows.csv"

    def told(*options: str) -> tuple[str, str]:
        row = remitwatch("indicators", "--indicator", "weighted_average", *options, "--json").json[0]
        return row["method"], row["coverage"]

    for text in (
        f"{corridor},2019,1\nGBR,KIR,2019,3\n",
        f"{corridor},2018,1\n",
        f"{corridor},2019,1\nGBR,KIR,2019,1\n",
    ):
        file.write_text("sender,receiver,year,value\n" + text, "utf-8")
        remitwatch("import", file)
    assert told() == ("1+flows_handed_in_2019", "50.0000")
    assert told("--flows", "handed_in:2018") == ("1+flows_handed_in_2018", "100.0000")
    remitwatch("runs", "reject", "4", "--why", "test")
    assert told() == ("1+flows_handed_in_2019", "25.0000")
    assert Decimal(told("--flows", "handed_in:2019")[1]) == 25
