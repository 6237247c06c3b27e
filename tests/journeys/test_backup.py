"""Backups: one file, made while the home is used, checked whole, put back whole or not at all."""

import gzip
import importlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import remitwatch.pipeline.backup.restoring as restoring
from db.engine import open_engine
from db.migrate import MIGRATIONS, head, upgrade
from remitwatch.pipeline.backup.form import FORMAT, HEAD, MANIFEST, Head, Manifest
from remitwatch.pipeline.backup.packing import Packer
from remitwatch.pipeline.backup.unpacking import verify
from tests.conftest import NOON, CommandLine
from tests.journeys.conftest import SECRET
from tests.journeys.trees import tree


@pytest.fixture
def saved(home_of_a_day: CommandLine, tmp_path: Path) -> Path:
    """A backup with everything in it."""
    home_of_a_day("backup", tmp_path / "saved.tar.gz", "--editions")
    return tmp_path / "saved.tar.gz"


def _figures(line: CommandLine) -> str:
    return line("indicators", "--scope", "corridor", "--json").out + line("runs", "list", "--json").out


def _kept(home: Path) -> dict[str, str]:
    """What a backup keeps of a home."""
    names = ("remitwatch.sqlite", "remitwatch.toml", "archive/", "editions/", "alerts.toml", "events.csv")
    return {name: value for name, value in tree(home).items() if name.startswith(names) and "-journal" not in name}


