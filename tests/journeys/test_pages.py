"""What the pages of a home say of the prices behind them: private ones, days held, other corridors than before."""

from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases"
SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "rpw_service_rows_sample.csv"
ROW = (
    "{day},KEN,UGA,{name},money_transfer_operator,cash,agent,cash,within_hour,high,18000,KES,"
    "{fee},KES,added,28.10,505800,UGX,28.50,true,false,{private},\n"
)


def _page(out: str, name: str = "index.html") -> str:
    """The text of a page of the edition that `publish` named last."""
    from lxml import html

    path = Path(out.strip().splitlines()[-1]).parent / name
    return " ".join(html.document_fromstring(path.read_text("utf-8")).text_content().split())


def test_private_prices_are_said_to_be_counted_and_days_are_counted(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    """Three partners are cheapest and two public services dearer, on two days of August and one of October."""
    rows = [
        ROW.format(day=day, name=f"{who} {number}", fee=fee + number, private=str(who == "Partner").lower())
        for day in ("2026-08-12", "2026-08-13", "2026-10-28")
        for who, fee, many in (("Partner", 200, 3), ("Known", 500, 2))
        for number in range(many)
    ]
    prices = tmp_path / "prices.csv"
    prices.write_text(remitwatch("import", "--template").out.splitlines()[0] + "\n" + "".join(rows), "utf-8")
    remitwatch("import", prices, "--source", "partners")
    page = _page(remitwatch("publish", "--period", "2026-Q4").out, "corridors/KEN-UGA.html")
    assert "3 prices were handed in privately. The average is of 5 services: 2 listed and 3 private." in page
    assert "All of them are private prices, not listed." in page
    assert "only two listed services" in page
    assert "2026-Q4: 1 of 92 days so far. The figures are provisional. Prices are held on 28 October 2026." in page
    overview = _page(remitwatch("publish", "--period", "2026-Q4").out)
    assert "3 prices were handed in privately; they are only in averages" in overview
    assert "Prices of 3 days are held (12 August to 28 October 2026): too short to judge a pace." in overview
    assert "third quarter of 2026 (2 of 92 days)" in overview
    assert "Partner" not in page + overview


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
def test_the_sample_of_the_survey_states_no_change_over_fourteen_years(remitwatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", SAMPLE)
    overview = _page(remitwatch("publish").out)
    assert "up from 23.6%" not in overview
    assert "rests on another set of corridors" in overview
    assert "23.62" in overview  # the history stays in the table
    assert "up from" not in _page(remitwatch("publish").out, "corridors/TZA-KEN.html")
    chosen = _page(remitwatch("publish", "--country", "KEN").out)
    assert "In the 4 corridors held, sending USD 200 costs 50.7% on average" in chosen


def test_the_evidence_of_a_survey_row_recomputes_its_margin_from_the_rates_it_states(remitwatch) -> None:  # type: ignore[no-untyped-def]
    """An excerpt of the survey: the interbank rate stands beside the applied one, and the quote's number traces."""
    from lxml import html

    remitwatch("import", CASES / "worldbank_survey/sheet_csv/0001.body.csv")
    path = Path(remitwatch("publish").out.strip().splitlines()[-1]).parent / "corridors/USA-MEX.html"
    (row,) = html.document_fromstring(path.read_text("utf-8")).xpath("//section[@id='evidence']//tbody/tr")
    cells = [" ".join(cell.itertext()) for cell in row.xpath("td")]
    assert row.xpath("string(th/text())") == "900101"
    assert cells[:6] == ["Example MTO", "18.0500", "18.4200", "2.01", "2.01", "agrees"]
    quote = row.xpath("string(th/span)").removeprefix("quote ")
    assert "Example MTO" in remitwatch("trace", quote).out


def test_daily_changes_are_told_from_prices_handed_in_day_by_day(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    """One firm raises its fee, one goes, one comes; a day is without any price; hostile names are text."""
    from lxml import html

    fees = {
        "Steady": [360, 360, 360, None, 360, 360, 360, 360],
        "Mover": [200, 200, 300, None, 300, 300, 300, 300],
        "Gone": [500, 500, 500, None, None, None, None, None],
        "<script>alert(1)</script>": [None, None, None, None, 400, 400, 400, 400],
    }
    rows = [
        ROW.format(day=f"2026-10-{21 + place}", name=name, fee=fee, private="false")
        for name, daily in fees.items()
        for place, fee in enumerate(daily)
        if fee is not None
    ]
    prices = tmp_path / "prices.csv"
    prices.write_text(remitwatch("import", "--template").out.splitlines()[0] + "\n" + "".join(rows), "utf-8")
    remitwatch("import", prices, "--source", "survey_team")
    out = remitwatch("publish").out
    path = Path(out.strip().splitlines()[-1]).parent / "corridors/KEN-UGA.html"
    section = html.document_fromstring(path.read_text("utf-8")).xpath("//section[@id='changes']")[0]
    said = " ".join(section.text_content().split())
    assert "In these days: 1 price went up, 1 service is new, 1 service went and 1 stretch is without prices." in said
    told = [
        [" ".join(" ".join(cell.itertext()).split()) for cell in row.xpath("./th|./td")]
        for row in section.xpath(".//tbody/tr")
    ]
    assert told == [
        ["25 October", "<script>alert(1)</script> Cash → cash", "new service", "3.6%", "", ""],
        ["25 October last on 23 October", "Gone Cash → cash", "no price any more", "4.2%", "", ""],
        ["24 October", "", "no price of any service", "", "", ""],
        ["23 October", "Mover Cash → cash", "dearer by 0.6 points", "2.5% → 3.1%", "+0.6", "±0.0"],
    ]
    assert "<script>alert" not in path.read_text("utf-8")
