"""A statistician brings in official series and asks how far ours agree, and why not."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from remitwatch.countries import countries
from remitwatch.pipeline.comparing import COLUMNS, SUMMARY_COLUMNS

CASES = Path(__file__).parents[1] / "cases"
SHARED = Path(__file__).parents[3] / "shared" / "data"
shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the real files of ../shared/data")


def survey_csv(*prices: tuple[str, str, str, str | None]) -> str:
    """Survey rows of quarter, corridor, total (None: not disclosed) and fee, all of GBP 120 or its like."""
    with (CASES / "worldbank_survey/sheet_csv/0001.body.csv").open(encoding="utf-8-sig") as file:
        like = next(row for row in csv.DictReader(file) if row["id"] == "900102")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(like), lineterminator="\n")
    writer.writeheader()
    for number, (quarter, corridor, fee, total) in enumerate(prices):
        sender, receiver = corridor.split("-")
        year, part = quarter.split("-Q")
        shown = {"cc1 total cost %": total, "cc2 total cost %": total, "transparent": "Yes"}
        if total is None:
            shown = {"cc1 total cost %": "2.5", "cc2 total cost %": "2.5", "transparent": "no"}
        writer.writerow(
            like
            | {"id": str(number), "period": f"{year}_{part}Q", "source_code": sender, "destination_code": receiver}
            | {"corridor": sender + receiver, "firm": f"Firm {number}", "date": f"{year}-{3 * int(part)}-01"}
            | {"cc1 lcu fee": fee, "cc2 lcu fee": str(Decimal(fee) * 5 / 2), "cc1 fx margin": "0", "cc2 fx margin": "0"}
            | shown
        )
    return text.getvalue().replace("-3-01", "-03-01").replace("-6-01", "-06-01").replace("-9-01", "-09-01")


@pytest.fixture
def home(remitwatch, tmp_path) -> Any:  # type: ignore[no-untyped-def]
    """GBR-IND 2018-Q3: 4.00 and 5.00, and one undisclosed of 3 / 120 = 2.5; RUS-IND 1.00; Q1 of both 8.00."""
    files = {
        "survey.csv": survey_csv(
            ("2018-Q3", "GBR-IND", "4.8", "4.00"),
            ("2018-Q3", "GBR-IND", "6", "5.00"),
            ("2018-Q3", "GBR-IND", "3", None),
            ("2018-Q3", "RUS-IND", "1.2", "1.00"),
            ("2018-Q1", "GBR-IND", "9.6", "8.00"),
            ("2018-Q1", "RUS-IND", "9.6", "8.00"),
        ),
        "corridors.csv": "S,Sending Countries Code,Series Name,Series Code,R,Receiving Countries Code,"
        "2018Q1 [YR2018Q1],2018Q3 [YR2018Q3],2019Q1 [YR2019Q1]\n"
        "United Kingdom,GBR,Average Total Cost,ATCR.CORR,India,IND,8,3.83333325386047,6\n"
        "United Kingdom,GBR,Average Total Cost,ATCR.CORR,Kenya,KEN,..,7.5,..\n",
        "wdi.csv": '"Data Source","World Development Indicators",\n\n"Last Updated Date","2026-07-13",\n\n'
        '"Country Name","Country Code","Indicator Name","Indicator Code","2017","2018",\n'
        '"India","IND","Average cost to","SI.RMT.COST.IB.ZS","","8",\n'
        '"World","WLD","Average cost to","SI.RMT.COST.IB.ZS","","3.33",\n'
        '"South Asia","SAS","Average cost to","SI.RMT.COST.IB.ZS","","5.4",\n'
        '"United Kingdom","GBR","Average cost from","SI.RMT.COST.OB.ZS","","4.51",\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
        remitwatch("import", tmp_path / name)
    return remitwatch


def test_each_figure_says_how_far_and_why(home) -> None:  # type: ignore[no-untyped-def]
    rows = home("compare", "--json").json
    assert all(tuple(row) == COLUMNS for row in rows)
    names = ("series", "scope", "sender", "receiver", "period", "published", "ours", "difference", "verdict")
    assert [tuple(row[name] for name in (*names, "explained_by")) for row in rows] == [
        ("ATCR.CORR", "corridor", "GBR", "IND", "2018-Q1", "8", "8.0000", "0.0000", "equal", []),
        ("ATCR.CORR", "corridor", "GBR", "IND", "2018-Q3", "3.83333325386047", "4.5000", "0.6667", "apart",
         ["undisclosed_included"]),
        ("ATCR.CORR", "corridor", "GBR", "IND", "2019-Q1", "6", None, None, "no_figure", []),
        ("ATCR.CORR", "corridor", "GBR", "KEN", "2018-Q3", "7.5", None, None, "no_figure", []),
        ("SI.RMT.COST.IB.ZS", "world", None, None, "2018", "3.33", "4.5000", "1.1700", "apart", ["russia_included"]),
        ("SI.RMT.COST.IB.ZS", "receiver", None, "IND", "2018", "8", "3.3333", "-4.6667", "apart", ["first_quarter"]),
        ("SI.RMT.COST.OB.ZS", "sender", "GBR", None, "2018", "4.51", "4.5000", "-0.0100", "within", ["unexplained"]),
    ]  # fmt: skip
    world = next(row for row in rows if row["scope"] == "world")
    assert (world["services"], world["flags"]) == (2, ["russia_excluded", "third_quarter", "undisclosed_excluded"])
    assert home("trace", world["id"], "--json").json["figure"]["value"] == "4.5000"
    table = list(csv.DictReader(io.StringIO(home("compare", "--csv").out)))
    assert [row["published"] for row in table] == [row["published"] for row in rows]
    assert table[1]["explained_by"] == "undisclosed_included"


def test_the_summary_counts_each_series(home) -> None:  # type: ignore[no-untyped-def]
    rows = home("compare", "--summary", "--json").json
    assert all(tuple(row) == SUMMARY_COLUMNS for row in rows)
    counts = ("series", "compared", "equal", "within", "apart", "explained", "unexplained", "ours_missing")
    assert [tuple(row[name] for name in (*counts, "theirs_missing")) for row in rows] == [
        ("ATCR.CORR", 2, 1, 0, 1, {"undisclosed_included": 1}, 0, 2, 2),
        ("SI.RMT.COST.IB.ZS", 2, 0, 0, 2, {"russia_included": 1, "first_quarter": 1}, 0, 0, 0),
        ("SI.RMT.COST.OB.ZS", 1, 0, 1, 0, {}, 1, 0, 1),
    ]
    (of_india,) = list(
        csv.DictReader(io.StringIO(home("compare", "--summary", "--csv", "--sender", "GBR", "--scope", "sender").out))
    )
    assert (of_india["series"], of_india["theirs_missing"]) == ("SI.RMT.COST.OB.ZS", "0")
    shown = home("compare", "--summary", "--series", "SI.RMT.COST.IB.ZS").out
    assert [" ".join(line.split()) for line in shown.splitlines()[1:]] == [
        "SI.RMT.COST.IB.ZS worldbank 200 survey 2 0 0 2 0 0 0",
        "SI.RMT.COST.IB.ZS: 1 explained by russia_included: senders in Russia counted",
        "SI.RMT.COST.IB.ZS: 1 explained by first_quarter: the first quarter's value for the year",
    ]


def test_what_is_asked_for_is_compared(home) -> None:  # type: ignore[no-untyped-def]
    for choice, count in (
        (["--corridor", "gbr-ind"], 3),
        (["--sender", "GBR"], 5),
        (["--receiver", "IND"], 4),
        (["--scope", "world"], 1),
        (["--period", "2018"], 6),
        (["--period", "2018-Q3..2019-Q1"], 3),
        (["--source", "worldbank"], 3),
        (["--series", "ATCR.CORR", "--period", "2018_1Q"], 1),
        (["--as-of", "2020-01-01T00:00:00Z"], 0),
    ):
        assert len(home("compare", "--json", *choice).json) == count, choice
    rows = home("compare", "--json", "--basis", "standard").json
    assert [row["verdict"] for row in rows] == ["no_figure"] * 7
    (row,) = home("compare", "--json", "--amount", "500", "--period", "2018-Q1").json
    assert (row["amount"], row["verdict"]) == (500, "equal")


def test_a_wrong_question_is_one_line(home) -> None:  # type: ignore[no-untyped-def]
    for choice, words in (
        (["--series", "X"], "--series 'X': expected one of ATCR.CORR"),
        (["--source", "x"], "--source 'x': expected one of databank_corridors, worldbank"),
        (["--scope", "planet"], "--scope 'planet': expected one of world"),
        (["--period", "latest"], "--period latest: published figures have dates"),
        (["--corridor", "GBR-IND", "--sender", "GBR"], "--corridor names sender, receiver and scope"),
        (["--amount", "300"], "expected 200 or 500"),
        (["--basis", "x"], "--basis 'x'"),
        (["--sender", "XXX"], "unknown country"),
        (["--as-of", "yesterday"], "--as-of"),
        (["--json", "--csv"], "choose one"),
    ):
        refused = home("compare", *choice, code=2)
        assert words in refused.err
        assert refused.err.count("\n") == 1


def test_a_person_sees_the_summary_and_some_of_those_apart(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    receivers = [code for code in sorted(countries()) if countries()[code].currency and code != "GBR"][:22]
    (tmp_path / "survey.csv").write_text(
        survey_csv(*(("2018-Q3", f"GBR-{one}", "6", "5.00") for one in receivers)), "utf-8"
    )
    lines = [f"UK,GBR,Cost,ATCR.CORR,{one},{one},9" for one in receivers]
    header = "S,Sending Countries Code,N,Series Code,R,Receiving Countries Code,2018Q3 [YR2018Q3]"
    (tmp_path / "corridors.csv").write_text("\n".join([header, *lines, ""]), "utf-8")
    nothing = remitwatch("compare", code=2)
    assert nothing.err.count("\n") == 1
    remitwatch("import", tmp_path / "survey.csv")
    assert "no published figure is in force" in remitwatch("compare").err
    remitwatch("import", tmp_path / "corridors.csv")
    shown = remitwatch("compare").out.splitlines()
    assert " ".join(shown[1].split()) == "ATCR.CORR databank_corridors 200 survey 22 0 0 22 22 0 0"
    assert shown[3] == "22 apart by more than 0.05 percentage points:"
    assert " ".join(shown[4].split()) == "of series period published ours difference services explained_by"
    assert " ".join(shown[5].split()) == f"GBR-{receivers[0]} ATCR.CORR 2018-Q3 9 5.0000 -4.0000 1 unexplained"
    assert len(shown) == 26
    assert shown[-1] == "and 2 more: --json or --csv shows all"


@pytest.mark.parametrize(
    ("file", "kind", "code", "words"),
    [
        ("worldbank/xls/0001.body.xls", "wdi", 3, "wdi: 7 rows read, 14 values stored, 2 repairs, 2 rows refused"),
        ("worldbank/xlsx/0001.body.xlsx", "wdi", 3, "wdi: 7 rows read, 14 values stored, 2 repairs, 2 rows refused"),
        ("worldbank/api/0001.body.json", "wdi", 3, "wdi: 13 rows read, 5 values stored, 4 repairs, 3 rows refused"),
        ("sdg_database/sdmx/0001.body.csv", "sdg", 3, "sdg: 18 rows read, 7 values stored, 3 repairs, 7 rows refused"),
        ("worldbank/api_error/0001.body.json", "wdi", 2, "the API answered with an error: 120 Invalid value"),
        ("worldbank/other_indicator/0001.body.json", "wdi", 2, "not recognised as any of"),
        ("sdg_database/other_series/0001.body.csv", "sdg", 2, "no row of SI_RMT_COST"),
    ],
)
def test_published_series_come_in_as_they_are_recognised(  # type: ignore[no-untyped-def]
    remitwatch, file: str, kind: str, code: int, words: str
) -> None:
    remitwatch("init")
    done = remitwatch("import", CASES / file, code=code)
    if code == 2:
        assert words in done.err
        assert done.err.count("\n") == 1
        assert remitwatch("runs", "list", "--json").json == []
        return
    assert words in done.out
    again = remitwatch("import", CASES / file, "--as", kind)
    assert "already in as run 1" in again.out


@shared
def test_the_real_corridor_series_and_the_real_sample(remitwatch) -> None:  # type: ignore[no-untyped-def]
    """Of 10,417 published figures three are of corridors and quarters that the sample has with a disclosed rate."""
    remitwatch("import", SHARED / "rpw_service_rows_sample.csv")
    remitwatch("import", SHARED / "worldbank_databank_corridors_2011Q1_2020Q3.csv")
    rows = remitwatch("compare", "--json").json
    assert len(rows) == 10_417
    found = [row for row in rows if row["verdict"] != "no_figure"]
    assert {(row["sender"], row["receiver"], row["period"], row["ours"], row["verdict"]) for row in found} == {
        ("TZA", receiver, "2011-Q1", "23.6175", "equal") for receiver in ("KEN", "RWA", "UGA")
    }
    (hidden,) = (row for row in rows if row["flags"] != ["no_observations"] and row["ours"] is None)
    assert (hidden["sender"], hidden["receiver"], hidden["period"]) == ("KEN", "UGA", "2011-Q3")
    assert hidden["flags"] == ["no_disclosed_service", "undisclosed_excluded"]
    assert Decimal(hidden["published"]) > 9
