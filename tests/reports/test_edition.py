"""An edition appears whole or not at all, and is the same for the same data."""

import dataclasses
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest

from remitwatch.errors import InputError
from reports import edition as module
from reports import figures
from reports.edition import build, clean, pages, point_latest
from reports.language import speaking
from reports.registry import pages_of
from reports.site import make_site
from tests.reports.made_up import AS_OF, edition


@pytest.fixture(scope="module")
def data():
    return edition(corridors=("GBR-IND", "GBR-NGA", "ESP-COL"), bases=("survey", "standard"))


@pytest.fixture(scope="module")
def contents(data):
    return pages(data)


@pytest.fixture
def fast(monkeypatch, contents):
    """The contents of an edition, made once: these tests are about how it is written."""
    monkeypatch.setattr(module, "contents", lambda data, before, keep, alone: [keep(*one) for one in contents.items()])


def test_the_manifest_names_every_file_with_its_checksum(data, tmp_path):
    path = build(data, tmp_path / "2026-Q3-1")
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    found = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()} - {"manifest.json"}
    assert found == set(manifest["files"])
    for name, entry in manifest["files"].items():
        body = (path / name).read_bytes()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (entry["bytes"], entry["sha256"])
    assert (manifest["world"], manifest["period"], manifest["number"], manifest["method"]) == (
        "sandbox",
        "2026-Q3",
        1,
        "1",
    )
    assert [basis["basis"] for basis in manifest["bases"]] == ["survey", "standard"]
    assert manifest["runs"][0]["file_sha256"] == "bb" * 32
    assert {source["licence"] for source in manifest["sources"]} >= {"CC BY 4.0"}
    assert os.listdir(tmp_path) == ["2026-Q3-1"]


def test_the_same_data_gives_the_same_bytes_at_any_time(data, contents):
    later = dataclasses.replace(data, made_at=AS_OF + dt.timedelta(days=3))
    again = pages(later)
    assert set(again) == set(contents)
    assert [path for path in again if again[path] != contents[path]] == ["manifest.json"]


def test_figures_are_text_without_dates_and_for_every_basis(contents):
    assert {
        f"figures/{name}" for name in ("world-survey.en.svg", "world-survey.en.png", "corridors-standard.en.svg")
    } <= set(contents)
    svg = contents["figures/world-survey.en.svg"].decode()
    assert "<dc:date>" not in svg
    assert "Sandbox data, not real prices" in svg
    assert "3% target" in svg
    assert contents["figures/world-survey.en.png"][:8] == b"\x89PNG\r\n\x1a\n"
    assert "figures/GBR-IND-survey.en.svg" in contents


def test_a_font_that_is_not_installed_is_not_asked_for(data, monkeypatch, caplog):
    # matplotlib names a missing family at every word: over a thousand lines above the headline figures of the demo.
    monkeypatch.setattr(figures, "_FONTS", ("A Font Nobody Has", "DejaVu Sans"))
    drawn = figures.draw_figures(make_site(data))
    assert drawn
    assert [record.getMessage() for record in caplog.records] == []


def test_an_edition_that_stands_is_never_written_over(data, tmp_path, fast):
    build(data, tmp_path / "e-1")
    before = (tmp_path / "e-1" / "index.html").stat().st_mtime_ns
    with pytest.raises(FileExistsError):
        build(data, tmp_path / "e-1")
    assert (tmp_path / "e-1" / "index.html").stat().st_mtime_ns == before
    (tmp_path / "e-2").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        build(data, tmp_path / "e-2")


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_full_disk_leaves_nothing(data, tmp_path, fast, monkeypatch, call):
    calls = 0

    def fails(*_args, **_named):
        nonlocal calls
        calls += 1
        if calls >= (20 if call == "fsync" else 1):
            raise OSError(28, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fails)
    else:
        monkeypatch.setattr(module.Path, "rename", fails)
    with pytest.raises(OSError, match="No space"):
        build(data, tmp_path / "e-1")
    assert os.listdir(tmp_path) == []


def test_a_killed_build_leaves_no_edition_and_is_cleaned_up(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from reports import edition as module\n"
        "module._is_small = lambda data: True\n"
        "module.contents = lambda data, before, keep, alone: [keep(f'{n}.html', b'x') for n in range(50)]\n"
        "real, left = os.fsync, [25]\n"
        "def fsync(handle):\n"
        "    left[0] -= 1\n"
        "    if not left[0]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(handle)\n"
        "os.fsync = fsync\n"
        "from pathlib import Path\n"
        "module.build(None, Path(sys.argv[1]) / 'e-1')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    left = os.listdir(tmp_path)
    assert len(left) == 1
    assert left[0].startswith(".building-")
    assert clean(tmp_path) == left
    assert os.listdir(tmp_path) == []
    assert clean(tmp_path / "not there") == []


def test_clean_leaves_editions_and_links_alone(data, tmp_path, fast):
    build(data, tmp_path / "e-1")
    point_latest(tmp_path, "e-1")
    (tmp_path / ".building-old").mkdir()
    (tmp_path / ".latest-9").symlink_to("e-1")
    assert clean(tmp_path) == [".building-old", ".latest-9"]
    assert sorted(os.listdir(tmp_path)) == ["e-1", "latest"]
    assert (tmp_path / "latest" / "index.html").is_file()


def test_latest_moves_in_one_step_and_only_to_whole_editions(data, tmp_path, fast):
    for name in ("e-1", "e-2"):
        build(data, tmp_path / name)
        point_latest(tmp_path, name)
        assert os.readlink(tmp_path / "latest") == name
    (tmp_path / "half").mkdir()
    for wrong in ("half", "absent", "../e-1", "latest"):
        with pytest.raises(InputError):
            point_latest(tmp_path, wrong)
    assert os.readlink(tmp_path / "latest") == "e-2"
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").mkdir()
    with pytest.raises(InputError, match="expected a link"):
        point_latest(tmp_path, "e-1")


@pytest.mark.parametrize("name", ["latest", ".hidden", "a b", "é", "x" * 81])
def test_odd_names_are_refused(data, tmp_path, fast, name):
    with pytest.raises(InputError):
        build(data, tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_code_that_is_no_country_is_refused_before_anything_is_written(data, tmp_path):
    frame = data.bases[0].indicators.copy()
    frame.loc[frame["scope"] == "corridor", "receiver"] = "../../etc"
    bad = dataclasses.replace(data, bases=(dataclasses.replace(data.bases[0], indicators=frame),))
    with pytest.raises(InputError):
        build(bad, tmp_path / "e-1")
    assert os.listdir(tmp_path) == []


def test_an_edition_needs_figures(data, tmp_path):
    with pytest.raises(InputError):
        build(dataclasses.replace(data, bases=()), tmp_path / "e-1")


def test_only_the_pages_that_say_so_depend_on_the_other_files(data):
    site = make_site(data)
    others = ("figures/world-survey.png", "figures/GBR-IND-survey.svg", "xlsx/remitwatch.xlsx", "briefs/IND.en.pdf")
    with_files = dataclasses.replace(site, files=dict.fromkeys(others, 1000), figure_files=frozenset(others[:2]))
    with speaking("en"):
        without, within = (
            {page.path: page.render() for page in pages_of(one) if not page.names_files} for one in (site, with_files)
        )
    assert without == within
    assert {path.partition("/")[0] for path in without} >= {"providers", "methodology.html"}
