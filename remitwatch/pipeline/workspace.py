"""A home that is open: its settings, database, archive and clock, for one command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from sqlalchemy import Engine

from db.engine import only_writer as only_writer_of
from db.engine import open_engine
from db.migrate import check, upgrade
from db.queries import Queries
from db.store import Store
from remitwatch.config import TEMPLATE, Loaded, Settings, secret_values
from remitwatch.errors import InputError
from remitwatch.home import RESTORING, Home, make_folders, only_writer, refuse_half_restored
from remitwatch.pipeline.places import Now as Now
from remitwatch.pipeline.places import database_url as database_url
from remitwatch.pipeline.places import utc_now as utc_now
from scrapers.address import is_loopback_host
from scrapers.archive import Archive

World = Literal["real", "sandbox"]


@dataclass
class Workspace:
    """An open home. `world` is the kind it was made as: a real home and a sandbox home never mix."""

    home: Home
    loaded: Loaded
    now: Now
    world: World
    engine: Engine
    store: Store
    queries: Queries
    archive: Archive

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.loaded.settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is masked wherever something is kept or shown: the secrets of the settings."""
        return secret_values(self.settings)

    @property
    def today(self) -> dt.date:
        """The UTC date of the given clock."""
        return self.now().date()


def exists(home: Home, settings: Settings) -> bool:
    """Whether there is a home to read."""
    return home.root.is_dir() and (settings.database_url is not None or home.database.exists())


@contextmanager
def reading(home: Home, loaded: Loaded, now: Now = utc_now) -> Iterator[Workspace]:
    """The home for a command that only reads. Raises InputError where there is none, StorageError where it is unfit."""
    if not exists(home, loaded.settings) and not (home.root / RESTORING).exists():
        raise InputError(f"{home.root}: there is no home here: make one with `remitwatch --home {home.root} init`")
    refuse_half_restored(home)
    with _engine(database_url(home, loaded.settings), read_only=True) as engine:
        check(engine)
        store = Store(engine)
        world = cast(World, store.home_kind() or "real")
        archive = Archive(home.archive, secrets=secret_values(loaded.settings))
        yield Workspace(home, loaded, now, world, engine, store, Queries(engine), archive)


@contextmanager
def writing(home: Home, loaded: Loaded, now: Now = utc_now, *, sandbox: bool = False) -> Iterator[Workspace]:
    """The home for a command that writes: made where there is none, locked, migrated; killed runs are closed first.

    `sandbox` asks for a sandbox home. Raises BusyError when another process writes here, or another home writes the
    same database, and InputError when the home is of the other kind.
    """
    make_folders(home)
    url = database_url(home, loaded.settings)
    with only_writer(home, now()), _engine(url) as engine, only_writer_of(engine):
        refuse_half_restored(home)
        upgrade(engine, keep_copies=loaded.settings.retention.schema_copies)
        store = Store(engine)
        world = cast("World | None", store.home_kind())
        if world is None:
            world = "sandbox" if sandbox or _asks_a_sandbox(loaded.settings) else "real"
            store.set_home_kind(world, now())
            if not home.config.exists():
                home.config.write_text(TEMPLATE, "utf-8")
        elif sandbox and world != "sandbox":
            raise InputError(f"{home.root}: this is a home of real figures: use another folder for the sandbox")
        aborted = store.abort_unfinished(now())
        archive = Archive(home.archive, secrets=secret_values(loaded.settings))
        if aborted:  # answers are written within runs; to look for leftovers goes through all there are
            archive.clean()
        try:
            yield Workspace(home, loaded, now, world, engine, store, Queries(engine), archive)
        except Exception:  # a fault, not a signal: it is told as what it is
            raise
        except BaseException:  # a signal: say so on the runs it cut short, then go on ending
            store.abort_unfinished(now(), "interrupted")
            raise


@contextmanager
def beside(home: Home, loaded: Loaded) -> Iterator[Store]:
    """The store of a home that somebody else may hold, for a word that touches no run under way but one's own."""
    with _engine(database_url(home, loaded.settings)) as engine:
        yield Store(engine)


@contextmanager
def _engine(url: str, *, read_only: bool = False) -> Iterator[Engine]:
    engine = open_engine(url, read_only=read_only)
    try:
        yield engine
    finally:
        engine.dispose()


def is_loopback(url: str) -> bool:
    """Whether the address names this machine."""
    return is_loopback_host(urlsplit(url).hostname)


def _asks_a_sandbox(settings: Settings) -> bool:
    """Whether a source is pointed at a sandbox server on this machine: such a home is a sandbox home from the start."""
    import requests

    from scrapers.runner import SANDBOX_HEADER

    if not settings.allow_private_addresses:
        return False
    for source in settings.sources.values():
        if source.base_url is None or not is_loopback(source.base_url):
            continue
        try:
            answer = requests.head(source.base_url.rstrip("/") + "/robots.txt", timeout=2, allow_redirects=False)
        except requests.RequestException:
            continue
        if SANDBOX_HEADER in answer.headers:
            return True
    return False
