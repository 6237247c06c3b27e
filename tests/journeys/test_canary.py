"""Canary secrets in settings and environment: after runs with sources and routes that work and that fail, they stand in
nothing that is written, shown or started, but the settings file that they were put in."""

from __future__ import annotations

import gzip
import io
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from remitwatch import clock
from remitwatch.config import load
from remitwatch.errors import InputError
from remitwatch.jobs import Job
from remitwatch.pipeline import workspace
from scrapers import registry
from scrapers.sandbox import SandboxServer, World
from tests.conftest import CommandLine, Today
from tests.journeys.receivers import free_port, only
from tests.journeys.test_clock import _home

AVERAGE = "corridor_average_above_5"
TOKEN, HOOK, PATH, HEADER, MAIL, DATABASE = CANARIES = (
    "c4nary-token-0001",
    "c4nary-hook-0002",
    "c4nary-path-0003",
    "c4nary-header-0004",
    "c4nary-mail-0005",
    "c4nary-database-0006",
)
ROOT = Path(__file__).parents[2]
SHOWN = (
    ("status",), ("status", "--json"), ("doctor", "--full"), ("doctor", "--full", "--json"), ("config", "show"),
    ("config", "show", "--json"), ("health",), ("health", "--json"), ("metrics",), ("runs", "list", "--json"),
    ("issues", "list"), ("issues", "list", "--json"), ("sources", "list", "--json"), ("sources", "show", "banxico"),
    ("sources", "show", "banxico", "--json"), ("sources", "check", "banxico"), ("alerts",),
    ("alerts", "list", "--json"),
    ("alerts", "routes"), ("alerts", "routes", "--json"), ("alerts", "rules", "--json"), ("alerts", "deliveries"),
    ("alerts", "deliveries", "--json"), ("alerts", "send-test", "works"), ("alerts", "send-test", "fails"),
    ("alerts", "send-test", "unknown"), ("alerts", "send-test", "works", "--json"), ("schedule", "--dry-run", "--json"),
    ("quotes", "--corridor", "USA-MEX", "--json"), ("rates", "--json"), ("indicators", "--json"), ("db", "check"),
    ("collect", "--dry-run"), ("observe", "--rebuild"), ("reparse", "--source", "banxico"), ("tidy",),
    ("archive", "prune", "--keep-days", "1", "--dry-run"),
)  # fmt: skip
"""What an operator looks at; a wrong option among them is looked at as well."""


@pytest.fixture
def echo(httpserver: HTTPServer) -> HTTPServer:
    """A server that says back all that it is sent: `/works` takes it, all else is refused."""

    def answer(request: Request) -> Response:
        said = f"{request.url} {dict(request.headers)}"
        headers = {"Remitwatch-Sandbox": "yes", "X-Said": request.headers.get("Bmx-Token", "")}
        return Response(said, 200 if "works" in request.path else 403, headers)

    httpserver.expect_request("/robots.txt").respond_with_data("", headers={"Remitwatch-Sandbox": "yes"})
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver


@pytest.fixture
def line(today: Today, echo: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CommandLine]:
    """A home whose settings hold every canary but the database's: a source with a token, three routes."""
    line = CommandLine(tmp_path / "home")
    only(monkeypatch, line, AVERAGE)
    with SandboxServer(World(), lambda: today.now, sources=("ecb", "transfergo", "banxico")) as server:
        sources = "".join(f'[sources.{key}]\nbase_url = "{url}"\npause = 0\n' for key, url in server.base_urls.items())
        (line.home / "remitwatch.toml").write_text(
            f"""allow_private_addresses = true
[collect]
corridors = ["USA-MEX"]
[publish]
languages = ["en"]
[log]
file = "remitwatch.log"
[metrics]
textfile = "{tmp_path / "remitwatch.prom"}"
{sources}token = "{TOKEN}"
[alerts.rules.{AVERAGE}]
threshold = 1
clear = 0.5
audience = "operators"
[alerts.routes.works]
url = "json://someone:{HOOK}@127.0.0.1:{echo.port}/works/{PATH}?+X-Key={HEADER}"
audience = "operators"
[alerts.routes.refused]
url = "json://someone:{HOOK}@127.0.0.1:{echo.port}/{PATH}?+X-Key={HEADER}"
audience = "operators"
[alerts.routes.fails]
url = "mailto://someone:{MAIL}@example.org:{free_port()}/?smtp=127.0.0.1&from=a@example.org&to=b@example.org&mode=insecure"
audience = "operators"
"""
        )
        yield line


