"""Hostile names, in through every public door, come out as text in every file that is written and on every screen."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reports import pdf
from scrapers.sandbox import SandboxServer, World
from scrapers.sandbox.faults import edited, is_robots, where
from scrapers.sandbox.handin import COLUMNS as HANDED_IN
from scrapers.sandbox.handin import handed_in_files
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.scenarios import SCENARIOS
from scrapers.sandbox.survey import COLUMNS, survey_rows
from tests.journeys.hostile_tree import faults, plain

NUL = "Nul\x00byte Bank"
NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "' onmouseover='alert(3)",
    "</title></style><svg onload=alert(4)>",
    "]]><a xmlns='http://www.w3.org/1999/xhtml' href='javascript:alert(5)'>go</a>",
    '=HYPERLINK("http://evil.example";"x")',
    "@SUM(A1:A9)",
    "+1-2 Remit",
    "-2+3 Remit",
    r"Bank $\frac{1",
    r"Bank \input{/etc/passwd} $x^$",
    "Evil \u202egnikcah\u202c Ltd",
    "Isolated \u2067Bank",
    NUL,
    "\"double\" 'single' &amp; &#x202e; more",
    "<r><t>rich</t></r>",
    "{{ 7*7 }}{% raw %} {0} %(name)s Bank",
    "Line\r\n=1+1\tBank",
    "Long " + "name " * 55,
)
IN_CSV = tuple(name for name in NAMES if "\x00" not in name)
"""A csv with a NUL byte is none: it is refused whole."""
TOO_LONG = "Endless " + "name " * 2000
CUT = re.compile(r"(?:name ){20,}")
"""No page holds a name of over eighty letters."""
FIRST = "USA-MEX"
needs_pango = pytest.mark.skipif(pdf.why_not() is not None, reason=f"no PDF can be made: {pdf.why_not()}")


class Called(dict[str, str]):
    """By the name of a firm what it is called here: one name after the other, then its own."""

    def __init__(self, names: Iterable[str]) -> None:
        self.left = iter(names)

    def __missing__(self, firm: str) -> str:
        return self.setdefault(firm, next(self.left, firm))


def hostile(names: Iterable[str]) -> Callable[[Any], None]:
    """Edits a comparison so that its providers are called otherwise."""
    called = Called(names)

    def edit(content: Any) -> None:
        for provider in content.get("providers", []):
            if provider["alias"] != "wise":
                provider["name"] = called[provider["name"]]

    return edit


@pytest.fixture
def world(today, monkeypatch):
    """A sandbox whose comparison names its providers in hostile ways."""
    changed = where(lambda play: not is_robots(play), edited(hostile((*NAMES, TOO_LONG))))
    scenario = dataclasses.replace(next(iter(SCENARIOS.values())), source="wise_comparisons", change=changed)
    with SandboxServer(World(), lambda: today.now, scenario=scenario) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", f"{FIRST},GBR-IND,DEU-TUR")
        for key, url in server.base_urls.items():
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        yield server


def survey(names: tuple[str, ...]) -> str:
    """The sandbox's survey as a csv of its sheet, its firms called otherwise."""
    called = Called(names)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in survey_rows(World(), "2026-Q3", 2):
        firm = called[str(row["firm"])]
        writer.writerow({**row, "firm": firm, "note2": MARK, "Standard Note": firm})
    return text.getvalue()


def handed_in(today: Any, names: tuple[str, ...]) -> str:
    """The sandbox's hand-in, its providers called otherwise, their names in the notes as well."""
    _day, _name, body = handed_in_files(World(), today.now.date())[-1]
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    kept = [row for row in rows if row["private"] == "false"]
    called = Called(names)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HANDED_IN, lineterminator="\n")
    writer.writeheader()
    for row in kept:
        name = called[row["provider"]]
        writer.writerow({**row, "provider": name, "note": f"{name} {MARK}"})
    return text.getvalue()


@pytest.fixture
def held(remitwatch, world, today, tmp_path):
    """A home that every door was tried on: survey, hand-in, comparison, a national target."""
    remitwatch("init", "--sandbox")
    brought = {"survey": survey((*IN_CSV, TOO_LONG)), "team": handed_in(today, IN_CSV)}
    for name, text in brought.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8", newline="")
    found = remitwatch("import", tmp_path / "survey.csv", "--as", "survey", code=3)
    shown(found.out + found.err)
    shown(remitwatch("import", tmp_path / "team.csv", "--as", "quotes", "--source", "team").out)
    for name in (TOO_LONG, NUL):
        (tmp_path / "refused.csv").write_text(handed_in(today, (name,)), "utf-8")
        shown(remitwatch("import", tmp_path / "refused.csv", "--as", "quotes", "--source", "team", code=2).err)
    shown(remitwatch("collect", code=None).out)
    remitwatch("observe")
    added = remitwatch(
        "targets", "add", "hostile", "--owner", NAMES[0], "--name", NAMES[11], "--scope", "receiver",
        "--receiver", "MEX", "--indicator", "average_total_cost", "--operator", "le", "--value", "5",
        "--deadline", "2030", code=None,
    )  # fmt: skip
    shown(added.out + added.err)
    return remitwatch


