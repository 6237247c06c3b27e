"""Work is shared with a copy of the process: the results are those of one process, errors are told, nothing hangs."""

import datetime as dt
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from remitwatch.errors import InputError, StorageError
from reports import edition as module
from reports import sharing, site
from reports.inputs import PreviousEdition
from reports.published import published_figures
from reports.sharing import beside, shared
from tests.reports.made_up import edition

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")


@pytest.fixture
def two(monkeypatch):
    """Two processes, whatever this machine has."""
    monkeypatch.setattr(sharing, "can_share", lambda: True)


def _told(number):
    import time

    time.sleep(0.02)  # so that both take some
    return number * number, os.getpid()


def test_results_stand_in_the_order_of_their_pieces_whoever_made_them(two):
    found = shared(range(40), _told, alone=False)
    assert [square for square, _ in found] == [number * number for number in range(40)]
    assert len({process for _, process in found}) == 2
    assert {process for _, process in shared(range(3), _told, alone=True)} == {os.getpid()}


@pytest.mark.parametrize("where", ["here", "in the copy"])
def test_what_fails_in_either_process_is_raised(two, where):
    here = os.getpid()

    def work(number):
        _told(number)
        if (os.getpid() == here) == (where == "here"):
            raise InputError("no such corridor")

    with pytest.raises(InputError, match="no such corridor"):
        shared(range(20), work, alone=False)
    with pytest.raises(ChildProcessError):  # no copy is left behind
        os.waitpid(-1, os.WNOHANG)


def test_a_copy_that_is_killed_is_an_error_and_nothing_waits_for_it(two):
    here = os.getpid()

    def work(number):
        _told(number)
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(StorageError, match=r"ended before its time \(status -9\)"):
        shared(range(20), work, alone=False)


@pytest.mark.parametrize("alone", [False, True])
def test_work_beside_gives_what_it_made_and_raises_what_it_raised(two, alone):
    with beside(lambda: _told(7), alone=alone) as told:
        square, process = told()
    assert (square, process == os.getpid()) == (49, alone)

    def fail():
        raise InputError("no such corridor")

    with pytest.raises(InputError, match="no such corridor"), beside(fail, alone=alone) as told:
        told()


def test_work_beside_that_nobody_asks_for_is_ended(two):
    def wait():
        signal.pause()

    with pytest.raises(InputError), beside(wait, alone=False):
        raise InputError("something else went wrong")
    with pytest.raises(ChildProcessError):  # no copy is left behind
        os.waitpid(-1, os.WNOHANG)


def test_work_beside_whose_copy_is_killed_is_an_error(two):
    with (
        pytest.raises(StorageError, match=r"ended before its time \(status -9\)"),
        beside(lambda: os.kill(os.getpid(), signal.SIGKILL), alone=False) as told,
    ):
        told()


def test_an_edition_made_by_two_processes_is_that_of_one(two, tmp_path, monkeypatch):
    data = edition(corridors=("GBR-IND", "USA-MEX"), bases=("survey", "standard"))
    before = published_figures(data.bases).assign(value="1.25")
    data = replace(data, previous=PreviousEdition("2026-Q2-1", dt.date(2026, 7, 30), lambda: before))
    for name, worth in (("one", 10**9), ("two", 0)):
        monkeypatch.setattr(module, "WORTH", worth)
        monkeypatch.setattr(site, "WORTH", worth)
        module.build(data, tmp_path / name / "2026-Q3-1")
    trees = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "one", tmp_path / "two")
    ]
    assert trees[0] == trees[1]
    assert b"1.25" in trees[0][Path("2026-Q3-1/csv/corrections.csv")]
