"""The home: the folder that holds everything remitwatch makes: database, archive, editions, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from remitwatch.errors import StorageError
from remitwatch.locks import locked


@dataclass(frozen=True)
class Home:
    """The paths of a home. `config` may stand beside the home when it was found there."""

    root: Path
    config: Path

    @property
    def database(self) -> Path:
        """The SQLite database (where no other database is set)."""
        return self.root / "remitwatch.sqlite"

    @property
    def archive(self) -> Path:
        """The raw answers."""
        return self.root / "archive"

    @property
    def editions(self) -> Path:
        """The published editions."""
        return self.root / "editions"

    @property
    def cache(self) -> Path:
        """What can be thrown away at any time: it is made again from the database."""
        return self.root / "cache"

    @property
    def events(self) -> Path:
        """The operator's own policy measures, where there is such a file (`remitwatch.events`)."""
        return self.root / "events.csv"

    @property
    def alert_rules(self) -> Path:
        """The operator's own rules for alerts, where there is such a file (`remitwatch.alerts.rules`)."""
        return self.root / "alerts.toml"

    @property
    def lock(self) -> Path:
        """The file that the one writer holds."""
        return self.root / "lock"


def find_home(flag: Path | None, environment: Mapping[str, str], here: Path) -> Home:
    """The home to use: `--home`, else REMITWATCH_HOME, else `./var` beside a remitwatch.toml or in the checkout, else
    the user's data folder."""
    if flag is not None:
        return Home(flag.absolute(), flag.absolute() / "remitwatch.toml")
    if environment.get("REMITWATCH_HOME"):
        root = Path(environment["REMITWATCH_HOME"]).absolute()
        return Home(root, root / "remitwatch.toml")
    if (here / "remitwatch.toml").is_file():
        return Home(here / "var", here / "remitwatch.toml")
    if (here / "scheduler.py").is_file() and (here / "remitwatch" / "home.py").is_file():
        return Home(here / "var", here / "var" / "remitwatch.toml")
    from platformdirs import user_data_path

    root = user_data_path("remitwatch")
    return Home(root, root / "remitwatch.toml")


def make_folders(home: Home) -> None:
    """Create the home's folders. Raises StorageError with the path and what to do."""
    for folder in (home.root, home.archive, home.editions):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{folder}: cannot be made ({error.strerror}): choose another folder with --home or REMITWATCH_HOME"
            ) from None


@contextmanager
def only_writer(home: Home, now: datetime) -> Iterator[None]:
    """Hold the home's lock. Raises BusyError naming the process that holds it."""
    with locked(home.lock, str(home.root), since=f" since {now:%Y-%m-%d %H:%M:%S} UTC"):
        yield
