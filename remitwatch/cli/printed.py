"""Commands for paper: brief, figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.output import print_json
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from remitwatch.pipeline.printing import Asked

_Period = Annotated[str, typer.Option(help="2026-Q3, 2026-10, 2026-10-30, 2026 or latest.")]
_Basis = Annotated[str | None, typer.Option(help="survey, standard or estimate (default: the first that is held).")]
_Lang = Annotated[list[str] | None, typer.Option(help="Language, e.g. fr (repeatable; default: the pages’ first).")]
_Out = Annotated[Path, typer.Option(help="Folder to write to.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the files written as JSON.")]


@app.command()
def brief(
    country: Annotated[list[str] | None, typer.Argument(help="Countries, e.g. KEN (default: the overview).")] = None,
    period: _Period = "latest",
    basis: _Basis = None,
    lang: _Lang = None,
    out: _Out = Path("."),
    json_: _Json = False,
) -> None:
    """Write a brief of some pages for print: a tagged PDF of a country, or of the overview.

    Needs the extra `pdf`. Example: remitwatch brief KEN --lang en --lang fr --out briefs
    """
    from remitwatch.pipeline import printing, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        _told(printing.briefs(open_home, country or [], _asked(period, basis, lang), out), json_)


@app.command()
def figures(
    corridor: Annotated[list[str] | None, typer.Option(help="A corridor too, e.g. GBR-IND (repeatable).")] = None,
    period: _Period = "latest",
    lang: _Lang = None,
    dpi: Annotated[int, typer.Option(min=72, max=1200, help="Dots an inch of the PNGs.")] = 300,
    out: _Out = Path("."),
    json_: _Json = False,
) -> None:
    """Write the publication figures as SVG and PNG, with their source line, for a report of your own."""
    from remitwatch.pipeline import printing, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        _told(printing.figures(open_home, corridor or [], _asked(period, None, lang), out, dpi), json_)


def _asked(period: str, basis: str | None, lang: list[str] | None) -> Asked:
    from remitwatch.pipeline.printing import Asked
    from remitwatch.quotes import Basis

    try:
        chosen = None if basis is None else Basis(basis)
    except ValueError:
        raise InputError(f"--basis {basis!r}: expected survey, standard or estimate") from None
    return Asked(period, chosen, tuple(lang or ()))


def _told(written: list[Path], json_: bool) -> None:
    if json_:
        print_json([{"file": str(path), "bytes": path.stat().st_size} for path in written])
    else:
        for path in written:
            typer.echo(str(path))
