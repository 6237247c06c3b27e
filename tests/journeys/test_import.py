"""Files in, as an analyst brings them: official figures out, twice changes nothing, faults are one line."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from scrapers.sandbox import World, handin_csv, survey_workbook

SHARED = Path(__file__).parents[3] / "shared" / "data"
SAMPLE = SHARED / "rpw_service_rows_sample.csv"
DATABANK = SHARED / "worldbank_databank_corridors_2011Q1_2020Q3.csv"
shared = pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")

GOOD = (
    "2026-10-28,KEN,UGA,Example Rapid Transfer,money_transfer_operator,cash,agent,cash,within_hour,high,18000,KES,"
    "517.5,KES,added,28.10,505800,UGX,28.50,true,false,false,\n"
)


def _header(remitwatch) -> str:  # type: ignore[no-untyped-def]
    return remitwatch("import", "--template").out.splitlines()[0] + "\n"


@shared
def test_the_sample_of_the_survey_gives_the_official_corridor_averages(remitwatch) -> None:  # type: ignore[no-untyped-def]
    brought = remitwatch("import", SAMPLE, "--json").json
    assert (brought["kind"], brought["rows_read"], brought["stored"], brought["refused"]) == ("survey", 72, 144, [])
    rows = remitwatch("indicators", "--scope", "corridor", "--period", "2025-Q3", "--json").json
    averages = {
        f"{row['sender']}-{row['receiver']}": row["value"] for row in rows if row["indicator"] == "average_total_cost"
    }
    assert averages == {"RWA-KEN": "22.5643", "TZA-KEN": "59.9933", "TZA-RWA": "45.1050", "TZA-UGA": "62.6760"}
    assert {row["period"] for row in remitwatch("indicators", "--json").json} == {"2025-Q3"}
    account = brought["reconciliation"]
    assert account["undisclosed"] == 1  # the row of 2011-Q3 shows placeholders: there is nothing to check
    assert account["total"] == account["margin"] == {"checked": 71, "within_0_01": 71, "within_0_05": 71, "apart": 0}
    assert account["total_apart"] == account["margin_apart"] == []


@shared
def test_a_service_that_does_not_disclose_its_rate_is_counted_apart(remitwatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", SAMPLE)
    rows = remitwatch("indicators", "--scope", "corridor", "--period", "2011-Q1..2011-Q3", "--json").json
    shares = [row for row in rows if row["indicator"] == "share_transparent" and Decimal(row["value"]) < 100]
    (share,) = shares
    (average,) = [
        row
        for row in rows
        if row["indicator"] == "average_total_cost"
        and all(row[name] == share[name] for name in ("sender", "receiver", "period"))
    ]
    assert "undisclosed_excluded" in average["flags"]
    assert average["services"] == share["services"] - 1
    corridor = f"{share['sender']}-{share['receiver']}"
    behind = remitwatch("trace", average["id"], "--json").json["evidence"]
    assert len(behind) == average["services"]
    assert all(one["fx_margin_pct"] is not None for one in behind)
    assert average["value"] is not None or "no value (" in remitwatch("trace", average["id"]).out
    everything = remitwatch("trace", share["id"], "--json").json["evidence"]
    (hidden,) = [one for one in everything if one["fx_margin_pct"] is None]
    assert (hidden["rate"], hidden["total_cost_pct"], hidden["corridor"]) == (None, None, corridor)


@shared
def test_the_official_corridor_series_is_read_whole_and_twice_changes_nothing(remitwatch) -> None:  # type: ignore[no-untyped-def]
    brought = remitwatch("import", DATABANK, "--json").json
    assert (brought["kind"], brought["stored"]) == ("databank-corridors", 10417)
    again = remitwatch("import", DATABANK, "--json").json
    assert again["already"] is True
    assert again["run"] == brought["run"]
    assert len(remitwatch("runs", "list", "--json").json) == 1
    assert remitwatch("indicators", "--json").json == []  # others' figures are never mixed in


@shared
def test_a_smaller_file_does_not_replace_a_period_unless_asked(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", SAMPLE)
    lines = SAMPLE.read_text("utf-8").splitlines(keepends=True)
    part = tmp_path / "part.csv"
    part.write_text("".join([lines[0], *lines[1:6]]), "utf-8")
    refused = remitwatch("import", part, code=2)
    assert "add --replace if that is meant" in refused.err
    assert len(remitwatch("runs", "list", "--json").json) == 1
    remitwatch("import", part, "--replace")
    rows = remitwatch("indicators", "--scope", "corridor", "--period", "2025-Q3", "--json").json
    assert {row["services"] for row in rows if row["indicator"] == "average_total_cost"} == {5}


@shared
def test_a_real_file_does_not_enter_a_sandbox_home(remitwatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    assert "takes sandbox data only" in remitwatch("import", SAMPLE, code=2).err


def test_sandbox_files_do_not_enter_a_real_home(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    workbook, prices = tmp_path / "survey.xlsx", tmp_path / "prices.csv"
    world = World()
    workbook.write_bytes(survey_workbook(world, "2026-Q2", quarters=1))
    prices.write_bytes(handin_csv(world, world.last_day))
    for path in (workbook, prices):
        assert "this is sandbox data, not real prices" in remitwatch("import", path, code=2).err
    assert remitwatch("runs", "list", "--json").json == []


def test_handed_in_prices_are_checked_whole_before_anything_is_stored(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    prices = tmp_path / "prices.csv"
    wrong_country = GOOD.replace("UGA", "UGX", 1)
    negative = GOOD.replace("18000", "-18000")
    wrong_sum = GOOD.replace("505800", "605800")
    prices.write_text(_header(remitwatch) + GOOD + wrong_country + negative + wrong_sum, "utf-8")
    for options in (["--dry-run"], []):
        refused = remitwatch("import", prices, *options, code=2)
        assert "3 rows refused, nothing stored" in refused.err
        for words in ("row 3", "receiver", "'UGX'", "row 4", "send_amount", "-18000", "row 5", "605800"):
            assert words in refused.err, words
    assert remitwatch("runs", "list", "--json").json == []
    assert list((remitwatch.home / "archive").rglob("*.gz")) == []


def test_everything_that_a_survey_team_gets_wrong_is_told_at_once_with_what_was_expected(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    prices = tmp_path / "prices.csv"
    header = "observed_at,sender,receiver,provider,send_amount,send_currency,fee,rate,receive_currency,fee_model"
    good = "2026-10-20,KEN,UGA,Bank A,25000,KES,250,28.1,UGX,added"
    rows = [
        good,
        good.replace("Bank A", "Bank B").replace(",250,", ',"250,50",'),
        good.replace("Bank A", "Bank C").replace("28.1", "28,1"),
        good.replace("KEN", "Kenya"),
        good.replace("UGA", "ug"),
        good.replace("KES", "KSH").replace("25000", '"25,000"'),
        good.replace("2026-10-20", "46346"),
        good.replace("2026-10-20", "20/11/2026"),
        good.replace(",250,", ",300,"),
        good,
    ]
    prices.write_text("\n".join([header, *rows]), "utf-8-sig")
    refused = remitwatch("import", prices, "--dry-run", code=2).err.replace("remitwatch: prices.csv: ", "").splitlines()
    date = "expected a date such as 2026-11-20, or a time with its offset such as 2026-11-20T09:30:00Z"
    country = "expected an ISO 3166-1 alpha-3 code such as"
    assert refused == [
        "8 rows refused, nothing stored",
        "row 3: column fee: expected a number such as 1234.50, got '250,50'",
        "row 4: 11 cells: expected 10 as in the header (a decimal comma, or a text with a comma that is not in "
        "quotation marks?)",
        f"row 5: column sender: unknown country 'Kenya': {country} KEN",
        f"row 6: column receiver: unknown country 'ug': {country} UGA",
        "row 7: column send_currency: unknown currency 'KSH': expected an ISO 4217 code such as GBP; "
        "column send_amount: expected a number such as 1234.50, got '25,000'",
        f"row 8: column observed_at: '46346': {date}, not a spreadsheet's number of a day",
        f"row 9: column observed_at: '20/11/2026': {date}",
        "row 10: column fee: '300', and '250' in row 2 of the same service, amount and time: expected one price",
    ]
    prices.write_text("\n".join([header, good, good, good]), "utf-8-sig")
    assert "2 values stand in the file twice" in remitwatch("import", prices, "--dry-run").out
    prices.write_text("\n".join([header, good.replace("25000", "900")]), "utf-8")
    assert (
        "KEN: KES 900: 1 prices belong to neither USD 200 nor USD 500: they will be kept and be in no figure, unless"
        in (remitwatch("import", prices, "--dry-run").out)
    )
    prices.write_text("\n".join([header, *(good.replace("28.1", f"x{n}") for n in range(1200))]), "utf-8")
    refused = remitwatch("import", prices, "--dry-run", code=2).err.splitlines()
    assert refused[-2:] == [
        "remitwatch: prices.csv: row 1001: column rate: expected a number such as 1234.50, got 'x999'",
        "remitwatch: prices.csv: ... and 200 more",
    ]


def test_handed_in_prices_become_figures_under_the_name_of_who_hands_them_in(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    prices = tmp_path / "prices.csv"
    prices.write_text(_header(remitwatch) + GOOD, "utf-8")
    assert "nothing stored (a check)" in remitwatch("import", prices, "--dry-run").out
    remitwatch("import", prices, "--source", "uganda_team")
    remitwatch("import", prices, "--source", "uganda_team")
    (row,) = remitwatch("quotes", "--corridor", "KEN-UGA", "--json").json
    assert (row["source"], row["basis"]) == ("uganda_team", "standard")
    assert Decimal(row["fee_pct"]) == Decimal("2.8750")  # 517.5 / 18000
    assert Decimal(row["fx_margin_pct"]) == Decimal("1.4035")  # 1 - 28.10 / 28.50
    assert Decimal(row["total_cost_pct"]) == Decimal("4.2785")
    assert "--source ecb" in remitwatch("import", prices, "--source", "ecb", code=2).err


def test_private_prices_appear_in_aggregates_of_three_private_providers_only(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    private = GOOD.replace("true,false,false", "true,false,true")
    two, three = tmp_path / "two.csv", tmp_path / "three.csv"
    rows = [private.replace("Example Rapid Transfer", f"Partner {name}") for name in "ABC"]
    known = [GOOD.replace("Example Rapid Transfer", f"Known {name}") for name in "DEF"]
    two.write_text(_header(remitwatch) + "".join([*rows[:2], *known]), "utf-8")
    three.write_text(_header(remitwatch) + "".join([*rows, *known]), "utf-8")

    def average() -> dict[str, object]:
        found = remitwatch("indicators", "--corridor", "KEN-UGA", "--indicator", "average_total_cost", "--json").json
        (row,) = found
        return row  # type: ignore[no-any-return]

    remitwatch("import", two, "--source", "partners")
    assert (average()["value"], average()["flags"]) == (None, ["private_suppressed"])
    assert "withheld" in remitwatch("trace", str(average()["id"]), code=2).err
    assert "Partner" not in remitwatch("quotes", "--corridor", "KEN-UGA", "--json").out
    remitwatch("import", three, "--source", "partners")
    assert average()["value"] == "4.2785"
    behind = remitwatch("trace", str(average()["id"]), "--json").json["evidence"]
    hidden = [one for one in behind if one["provider_name"] == "(private)"]
    assert (len(behind), len(hidden)) == (6, 3)
    for one in hidden:
        assert {one[name] for name in ("fee", "rate", "receive_amount", "fee_pct", "total_cost_pct")} == {None}


def test_whose_private_prices_are_and_where_they_lie_is_not_told(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    """The cheapest and the dearest are private; a partner's price jumps far out."""
    cheap, dear = (
        GOOD.replace("true,false,false", "true,false,true").replace("517.5", fee).replace("Example Rapid", name)
        for fee, name in (("1", "Partner Cheap"), ("9000", "Partner Dear"))
    )
    earlier = dear.replace("2026-10-28", "2026-10-27").replace("9000", "517.5")
    known = [
        GOOD.replace("517.5", str(400 + 10 * number)).replace("Example Rapid", f"Known {number}") for number in range(6)
    ]
    prices = tmp_path / "prices.csv"
    prices.write_text(_header(remitwatch) + "".join([earlier, cheap, dear, *known]), "utf-8")
    remitwatch("import", prices, "--source", "partners")
    shown = remitwatch("quotes", "--corridor", "KEN-UGA", "--json").json
    assert [row["provider_name"] for row in shown[-2:]] == ["(private)"] * 2
    assert all(row["provider_name"].startswith("Known") for row in shown[:6])
    assert {row["smart_rank"] for row in shown} == {None}
    assert [row["flags"] for row in shown[-2:]] == [["private"], ["private"]]
    assert len(remitwatch("providers", "--json").json) == 6
    found = remitwatch("check", "--json", code=None).out
    assert "a private service of partners in KEN-UGA" in found
    for told in (found, remitwatch("issues", "list", "--json").out, remitwatch("providers", "--json").out):
        assert "artner Dear" not in told
        assert "partner_dear" not in told
        assert not re.search(r"\d %", told)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"a,b,c\n1,2,3\n", "not recognised as any of"),
        (b"PK\x03\x04 broken", "not recognised as any of"),
        (b"\x00\x01\x02", "not recognised as any of"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(remitwatch, tmp_path, content: bytes, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    refused = remitwatch("import", path, code=2)
    assert message in refused.err
    assert refused.err.count("\n") == 1


def test_a_survey_file_without_a_needed_column_names_it(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "survey.csv"
    path.write_text("id,period,source_code,destination_code,firm\n1,2025_3Q,KEN,UGA,Example\n")
    refused = remitwatch("import", path, "--as", "survey", code=2)
    assert "survey.csv" in refused.err
    assert "cc1 lcu amount" in refused.err


@shared
@pytest.mark.parametrize(("column", "value"), [("cc1 total cost %", "1e400"), ("cc1 lcu fee", "1e30")])
def test_a_number_that_no_price_can_be_is_refused_and_the_rest_kept(  # type: ignore[no-untyped-def]
    remitwatch, tmp_path, column: str, value: str
) -> None:
    head, first, *rest = SAMPLE.read_text("utf-8").splitlines()
    cells = first.split(",")
    cells[head.split(",").index(column)] = value
    path = tmp_path / "absurd.csv"
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", "utf-8")
    brought = remitwatch("import", path, "--json", code=3)
    assert brought.json["stored"] == 143
    assert value in brought.err
    rows = remitwatch("indicators", "--scope", "corridor", "--period", "2025-Q3", "--json").json
    assert {row["services"] for row in rows if row["indicator"] == "average_total_cost"} == {6, 10, 12}


@shared
def test_rows_that_stand_there_twice_are_told(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    head, *rows = SAMPLE.read_text("utf-8").splitlines()
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([head, *rows, *rows]) + "\n", "utf-8")
    assert "144 values stand in the file twice" in remitwatch("import", path).out
