"""Commands about sources: list, show, check, new, case, verify, off, on."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import note, print_json, print_table, shown, to_json
from remitwatch.errors import InputError, PartialError

if TYPE_CHECKING:
    from remitwatch.ratebook import RateRow
    from remitwatch.sources import SourceDefinition

sources_app = typer.Typer(help="What is read, on which terms, and whether it is well.", no_args_is_help=False)
app.add_typer(sources_app, name="sources")

WIDTH = 120
"""Columns of a screen."""
_TOLD_ELSEWHERE = ("source", "name", "kind", "at", "verdict", "redistribution", "switched_off", "expected", "note")
Key = Annotated[str, typer.Argument(help="The key of the source, e.g. ecb.", show_default=False)]
Who = Annotated[str | None, typer.Option(help="Who says so (default: the user of this machine).", show_default=False)]
Root = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        help="A folder laid out like a checkout: scrapers/<kind>/, tests/cases/ (default: the one we run from).",
    ),
]


@sources_app.callback(invoke_without_command=True)
def sources(context: typer.Context, json_: Json = False) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        sources_list(json_=json_)
    elif json_:
        raise InputError(f"--json stands after the word {context.invoked_subcommand}")


@sources_app.command("list")
def sources_list(json_: Json = False) -> None:
    """Every source with its health on one screen; what is wrong stands below in words.

    `age` is that of the last good run in cadences of its schedule (above 2 it is stale); `brought` is what the newest
    run brought against the least expected of it; `good` how many of its last ten runs were.
    """
    from remitwatch.pipeline import collecting, health, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        rows = health.source_rows(open_home)
    if json_:
        print_json(rows)
        return
    columns = ("source", "gives", "state", "last ok", "age", "brought", "good", "next (UTC)", "terms", "verified")
    print_table([_health_cells(row) for row in rows], columns, numbers=("age",))
    notes = [
        collecting.Skipped(row["source"], row["note"].removeprefix(row["source"] + ": ")) for row in rows if row["note"]
    ]
    for line in map(shown, collecting.in_short(notes)):
        typer.echo(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…")


def _health_cells(row: dict[str, Any]) -> list[Any]:
    brought = None if row["values"] is None else f"{row['values']}/{row['expected']['least']}"
    good = f"{row['succeeded']}/{row['counted']}" if row["counted"] else None
    following = None if row["next_run"] is None else f"{row['next_run']:%a %d %H:%M}"
    age = row["age_days"] if row["age_cadences"] is None else row["age_cadences"]
    return [
        row["source"], row["kind"], row["state"], row["last_ok"], age, brought, good, following, row["verdict"],
        "yes" if row["verified"] else "no",
    ]  # fmt: skip


@sources_app.command("show")
def sources_show(key: Key, json_: Json = False) -> None:
    """One source: owner, licence, attribution, terms, budget, schedule, expectations, evidence, health, last runs."""
    from remitwatch.pipeline import collecting, health, workspace

    definition = _definition(key)
    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    content: dict[str, Any] = definition.model_dump(mode="json")
    if workspace.exists(home, loaded.settings):
        with workspace.reading(home, loaded) as open_home:
            decided = collecting.Decided.read(open_home)
            content["off"] = collecting.why_off(open_home, definition, decided)
            content["health"] = next(row for row in health.source_rows(open_home) if row["source"] == key)
            content["switches"] = [one.model_dump() for one in open_home.store.switches(key)]
            content["runs"] = [run.model_dump() for run in open_home.queries.runs(source=key, limit=10)]
            verified = decided.verified.get(key)
        content["verified_at"], content["verified_by"] = verified or (None, None)
    if json_:
        typer.echo(to_json(content))
        return
    runs, switches = content.pop("runs", []), content.pop("switches", [])
    for name, value in content.items():
        if isinstance(value, dict):
            typer.echo(f"{name}:")
            for inner, detail in value.items():
                if detail not in (None, "", []) and not (name == "health" and inner in _TOLD_ELSEWHERE):
                    typer.echo(shown(f"  {inner:18} {_words(detail)}"))
        elif value not in (None, "", []):
            typer.echo(shown(f"{name:20} {_words(value)}"))
    for switch in switches:
        what = "on" if switch["enabled"] else "off"
        typer.echo(shown(f"switched {what:4} {switch['at']:%Y-%m-%d %H:%M} UTC by {switch['who']}: {switch['why']}"))
    if runs:
        typer.echo("last runs:")
        columns = ("run", "date", "status", "reason", "asked", "answered", "quotes", "rates", "refused")
        table = [
            [r["id"], r["logical_date"], r["status"], r["reason"], r["requests"], r["answered"]]
            + [r["quotes"], r["rates"] + r["benchmarks"] + r["flows"], r["refused"]]
            for r in runs
        ]
        print_table(table, columns, numbers=("run", "asked", "answered", "quotes", "rates", "refused"))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {detail}" for name, detail in value.items() if detail is not None)
    return shown(value)


def _definition(key: str) -> SourceDefinition:
    from scrapers import registry

    known = registry.definitions()
    if key not in known:
        raise InputError(f"unknown source {key!r}: expected one of {', '.join(known)}")
    return known[key]


@sources_app.command("check")
def sources_check(
    key: Annotated[str | None, typer.Argument(help="Only this source.", show_default=False)] = None,
    dir_: Root = None,
    cases: Annotated[Path | None, typer.Option("--cases", help="Where the cases are (default: tests/cases).")] = None,
    json_: Json = False,
) -> None:
    """Check definitions, and replay every case strictly; a source without a case fails. Exit 1 when one fails."""
    from remitwatch.pipeline import casing

    found = casing.check_sources(key, dir_, cases)
    if json_:
        print_json([one.as_json() for one in found])
    else:
        rows = [[one.source, "ok" if not one.problems else "FAILS", one.cases, one.records] for one in found]
        print_table(rows, ("source", "state", "cases", "records"), numbers=("cases", "records"))
        for one in found:
            for problem in one.problems:
                typer.echo(shown(f"{one.source}: {problem}"))
    raise typer.Exit(1 if not found or any(one.problems for one in found) else 0)


@sources_app.command("new")
def sources_new(
    key: Annotated[str, typer.Argument(help="Its key: a-z, 0-9, _, e.g. acme_transfer.", show_default=False)],
    kind: Annotated[str, typer.Option(help="quotes, rates, benchmarks or flows.")] = "quotes",
    dir_: Root = None,
) -> None:
    """Begin a source that works at once: definition, scraper, and one documented case that passes."""
    from remitwatch.pipeline import casing, workspace
    from scrapers import scaffold

    root = dir_ or casing.checkout()
    for path in scaffold.write_source(root, key, kind, workspace.utc_now().date()):
        typer.echo(str(path))
    where = f" --dir {dir_}" if dir_ else ""
    note(f"next: put its real shape in place of the example's, then: remitwatch sources check {key}{where}")


@sources_app.command("case")
def sources_case(
    run: Annotated[int, typer.Argument(min=1, max=2**62, help="The number of the run, good or broken.")],
    name: Annotated[str | None, typer.Option(help="The case's name (default: run_<day>_<attempt>).")] = None,
    out: Annotated[Path | None, typer.Option(help="Where cases stand (default: the checkout's tests/cases).")] = None,
    snapshot: Annotated[
        list[str] | None, typer.Option("--snapshot", help="Only this answer of the run (repeatable).")
    ] = None,
    json_: Json = False,
) -> None:
    """Make a test case of an archived run: its answers, and expected.json as they are read today.

    Tokens, cookies, session ids, e-mail and IP addresses are masked in bodies and headers. Read the case before you
    share it.
    """
    from remitwatch.pipeline import casing, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        made = casing.case_of_run(open_home, run, name=name, out=out, chosen=snapshot or [])
    if json_:
        content = {"folder": str(made.folder), "answers": made.answers, "records": made.records}
        typer.echo(to_json({**content, "masked": made.masked, "reads_the_same": made.reads_the_same}))
    else:
        typer.echo(f"{made.folder}: {made.answers} answers, {made.records} records")
        counted = ", ".join(f"{count} x {kind}" for kind, count in sorted(made.masked.items()))
        typer.echo(f"masked: {counted or 'nothing was found to mask'}")
    if not made.reads_the_same:
        raise PartialError(f"{made.folder}: what was masked changes what is read: mend the case by hand, and read it")
    note("read its answers and expected.json line by line before you share them")


@sources_app.command("verify")
def sources_verify(
    key: Annotated[list[str] | None, typer.Argument(help="Keys (default: every unverified source).")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Record the yes without asking.")] = False,
    who: Who = None,
) -> None:
    """Ask a source live, once; look at its numbers beside the reference rate; record your yes."""
    from remitwatch.pipeline import collecting, verifying, workspace
    from remitwatch.runs import RunStatus
    from scrapers import registry

    home = GLOBALS.home
    failed = []
    rates: list[RateRow] = []
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        definitions, decided = registry.definitions(), collecting.Decided.read(open_home)
        keys = key or [
            one.key
            for one in definitions.values()
            if not collecting.is_verified(open_home, one, decided)
            and collecting.why_not_asked(open_home, one, decided, named=True) is None
        ]
        if not keys:
            typer.echo("every source that may be asked is verified")
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


@sources_app.command("off")
def sources_off(
    key: Key, why: Annotated[str, typer.Option(help="Why; kept with the switch.")], who: Who = None
) -> None:
    """Switch a source off: nobody asks it any more, by name or by the clock, until it is switched on."""
    _switch(key, False, why, who)


@sources_app.command("on")
def sources_on(
    key: Key, why: Annotated[str, typer.Option(help="Why; kept with the switch.")] = "", who: Who = None
) -> None:
    """Switch a source on again."""
    _switch(key, True, why, who)


def _switch(key: str, enabled: bool, why: str, who: str | None) -> None:
    from remitwatch.pipeline import collecting, workspace
    from remitwatch.runs import Switch

    definition = _definition(key)
    if not enabled and not why.strip():
        raise InputError("--why: expected a reason")
    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        is_off = open_home.store.switched_off().get(key)
        if enabled == (is_off is None):
            typer.echo(f"{key}: is {'on' if enabled else 'off'} already")
        else:
            switch = Switch(source=key, enabled=enabled, at=open_home.now(), who=who or getpass.getuser(), why=why)
            open_home.store.switch_source(switch)
            typer.echo(f"{key}: {'on' if enabled else 'off'} from now on")
        off = collecting.why_off(open_home, definition, collecting.Decided.read(open_home)) if enabled else None
        if off is not None:
            note(f"{key}: it stays off all the same: it {off}")
        elif not enabled and definition.method == "file":
            note(f"{key}: it is read from files: imports go on")
