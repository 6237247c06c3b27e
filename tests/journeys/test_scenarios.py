"""Every scenario of the sandbox through the command line: it ends in its class, with the right status and exit code;
the prices that are not touched are kept, and nothing is stored that no answer said."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from remitwatch.config import load
from remitwatch.home import Home
from remitwatch.pipeline import workspace
from remitwatch.quotes import Quote
from remitwatch.sources import SourceKind
from scrapers import registry
from scrapers.archive import DOWNLOADED
from scrapers.sandbox import LAST_DAY, SandboxServer, World
from scrapers.sandbox.scenarios import SCENARIOS, Scenario
from scrapers.sandbox.sources import SOURCES
from tests.conftest import CommandLine, Today

NOON = dt.datetime.combine(LAST_DAY, dt.time(12), dt.UTC)
CORRIDORS = ("DEU-IND", "DEU-TUR", "ESP-COL", "ESP-MAR", "GBR-IND", "GBR-NGA", "USA-MEX", "USA-PHL")
LINES = frozenset(range(1, 15))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def made(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[SourceKind, Path]:
    """Sandbox homes to be copied: an empty one for rates, and one with the rates that amounts to ask for need."""
    folder = tmp_path_factory.mktemp("made")
    CommandLine(folder / "empty")("init", "--sandbox")
    shutil.copytree(folder / "empty", folder / "rates")
    with (
        time_machine.travel(NOON),
        SandboxServer(world, lambda: NOON, sources=["ecb"]) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        point_at(server, "ecb", patch)
        CommandLine(folder / "rates")("collect", "ecb")
    return {SourceKind.RATES: folder / "empty", SourceKind.QUOTES: folder / "rates"}


def point_at(server: SandboxServer, source: str, patch: pytest.MonkeyPatch) -> None:
    """Point a source at the sandbox."""
    patch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
    patch.setenv(f"REMITWATCH_SOURCES__{source.upper()}__BASE_URL", server.base_urls[source])
    patch.setenv(f"REMITWATCH_SOURCES__{source.upper()}__PAUSE", "0")


@dataclass(frozen=True)
class Collected:
    """A home after a collection, its last run, and the exit code."""

    home: CommandLine
    run: dict[str, Any]
    code: int

    @contextmanager
    def opened(self) -> Iterator[workspace.Workspace]:
        home = Home(self.home.home, self.home.home / "remitwatch.toml")
        with workspace.reading(home, load(None, os.environ, {}, frozenset(registry.definitions()))) as opened:
            yield opened

    def quotes(self) -> list[tuple[str, Quote]]:
        """Every price in force, with the answer it was read from."""
        with self.opened() as opened:
            stored = opened.queries.unobserved_quotes(method="none", run_id=self.run["id"])
        return [(one.snapshot_id, one.quote) for one in stored]

    def rates(self) -> list[tuple[str, str, dt.date, Decimal]]:
        """Every rate in force: base, quote, date, rate."""
        with self.opened() as opened:
            return [row[1:] for row in opened.queries.rates(source=self.run["source"])]

    def stored(self) -> list[Decimal]:
        """Every rate, published figure and flow in force."""
        with self.opened() as opened:
            figures = [Decimal(str(one)) for one in opened.queries.benchmarks()["value"]]
            matrix = opened.queries.flows("knomad_bre", 2021)
        flows = [] if matrix is None else list(matrix.values.values())
        return [*(rate for *_, rate in self.rates()), *figures, *flows]

    def said(self) -> dict[str, set[Decimal]]:
        """All numbers in the archived answers of the source, by answer."""
        with self.opened() as opened:
            runs = opened.queries.runs(self.run["source"])
            answers = [one for run in runs for one in opened.queries.snapshots(run.id)]
            return {one.id: _numbers(opened.archive.body(one.body_sha256)) for one in answers}

    def classes(self) -> set[str]:
        """The failure classes that the run's issues tell."""
        issues = self.home("runs", "show", str(self.run["id"]), "--json").json["issues"]
        return {one["code"] for one in issues} - {"gave_up", "failed_run"}


def _numbers(body: bytes) -> set[Decimal]:
    """Every reading of every number in a body: with a point, with a decimal comma, with commas between thousands."""
    text = _unzipped(body) if body.startswith(b"PK") else body.decode()
    found = set(map(Decimal, re.findall(r"\d+(?:\.\d+)?", text)))
    for word in re.findall(r"\d+(?:,\d+)+(?:\.\d+)?", text):
        found.add(Decimal(word.replace(",", "")))
        if word.count(",") == 1 and "." not in word:
            found.add(Decimal(word.replace(",", ".")))
    return found


def _unzipped(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.fixture
def collected(
    made: dict[SourceKind, Path], world: World, tmp_path: Path, today: Today, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Scenario | None], Collected]:
    """Collect a source in a home of its own, in a scenario or without one."""
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", ",".join(CORRIDORS))

    def collect(source: str, scenario: Scenario | None) -> Collected:
        home = CommandLine(tmp_path / (scenario.name if scenario else "usual"))
        shutil.copytree(made.get(registry.definitions()[source].kind, made[SourceKind.RATES]), home.home)
        with SandboxServer(world, lambda: NOON, sources=[source], scenario=scenario) as server:
            point_at(server, source, monkeypatch)
            first, last = scenario.span if scenario and scenario.span else ("", "")
            span = ("--from", first, "--to", last or str(LAST_DAY)) if first else ()
            for _ in range(scenario.times if scenario else 1):
                result = home("collect", source, *span, "--json", code=None)
        return Collected(home, result.json[0], result.code)

    return collect


