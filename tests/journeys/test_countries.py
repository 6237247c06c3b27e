"""A ministry's page: published for one country, from the real files where they are, with the home's own measures."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from lxml import html

SHARED = Path(__file__).parents[3] / "shared" / "data"
SAMPLE, MATRIX = SHARED / "rpw_service_rows_sample.csv", SHARED / "bilateral_remittance_matrix_2017.xlsx"
DATABANK = SHARED / "worldbank_databank_corridors_2011Q1_2020Q3.csv"
ROW = (
    "2026-10-28,{sender},{receiver},{name},bank,cash,agent,cash,within_hour,high,18000,KES,{fee},KES,added,28.10,505800,"
    "UGX,28.50,true,false,false,\n"
)


def _prices(remitwatch, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Five prices from Kenya to Uganda."""
    head = remitwatch("import", "--template").out.splitlines()[0] + "\n"
    rows = [ROW.format(sender="KEN", receiver="UGA", name=f"Bank {n}", fee=100 + 50 * n) for n in range(5)]
    path = folder / "prices.csv"
    path.write_text(head + "".join(rows), "utf-8")
    remitwatch("import", path, "--source", "partners")


def _edition(out: str) -> Path:
    return Path(out.strip().splitlines()[-1]).parent


def _text(path: Path) -> str:
    return " ".join(html.document_fromstring(path.read_text("utf-8")).text_content().split())


def test_one_country_and_its_corridors_are_published(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    _prices(remitwatch, tmp_path)
    whole = _edition(remitwatch("publish").out)
    assert {path.name for path in (whole / "countries").iterdir()} == {"KEN.html", "UGA.html"}
    assert {path.name for path in (whole / "csv" / "countries").iterdir()} == {
        "KEN.csv", "UGA.csv", "csv-metadata.json", "schema.json",
    }  # fmt: skip
    some = _edition(remitwatch("publish", "--country", "uga").out)
    assert {path.name for path in (some / "countries").iterdir()} == {"UGA.html"}
    assert {path.name for path in (some / "corridors").iterdir()} == {"KEN-UGA.html"}
    page = _text(some / "countries" / "UGA.html")
    assert "The only corridor to Uganda here, from Kenya, costs" in page
    assert "No corridor from Uganda has a figure or a listed service here." in page
    one = _edition(remitwatch("publish", "--corridor", "KEN-UGA").out)
    assert not (one / "countries").exists()
    assert "Uganda" in _text(one / "countries.html")


def test_a_home_adds_its_own_measures_and_a_wrong_row_stops_it_whole(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    _prices(remitwatch, tmp_path)
    first = remitwatch("publish")
    file = Path(_edition(first.out)).parents[1] / "events.csv"
    head = "countries,date,title,kind,source,verified\n"
    ours = "UGA,2018-07-01,Ours: <i>tax</i>,tax,Gazette,yes\n"
    file.write_text(head + ours + "UGA,2018-7,Wrong,tax,Gazette,yes\n", "utf-8")
    failed = remitwatch("publish", code=2)
    assert failed.err.strip() == (
        f"remitwatch: {file}, row 2, column date: '2018-7': expected a day 2018-07-01 or a month 2018-07"
    )
    file.write_text(head + ours, "utf-8")
    second = remitwatch("publish")
    assert _edition(second.out) != _edition(first.out)
    page = html.document_fromstring((_edition(second.out) / "countries" / "UGA.html").read_text("utf-8"))
    (table,) = page.xpath("//section[@id='history']//table[contains(., 'Gazette')]")
    assert "Ours: <i>tax</i>" in table.text_content()
    assert not table.xpath(".//i")
    assert "unchanged" in remitwatch("publish").out


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
def test_the_real_files_give_kenya_its_page(remitwatch, today) -> None:  # type: ignore[no-untyped-def]
    for file in (MATRIX, SAMPLE, DATABANK):
        remitwatch("import", file)
    edition = _edition(remitwatch("publish", "--country", "KEN").out)
    page = _text(edition / "countries" / "KEN.html")
    assert "None of the 2 corridors to Kenya judged here costs less than 5% on average" in page
    assert (
        "Sending USD 200 to Kenya costs 46.2% on average. It rests on 19 services in 2 corridors. "
        "It is cheapest from Rwanda, at 22.6%, and dearest from Tanzania, at 60.0%." in page
    )
    # 3.4792 x 19.5643 % + 143.2217 x 56.9933 %, at 5 %: 3.4792 x 17.5643 % + 143.2217 x 54.9933 %
    assert "2 corridors14779.482.3" in page
    assert "7.4% of the estimated flow of 2017: 2 of 78 corridors with a flow have a figure" in page
    assert "United Kingdom66333.7%" in page
    assert "The official corridor series that is held ends in 2020-Q3." in page
    assert "over other corridors or services" in page  # 2011 and 2025 are not compared
    assert "One period may be compared; a pace needs two." in page
    with (edition / "csv" / "countries" / "KEN.csv").open(encoding="utf-8") as file:
        rows = {(row["sender"], row["receiver"], row["indicator"], row["year"]): row for row in csv.DictReader(file)}
    assert rows["TZA", "KEN", "average_total_cost", "2025"]["value"].startswith("59.9933")
    assert rows["RWA", "KEN", "average_total_cost", "2025"]["value"].startswith("22.564285")
    assert rows["", "KEN", "average_total_cost", "2025"]["services"] == "19"
    assert rows["", "KEN", "average_total_cost", "2025"]["data"] == "real"
    traced = remitwatch("trace", rows["TZA", "KEN", "average_total_cost", "2025"]["id"], "--json").json
    assert traced["figure"]["value"] == "59.9933"
