"""Daily operation: the screen, the doctor, the health check, metrics, logs, what is tidied away."""

import datetime as dt
import gzip
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_httpserver import HTTPServer
from sqlalchemy import insert

from db.engine import open_engine, writing
from db.tables import AlertDeliveryRow, AlertMessageRow, AlertRow, table
from remitwatch import heartbeat
from remitwatch.cli import logs
from remitwatch.heartbeat import Heartbeat
from remitwatch.home import Home
from scrapers.sandbox import SandboxServer
from tests.conftest import CommandLine, Today
from tests.journeys.conftest import SECRET
from tests.journeys.trees import tree


def _home(line: CommandLine) -> Home:
    return Home(line.home, line.home / "remitwatch.toml")


def _beat(line: CommandLine, at: dt.datetime, **more: object) -> None:
    heartbeat.write(_home(line), Heartbeat(4711, "monitor-1", since=at, at=at, next_job="observe", next_at=at, **more))  # type: ignore[arg-type]


def _alert(line: CommandLine, at: dt.datetime, audience: str, *, dead: bool) -> None:
    """An open alert, and a message about it on one route."""
    row = {
        "rule": "source_stale",
        "subject": f"source:{audience}",
        "kind": "source_stale",
        "severity": "critical",
        "audience": audience,
        "state": "open",
        "first_day": at.date(),
        "day": at.date(),
        "breaches": 1,
        "clears": 0,
        "facts": "{}",
        "depends": "[]",
        "opened_at": at,
        "told_at": at,
        "told_day": at.date(),
    }
    message = {"key": audience, "kind": "opened", "audience": audience, "severity": "critical", "made_at": at}
    engine = open_engine(f"sqlite:///{line.home / 'remitwatch.sqlite'}")
    with writing(engine) as connection:
        connection.execute(insert(table(AlertRow)).values(**row))
        made = insert(table(AlertMessageRow)).values(**message, content="{}").returning(table(AlertMessageRow).c.id)
        number = connection.execute(made).scalar_one()
        state = (
            {"state": "dead", "attempts": 9, "last_error": "550 no such user"}
            if dead
            else {"state": "waiting", "attempts": 1}
        )
        connection.execute(insert(table(AlertDeliveryRow)).values(message_id=number, route="mail", next_at=at, **state))
    engine.dispose()


def _without_numbers(text: str) -> str:
    return re.sub(r"[\d.,]+ (bytes|kB|MB|GB|TB)", "SIZE", text)


def test_the_status_of_a_quiet_day_is_one_screen(home_of_a_day: CommandLine) -> None:
    told = home_of_a_day("status")
    lines = _without_numbers(told.out).splitlines()
    assert lines[0] == f"{home_of_a_day.home} (sandbox data, not real prices)"
    assert len(lines) < 40
    assert lines[lines.index("gaps in the last 31 days: 0") :] == [
        "gaps in the last 31 days: 0",
        *[line for line in lines if line.startswith("run ")],
        next(line for line in lines if line.startswith("open issues: ")),
        "open alerts: 0",
        "deliveries: 0 waiting, 0 given up",
        "disk: SIZE free; database SIZE, answers SIZE, editions SIZE",
        "scheduler: none has run here",
        "next: observe 10-30 18:30, check 10-30 18:45, publish 10-30 19:00",
        "newest edition: 2026-10-30-1, made 0 h ago",
        "last backup: none",
    ]
    content = home_of_a_day("status", "--json").json
    assert content["needs_a_person"] == []
    assert content["edition"] == "2026-10-30-1"
    assert content["scheduler"] is None


def test_the_status_says_what_needs_a_person(home_of_a_day: CommandLine, today: Today, tmp_path: Path) -> None:
    line = home_of_a_day
    _alert(line, today.now, "operators", dead=True)
    _alert(line, today.now, "readers", dead=False)
    _beat(line, today.now - dt.timedelta(hours=2))
    line("backup", tmp_path / "saved.tar.gz")
    told = line("status", code=4).out
    for expected in (
        "open alerts: 2 (2 critical)",
        "  alert 1: critical source_stale source:operators",
        "deliveries: 1 waiting, 1 given up",
        "  mail: message 1, 9 attempts: 550 no such user",
        "scheduler: no sign since 2026-10-30 10:00 UTC",
        "last backup: 0 h ago",
        "needs a person: 1 alerts for operators are not acknowledged",
        "needs a person: 1 messages could not be delivered",
        "needs a person: the scheduler's last sign is of 2026-10-30 10:00 UTC",
    ):
        assert expected in told.splitlines()
    content = line("status", "--json", code=4).json
    assert [one["subject"] for one in content["alerts"]["not_acknowledged"]] == ["source:operators"]
    assert content["deliveries"]["dead_letters"][0]["route"] == "mail"
    assert content["last_backup"] == "2026-10-30T12:00:00Z"
    _beat(line, today.now, working="check", last_job="observe", last_outcome="ok", last_message="3 quotes priced")
    assert (
        "scheduler: runs since 2026-10-30 12:00 UTC, works on check; last: observe ok: 3 quotes priced"
        in line("status", code=4).out
    )
    today.move(days=20)
    assert "needs a person: stale: " in line("status", code=4).out


