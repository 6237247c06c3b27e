"""Every source that is asked over the network, pointed at the sandbox by its base URL alone: it collects there, and its
archive reads the same again. A source that the sandbox does not play fails here: see scrapers/sandbox/sources.py."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from remitwatch.sources import SourceKind
from scrapers import registry
from scrapers.sandbox import LAST_DAY, SandboxServer, World
from scrapers.sandbox.sources import SOURCES
from tests.conftest import CommandLine, Today

ASKED = sorted(key for key, one in registry.definitions().items() if one.method != "file")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def playing(world: World) -> Iterator[SandboxServer]:
    """All sources at once."""
    noon = dt.datetime.combine(LAST_DAY, dt.time(12), dt.UTC)
    with SandboxServer(world, lambda: noon, sources=SOURCES) as server:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox home, to be copied."""
    home = tmp_path_factory.mktemp("made") / "home"
    CommandLine(home)("init", "--sandbox")
    return home


@pytest.fixture
def home(made: Path, remitwatch: CommandLine) -> CommandLine:
    shutil.copytree(made, remitwatch.home)
    return remitwatch


@pytest.mark.parametrize("key", ASKED)
def test_it_collects_at_another_address_and_reads_its_archive_again(
    key: str, playing: SandboxServer, home: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key in playing.base_urls, f"{key}: the sandbox does not play it"
    monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "DEU-TUR,GBR-IND,USA-PHL")
    monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", playing.base_urls[key])
    monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
    (run,) = home("collect", key, "--json").json
    assert (run["status"], run["reason"], run["refused"]) == ("ok", "", 0)
    values = sum(run[name] for name in ("quotes", "not_offered", "rates", "benchmarks", "flows"))
    assert values > run["not_offered"]
    kind = registry.definitions()[key].kind
    if kind is SourceKind.RATES:
        assert home("rates", "--source", key, "--json").json
    elif kind is SourceKind.QUOTES:
        home("observe")
        shown = [row for corridor in ("GBR-IND", "USA-PHL") for row in _prices(home, corridor)]
        assert shown
    report = home("reparse", key).out
    assert f"{values} values unchanged, 0 new, 0 gone" in report


def _prices(home: CommandLine, corridor: str) -> list[dict[str, object]]:
    found = []
    for basis in ("standard", "promotional", "estimate"):
        found += home("quotes", "--corridor", corridor, "--basis", basis, "--json").json
    return found


def test_without_the_leave_to_ask_private_addresses_nothing_is_asked(
    playing: SandboxServer, home: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMITWATCH_SOURCES__SENDWAVE__BASE_URL", playing.base_urls["sendwave"])
    before = playing.served("sendwave")
    (run,) = home("collect", "sendwave", "--corridor", "GBR-IND", "--json", code=1).json
    assert (run["status"], run["quotes"], playing.served("sendwave")) == ("failed", 0, before)


@pytest.mark.parametrize("key", ["western_union", "xe"])
def test_a_source_that_is_off_by_its_terms_is_asked_on_this_machine_only(
    key: str, home: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    refused = home("collect", key, code=2)
    assert f"{key}: is off: its terms say to ask first" in refused.err
