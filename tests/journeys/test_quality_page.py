"""What the page on data quality says of a home that was asked on some days and not on others."""

from pathlib import Path
from typing import Any

from scrapers.sandbox import SandboxServer
from tests.conftest import CommandLine, Today


def _page(out: str, name: str) -> Any:
    from lxml import html

    folder = Path(out.strip().splitlines()[-1]).parent
    return html.document_fromstring((folder / name).read_text("utf-8"))


def _text(node: Any) -> str:
    return " ".join(" ".join(node.itertext()).split())


def test_a_day_without_a_run_is_a_gap_of_its_source(
    remitwatch: CommandLine, sandbox: SandboxServer, today: Today
) -> None:
    """Asked on Tuesday and Thursday, not on Wednesday; Friday is not over."""
    remitwatch("init", "--sandbox")
    for days in (-3, 2):
        today.move(days)
        remitwatch("collect", "ecb", "transfergo")
        remitwatch("observe")
    today.move(1)
    out = remitwatch("publish").out
    rows = [_text(row) for row in _page(out, "quality.html").xpath("//section[@id='days']//tbody/tr")]
    assert [row for row in rows if row.startswith("TransferGo")] == [
        "TransferGo 1 day without 28 Oct: not asked 2 of 3 0"
    ]
    assert "Imported" not in _text(_page(out, "quality.html").xpath("//section[@id='sources']")[0])
    again = remitwatch("publish").out
    assert again.splitlines()[-1] == out.splitlines()[-1]  # the same data: the same edition
    provider = _page(out, "providers/transfergo.html")
    assert "TransferGo" in _text(provider.xpath("//h1")[0])
    assert "Percentages only" in _text(provider.xpath("//section[@id='sources']")[0])
    assert _page(out, "about.html").xpath("//section[@id='who']//p[@class='empty']")


def test_the_contact_of_the_operator_stands_on_the_page_about(
    remitwatch: CommandLine, sandbox: SandboxServer, today: Today, monkeypatch: Any
) -> None:
    monkeypatch.setenv("REMITWATCH_CONTACT", "prices@example.org")
    remitwatch("init", "--sandbox")
    remitwatch("collect", "ecb", "transfergo")
    remitwatch("observe")
    page = _page(remitwatch("publish").out, "about.html")
    assert page.xpath("//section[@id='who']//a/@href") == ["mailto:prices@example.org"]
