"""The command line in this process, with a given clock, and a sandbox world for it to ask."""

import contextlib
import datetime as dt
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import time_machine

from scrapers.sandbox import LAST_DAY, SandboxServer, World

# A user has no pyarrow; the extra `validators` brings it, and pandas would then keep texts in it, which takes no lone
# surrogates. The tests are of what a user has.
pd.set_option("mode.string_storage", "python")

NOON = dt.datetime.combine(LAST_DAY, dt.time(12), tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine that runs the tests do not reach them."""
    for name in list(os.environ):
        if name.startswith("REMITWATCH_") and name != "REMITWATCH_TEST_DATABASE_URL":
            monkeypatch.delenv(name)


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


class CommandLine:
    """Runs `remitwatch --home HOME ...` in this process."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str | Path, code: int | None = 0) -> Result:
        """Run a command and check its exit code (None: whatever it is)."""
        from remitwatch.cli import main

        out, err = io.StringIO(), io.StringIO()
        before, handler = sys.argv, signal.getsignal(signal.SIGTERM)
        sys.argv = ["remitwatch", "--home", str(self.home), *map(str, arguments)]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    main()
                    exit_code: Any = 0
                except SystemExit as end:
                    exit_code = end.code
        finally:
            sys.argv = before
            signal.signal(signal.SIGTERM, handler)
        result = Result(exit_code or 0, out.getvalue(), err.getvalue())
        assert "Traceback" not in result.err
        assert code is None or result.code == code, (result.code, result.out[-2000:], result.err[-2000:])
        return result


@pytest.fixture
def remitwatch(tmp_path: Path) -> CommandLine:
    """The command line on a home that is not made yet."""
    return CommandLine(tmp_path / "home")


@dataclass
class Today:
    """The day that the machine and the sandbox agree on; it can be moved."""

    now: dt.datetime
    traveller: time_machine.Traveller

    def move(self, days: int) -> None:
        """Go on by so many days."""
        self.now += dt.timedelta(days=days)
        self.traveller.move_to(self.now)


@pytest.fixture
def today() -> Iterator[Today]:
    """Noon of the sandbox's last day, on a clock that goes on."""
    with time_machine.travel(NOON, tick=True) as traveller:
        yield Today(NOON, traveller)


@pytest.fixture
def sandbox(today: Today, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A sandbox server that the command line's sources are pointed at, four corridors watched."""
    with SandboxServer(World(), lambda: today.now) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND,USA-MEX,USA-PHL,DEU-TUR")
        for key, url in server.base_urls.items():
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        yield server