_USUAL: dict[str, tuple[list[Quote], int]] = {}
"""By source what a collection without a scenario brings: the same for all scenarios of the source."""


def usual(source: str, collected: Callable[[str, Scenario | None], Collected]) -> tuple[list[Quote], int]:
    """The prices without a scenario, and the number of answers without a price."""
    if source not in _USUAL:
        without = collected(source, None)
        assert (without.run["status"], without.code) == ("ok", 0)
        _USUAL[source] = [quote for _, quote in without.quotes()], without.run["not_offered"]
    return _USUAL[source]


def _as_told(quotes: Iterable[Quote]) -> list[str]:
    """Prices to be compared, without the time at which the source saw them."""
    return sorted(json.dumps(one.model_dump(mode="json", exclude={"quoted_at"}), sort_keys=True) for one in quotes)


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_ends_as_it_must(name: str, collected: Callable[[str, Scenario | None], Collected]) -> None:
    scenario = SCENARIOS[name]
    came = collected(scenario.source, scenario)
    assert (came.run["status"], came.run["reason"], came.code) == (
        scenario.status,
        scenario.reason,
        scenario.exit_code,
    )
    assert came.classes() == scenario.failures
    kind = registry.definitions()[scenario.source].kind
    if kind is not SourceKind.QUOTES:
        values = sum(came.run[name] for name in ("quotes", "rates", "benchmarks", "flows"))
        assert (values > 0) is scenario.values
        if kind is not SourceKind.SURVEYS:  # whose numbers are in the cells of a workbook
            said = set().union(*came.said().values())
            stored = came.stored()
            assert bool(stored) is (scenario.values and scenario.status != "held")
            assert [value for value in stored if not any(value.scaleb(zeros) in said for zeros in range(5))] == []
        return
    quotes = came.quotes()
    before, not_offered = usual(scenario.source, collected)
    if scenario.status == "failed":
        assert (quotes, came.run["quotes"], came.run["not_offered"]) == ([], 0, 0)
        return

    def touched(quote: Quote) -> bool:
        corridor = quote.inquiry.corridor
        return f"{corridor.sender}-{corridor.receiver}" in scenario.corridors

    kept = [quote for _, quote in quotes if not touched(quote)]
    assert kept
    assert _as_told(kept) == _as_told(quote for quote in before if not touched(quote))
    assert Counter(quote.basis.value for _, quote in quotes if touched(quote)) == scenario.quotes
    assert came.run["not_offered"] == not_offered + scenario.not_offered
    if scenario.flags:
        came.home("observe")
        shown = [row for one in scenario.corridors for row in came.home("quotes", "--corridor", one, "--json").json]
        assert shown
        assert all(scenario.flags <= set(row["flags"]) for row in shown)
    said_by = came.said()
    for snapshot, quote in quotes:
        figures = [quote.rate, quote.fee, *([] if quote.receive_amount is None else [quote.receive_amount])]
        assert [figure for figure in figures if figure not in said_by[snapshot] | {Decimal(0)}] == []


def test_every_line_has_a_scenario() -> None:
    assert {scenario.line for scenario in SCENARIOS.values()} == LINES
    assert all(scenario.source in SOURCES for scenario in SCENARIOS.values())


def test_what_some_of_them_show(collected: Callable[[str, Scenario | None], Collected]) -> None:
    """What a status cannot say: ages, dates, holes and directions."""

    def rates(name: str) -> dict[tuple[str, str, str], Decimal]:
        came = collected(SCENARIOS[name].source, SCENARIOS[name])
        return {(base, quote, str(date)): rate for base, quote, date, rate in came.rates()}

    old = collected("wise_comparisons", SCENARIOS["wise_old"]).quotes()
    ages = [(NOON - quote.quoted_at).total_seconds() / 3600 for _, quote in old if quote.quoted_at is not None]
    assert min(ages) > 24
    again = collected("ecb", SCENARIOS["ecb_304"])
    with again.opened() as opened:
        (known,) = opened.queries.snapshots(again.run["id"])
    assert DOWNLOADED in known.headers  # the body is the one that was had before
    assert max(date for *_, date in rates("ecb_holiday")) == "2026-10-29"
    hole = rates("ecb_no_rate")
    assert ("EUR", "USD", "2026-03-02") in hole
    assert ("EUR", "USD", "2026-03-03") not in hole
    assert ("EUR", "GBP", "2026-03-03") in hole
    assert max(date for *_, date in rates("frankfurter_old")) == "2026-10-09"
    assert not any(base == "GBP" for base, *_ in rates("odd_spaces"))
    shillings = rates("inverted_rates")
    assert shillings["KES", "UGX", "2026-10-30"] > 20
    assert shillings["USD", "KES", "2026-10-30"] > 100
    yen = rates("per_100_units")["JPY", "INR", "2026-10-30"]
    assert Decimal("0.4") < yen < Decimal("0.8")
