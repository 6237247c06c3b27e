"""Storage that fails: one clear line each, old figures and editions intact, `doctor` names it, `restore` mends it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import db.engine
from db.migrate import head
from scrapers.sandbox import SandboxServer
from tests.conftest import CommandLine, Today
from tests.journeys.trees import tree

RUN = [sys.executable, "-c", "from remitwatch.cli import main; main()", "--home"]


def _one_line(line: CommandLine, *command: str | Path, code: int = 1) -> str:
    told = line(*command, code=code)
    assert len(told.err.splitlines()) == 1, told.err
    return told.err


def _named(line: CommandLine, check: str, state: str = "fault") -> str:
    """What the doctor says of a check."""
    rows = line("doctor", "--json", code=None).json
    (row,) = [row for row in rows if row["check"] == check and row["state"] == state]
    return f"{row['found']}: {row['do']}"


def _editions(line: CommandLine) -> dict[str, str]:
    return tree(line.home / "editions")


def _garbage(path: Path, content: bytearray) -> bytes:
    return b"id,period\n1,2025_3Q\n" * 1000


def _truncated(path: Path, content: bytearray) -> bytes:
    return bytes(content[: len(content) // 2])


def _empty(path: Path, content: bytearray) -> bytes:
    return b""


def _header(path: Path, content: bytearray) -> bytes:
    content[3] ^= 0x20
    return bytes(content)


def _index_page(path: Path, content: bytearray) -> bytes:
    """Flips in a page of an index: in its count of cells and in the place of one."""
    pages = range(0, len(content), 4096)
    place = next(page for page in reversed(pages) if content[page] == 0x0A and content[page + 3 : page + 5] != b"\0\0")
    content[place + 9] ^= 0x15
    content[place + 4] ^= 0x01
    return bytes(content)


def _payload(path: Path, content: bytearray) -> bytes:
    """A flip in a price, which no check of SQLite's own sees."""
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT receive_amount FROM quote WHERE length(receive_amount) > 6").fetchone()
    content[content.index(str(text).encode()) + 2] ^= 0x01
    return bytes(content)


