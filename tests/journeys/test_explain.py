"""Why did it move? A statistician asks of the survey, and may ask wrongly."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from remitwatch.pipeline.explaining import CHANGE_COLUMNS, MATCHED_COLUMNS
from scrapers.sandbox import World, survey_workbook

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "rpw_service_rows_sample.csv"
PARTS = ("fee", "margin", "entry", "exit", "mix")


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
def test_real_services_priced_again_a_quarter_later(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """RWA-KEN's seven: 7.14 2.38 45.78 34.94 6.72 15.19 45.80. Then both of Ecobank take 1,500 (1 %) less and
    MoneyGram (6.72) is gone: fee -2 / 6, exit 151.23 / 6 - 157.95 / 7."""
    with SAMPLE.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    later = []
    for row in rows:
        if (row["period"], row["corridor"]) != ("2025_3Q", "RWAKEN") or row["firm"] == "MoneyGram":
            continue
        new = row | {"id": f"9{row['id']}", "period": "2025_4Q", "date": "2025-11-18 00:00:00"}
        if row["firm"] == "Ecobank Rapidcash":
            new["cc1 lcu fee"] = str(float(row["cc1 lcu fee"]) - 1500)
            new["cc1 total cost %"] = str(Decimal(row["cc1 total cost %"]) - 1)
        later.append(new)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *later])
    survey = tmp_path / "survey.csv"
    survey.write_text(text.getvalue(), "utf-8")
    assert remitwatch("import", survey, "--json").json["rows_read"] == 78

    (row,) = remitwatch("indicators", "explain", "--period", "2025-Q3..2025_4Q", "--corridor", "RWA-KEN", "--json").json
    assert (row["average_from"], row["services_from"], row["services_to"]) == ("22.5643", 7, 6)
    assert [row[name] for name in PARTS] == ["-0.3333", "0.0000", "0.0000", "2.6407", None]
    assert (row["average_to"], row["change"], row["flags"]) == ("24.8717", "2.3074", [])
    assert (row["continuing"], row["entered"], row["left"]) == (6, 0, 1)

    far = remitwatch(
        "indicators", "explain", "--period", "2011-Q1..2025-Q3", "--scope", "corridor", "--basis", "survey", "--json"
    ).json
    assert {(f"{one['sender']}-{one['receiver']}", one["average_to"]): one["flags"] for one in far} == {
        ("RWA-KEN", "22.5643"): ["no_observations"],
        ("TZA-KEN", "59.9933"): ["nothing_in_common"],
        ("TZA-RWA", "45.1050"): ["nothing_in_common"],
        ("TZA-UGA", "62.6760"): ["nothing_in_common"],
    }
    assert all(one[name] is None for one in far for name in PARTS)


def test_the_parts_of_every_corridor_and_the_chain_agree_with_the_figures(remitwatch, today, tmp_path) -> None:  # type: ignore[no-untyped-def]
    workbook = tmp_path / "survey.xlsx"
    workbook.write_bytes(survey_workbook(World(), "2026-Q3", quarters=3))
    remitwatch("init", "--sandbox")
    remitwatch("import", workbook)
    span = ("--period", "2026-Q1..2026-Q3", "--basis", "survey")
    asked = ("indicators", "--indicator", "average_total_cost", "--scope", "corridor", *span, "--json")
    published = {(one["sender"], one["receiver"], one["period"]): one["value"] for one in remitwatch(*asked).json}
    for by in ([], ["--by", "provider_type"]):
        found = remitwatch("indicators", "explain", "--scope", "corridor", *span, *by, "--json").json
        assert len(found) > 5
        for one in found:
            assert tuple(one) == CHANGE_COLUMNS
            key = one["sender"], one["receiver"]
            assert (one["average_from"], one["average_to"]) == (published[*key, "2026-Q1"], published[*key, "2026-Q3"])
            assert sum(Decimal(one[name] or 0) for name in PARTS) == Decimal(one["change"])
            assert (one["mix"] is None) == (by == [])
    chain = remitwatch("indicators", "matched", "--corridor", "GBR-IND", *span, "--json").json
    assert [(tuple(one), one["period"], one["average"]) for one in chain] == [
        (MATCHED_COLUMNS, period, published["GBR", "IND", period]) for period in ("2026-Q1", "2026-Q2", "2026-Q3")
    ]
    assert (chain[0]["index"], chain[0]["level"]) == ("100.0000", chain[0]["average"])
    for command in ("explain", "matched"):
        table = remitwatch("indicators", command, "--corridor", "GBR-IND", *span)
        assert "GBR-IND  2026-Q1" in table.out
        sheet = list(csv.DictReader(io.StringIO(remitwatch("indicators", command, *span, "--csv").out)))
        assert sheet[0]["scope"] == "world"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["explain", "--period", "2025-Q3"], "expected two different periods"),
        (["explain", "--period", "2025-Q3..2026-09"], "both ends of a range must be of one kind"),
        (["explain", "--period", "2025-Q3..2026-Q3", "--by", "colour"], "breakdown 'colour'"),
        (["explain", "--period", "2025-Q3..2026-Q3", "--basis", "guess"], "--basis 'guess'"),
        (["explain", "--period", "2025-Q3..2026-Q3", "--csv", "--json"], "choose one"),
        (["explain"], "Missing option '--period'"),
        (["matched", "--period", "latest"], "expected a range of periods"),
        (["--corridor", "GBR-IND", "explain", "--period", "2025-Q3..2026-Q3"], "stand after the word explain"),
        (["gossip"], "No such command 'gossip'"),
    ],
)
def test_a_wrong_question_is_one_line(remitwatch, today, command: list[str], message: str) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    refused = remitwatch("indicators", *command, code=2)
    assert message in refused.err
    assert (refused.err.count("\n"), refused.out) == (1, "")


def test_nothing_in_force_is_said(remitwatch, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    for command in ("explain", "matched"):
        asked = ("indicators", command, "--period", "2026-09..2026-10")
        assert "nothing is in force" in remitwatch(*asked).err
        assert remitwatch(*asked, "--json").json == []
    assert remitwatch("indicators", "explain", "--period", "2026-09..2026-10", "--csv").out == (
        ",".join(CHANGE_COLUMNS) + "\n"
    )
