"""The files of deploy/: their commands and settings exist, and what can be checked without Docker and systemd is."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT, commands, wrong_with
from tests.docs.test_pages import is_setting

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".md")
unit = pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_setting_in_the_environment_exists(file: Path) -> None:
    named = set(re.findall(r"\bREMITWATCH_([A-Z_]*[A-Z])\b", file.read_text("utf-8")))
    assert [name for name in named if name != "HOME" and not is_setting(name.lower().replace("__", "."))] == []


def calls(path: Path) -> list[list[str]]:
    """The calls of remitwatch in a file of deploy/."""
    text = path.read_text("utf-8")
    if path.suffix in (".service", ".timer"):
        text = "\n".join(re.findall(r"^ExecStart=(.*)$", text, flags=re.MULTILINE))
    elif path.name == "crontab":
        text = "\n".join(re.findall(r"^[\d*][^#\n]*?  remitwatch  (.*)$", text, flags=re.MULTILINE))
    elif path.name == "ci-schedule.yaml":
        text = "\n".join(step["run"] for step in yaml.safe_load(text)["jobs"]["day"]["steps"] if "run" in step)
    elif path.suffix == ".sh":
        text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    elif path.name == "compose.yaml":
        service = compose()["services"]["remitwatch"]
        text = "\n".join(["remitwatch " + " ".join(service["command"]), " ".join(service["healthcheck"]["test"][1:])])
    elif path.name == "Dockerfile":
        entry, command = (re.search(rf"^{word} (\[.*\])$", text, re.MULTILINE)[1] for word in ("ENTRYPOINT", "CMD"))  # type: ignore[index]
        health = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", text, re.MULTILINE)[1]  # type: ignore[index]
        text = "\n".join(
            " ".join(words) for words in (yaml.safe_load(entry) + yaml.safe_load(command), yaml.safe_load(health))
        )
    else:
        text = ""
    return list(commands(text))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_command_exists(file: Path) -> None:
    found = calls(file)
    assert {" ".join(call): fault for call in found if (fault := wrong_with(call))} == {}


def test_the_commands_are_found() -> None:
    named = {path.name: [" ".join(call) for call in calls(path)] for path in FILES}
    assert {name: found for name, found in named.items() if found} == {
        "Dockerfile": ["schedule", "health"],
        "backup.sh": ["backup $file", "backup $file --verify"],
        "ci-schedule.yaml": [
            "restore -",
            "init",
            "run --budget 180",
            "backup --editions backup.tar.gz",
            "backup --verify backup.tar.gz",
            "status",
        ],
        "compose.yaml": ["schedule", "health"],
        "crontab": ["-q run", "-q run", "-q alerts deliver", "-q tidy"],
        "remitwatch-run.service": ["run"],
        "remitwatch.service": ["schedule"],
    }


def test_the_steps_of_the_schedule_are_readable_by_a_shell() -> None:
    for step in yaml.safe_load((DEPLOY / "ci-schedule.yaml").read_text("utf-8"))["jobs"]["day"]["steps"]:
        read = subprocess.run(["bash", "-n"], input=step.get("run", ""), capture_output=True, text=True, check=False)
        assert read.stderr == "", step["name"]


# -- systemd ----------------------------------------------------------------------------------------------------------


@unit
def test_systemd_accepts_the_units(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    for one in UNITS:  # the programs they start are not installed here
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", one.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / one.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or unit.name in line] == []
    assert done.returncode == 0, done.stderr


def test_the_services_have_no_rights_beyond_their_folders() -> None:
    services = [path for path in UNITS if path.suffix == ".service"]
    assert [path.name for path in services] == [
        "remitwatch-backup.service",
        "remitwatch-run.service",
        "remitwatch.service",
    ]
    for path in services:
        found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
        found.optionxform = str  # type: ignore[assignment, method-assign]
        found.read(path, "utf-8")
        service = found["Service"]
        assert (service["User"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
            "remitwatch",
            "yes",
            "",
        )
        assert (service["ProtectSystem"], service["ProtectHome"]) == ("strict", "yes")
        assert set(service["ReadWritePaths"].split()) <= {"/var/lib/remitwatch", "/var/backups/remitwatch"}
    for timer in (path for path in UNITS if path.suffix == ".timer"):
        assert timer.with_suffix(".service") in services
        assert re.search(r"^OnCalendar=.* UTC$", timer.read_text("utf-8"), re.MULTILINE)


# -- container --------------------------------------------------------------------------------------------------------


def test_the_image_is_not_root_and_copies_what_the_wheel_is_made_of() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.12-slim-bookworm"] * 2
    assert "USER 10001:10001" in text
    assert re.search(r"^VOLUME ", text, re.MULTILINE)
    packaged = re.search(r"only-include = \[(.*)\]", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert packaged is not None
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for name in [*re.findall(r'"([^"]+)"', packaged[1]), "pyproject.toml", "README.md", "LICENSE"]:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
        assert re.search(rf"^COPY .*\b{re.escape(name)}\b", text, re.MULTILINE), name
    assert not re.search(r"PASSWORD|TOKEN|SECRET", text)


def test_the_compose_file_restarts_checks_and_keeps() -> None:
    content = compose()
    service = content["services"]["remitwatch"]
    assert (service["restart"], service["read_only"], service["cap_drop"]) == ("unless-stopped", True, ["ALL"])
    assert (ROOT / "deploy" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    volumes = [volume.split(":") for volume in service["volumes"]]
    assert ["home", "/var/lib/remitwatch"] in volumes
    assert {name for name, _ in volumes} | {"postgres"} == set(content["volumes"])
    assert content["services"]["postgres"]["profiles"] == ["postgres"]
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for secret in ("secrets.env", "postgres_password.txt"):
        assert f"/deploy/{secret}" in ignored


# -- the backup script ------------------------------------------------------------------------------------------------


def backup(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "REMITWATCH_HOME": str(home),
    }
    return subprocess.run(
        [DEPLOY / "backup.sh", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_backup_script_keeps_a_checked_backup_and_deletes_old_ones_only_then(remitwatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "backups"
    folder.mkdir()
    old, other = folder / "remitwatch-2020-01-01.tar.gz", folder / "letter.txt"
    for file in (old, other):
        file.write_text("old")
        os.utime(file, (0, 0))
    failed = backup(remitwatch.home, str(folder), "30")
    assert failed.returncode != 0
    assert sorted(folder.iterdir()) == [other, old]  # there is no home yet: nothing was saved, nothing goes
    remitwatch("init")
    done = backup(remitwatch.home, str(folder), "30")
    assert done.returncode == 0, done.stderr
    assert ": sound: " in done.stdout
    (new,) = set(folder.iterdir()) - {other}
    assert re.fullmatch(r"remitwatch-\d{4}-\d\d-\d\d\.tar\.gz", new.name)
    assert new.stat().st_mode & 0o777 == 0o600
    assert "'a month': expected a whole number" in backup(remitwatch.home, str(folder), "a month").stderr
    assert "usage: backup.sh FOLDER" in backup(remitwatch.home).stderr
