"""A home with one published day, made once: tests work on copies of it."""

import shutil
from pathlib import Path

import pytest
import time_machine

from scrapers.sandbox import SandboxServer, World
from tests.conftest import NOON, CommandLine, Today

SECRET = "canary-5up3r-s3cret"


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox home of one day, with an edition and a settings file that holds a token. Not to be written to."""
    home = tmp_path_factory.mktemp("published") / "home"
    with (
        pytest.MonkeyPatch.context() as environment,
        time_machine.travel(NOON, tick=True),
        SandboxServer(World(), lambda: NOON) as server,
    ):
        environment.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        environment.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
        environment.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")
        for key, url in server.base_urls.items():
            environment.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            environment.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        CommandLine(home)("run", code=None)
    (home / "remitwatch.toml").write_text(f'[sources.transfergo]\ntoken = "{SECRET}"\n', "utf-8")
    return home


@pytest.fixture
def home_of_a_day(published_home: Path, tmp_path: Path, today: Today) -> CommandLine:
    """The command line on a copy of that home, on its day."""
    return CommandLine(Path(shutil.copytree(published_home, tmp_path / "home", symlinks=True)))
