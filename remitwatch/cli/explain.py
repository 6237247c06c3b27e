"""Commands beside the figures: indicators explain, indicators matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS
from remitwatch.cli.look import indicators_app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import print_csv, print_json, print_table
from remitwatch.errors import InputError

Scope = Annotated[
    str | None, typer.Option(help="world, sender, receiver, region or corridor (default: seen from the filters).")
]
Sender = Annotated[str | None, typer.Option(help="Sending country, ISO alpha-3.")]
Receiver = Annotated[str | None, typer.Option(help="Receiving country, ISO alpha-3.")]
Region = Annotated[str | None, typer.Option(help="Receiving region, e.g. 'South Asia'.")]
Corridor = Annotated[str | None, typer.Option(help="A corridor, e.g. GBR-IND.")]
Amount = Annotated[int, typer.Option(help="200 or 500 (USD).")]
Basis = Annotated[
    str | None, typer.Option(help="survey, standard, promotional or estimate (default: every one present).")
]
AsOf = Annotated[str | None, typer.Option(help="As known at this time, e.g. 2026-11-21T06:00:00Z (default: now).")]
Csv = Annotated[bool, typer.Option("--csv", help="Print csv.")]


@indicators_app.command()
def explain(
    period: Annotated[str, typer.Option(help="From..to, two periods of one kind: 2024-Q3..2025-Q3, 2026-09..2026-10.")],
    scope: Scope = None,
    sender: Sender = None,
    receiver: Receiver = None,
    region: Region = None,
    corridor: Corridor = None,
    by: Annotated[
        str | None, typer.Option(help="Part the mix of these groups from entry and exit: provider_type, speed ...")
    ] = None,
    amount: Amount = 200,
    basis: Basis = None,
    as_of: AsOf = None,
    csv: Csv = False,
    json_: Json = False,
) -> None:
    """Why the average total cost moved between two periods: parts in percentage points that add up to the change.

    fee, margin: what the services in both periods changed. entry, exit: what newcomers and leavers did to the average.
    mix (with --by only): how far those are of dearer or cheaper groups; entry and exit are then within groups. For
    every step between the periods, see `indicators matched`.
    """
    from remitwatch.pipeline import explaining, looking, workspace

    if csv and json_:
        raise InputError("--csv and --json: choose one")
    wanted = looking.Wanted.read(
        indicator=None,
        period=period,
        scope=scope,
        sender=sender,
        receiver=receiver,
        region=region,
        corridor=corridor,
        by=by,
        amount=amount,
        basis=basis,
        as_of=as_of,
    )
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = explaining.changes(open_home, wanted)
    rows, subjects = [one.as_json() for one in found], [one.subject for one in found]
    if json_:
        print_json(rows)
    elif csv:
        print_csv(rows, explaining.CHANGE_COLUMNS)
    else:
        parts = ["average_from", "average_to", "change", "fee", "margin", "entry", "exit", *(["mix"] if by else [])]
        _print(rows, subjects, ["from", "to"], [*parts, "continuing", "entered", "left"])


@indicators_app.command()
def matched(
    period: Annotated[
        str, typer.Option(help="A range of periods: 2023-Q1..2025-Q3, 2026-05..2026-10, 2026-10-01..2026-10-30.")
    ],
    scope: Scope = None,
    sender: Sender = None,
    receiver: Receiver = None,
    region: Region = None,
    corridor: Corridor = None,
    amount: Amount = 200,
    basis: Basis = None,
    as_of: AsOf = None,
    csv: Csv = False,
    json_: Json = False,
) -> None:
    """How the average total cost moved where the sample stayed: each period against the one before, chained.

    Only services in both of two successive periods count. index: the first period is 100. level: the index in per cent,
    from the first period's average. change: of the matched services since the period before, in percentage points.
    """
    from remitwatch.pipeline import explaining, looking, workspace

    if csv and json_:
        raise InputError("--csv and --json: choose one")
    wanted = looking.Wanted.read(
        indicator=None,
        period=period,
        scope=scope,
        sender=sender,
        receiver=receiver,
        region=region,
        corridor=corridor,
        amount=amount,
        basis=basis,
        as_of=as_of,
    )
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = explaining.matched_points(open_home, wanted)
    rows, subjects = [one.as_json() for one in found], [one.subject for one in found]
    if json_:
        print_json(rows)
    elif csv:
        print_csv(rows, explaining.MATCHED_COLUMNS)
    else:
        _print(rows, subjects, ["period"], ["index", "level", "change", "average", "matched", "services"])


def _print(rows: Sequence[dict[str, Any]], subjects: Sequence[str], words: list[str], numbers: list[str]) -> None:
    """The columns of a table for people: whose, the words, amount and basis, the numbers, the flags."""
    names = [*words, "amount", "basis", *numbers, "flags"]
    titles = {"amount": "USD"} | {name: name.replace("_", " ") for name in numbers}
    table = [[subject, *(row[name] for name in names)] for subject, row in zip(subjects, rows, strict=True)]
    columns = ["of", *(titles.get(name, name) for name in names)]
    print_table(table, columns, numbers=[titles[name] for name in ("amount", *numbers)])
    if not table:
        typer.echo("no figure: nothing is in force for this choice (remitwatch runs list)", err=True)
