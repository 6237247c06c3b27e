"""Commands of targets: list, add, remove, progress."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import note, print_json, print_table

targets_app = typer.Typer(help="What was promised, official and national, and how the figures stand.")
app.add_typer(targets_app, name="targets")

Sender = Annotated[str | None, typer.Option(help="Sending country, ISO alpha-3.")]
Receiver = Annotated[str | None, typer.Option(help="Receiving country, ISO alpha-3.")]
Corridor = Annotated[str | None, typer.Option(help="A corridor, e.g. GBR-IND.")]
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


@targets_app.callback(invoke_without_command=True)
def targets(context: typer.Context) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        targets_list()


@targets_app.command("list")
def targets_list(json_: Json = False) -> None:
    """Every target: the official ones, then the national ones with who added them and when."""
    from remitwatch.pipeline import targeting, workspace

    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if workspace.exists(home, loaded.settings):
        with workspace.reading(home, loaded) as open_home:
            rows = targeting.listed(open_home)
    else:
        rows = targeting.listed(None)
    if json_:
        print_json(rows)
        return
    columns = ("code", "kind", "owner", "name", "of", "target", "by", "baseline", "added by")
    table = [
        (row["code"], row["kind"], row["owner"], row["name"], _place(row), _line(row["operator"], row["value"], row))
        + (row["deadline"], row["baseline"], row["added_by"])
        for row in rows
    ]
    print_table(table, columns)


def _place(row: dict[str, Any]) -> str:
    if row["sender"] or row["receiver"]:
        return "-".join(row[name] or "*" for name in ("sender", "receiver"))
    return "/".join(row["scope"])


def _line(sign: str, value: Any, row: dict[str, Any]) -> str:
    return f"{row['indicator']} {_SIGNS[sign]} {value} at {row['amount']}"


@targets_app.command("add")
def targets_add(
    code: Annotated[str, typer.Argument(help="A short name: lower case letters, digits, underscores.")],
    owner: Annotated[str, typer.Option(help="Whose target it is, e.g. 'Bank of Example'.")],
    name: Annotated[str, typer.Option(help="The target in words.")],
    scope: Annotated[str, typer.Option(help="world, sender, receiver or corridor.")],
    indicator: Annotated[str, typer.Option(help="The indicator's code, e.g. average_total_cost or smart.")],
    operator: Annotated[str, typer.Option(help="lt (less than), le (at most), gt (more than), ge (at least).")],
    value: Annotated[str, typer.Option(help="Per cent, e.g. 5 or 4.5.")],
    deadline: Annotated[int, typer.Option(help="The year by whose end it is to be met.")],
    sender: Sender = None,
    receiver: Receiver = None,
    corridor: Corridor = None,
    baseline: Annotated[
        str | None, typer.Option(help="The period that progress counts from, e.g. 2024-Q3 (default: the first held).")
    ] = None,
    amount: Annotated[int, typer.Option(help="200 or 500 (USD).")] = 200,
    who: Annotated[str | None, typer.Option(help="Who adds it (default: the user of this machine).")] = None,
) -> None:
    """Add a national target: kept with who added it and when, and shown beside the official ones.

    remitwatch targets add kenya_5 --owner "Example Ministry" --name "Sending to Kenya at 5%" --scope receiver
    --receiver KEN --indicator average_total_cost --operator le --value 5 --deadline 2030 --baseline 2024-Q3
    """
    from remitwatch.pipeline import targeting, workspace

    given = {
        "code": code,
        "owner": owner,
        "name": name,
        "scope": scope,
        "sender": sender,
        "receiver": receiver,
        "indicator": indicator,
        "operator": operator,
        "value": value,
        "deadline": deadline,
        "baseline": baseline,
        "amount": amount,
    }
    targeting.national_target(given, corridor=corridor)  # bad input makes no home
    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        target = targeting.add(open_home, given, corridor=corridor, who=who or getpass.getuser())
    typer.echo(f"target {target.code} added: see remitwatch targets progress {target.code}")


@targets_app.command("remove")
def targets_remove(code: Annotated[str, typer.Argument(help="The code of a national target.")]) -> None:
    """Remove a national target. Official ones stay."""
    from remitwatch.pipeline import targeting, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        targeting.remove(open_home, code)
    typer.echo(f"target {code} removed")


@targets_app.command("progress")
def targets_progress(
    code: Annotated[str | None, typer.Argument(help="Only this target, both halves (default: all).")] = None,
    scope: Annotated[
        str | None,
        typer.Option(help="world, sender, receiver, region or corridor (default: world, and national ones)."),
    ] = None,
    sender: Sender = None,
    receiver: Receiver = None,
    region: Annotated[str | None, typer.Option(help="Receiving region, e.g. 'South Asia'.")] = None,
    corridor: Corridor = None,
    basis: Annotated[str | None, typer.Option(help="survey, standard, promotional or estimate.")] = None,
    amount: Annotated[int | None, typer.Option(help="Only targets about 200 or 500 (USD).")] = None,
    period: Annotated[
        str | None,
        typer.Option(help="The window, e.g. 2020-Q3..2025-Q3 (default: from the baseline, or the first held, to now)."),
    ] = None,
    pace: Annotated[str, typer.Option(help="linear (points a year) or compound (per cent a year).")] = "linear",
    flows: Annotated[
        str | None, typer.Option(help="Flows that savings are counted with, e.g. bilateral_matrix:2017.")
    ] = None,
    json_: Json = False,
) -> None:
    """How the figures stand towards targets: gap, actual and required pace, status, and the year it would be met.

    on_track: at least 95 % of the pace that the target needs from the window's start to its deadline. saves: million US
    dollars a year that senders would keep if every corridor above the target came down to it, the flows unchanged
    (import --as flows), and the share of the flow that this covers; --json tells the assumptions.
    """
    from remitwatch.pipeline import standing, workspace

    asked = standing.Asked.read(
        code=code,
        basis=basis,
        amount=amount,
        period=period,
        pace=pace,
        flows=flows,
        scope=scope,
        sender=sender,
        receiver=receiver,
        region=region,
        corridor=corridor,
    )
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = standing.standings(open_home, asked)
    rows = [one.as_json() for one in found]
    if json_:
        print_json(rows)
        return
    columns = ("target", "of", "basis", "period", "value", "line", "by", "status", "since", "pace", "needed", "met in")
    numbers = ("value", "pace", "needed", "saves", "of flow %")
    table = [
        (row["code"], one.progress.subject, row["basis"], row["period"], row["value"], _short(row), row["deadline"])
        + (_status(row), row["baseline_period"], row["actual_pace"])
        + (None if row["status"] == "met" else row["required_pace"], row["projected_year"])
        + (row["savings_usd_million"] or row["savings_reason"], row["savings_coverage"])
        for one, row in zip(found, rows, strict=True)
    ]
    print_table(table, (*columns, "saves", "of flow %"), numbers=numbers)
    if not table:
        note("no progress: no figure is in force for this choice (remitwatch targets list)")


def _short(row: dict[str, Any]) -> str:
    return f"{_SIGNS[row['operator']]} {row['target']}"


def _status(row: dict[str, Any]) -> str:
    return f"{row['status']} ({', '.join(filter(None, (row['reason'], *row['flags'])))})".removesuffix(" ()")
