"""The command that writes figures in the forms that other tools read: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import note, to_json

SHOWN = 20
"""So many files are listed to a person; all of them with --json."""


@app.command()
def export(
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="csv, xlsx, datapackage, sdmx-csv, sdmx-ml, api, survey-layout.")
    ],
    period: Annotated[
        str | None,
        typer.Option(
            help="2025-Q3, 2025, 2025-09, 2025-09-14, latest, or a range 2023-Q1..2025-Q3 (default: every quarter "
            "present, and the newest day of collected prices)."
        ),
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="Only figures from, to and of the corridors of this country, ISO alpha-3.")
    ] = None,
    basis: Annotated[str | None, typer.Option(help="Only survey, standard or estimate (default: each).")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The new file or folder (default: remitwatch-FORMAT-PERIOD here).")
    ] = None,
    json_: Json = False,
) -> None:
    """Write the figures in a form that other tools read. Nothing is written over.

    sdmx-csv and sdmx-ml report SDG 10.c.1 by year (a year's value is its third quarter's) in the SDG dataflow, as a
    nation unless `[sdmx]` in remitwatch.toml says otherwise; they hold one basis. api is a folder of JSON for programs.
    """
    from remitwatch.pipeline import exporting, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        made = exporting.export(open_home, form, period=period, country=country, basis=basis, out=out)
    for sentence in made.left_out:
        note(sentence)
    if json_:
        typer.echo(to_json({"path": str(made.path), "files": [{"path": p, "bytes": n} for p, n in made.files.items()]}))
        return
    typer.echo(str(made.path))
    for path, size in list(made.files.items())[:SHOWN]:
        typer.echo(f"  {path}  {size} bytes")
    if len(made.files) > SHOWN:
        typer.echo(f"  and {len(made.files) - SHOWN} more, {sum(made.files.values())} bytes in all")