def test_the_doctor_finds_a_sound_home_sound(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    line = home_of_a_day
    (line.home / "remitwatch.toml").chmod(0o600)
    line("backup", tmp_path / "saved.tar.gz")
    rows = line("doctor", "--full", "--json").json
    assert {row["state"] for row in rows} == {"ok"}
    names = [row["check"] for row in rows]
    assert names == [
        *("program", "sqlite", "database", "integrity", "archive", "clock", "secrets", "editions", "disk", "rights"),
        *("leftovers", "backup", "scheduler", "extras", "fonts"),
    ]
    found = {row["check"]: row["found"] for row in rows}
    assert found["archive"] == "5 answers are there, all were read; 0 pruned"
    assert found["editions"] == "1 stand; every file is what was published"
    assert line("doctor").out.count("\n") == len(rows)


def test_the_doctor_says_what_to_do(home_of_a_day: CommandLine, today: Today) -> None:
    line = home_of_a_day
    (line.home / "remitwatch.toml").chmod(0o644)
    (line.home / "logs").mkdir()
    (line.home / "logs" / "remitwatch.log").write_text(f"asked with {SECRET}\n")
    page = line.home / "editions" / "2026-10-30-1" / "index.html"
    page.write_bytes(page.read_bytes() + b" ")
    for name in ("cache/figures-1.npz.1.part", ".restoring-x/y", "archive/bodies/ab/.writing-1"):
        (line.home / name).parent.mkdir(parents=True, exist_ok=True)
        (line.home / name).write_bytes(b"half")
        os.utime(line.home / name, (1, 1))
    os.utime(line.home / ".restoring-x", (1, 1))
    _beat(line, today.now - dt.timedelta(hours=1))
    rows = line("doctor", "--json", code=1).json
    found = {row["check"]: (row["state"], f"{row['found']}: {row['do']}") for row in rows if row["state"] != "ok"}
    toml = line.home / "remitwatch.toml"
    assert found == {
        "secrets": (
            "fault",
            f"{line.home}/logs/remitwatch.log: a secret of the settings stands in it: renew that secret, then delete "
            "it there",
        ),
        "editions": (
            "fault",
            "2026-10-30-1/index.html: not what was published: restore a backup that has editions",
        ),
        "rights": (
            "warning",
            f"{toml}: sources.transfergo.token stands in it and others may read it (644): run: chmod 600 {toml}",
        ),
        "leftovers": (
            "warning",
            ".restoring-x, cache/figures-1.npz.1.part, archive/bodies/ab/.writing-1: left by a kill: "
            "run: remitwatch tidy",
        ),
        "backup": ("warning", "none was made of this home: run: remitwatch backup FILE, daily"),
        "scheduler": ("fault", "its last sign is of 2026-10-30 11:00 UTC: start it: remitwatch schedule"),
    }
    assert SECRET not in line("doctor", code=1).out
    assert line("doctor", code=1).out.count("\n") == len(rows)
    before = {name for name in tree(line.home) if not name.endswith((".part", ".writing-1", ".restoring-x/y"))}
    assert line("tidy").out.startswith(".restoring-x, figures-1.npz.1.part")
    assert set(tree(line.home)) == before
    assert {row["check"] for row in line("doctor", "--json", code=1).json if row["state"] == "ok"} >= {"leftovers"}


def test_a_warning_alone_exits_4(home_of_a_day: CommandLine) -> None:
    (home_of_a_day.home / "remitwatch.toml").chmod(0o600)
    assert "none was made of this home" in home_of_a_day("doctor", code=4).out


@pytest.mark.parametrize(("minutes", "state"), [(2, "ok"), (-9, "warning"), (30, "warning")])
def test_a_clock_that_is_off_is_seen_by_the_answers(
    home_of_a_day: CommandLine, today: Today, minutes: int, state: str
) -> None:
    from email.utils import format_datetime

    from sqlalchemy import select, update

    from db.tables import HomeRow, SnapshotRow

    snapshot, home = table(SnapshotRow), table(HomeRow)
    engine = open_engine(f"sqlite:///{home_of_a_day.home / 'remitwatch.sqlite'}")
    with writing(engine) as connection:
        connection.execute(update(home).where(home.c.key == "kind").values(value="real"))
        for row in connection.execute(select(snapshot)).all():
            sent = format_datetime(row.fetched_at - dt.timedelta(minutes=minutes), usegmt=True)
            change = update(snapshot).where(snapshot.c.id == row.id, snapshot.c.run_id == row.run_id)
            connection.execute(change.values(headers=json.dumps({"date": sent})))
    engine.dispose()
    (row,) = [row for row in home_of_a_day("doctor", "--json", code=None).json if row["check"] == "clock"]
    assert row["state"] == state
    (seconds,) = map(int, re.findall(r"(\d+) s", row["found"]))
    assert abs(seconds - abs(minutes) * 60) <= 1  # HTTP dates are whole seconds


def test_the_health_check(home_of_a_day: CommandLine, today: Today) -> None:
    line = home_of_a_day
    assert "no scheduler has run here yet" in line("health", code=1).err
    assert line("health", "--without-clock").out == "alive\n"
    _beat(line, today.now)
    assert line("health", "--json").json == {"alive": True, "wrong": []}
    _beat(line, today.now - dt.timedelta(minutes=4))
    assert "last sign is of 2026-10-30 11:56:00 UTC" in line("health", code=1).err
    _beat(line, today.now, stopped=True)
    assert "(stopped)" in line("health", code=1).err
    (line.home / "heartbeat.json").write_text("{")
    assert "not a heartbeat" in line("health", code=1).err


def test_the_health_check_loads_nothing_heavy() -> None:
    code = (
        "import sys, remitwatch.pipeline.alive; print([m for m in ('pandas', 'numpy', 'requests') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_the_metrics_are_read_by_prometheus(home_of_a_day: CommandLine, today: Today, tmp_path: Path) -> None:
    line = home_of_a_day
    _alert(line, today.now, "operators", dead=True)
    _beat(line, today.now)
    line("backup", tmp_path / "saved.tar.gz")
    found = {}
    for family in text_string_to_metric_families(line("metrics").out):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            found[(sample.name, *sorted(sample.labels.values()))] = sample.value
    noon = today.now.timestamp()
    assert found[("remitwatch_info", "0.1.0", "sandbox")] == 1
    assert found[("remitwatch_source_well", "ecb")] == 1
    assert found[("remitwatch_source_last_ok_timestamp_seconds", "ecb")] == noon - 12 * 3600
    assert found[("remitwatch_runs", "ok")] == 3
    assert found[("remitwatch_alerts_open", "critical")] == 1
    assert found[("remitwatch_deliveries", "dead")] == 1
    assert found[("remitwatch_heartbeat_timestamp_seconds",)] == noon
    assert 0 <= found[("remitwatch_backup_timestamp_seconds",)] - noon < 60
    assert abs(found[("remitwatch_edition_timestamp_seconds",)] - noon) < 60
    assert found[("remitwatch_gaps",)] == 0
    assert found[("remitwatch_quotes",)] > 5
    assert found[("remitwatch_database_bytes",)] == (line.home / "remitwatch.sqlite").stat().st_size
    assert found[("remitwatch_disk_free_bytes",)] > 0
    line("metrics", "--out", tmp_path / "remitwatch.prom")
    assert "# TYPE remitwatch_info gauge" in (tmp_path / "remitwatch.prom").read_text()
    assert "cannot be written" in line("metrics", "--out", tmp_path / "no" / "x.prom", code=1).err


def test_the_metrics_file_is_written_after_a_run(
    home_of_a_day: CommandLine, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REMITWATCH_METRICS__TEXTFILE", str(tmp_path / "remitwatch.prom"))
    home_of_a_day("run", code=None)
    assert "remitwatch_quotes " in (tmp_path / "remitwatch.prom").read_text()
    monkeypatch.setenv("REMITWATCH_METRICS__TEXTFILE", str(tmp_path / "no" / "remitwatch.prom"))
    assert "cannot be written" in home_of_a_day("run", code=None).err
    monkeypatch.setenv("REMITWATCH_METRICS__TEXTFILE", "metrics.txt")
    assert "metrics.textfile" in home_of_a_day("run", code=2).err


def test_the_log_is_kept_in_the_home_with_its_run_and_without_secrets(
    home_of_a_day: CommandLine, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = home_of_a_day
    monkeypatch.setenv("REMITWATCH_LOG__FILE", "remitwatch.log")
    monkeypatch.setenv("REMITWATCH_LOG__FORMAT", "json")
    (run,) = line("collect", "ecb", "--json").json
    rows = [json.loads(row) for row in (line.home / "logs" / "remitwatch.log").read_text().splitlines()]
    (ended,) = [row for row in rows if row["message"].startswith("ecb 2026-10-30: ok")]
    assert ended == {
        "time": ended["time"],
        "level": "info",
        "logger": "remitwatch.pipeline",
        "message": ended["message"],
        "run": run["id"],
        "source": "ecb",
    } | {"logger": ended["logger"]}
    assert re.fullmatch(r"2026-10-30T12:00:\d\d\.\d{3}Z", ended["time"])
    log = logging.getLogger("remitwatch.test")
    try:
        raise ValueError(f"https://user:{SECRET}@example.org/?api_key=abc")
    except ValueError:
        log.exception("asked %s with %s", f"https://example.org/?token={SECRET}&x=1", SECRET)
    last = (line.home / "logs" / "remitwatch.log").read_text().splitlines()[-1]
    assert SECRET not in last
    assert "abc" not in json.loads(last)["traceback"]
    assert json.loads(last)["message"] == "asked https://example.org/?token=***&x=1 with ***"
    monkeypatch.setenv("REMITWATCH_LOG__FORMAT", "text")
    line("-v", "status", code=None)
    log.warning("%s", SECRET)
    assert (line.home / "logs" / "remitwatch.log").read_text().endswith(" WARNING remitwatch.test: ***\n")


def test_an_error_of_the_program_is_shown_without_secrets(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    code = (
        "import remitwatch.pipeline.metrics as m, remitwatch.pipeline.workspace as w\n"
        f"def broken(_): raise RuntimeError('https://u:{SECRET}@h/ {SECRET}')\n"
        "m.metrics = broken\n"
        "from remitwatch.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "--home", str(home_of_a_day.home), "metrics"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "RuntimeError: https://h/ ***" in told.stderr
    assert SECRET not in told.stderr


def test_a_log_file_is_put_aside_when_it_is_full(tmp_path: Path) -> None:
    file = logs.File(tmp_path / "logs" / "x.log", most=100, keep=2)
    file.setFormatter(logging.Formatter("%(message)s"))
    for number in range(12):
        file.emit(logging.LogRecord("x", logging.INFO, "", 0, f"{number:030d}", (), None))
    kept = {path.name: path.read_text().split() for path in (tmp_path / "logs").iterdir()}
    assert {name: [int(one) for one in lines] for name, lines in kept.items()} == {
        "x.log": [9, 10, 11],
        "x.log.1": [6, 7, 8],
        "x.log.2": [3, 4, 5],
    }


def test_processes_that_share_a_log_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import logging, sys; from pathlib import Path; from remitwatch.cli import logs\n"
        "file = logs.File(Path(sys.argv[1]), 2000, 200)\n"
        "file.setFormatter(logging.Formatter('%(message)s'))\n"
        "for n in range(200): file.emit(logging.LogRecord('x', 20, '', 0, f'{sys.argv[2]}-{n}', (), None))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "x.log"), name]) for name in ("a", "b", "c")
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    lines = [line for path in tmp_path.glob("x.log*") for line in path.read_text().split()]
    assert sorted(lines) == sorted(f"{name}-{n}" for name in "abc" for n in range(200))


def test_a_log_that_cannot_be_kept_is_told_and_the_work_goes_on(
    home_of_a_day: CommandLine, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home_of_a_day.home / "logs").write_text("in the way")
    monkeypatch.setenv("REMITWATCH_LOG__FILE", "remitwatch.log")
    told = home_of_a_day("collect", "ecb")
    assert told.err.count("no log is kept") == 1


def test_what_is_tidied_away_is_what_the_settings_say(
    home_of_a_day: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = home_of_a_day
    database = line.home / "remitwatch.sqlite"
    for schema in (1, 2, 4, 5, 10):
        shutil.copy(database, f"{database}.schema-{schema}")
    (line.home / "replaced-20260101T000000Z").mkdir()
    os.utime(line.home / "replaced-20260101T000000Z", (1, 1))
    today.move(days=400)
    figures = line("indicators", "--period", "2026-10-30", "--json").out
    assert line("tidy", "--json").json["gone"] == ["remitwatch.sqlite.schema-1", "remitwatch.sqlite.schema-2"]
    monkeypatch.setenv("REMITWATCH_RETENTION__REPLACED_DAYS", "90")
    monkeypatch.setenv("REMITWATCH_RETENTION__SCHEMA_COPIES", "1")
    monkeypatch.setenv("REMITWATCH_RETENTION__PRUNE_ARCHIVE", "true")
    gone = line("tidy", "--json").json
    assert gone["gone"] == ["remitwatch.sqlite.schema-4", "remitwatch.sqlite.schema-5", "replaced-20260101T000000Z"]
    assert gone["answers"] == 0  # archive.keep_days is not set
    monkeypatch.setenv("REMITWATCH_ARCHIVE__KEEP_DAYS", "30")
    assert line("tidy", "--json").json["gone"] == []
    assert line("tidy").out == "nothing to tidy away\n"
    assert line("indicators", "--period", "2026-10-30", "--json").out == figures
    assert line("db", "check").out.startswith("sound")


def test_the_doctor_sends_a_test_message(
    home_of_a_day: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = home_of_a_day("doctor", "--send-test", "mail", "--json", code=1).json
    assert rows[-1] == {
        "check": "route",
        "state": "fault",
        "found": "route 'mail': no route is set: see [alerts.routes.NAME] in remitwatch.toml",
        "do": "",
    }
    with HTTPServer() as server:
        server.expect_request("/hook", method="POST").respond_with_data("taken")
        monkeypatch.setenv("REMITWATCH_ALERTS__ROUTES__HOOK__URL", f"json://127.0.0.1:{server.port}/hook")
        rows = home_of_a_day("doctor", "--send-test", "hook", "--json", code=None).json
        assert rows[-1]["state"] == "ok", rows[-1]
        assert rows[-1]["found"].startswith("hook: a test message was taken")


def test_a_secret_of_the_settings_stands_nowhere_but_there(
    home_of_a_day: CommandLine, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A token, the password of a database, the address of a hook and its header: looked for in all that is written."""
    line = home_of_a_day
    words = [SECRET, "canary-hook-0001", "canary-head-0002"]
    monkeypatch.setenv("REMITWATCH_ALERTS__ROUTES__HOOK__URL", f"json://127.0.0.1:9/{words[1]}?+X-Key={words[2]}")
    monkeypatch.setenv("REMITWATCH_LOG__FILE", "remitwatch.log")
    monkeypatch.setenv("REMITWATCH_METRICS__TEXTFILE", str(tmp_path / "x.prom"))
    said = []
    for command in (
        *(
            ("-vv", "run"),
            ("-v", "collect"),
            ("status",),
            ("doctor", "--full"),
            ("config", "show"),
            ("alerts", "send-test", "hook"),
        ),
        *(("backup", "--without-config", tmp_path / "saved.tar.gz"), ("backup", "--verify", tmp_path / "saved.tar.gz")),
        *(("export", "csv", "--out", tmp_path / "csv"), ("export", "xlsx", "--out", tmp_path / "x.xlsx")),
        *(("issues", "list", "--json"), ("runs", "list", "--json"), ("alerts", "deliveries", "--json"), ("health",)),
    ):
        told = line(*command, code=None)
        said.append(told.out + told.err)
    assert [word for word in words if any(word in text for text in said)] == []
    found = {
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.rglob("*")
        if path.is_file() and any(word.encode() in content for word in words for content in _contents(path))
    }
    assert found == {"home/remitwatch.toml"}
    assert "wise_comparisons 2026-10-30: ok" in (line.home / "logs" / "remitwatch.log").read_text()


def _contents(path: Path) -> list[bytes]:
    """The bytes of a file, and of what is packed in it."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return [content, *(packed.read(name) for name in packed.namelist())]
    return [content, gzip.decompress(content)] if content.startswith(b"\x1f\x8b") else [content]


def test_what_is_empty_is_said_in_a_line_and_one_is_no_plural(remitwatch, sandbox, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    lists = (("runs", "list"), ("issues", "list"), ("quotes", "--corridor", "GBR-IND"), ("rates",))
    assert [remitwatch(*one).out for one in lists] == ["none\n"] * 4
    assert remitwatch("check").out == "nothing found: no source has been asked here yet, no file brought in\n"
    remitwatch("collect", "ecb")
    assert remitwatch("check").out == "nothing found: every source is fresh, no price stands out\n"
    assert remitwatch("db", "check").out == "sound: 1 run: all agree with their digests\n"
    assert "bytes, 1 run, 1 answer, with remitwatch.toml" in remitwatch("backup", tmp_path / "a.tar.gz").out