def shown(screen: str) -> None:
    """A screen turns nothing around and runs no control sequence."""
    assert [fault for line in screen.splitlines() for fault in plain(line)] == []


def names_in(editions: Path, pattern: str) -> str:
    return "".join(path.read_text("utf-8") for path in sorted(editions.rglob(pattern)))


def test_no_file_of_an_edition_or_export_has_live_markup_formulas_or_turned_text(held, tmp_path) -> None:
    made = held("publish", "--json").json
    editions = held.home / "editions"
    edition = editions / made["edition"]
    assert json.loads((edition / "manifest.json").read_text("utf-8"))["languages"] == ["en", "fr", "es", "ar"]
    # the names are there, as text, of every door
    for path in ("corridors/USA-MEX.html", "corridors/USA-MEX.standard.html", "corridors/USA-MEX.estimate.html"):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (edition / path).read_text("utf-8"), path
    assert "<script>alert(1)</script>" in (edition / "csv" / "services.csv").read_text("utf-8")
    assert NAMES[0] in _texts(json.loads((edition / "api" / "v1" / "providers.json").read_text("utf-8")))
    for name in ("=HYPERLINK", "@SUM", "+1-2 Remit", "-2+3 Remit"):
        assert f"'{name}" in (edition / "csv" / "services.csv").read_text("utf-8"), name
    assert r"Bank $\frac{1" in names_in(edition, "*.html")
    assert "Long name name" in names_in(edition, "*.html")
    assert "{{ 7*7 }}{% raw %} {0} %(name)s Bank" in names_in(edition, "*.html")
    assert faults(editions, CUT) == []

    out = tmp_path / "out"
    out.mkdir()
    for form, end in (
        ("csv", ""), ("datapackage", ""), ("api", ""), ("survey-layout", ""), ("xlsx", ".xlsx"), ("sdmx-csv", ".csv"),
        ("sdmx-ml", ".xml"),
    ):  # fmt: skip
        said = held("export", form, "--period", "2026-Q3", "--out", out / f"{form}{end}")
        shown(said.out + said.err)
    held("figures", "--corridor", FIRST, "--dpi", "72", "--lang", "ar", "--out", out / "figures")
    assert faults(out, CUT) == []


def test_no_screen_is_turned_around_and_every_json_holds_text(held) -> None:
    providers = held("providers", "--json").json
    assert any("<script>" in str(row) for row in providers)
    figure = held("indicators", "--corridor", FIRST, "--json").json[0]["id"]
    for command in (
        ("providers",), ("quotes", "--corridor", FIRST), ("indicators",), ("runs", "list"), ("runs", "show", "1"),
        ("issues", "list"), ("targets", "list"), ("targets", "progress"), ("status",), ("corridors",),
        ("trace", figure), ("compare",), ("sources", "list"),
    ):  # fmt: skip
        plainly = held(*command, code=None)
        shown(plainly.out + plainly.err)
        told = held(*command, "--json", code=None)
        for text in _texts(json.loads(told.out) if told.out else None):
            assert plain(text) == [], (command, text[:80])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)


@pytest.mark.slow
@needs_pango
def test_briefs_hold_no_live_content(held, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("REMITWATCH_PUBLISH__BRIEFS", "MEX")
    made = held("publish", "--json", "--lang", "en", "--lang", "ar").json
    briefs = held.home / "editions" / made["edition"] / "briefs"
    assert len(list(briefs.iterdir())) == 4
    assert faults(briefs, CUT) == []


def test_the_walk_sees_what_is_live(tmp_path) -> None:
    """Each kind of file with one thing in it that must not be there."""
    import zipfile

    live = {
        "script.html": "<p><script>alert(1)</script></p>",
        "handler.html": '<p onclick="x">a</p>',
        "image.html": "<p><img src=x></p>",
        "open.html": "<p><b>a</p>",
        "scheme.html": '<p><a href="javascript:x">a</a></p>',
        "turned.html": "<p>a\u202eb</p>",
        "reference.html": "<p>a&#x202e;b</p>",
        "long.html": f"<p>{'name ' * 30}</p>",
        "drawn.svg": '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        "foreign.svg": '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>',
        "feed.xml": "<feed><title>a\u202eb</title></feed>",
        "text.json": '{"a": "\\u0000"}',
        "broken.json": "{",
        "cell.csv": "a\n=1+1\n",
        "tab.csv": 'a\n"\t=1"\n',
        "rows.csv": "a,b\n1\n",
        "index.js": "alert(1)",
        "style.css": "p{}",
        "words.md": "<script>",
        "other.exe": "",
        "picture.png": "GIF89a",
    }
    for name, text in live.items():
        (tmp_path / name).write_text(text, "utf-8")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet><c><f>1+1</f></c></worksheet>")
    told = faults(tmp_path, CUT)
    assert {fault.partition(":")[0] for fault in told} == {*live, "book.xlsx"}
