"""Commands about sources: list, show, verify."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import print_json, print_table, shown, to_json
from remitwatch.errors import InputError, PartialError

if TYPE_CHECKING:
    from remitwatch.ratebook import RateRow

sources_app = typer.Typer(help="What is read, on which terms, and whether it is well.", no_args_is_help=False)
app.add_typer(sources_app, name="sources")


@sources_app.callback(invoke_without_command=True)
def sources(context: typer.Context, json_: Json = False) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        sources_list(json_=json_)
    elif json_:
        raise InputError(f"--json stands after the word {context.invoked_subcommand}")


@sources_app.command("list")
def sources_list(json_: Json = False) -> None:
    """Every source with its health: last good run, age, state, terms, when it is asked."""
    from remitwatch.pipeline import checking, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        rows = checking.source_rows(open_home)
    if json_:
        print_json(rows)
        return
    columns = ("source", "gives", "state", "last ok", "age", "asked at (UTC)", "terms", "verified", "note")
    names = ("source", "kind", "state", "last_ok", "age_days", "at", "verdict", "verified", "note")
    print_table([[row[name] for name in names] for row in rows], columns, numbers=("age",))


@sources_app.command("show")
def sources_show(key: str, json_: Json = False) -> None:
    """One source: owner, licence, terms, schedule, expectations."""
    from remitwatch.pipeline.collecting import why_off
    from scrapers import registry

    known = registry.definitions()
    if key not in known:
        raise InputError(f"unknown source {key!r}: expected one of {', '.join(known)}")
    off = why_off(known[key], GLOBALS.load(GLOBALS.home).settings.source(key))
    content = {**known[key].model_dump(mode="json"), "off": off}
    if json_:
        typer.echo(to_json(content))
        return
    for name, value in content.items():
        if isinstance(value, dict):
            typer.echo(f"{name}:")
            for inner, detail in value.items():
                typer.echo(f"  {inner:18} {detail}")
        elif value not in (None, "", []):
            typer.echo(f"{name:20} {value}")


@sources_app.command("verify")
def sources_verify(
    key: Annotated[list[str] | None, typer.Argument(help="Keys (default: every unverified source).")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Record the yes without asking.")] = False,
    who: Annotated[str | None, typer.Option(help="Who says so (default: the user of this machine).")] = None,
) -> None:
    """Ask a source live, once; look at its numbers beside the reference rate; record your yes."""
    from remitwatch.pipeline import collecting, verifying, workspace
    from remitwatch.runs import RunStatus
    from scrapers import registry

    home = GLOBALS.home
    failed = []
    rates: list[RateRow] = []
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        definitions = registry.definitions()
        keys = key or [
            one.key
            for one in definitions.values()
            if not collecting.is_verified(open_home, one) and collecting.why_not(open_home, one, named=True) is None
        ]
        if not keys:
            typer.echo("every source is verified")
        for one in keys:
            seen = verifying.ask_once(open_home, one, rates)
            typer.echo(f"{one}: run {seen.run.id} {seen.run.status.value} {seen.run.reason}".rstrip())
            if seen.rows:
                columns = list(dict.fromkeys(name for row in seen.rows for name in row))
                print_table([[row.get(name) for name in columns] for row in seen.rows], columns)
            for message in seen.issues[:10]:
                typer.echo(shown(f"  issue: {message}"))
            if seen.run.status not in (RunStatus.OK, RunStatus.PARTIAL) and (yes or seen.run.status != RunStatus.HELD):
                failed.append(one)
            elif yes or _agrees(one):
                verifying.confirm(open_home, one, who or getpass.getuser())
                rates += seen.rates
                typer.echo(f"{one}: verified; it is collected from now on")
            else:
                typer.echo(f"{one}: not verified")
    if failed:
        raise PartialError(f"{', '.join(failed)}: no usable answer, not verified: `remitwatch issues list`")


def _agrees(key: str) -> bool:
    if not sys.stdin.isatty():
        raise InputError(f"{key}: look at the numbers above, then run again with --yes")
    return typer.confirm(f"Are these numbers of {key} right?")