DAMAGES = {
    "garbage": (_garbage, "not an SQLite database, or its header is damaged"),
    "truncated": (_truncated, "damaged"),
    "zero bytes": (_empty, "the file is empty"),
    "header flip": (_header, "not an SQLite database, or its header is damaged"),
    "index page flip": (_index_page, "damaged"),
    "payload flip": (_payload, "its rows are not those that were stored"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_corrupted_database_is_told_named_and_restored(home_of_a_day: CommandLine, tmp_path: Path, kind: str) -> None:
    line, saved = home_of_a_day, tmp_path / "saved.tar.gz"
    damage, words = DAMAGES[kind]
    line("backup", saved)
    figures, editions = line("indicators", "--json").out, _editions(line)
    database = line.home / "remitwatch.sqlite"
    broken = damage(database, bytearray(database.read_bytes()))
    database.write_bytes(broken)
    shutil.rmtree(line.home / "cache", ignore_errors=True)  # what was checked before is not relied on
    assert "restore" in _one_line(line, "backup", tmp_path / "second.tar.gz")
    assert not (tmp_path / "second.tar.gz").exists()
    told = line("db", "check", code=1).err
    assert "restore" in told
    assert words in told or "damaged" in told or "malformed" in told or "page" in told.lower()
    named = line("doctor", code=1).out
    assert "remitwatch restore FILE --replace" in named or "restore a backup" in named
    assert _editions(line) == editions
    assert database.read_bytes() == broken  # nobody wrote to it
    assert "what stood here is in" in line("restore", saved, "--replace").out
    assert line("indicators", "--json").out == figures
    assert {row["check"]: row["state"] for row in line("doctor", "--json", code=None).json}["integrity"] == "ok"
    assert _editions(line) == editions


@pytest.mark.parametrize("kind", [name for name in DAMAGES if name not in ("payload flip", "index page flip")])
def test_no_command_reads_or_writes_a_broken_database(home_of_a_day: CommandLine, kind: str) -> None:
    database = home_of_a_day.home / "remitwatch.sqlite"
    broken = DAMAGES[kind][0](database, bytearray(database.read_bytes()))
    database.write_bytes(broken)
    editions = _editions(home_of_a_day)
    for command in ("status", "publish", "observe", "metrics", "health"):
        assert "restore a backup" in home_of_a_day(command, code=1).err
    assert _editions(home_of_a_day) == editions
    assert len(database.read_bytes()) == len(broken)


def test_nothing_is_published_from_a_changed_price(home_of_a_day: CommandLine) -> None:
    database = home_of_a_day.home / "remitwatch.sqlite"
    editions = _editions(home_of_a_day)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE quote SET fee = '99.99' WHERE id = (SELECT min(id) FROM quote)")
        connection.commit()
    shutil.rmtree(home_of_a_day.home / "cache")
    assert "its rows are not those that were stored" in _named(home_of_a_day, "integrity")
    home_of_a_day("observe", "--rebuild")
    assert "nothing is published from a damaged database" in _one_line(home_of_a_day, "publish")
    assert _editions(home_of_a_day) == editions


def test_a_newer_database_is_refused_untouched(home_of_a_day: CommandLine) -> None:
    database = home_of_a_day.home / "remitwatch.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (f"{head() + 1:04d}",))
        connection.commit()
    before, editions = database.read_bytes(), _editions(home_of_a_day)
    for command in ("status", "run", "publish", "health"):
        told = home_of_a_day(command, *(["--without-clock"] if command == "health" else []), code=1).err
        assert "made by a newer remitwatch than this one" in told
        assert len(told.splitlines()) == 1
    assert f"its schema is {head() + 1}" in _named(home_of_a_day, "database")
    assert database.read_bytes() == before
    assert _editions(home_of_a_day) == editions


def test_a_locked_database_is_told_and_reads_go_on(
    home_of_a_day: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(db.engine, "LOCK_SECONDS", 0.2)
    with closing(sqlite3.connect(home_of_a_day.home / "remitwatch.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked by another process" in _one_line(home_of_a_day, "runs", "accept", "1", "--why", "x", code=75)
        assert home_of_a_day("indicators", "--json").json
        home_of_a_day("backup", tmp_path / "saved.tar.gz")
        other.execute("ROLLBACK")
        other.execute("BEGIN EXCLUSIVE")
        told = home_of_a_day("doctor", "--json", code=1).json
        assert "locked by another process" in {row["check"]: row["found"] for row in told}["database"]
        other.execute("ROLLBACK")
    home_of_a_day("backup", "--verify", tmp_path / "saved.tar.gz")


@contextmanager
def _mounted(place: Path, megabytes: int) -> Iterator[None]:
    """A small disk in memory. Skips where this machine does not allow it."""
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "remitwatch-test", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"mounting is not allowed here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def on_small_disk(published_home: Path, tmp_path: Path, today: Today) -> Iterator[CommandLine]:
    """The home of one day on a disk of its own with little room."""
    size = sum(path.stat().st_size for path in published_home.rglob("*") if path.is_file()) // 1_000_000
    with _mounted(tmp_path / "disk", size + 24):
        shutil.copytree(published_home, tmp_path / "disk" / "home", symlinks=True)
        yield CommandLine(tmp_path / "disk" / "home")


def _fill(folder: Path, leave: int) -> Path:
    """Fill the disk of a folder but for so many bytes."""
    filler = folder / "filler"
    stat = os.statvfs(folder)
    with filler.open("wb") as file:
        left = stat.f_bavail * stat.f_frsize - leave
        while left > 0:
            left -= file.write(b"\0" * min(left, 1 << 20))
    return filler


def test_a_full_disk_is_told_and_everything_old_is_intact(on_small_disk: CommandLine, tmp_path: Path) -> None:
    line = on_small_disk
    saved = tmp_path / "saved.tar.gz"
    line("backup", saved, "--editions")
    figures, before = line("indicators", "--json").out, tree(line.home)
    filler = _fill(line.home.parent, 60_000)
    for command in (("backup", line.home / "inside.tar.gz"), ("restore", saved, "--replace")):
        assert "room" in _one_line(line, *command) or "space" in _one_line(line, *command)
    assert "full" in _named(line, "disk")
    assert "the disk is full" in line("health", "--without-clock", code=1).err
    kept = {name: value for name, value in tree(line.home).items() if not name.startswith("cache/")}
    assert kept == {name: value for name, value in before.items() if not name.startswith("cache/")}
    with closing(sqlite3.connect(line.home / "remitwatch.sqlite")) as connection:
        connection.execute("INSERT INTO home (key, value) VALUES ('x', 'y')")  # there is work that does not fit
        connection.rollback()
    assert line("indicators", "--json").out == figures
    filler.unlink()
    assert "agree with their digests" in line("db", "check").out
    line("restore", saved, "--replace")
    assert line("indicators", "--json").out == figures


def test_a_day_that_does_not_fit_is_lost_and_the_next_one_is_not(
    on_small_disk: CommandLine, sandbox: SandboxServer, today: Today
) -> None:
    line = on_small_disk
    today.move(days=1)
    figures, editions = line("indicators", "--period", "2026-10-30", "--json").out, _editions(line)
    filler = _fill(line.home.parent, 30_000)
    told = line("run", code=1)
    assert "space" in told.err or "full" in told.err
    assert _editions(line) == editions
    assert line("indicators", "--period", "2026-10-30", "--json").out == figures
    filler.unlink()
    assert "agree with their digests" in line("db", "check").out
    line("run", "--json", code=None)
    good = line("runs", "list", "--since", "2026-10-31", "--status", "ok", "--json").json
    assert {run["source"] for run in good} >= {"ecb", "wise_comparisons"}


def test_an_edition_that_does_not_fit_leaves_the_old_one(on_small_disk: CommandLine) -> None:
    line = on_small_disk
    editions = _editions(line)
    _fill(line.home.parent, 1_000_000)
    told = line("publish", "--lang", "en", "--lang", "fr", code=1)
    assert len(told.err.splitlines()) == 1
    assert "space" in told.err or "full" in told.err
    assert _editions(line) == editions


def test_a_home_that_may_only_be_read_is_told_and_reads(published_home: Path, tmp_path: Path, today: Today) -> None:
    with _mounted(tmp_path / "disk", 64):
        home = tmp_path / "disk" / "home"
        shutil.copytree(published_home, home, symlinks=True)
        line = CommandLine(home)
        figures = line("indicators", "--json").out
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "disk")], check=True)
        for command in ("run", "observe", "publish"):
            told = _one_line(line, command)
            assert "Read-only file system" in told
        assert line("indicators", "--json").out == figures
        assert line("status", code=None).out
        assert "cannot be written" in _named(line, "rights")
        line("backup", tmp_path / "saved.tar.gz")
        assert "sound" in line("backup", "--verify", tmp_path / "saved.tar.gz").out
    new = CommandLine(tmp_path / "new")
    new("restore", tmp_path / "saved.tar.gz")
    assert new("indicators", "--json").out == figures


def test_a_file_that_may_not_grow_is_told(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    """As a full disk, where nothing can be mounted: no file of the process may outgrow 200 kB."""
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); from remitwatch.cli import main; main()"
    before = tree(home_of_a_day.home)
    command = [sys.executable, "-c", limited, "--home", home_of_a_day.home, "backup", tmp_path / "saved.tar.gz"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, len(told.stderr.splitlines())) == (1, 1), told.stderr
    assert "make room" in told.stderr or "cannot be written" in told.stderr
    assert list(tmp_path.glob("*.tar.gz*")) == []
    assert tree(home_of_a_day.home) == before
