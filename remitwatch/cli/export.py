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
        str,
        typer.Argument(
            metavar="FORMAT",
            help="csv, xlsx, datapackage, survey-layout, sdmx-csv, sdmx-ml or api.",
            show_default=False,
        ),
    ],
    period: Annotated[
        str | None,
        typer.Option(
            help="2025-Q3, 2025, 2025-09, 2025-09-14, latest, or a range 2023-Q1..2025-Q3 (default: every quarter "
            "present, and the newest day of collected prices).",
            show_default=False,
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            help="Only figures from, to and of the corridors of this country, ISO alpha-3.", show_default=False
        ),
    ] = None,
    basis: Annotated[
        str | None, typer.Option(help="Only survey, standard or estimate (default: each, apart).", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file or folder to make (default: remitwatch-FORMAT-PERIOD in the current folder).",
            show_default=False,
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """Write the figures in a form that other tools read. Nothing is written over; the same data gives the same bytes.

    csv: a folder of tidy tables, every decimal kept; columns.csv explains every column.

    xlsx: one workbook for people: findings, charts, indicators, corridors, services of the newest period, the averages
    of all periods.

    datapackage: the csv tables as a Frictionless Data Package with CSVW metadata: types, units, keys, terms, sources.

    survey-layout: workbooks laid out as the World Bank's Remittance Prices Worldwide, so that scripts written for it
    run on this data; quarters only. `remitwatch import` reads them back to the same figures; a README says what is
    lost.

    sdmx-csv, sdmx-ml: SDG 10.c.1 by year (a year's value is its third quarter's) in the SDG dataflow, as a nation
    unless `[sdmx]` in remitwatch.toml says otherwise; one basis a file. sdmx-ml needs the extra `sdmx`.

    api: a folder of JSON files for programs; v1/openapi.json describes them.

    Prices handed in privately are in none of them. Of sources whose terms allow it only, percentages are given without
    amounts and rates; the survey's layout leaves those out and says how many.
    """
    from remitwatch.pipeline import exporting, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        made = exporting.export(open_home, form, period=period, country=country, basis=basis, out=out)
    for sentence in made.left_out:
        note(sentence)
    if json_:
        files = [{"path": path, "bytes": size} for path, size in made.files.items()]
        typer.echo(to_json({"path": str(made.path), "files": files}))
        return
    typer.echo(str(made.path))
    for path, size in list(made.files.items())[:SHOWN]:
        typer.echo(f"  {path}  {size} bytes")
    if len(made.files) > SHOWN:
        typer.echo(f"  and {len(made.files) - SHOWN} more, {sum(made.files.values())} bytes in all")
