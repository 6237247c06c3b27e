"""The root command and its global options."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli import logs

if TYPE_CHECKING:
    from remitwatch.config import Loaded
    from remitwatch.home import Home

HELP = """Watch what it costs to send money home, per corridor and provider, every day.

Data walks one way: inquiry -> answer -> quote -> observation -> indicator -> edition.

First steps:  remitwatch demo   (a made-up market, no network)   or   remitwatch init   then set `contact`.

Exit codes: 0 ok, 1 failure, 2 bad input, 3 partial (what succeeded is stored), 4 something is stale, held or breached,
75 another run is active, 130/143 interrupted.
"""


@dataclass
class Globals:
    """The global options, and what is worked out from them once."""

    home_flag: Path | None = None
    flags: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False

    @property
    def home(self) -> Home:
        """The home in force."""
        from remitwatch.home import find_home

        return find_home(self.home_flag, os.environ, Path.cwd())

    def load(self, home: Home | None = None) -> Loaded:
        """The settings in force for a home. Raises InputError."""
        home = home or self.home
        loaded = self.load_file(home.config)
        logs.follow(home, loaded)
        return loaded

    def load_file(self, config: Path) -> Loaded:
        """The settings in force with this settings file. Raises InputError."""
        from remitwatch.config import load
        from scrapers import registry

        return load(config, os.environ, self.flags, frozenset(registry.definitions()))


GLOBALS = Globals()

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"remitwatch {version('remitwatch')}")
        raise typer.Exit


@app.callback()
def options(
    home: Annotated[
        Path | None,
        typer.Option(
            help="The folder with database, archive and editions (else REMITWATCH_HOME, else ./var in a checkout, else "
            "the user's data folder).",
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Keep the figures here: sqlite:///FILE or postgresql+psycopg://...", show_default=False),
    ] = None,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more (-vv: everything).")] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what failed.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Global options stand before the command: remitwatch --home DIR indicators --json."""
    GLOBALS.home_flag = home
    GLOBALS.flags = {"database_url": database}
    GLOBALS.quiet = quiet
    level = logging.ERROR if quiet else {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logs.begin(level)