def test_a_home_comes_back_as_it_was(home_of_a_day: CommandLine, saved: Path, tmp_path: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    told = home_of_a_day("backup", "--verify", saved).out
    assert "sound: made " in told
    assert "sandbox figures up to 2026-10-30" in told
    new = CommandLine(tmp_path / "new")
    assert "restored" in new("restore", saved).out
    before, after = _kept(home_of_a_day.home), _kept(new.home)
    assert {name for name in before if before[name] != after.get(name)} <= {"remitwatch.sqlite"}  # a copy page by page
    assert set(before) == set(after)
    assert _figures(new) == _figures(home_of_a_day)
    assert (new.home / "remitwatch.toml").stat().st_mode & 0o777 == 0o600
    assert "agree with their digests" in new("db", "check").out
    assert not [path.name for path in new.home.iterdir() if path.name.startswith((".", "restoring"))]


def test_a_backup_goes_through_pipes(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    run = [sys.executable, "-c", "from remitwatch.cli import main; main()", "--home"]
    made = subprocess.run([*run, home_of_a_day.home, "backup", "-"], capture_output=True, check=True)
    assert b"saved: -: " in made.stderr
    new = CommandLine(tmp_path / "new")
    back = subprocess.run([*run, new.home, "restore", "-"], input=made.stdout, capture_output=True, check=True)
    assert b"restored" in back.stdout
    assert _figures(new) == _figures(home_of_a_day)
    checked = subprocess.run(
        [*run, new.home, "backup", "--verify", "-"], input=made.stdout, capture_output=True, check=True
    )
    assert b": sound: made" in checked.stdout


def test_secrets_stay_out_of_a_backup_without_settings(home_of_a_day: CommandLine, saved: Path, tmp_path: Path) -> None:
    assert SECRET.encode() in gzip.decompress(saved.read_bytes())
    bare = tmp_path / "bare.tar.gz"
    told = home_of_a_day("backup", bare, "--without-config", "--json").json
    assert (told["settings"], told["editions"]) == (False, 0)
    assert SECRET.encode() not in gzip.decompress(bare.read_bytes())
    new = CommandLine(tmp_path / "new")
    new("restore", bare)
    assert not (new.home / "remitwatch.toml").exists()
    assert SECRET not in home_of_a_day("backup", "--verify", saved, "--json").out


def test_a_home_that_is_not_empty_is_replaced_only_when_told_to(
    home_of_a_day: CommandLine, saved: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.tar.gz"
    home_of_a_day("backup", bare)
    before = tree(home_of_a_day.home)
    assert "it is not empty (remitwatch.sqlite)" in home_of_a_day("restore", saved, code=2).err
    assert tree(home_of_a_day.home) == before
    (home_of_a_day.home / "remitwatch.sqlite").write_bytes(b"garbage")
    (home_of_a_day.home / "remitwatch.toml").write_text("[collect]\nretries = 3\n")
    done = home_of_a_day("restore", bare, "--replace", "--json").json
    aside = Path(done["replaced"])
    assert (aside / "remitwatch.sqlite").read_bytes() == b"garbage"
    assert (aside / "remitwatch.toml").read_text() == "[collect]\nretries = 3\n"
    assert SECRET in (home_of_a_day.home / "remitwatch.toml").read_text()
    assert (home_of_a_day.home / "editions" / "latest" / "index.html").exists()  # what was published stays
    assert not (aside / "editions").exists()
    again = home_of_a_day("restore", saved, "--replace", "--without-config", "--json").json
    assert Path(again["replaced"]) != aside
    assert (Path(again["replaced"]) / "editions" / "latest" / "index.html").exists()
    assert not (Path(again["replaced"]) / "remitwatch.toml").exists()


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (lambda content: b"", 2, "not a backup of remitwatch"),
        (lambda content: b"id,period\n1,2025_3Q\n" * 100, 2, "not a backup of remitwatch"),
        (lambda content: gzip.compress(b"id,period\n" * 100), 2, "not a backup of remitwatch"),
        (lambda content: content[: len(content) // 2], 1, "damaged or ends early"),
        (lambda content: content[:-200], 1, "damaged or ends early"),
        (lambda content: content[: len(content) // 2] + b"\xff" * 64 + content[len(content) // 2 + 64 :], 1, "damaged"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    home_of_a_day: CommandLine, saved: Path, damage: Callable[[bytes], bytes], code: int, words: str
) -> None:
    saved.write_bytes(damage(saved.read_bytes()))
    before = tree(home_of_a_day.home)
    for command in (("restore", saved, "--replace"), ("backup", "--verify", saved)):
        told = home_of_a_day(*command, code=code)
        assert words in told.err
        assert len(told.err.splitlines()) == 1
    assert tree(home_of_a_day.home) == before


def _members(backup: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(backup) as packed:
        return [(one, packed.extractfile(one).read() if one.isreg() else b"") for one in packed]  # type: ignore[union-attr]


def _pack(backup: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(backup, "w:gz") as packed:
        for info, content in members:
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))


def _repacked(backup: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Pack a backup anew with its files changed (None: left out)."""
    changed = [(info, change(info.name, content) if info.isreg() else content) for info, content in _members(backup)]
    _pack(backup, [(info, content) for info, content in changed if content is not None])


def test_a_file_that_is_not_what_was_saved_is_named(home_of_a_day: CommandLine, saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    body = next(info.name for info, _ in _members(saved) if info.name.startswith("archive/bodies"))
    for changed in ("remitwatch.sqlite", "remitwatch.toml", body):
        saved.write_bytes(whole)
        _repacked(saved, lambda name, content, changed=changed: content + b"x" if name == changed else content)
        assert f"{changed} is not what was saved" in home_of_a_day("backup", "--verify", saved, code=1).err
    saved.write_bytes(whole)
    _repacked(saved, lambda name, content: None if name == body else content)
    assert f"{body} is not what was saved" in home_of_a_day("backup", "--verify", saved, code=1).err

    def without_body(name: str, content: bytes) -> bytes | None:
        if name == MANIFEST:
            manifest = json.loads(content)
            del manifest["files"][body]
            return json.dumps(manifest).encode()
        return None if name == body else content

    saved.write_bytes(whole)
    _repacked(saved, without_body)
    assert "it lacks the answer" in home_of_a_day("backup", "--verify", saved, code=1).err


@pytest.mark.parametrize("kind", ["newer schema", "newer format"])
def test_a_backup_of_a_newer_program_is_refused(home_of_a_day: CommandLine, saved: Path, kind: str) -> None:
    def newer(name: str, content: bytes) -> bytes:
        if name != HEAD:
            return content
        key = "schema_version" if kind == "newer schema" else "format"
        return json.dumps({**json.loads(content), key: head() + 1}).encode()

    _repacked(saved, newer)
    before = tree(home_of_a_day.home)
    assert "made by a newer remitwatch" in home_of_a_day("restore", saved, "--replace", code=2).err
    assert tree(home_of_a_day.home) == before


def test_a_backup_of_an_older_program_is_brought_to_this_schema(tmp_path: Path) -> None:
    older = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, older, ignore=shutil.ignore_patterns("__pycache__"))
    next((older / "versions").glob(f"v{head():04d}_*.py")).unlink()
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    upgrade(engine, older)
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.execute("INSERT INTO home (key, value) VALUES ('kind', 'real')")
        connection.commit()
    with (tmp_path / "old.tar.gz").open("wb") as out:
        packer = Packer(out, 0)
        first = Head(format=FORMAT, remitwatch="0.0.9", schema_version=head() - 1, world="real", made_at=NOON)
        packer.add_json(HEAD, first)
        packer.add_path("remitwatch.sqlite", tmp_path / "old.sqlite")
        packer.add_json(MANIFEST, Manifest(files=packer.files, links={}, missing=(), runs={}))
        packer.close()
    new = CommandLine(tmp_path / "new")
    assert "by remitwatch 0.0.9: real figures" in new("restore", tmp_path / "old.tar.gz").out
    assert "sound" in new("db", "check").out


@pytest.mark.parametrize(
    "name", ["../out", "/tmp/out", "editions/../../out", "archive/../../out", "lock", "editions/.hidden", "archive//x"]
)
def test_a_hostile_backup_writes_nothing_outside(saved: Path, tmp_path: Path, name: str) -> None:
    head_file, *others = _members(saved)
    _pack(saved, [head_file, (tarfile.TarInfo(name), b"x"), *others])
    new = CommandLine(tmp_path / "new" / "home")
    told = new("restore", saved, code=1)
    assert "which no backup does" in told.err
    assert not list(tmp_path.rglob("out"))
    assert tree(new.home) == {}


@pytest.mark.parametrize(
    ("name", "target"), [("editions/latest", "/etc"), ("editions/latest", "../archive"), ("archive/bodies", "x")]
)
def test_a_hostile_link_is_refused(saved: Path, tmp_path: Path, name: str, target: str) -> None:
    link = tarfile.TarInfo(name)
    link.type, link.linkname = tarfile.SYMTYPE, target
    _pack(saved, [_members(saved)[0], (link, b"")])
    assert "which no backup does" in CommandLine(tmp_path / "new")("restore", saved, code=1).err


def _cut(line: CommandLine, backup: Path, cut: int) -> bool:
    """Restore, interrupted just before the move of this number; whether there was one."""
    original, moves = restoring._move, 0

    def move(source: Path, target: Path) -> None:
        nonlocal moves
        if moves == cut:
            raise KeyboardInterrupt
        moves += 1
        original(source, target)

    def end(_why: str, code: int) -> None:
        raise SystemExit(code)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(restoring, "_move", move)
        patched.setattr(importlib.import_module("remitwatch.cli.main"), "_end_now", end)
        return line("restore", backup, "--replace", code=None).code == 130


def test_a_restore_that_is_cut_short_says_so_and_is_run_again(home_of_a_day: CommandLine, saved: Path) -> None:
    home, figures = home_of_a_day.home, _figures(home_of_a_day)
    cut = 0
    while _cut(home_of_a_day, saved, cut):
        for command in ("status", "run"):
            assert "a restore was cut short: run it again" in home_of_a_day(command, code=1).err
        assert (
            any(path.read_bytes()[:15] == b"SQLite format 3" for path in home.glob("replaced-*/*.sqlite"))
            or (home / "remitwatch.sqlite").exists()
        )
        cut += 1
    assert cut > 5
    assert _figures(home_of_a_day) == figures
    assert "agree with their digests" in home_of_a_day("db", "check").out


def test_what_is_missing_in_the_archive_is_said(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    bodies = sorted((home_of_a_day.home / "archive").glob("bodies/*/*.gz"))
    bodies[0].unlink()
    bodies[1].write_bytes(gzip.compress(b"something else"))
    target = tmp_path / "saved.tar.gz"
    assert "2 answers that the database names are missing or damaged" in home_of_a_day("backup", target, code=3).err
    checked = home_of_a_day("backup", "--verify", target, "--json").json
    assert checked["missing"] == sorted(path.stem for path in bodies[:2])
    found = {row["check"]: row for row in home_of_a_day("doctor", "--json", code=1).json}
    assert "1 answers are missing and 1 damaged" in found["archive"]["found"]


def test_something_else_is_not_written_over(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    database = home_of_a_day.home / "remitwatch.sqlite"
    before = database.read_bytes()
    assert "is no backup: nothing is written over" in home_of_a_day("backup", database, code=2).err
    assert database.read_bytes() == before
    assert "cannot be written" in home_of_a_day("backup", tmp_path / "no" / "folder.tar.gz", code=1).err


def test_a_damaged_database_does_not_take_the_place_of_a_good_backup(home_of_a_day: CommandLine, saved: Path) -> None:
    before = saved.read_bytes()
    database = home_of_a_day.home / "remitwatch.sqlite"
    content = bytearray(database.read_bytes())
    content[-4096:] = b"\xff" * 4096
    database.write_bytes(content)
    told = home_of_a_day("backup", saved, code=1)
    assert "damaged" in told.err
    assert len(told.err.splitlines()) == 1
    assert saved.read_bytes() == before
    assert not list(saved.parent.glob(".*"))


def test_figures_in_postgresql_are_told_how_to_save(
    home_of_a_day: CommandLine, monkeypatch: pytest.MonkeyPatch, saved: Path
) -> None:
    monkeypatch.setenv("REMITWATCH_DATABASE_URL", "postgresql+psycopg://someone@127.0.0.1:1/x")
    assert "the figures are in PostgreSQL" in home_of_a_day("restore", saved, "--replace", code=2).err


@pytest.mark.slow
def test_a_hundred_backups_while_somebody_writes(home_of_a_day: CommandLine, tmp_path: Path) -> None:
    """Each holds whole transactions only: the database sound, every run of its digest, every answer it names there."""
    stop = tmp_path / "stop"
    code = (
        "import sys; from pathlib import Path\n"
        "from db.engine import open_engine, writing; from sqlalchemy import text\n"
        "engine, stop, number = open_engine(f'sqlite:///{sys.argv[1]}'), Path(sys.argv[2]), 0\n"
        "while not stop.exists():\n"
        "    number += 1\n"
        "    with writing(engine) as connection:\n"
        "        for half in 'ab':\n"
        "            connection.execute(text('DELETE FROM home WHERE key = :k'), {'k': half})\n"
        "            row = {'k': half, 'v': f'{number} ' * 5000}\n"
        "            connection.execute(text('INSERT INTO home (key, value) VALUES (:k, :v)'), row)\n"
        "print(number)\n"
    )
    database = home_of_a_day.home / "remitwatch.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", code, str(database), str(stop)], stdout=subprocess.PIPE)
    seen = set()
    try:
        for number in range(100):
            saved = tmp_path / "saved.tar.gz"
            home_of_a_day("backup", saved)
            with saved.open("rb") as stream:
                verify(stream)
            with tarfile.open(saved) as packed:
                packed.extract("remitwatch.sqlite", tmp_path, filter="data")
            with closing(sqlite3.connect(tmp_path / "remitwatch.sqlite")) as copy:
                values = dict(copy.execute("SELECT key, value FROM home WHERE key IN ('a', 'b')").fetchall())
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)], number
            assert values.get("a") == values.get("b"), number
            seen.add(values.get("a"))
    finally:
        stop.touch()
        written = int(writer.communicate()[0])
    assert len(seen) > 20  # it did write meanwhile
    assert written > 100
