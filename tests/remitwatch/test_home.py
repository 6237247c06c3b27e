"""The home: where it is found, and that only one process writes it."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from remitwatch.errors import BusyError, StorageError
from remitwatch.home import Home, find_home, make_folders, only_writer

NOW = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)


def test_the_option_comes_first_then_the_environment_then_the_place(tmp_path: Path) -> None:
    environment = {"REMITWATCH_HOME": str(tmp_path / "env")}
    assert find_home(tmp_path / "flag", environment, tmp_path).root == tmp_path / "flag"
    assert find_home(None, environment, tmp_path).root == tmp_path / "env"
    (tmp_path / "remitwatch.toml").write_text("")
    beside = find_home(None, {}, tmp_path)
    assert (beside.root, beside.config) == (tmp_path / "var", tmp_path / "remitwatch.toml")


def test_elsewhere_it_is_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert find_home(None, {}, tmp_path).root == tmp_path / "data" / "remitwatch"


def test_a_second_writer_is_told_who_holds_it(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "remitwatch.toml")
    make_folders(home)
    with (
        only_writer(home, NOW),
        pytest.raises(BusyError, match=r"process \d+ since 2026-11-20 06:00:00 UTC"),
        only_writer(home, NOW),
    ):
        raise AssertionError("two writers at once")
    with only_writer(home, NOW):
        pass


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "remitwatch.toml")
    code = (
        "import datetime as dt, pathlib, sys; from remitwatch.home import Home, only_writer\n"
        f"home = Home(pathlib.Path({str(tmp_path)!r}), pathlib.Path('x'))\n"
        "with only_writer(home, dt.datetime.now(dt.UTC)):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(BusyError), only_writer(home, NOW):
            pass
        child.kill()
        child.wait()
        with only_writer(home, NOW):
            pass


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = Home(tmp_path / "file" / "home", tmp_path / "x.toml")
    with pytest.raises(StorageError, match=r"cannot be made .* choose another folder with --home"):
        make_folders(home)
