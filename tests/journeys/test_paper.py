"""For paper: briefs and publication figures of handed-in prices, written to a folder of the reader's."""

from __future__ import annotations

import json

import pytest

from reports import pdf

ROW = (
    "2026-10-30,KEN,{receiver},Firm {number},money_transfer_operator,cash,agent,cash,within_hour,high,18000,KES,"
    "{fee},KES,added,{rate},{received},{currency},{reference},true,false,false,\n"
)
CORRIDORS = (("UGA", "UGX", "28.10", "505800", "28.50"), ("TZA", "TZS", "20.00", "360000", "20.40"))
needs_pango = pytest.mark.skipif(pdf.why_not() is not None, reason=f"no PDF can be made: {pdf.why_not()}")


@pytest.fixture
def held(remitwatch, tmp_path, today):
    """A home with the prices of three services in each of two corridors."""
    prices = tmp_path / "prices.csv"
    names = ("receiver", "currency", "rate", "received", "reference")
    rows = "".join(
        ROW.format(number=number, fee=500 + 10 * number, **dict(zip(names, corridor, strict=True)))
        for corridor in CORRIDORS
        for number in range(3)
    )
    prices.write_text(remitwatch("import", "--template").out.splitlines()[0] + "\n" + rows, "utf-8")
    remitwatch("import", prices, "--source", "partners")
    return remitwatch


def test_figures_are_written_in_the_languages_asked_for_and_never_over_others(held, tmp_path):
    out = tmp_path / "out"
    told = json.loads(held("figures", "--dpi", "72", "--lang", "en", "--lang", "fr", "--out", out, "--json").out)
    names = sorted(path.name for path in out.iterdir())
    assert names == [f"corridors-standard.{code}.{kind}" for code in ("en", "fr") for kind in ("png", "svg")]
    assert sorted(row["file"].rsplit("/", 1)[1] for row in told) == names
    english, french = (out.joinpath(f"corridors-standard.{code}.svg").read_text("utf-8") for code in ("en", "fr"))
    assert "costs most" in english
    assert "costs most" not in french
    assert "already there" in held("figures", "--dpi", "72", "--lang", "en", "--out", out, code=2).err


def test_what_cannot_be_printed_is_one_line_and_nothing_is_written(held, tmp_path):
    out = tmp_path / "out"
    for arguments, words in (
        (("figures", "--corridor", "GBR-IND"), "GBR-IND: no figure on the basis standard of 2026-10-30"),
        (("figures", "--lang", "tlh"), "language 'tlh': expected one of en"),
        (("figures", "--corridor", "nowhere"), "nowhere"),
        (("brief", "--basis", "nothing"), "--basis 'nothing': expected survey, standard or estimate"),
    ):
        found = held(*arguments, "--out", out, code=2)
        assert words in found.err
        assert len(found.err.splitlines()) == 1
        assert not out.exists()


@pytest.mark.skipif(pdf.why_not() is None, reason="PDFs can be made here")
def test_without_the_extra_a_brief_says_what_to_install(held, tmp_path):
    found = held("brief", "KEN", "--out", tmp_path / "out", code=2)
    assert "install remitwatch with its extra `pdf`" in found.err


@pytest.mark.slow
@needs_pango
def test_a_brief_of_a_country_is_written(held, tmp_path):
    out = tmp_path / "out"
    assert held("brief", "KEN", "--out", out).out == f"{out / 'KEN.en.pdf'}\n"
    assert (out / "KEN.en.pdf").read_bytes().startswith(b"%PDF-1.7")
    refused = held("brief", "FRA", "--out", out, code=2)
    assert "FRA: no figure on the basis standard of 2026-10-30" in refused.err


def test_briefs_that_cannot_be_printed_stop_the_publication_before_it_begins(held, monkeypatch):
    monkeypatch.setenv("REMITWATCH_PUBLISH__BRIEFS", "KEN")
    monkeypatch.setattr("remitwatch.pipeline.publishing.why_not", lambda: "No module named 'weasyprint': install it")
    refused = held("publish", code=2)
    assert "setting publish.briefs: no PDF can be made: No module named 'weasyprint'" in refused.err
    assert 'or set it to "none"' in refused.err
    assert not (held.home / "editions").exists() or not list((held.home / "editions").iterdir())


@pytest.mark.slow
@needs_pango
def test_an_edition_carries_the_briefs_of_the_settings(held, monkeypatch):
    plain = held("publish", "--lang", "en", "--json").json
    assert not list((held.home / "editions" / plain["edition"]).rglob("*.pdf"))
    monkeypatch.setenv("REMITWATCH_PUBLISH__BRIEFS", "KEN")
    made = held("publish", "--lang", "en", "--json").json
    assert (plain["edition"], made["edition"], made["new"]) == ("2026-10-30-1", "2026-10-30-2", True)
    laid = sorted((held.home / "editions" / made["edition"] / "briefs").iterdir())
    assert [path.name for path in laid] == ["KEN.en.pdf", "overview.en.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF-1.7") for path in laid)
    assert held("publish", "--lang", "en", "--json").json["new"] is False
