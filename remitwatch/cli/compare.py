"""The command compare: ours against official series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.explain import Amount, AsOf, Corridor, Csv, Receiver, Sender
from remitwatch.cli.operate import Json
from remitwatch.cli.output import note, print_csv, print_json, print_table
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from remitwatch.comparison import Compared, Summary

SHOWN = 20
"""So many figures that are apart are shown to a person; all of them with --json or --csv."""


@app.command()
def compare(
    series: Annotated[
        str | None, typer.Option(help="Only this published series, e.g. ATCR.CORR or SI_RMT_COST_SC.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only figures of this source, e.g. databank_corridors.")] = None,
    scope: Annotated[
        str | None, typer.Option(help="Only figures of the world, a sender, receiver or corridor.")
    ] = None,
    sender: Sender = None,
    receiver: Receiver = None,
    corridor: Corridor = None,
    period: Annotated[
        str | None, typer.Option(help="Only figures of this time: 2019-Q3, 2019, or a range 2016-Q2..2019-Q4.")
    ] = None,
    amount: Amount = 200,
    basis: Annotated[str, typer.Option(help="Which of ours: survey, standard, promotional or estimate.")] = "survey",
    as_of: AsOf = None,
    summary: Annotated[bool, typer.Option("--summary", help="Only the counts of each series.")] = False,
    csv: Csv = False,
    json_: Json = False,
) -> None:
    """Ours against the figures that others publish: the World Bank's corridors and countries, the SDG database.

    Import those first (remitwatch import FILE). Of a year, ours is the third quarter's, as theirs is.

    equal: to two decimals. within: at most 0.05 percentage points apart. apart: further. no_figure: there is none of
    ours. explained_by names the rules, each tried alone, that would give the published number to two decimals:
    services without a disclosed rate counted, senders in Russia, another quarter, corridor means, the other amount ...
    """
    from remitwatch.pipeline import comparing, workspace

    if csv and json_:
        raise InputError("--csv and --json: choose one")
    choice = comparing.Choice.read(
        amount=amount,
        basis=basis,
        series=series,
        source=source,
        scope=scope,
        sender=sender,
        receiver=receiver,
        corridor=corridor,
        period=period,
        as_of=as_of,
    )
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found, summaries = comparing.compared(open_home, choice)
    rows = [one.as_json() for one in (summaries if summary else found)]
    if json_:
        print_json(rows)
    elif csv:
        print_csv([_flat(row) for row in rows], comparing.SUMMARY_COLUMNS if summary else comparing.COLUMNS)
    elif not found:
        note("no published figure is in force for this choice: import one (remitwatch import FILE)")
    else:
        _print_summaries(summaries)
        if not summary:
            _print_apart(found)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row for csv: the counts by rule in one cell, `first_quarter=3+year_pooled=1`."""
    return {
        name: [f"{rule}={count}" for rule, count in cell.items()] if isinstance(cell, dict) else cell
        for name, cell in row.items()
    }


def _print_summaries(summaries: Sequence[Summary]) -> None:
    from remitwatch.comparison import RULES

    counts = ("compared", "equal", "within", "apart", "unexplained", "ours missing", "theirs missing")
    rows = [one.as_json() for one in summaries]
    table = [
        [row["series"], row["source"], row["amount"], row["basis"], *(row[name.replace(" ", "_")] for name in counts)]
        for row in rows
    ]
    print_table(table, ("series", "source", "USD", "basis", *counts), numbers=("USD", *counts))
    for row in rows:
        for rule, count in row["explained"].items():
            typer.echo(f"{row['series']}: {count} explained by {rule}: {RULES[rule]}")


def _print_apart(found: Sequence[Compared]) -> None:
    apart = [one for one in found if one.verdict == "apart"]
    if not apart:
        return
    typer.echo(f"\n{len(apart)} apart by more than 0.05 percentage points:")
    rows = [(one.published.subject, one.as_json()) for one in apart[:SHOWN]]
    names = ("series", "period", "published", "ours", "difference", "services", "explained_by")
    table = [[subject, *(row[name] for name in names)] for subject, row in rows]
    print_table(table, ("of", *names), numbers=("published", "ours", "difference", "services"))
    if len(apart) > SHOWN:
        typer.echo(f"and {len(apart) - SHOWN} more: --json or --csv shows all")