def test_canaries_stand_nowhere_but_in_the_settings(
    line: CommandLine, today: Today, echo: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = [line("-vv", "run", code=None)]
    today.move(1)
    monkeypatch.setenv("REMITWATCH_LOG__FORMAT", "json")
    monkeypatch.setenv("REMITWATCH_SOURCES__BANXICO__BASE_URL", echo.url_for("/").rstrip("/"))  # it fails, and echoes
    monkeypatch.setenv("REMITWATCH_ALERTS__ROUTES__UNKNOWN__URL", f"slack://{HOOK}/{PATH}/{HEADER}")
    said += [line("-vv", "run", code=None), line("-vv", "alerts", "deliver", code=None)]
    said += [line("-vv", *command, code=None) for command in SHOWN]
    out = tmp_path / "out"
    out.mkdir()
    for form, name in (("csv", "csv"), ("xlsx", "figures.xlsx"), ("datapackage", "package"), ("api", "api")):
        said.append(line("export", form, "--out", out / name))
    said.append(line("backup", "--editions", tmp_path / "saved.tar.gz"))
    said += [line("backup", "--verify", tmp_path / "saved.tar.gz", *more) for more in ((), ("--json",))]
    monkeypatch.delenv("REMITWATCH_ALERTS__ROUTES__UNKNOWN__URL")
    statuses = {(run["source"], run["status"]) for run in line("runs", "list", "--json").json}
    assert {("banxico", "ok"), ("banxico", "failed")} <= statuses
    assert {one["state"] for one in line("alerts", "deliveries", "--json").json} == {"sent", "waiting"}
    assert "with remitwatch.toml" in said[-3].out
    assert found_in("".join(one.out + one.err for one in said)) == []
    assert {name for name, content in everything(tmp_path) if found_in(content)} == {
        "home/remitwatch.toml",
        "saved.tar.gz:remitwatch.toml",
    }
    log = (line.home / "logs" / "remitwatch.log").read_text()
    assert " INFO remitwatch" in log
    assert '"level": "info"' in log


@pytest.mark.parametrize("command", ["status", "run", "doctor", "health", "backup -", "config show", "db check"])
def test_the_password_of_a_database_is_not_told(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    url = f"postgresql+psycopg://someone:{DATABASE}@127.0.0.1:{free_port()}/remitwatch"
    monkeypatch.setenv("REMITWATCH_DATABASE_URL", url)
    for more in ((), ("--json",)):
        told = line("-vv", *command.split(), *more, code=None)
        assert told.out + told.err
        assert found_in(told.out + told.err) == []
    assert {name for name, content in everything(tmp_path) if found_in(content)} == {"home/remitwatch.toml"}


BROKEN = """
import sys
from remitwatch.cli import main
from remitwatch.pipeline import cycle
def broken(open_home, *arguments, **named):
    secret = open_home.settings.sources["banxico"].token.get_secret_value()
    try:
        raise ValueError(secret)
    except ValueError as error:
        raise RuntimeError(open_home.settings.alerts.routes["works"].url.get_secret_value()) from error
cycle.run_day = broken
main()
"""


def test_no_traceback_and_no_argument_of_a_process_holds_one(line: CommandLine) -> None:
    where = ["--home", str(line.home)]
    broke = subprocess.run(
        [sys.executable, "-c", BROKEN, *where, "-vv", "run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert broke.returncode == 1
    assert "RuntimeError: " in broke.stderr
    assert found_in(broke.stdout + broke.stderr) == []
    seen: set[str] = set()
    with subprocess.Popen(
        [sys.executable, "-c", "from remitwatch.cli import main; main()", *where, "-vv", "run"],
        cwd=ROOT, env=os.environ | {"REMITWATCH_SOURCES__BANXICO__TOKEN": TOKEN},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        ended = threading.Event()
        watching = threading.Thread(target=_watch, args=(process.pid, seen, ended))
        watching.start()
        told, _ = process.communicate()
        ended.set()
        watching.join()
    assert any("remitwatch.cli" in one for one in seen)
    assert found_in(told + "".join(seen)) == []


def test_a_job_that_breaks_tells_the_heartbeat_no_secret(line: CommandLine) -> None:
    def fails() -> None:
        raise InputError(f"not known: {TOKEN}")

    def breaks() -> None:
        raise RuntimeError(f"not known: {TOKEN}")

    line("run", code=None)
    home = _home(line)
    loaded = load(home.config, os.environ, {}, frozenset(registry.definitions()))
    pulse = clock.Pulse(home, loaded, workspace.utc_now, BackgroundScheduler())
    every = ("mon",)
    pulse.work(Job("fails", "00:00", every, fails), lambda: None)  # type: ignore[arg-type]
    told = line("status", code=None).out + (home.root / "heartbeat.json").read_text()
    with pytest.raises(RuntimeError):
        pulse.work(Job("breaks", "00:00", every, breaks), lambda: None)  # type: ignore[arg-type]
    told += line("status", code=None).out + (home.root / "heartbeat.json").read_text()
    assert told.count("not known: ***") == 4
    assert found_in(told) == []


def found_in(content: str | bytes) -> list[str]:
    """The canaries that stand in it."""
    whole = (content.encode() if isinstance(content, str) else content).lower()
    return [one for one in CANARIES if one.encode() in whole]


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder and what is packed in it, and the databases in words, by name."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".sqlite":
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                yield name, "\n".join(database.iterdump()).encode()
        yield from _unpacked(name, path.read_bytes())


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
        if not name.endswith(".tar.gz"):
            yield from _unpacked(name, content)
            return
        with tarfile.open(fileobj=io.BytesIO(content)) as archived:
            for entry in archived:
                file = archived.extractfile(entry) if entry.isfile() else None
                yield from _unpacked(f"{name}:{entry.name}", b"" if file is None else file.read())
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.namelist():
                yield from _unpacked(f"{name}:{member}", packed.read(member))


def _watch(pid: int, seen: set[str], ended: threading.Event) -> None:
    """Note the arguments of a process and of all below it, until it has ended."""
    while not ended.wait(0.05):
        below = [pid]
        for one in below:
            try:
                below += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
                seen.add(Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
