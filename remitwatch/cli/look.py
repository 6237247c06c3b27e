"""Commands that only read: indicators, quotes, rates, corridors, countries, providers, trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json, a_day
from remitwatch.cli.output import note, print_body, print_csv, print_json, print_table, shown, to_json
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from remitwatch.pipeline.tracing import AnswerTrace

indicators_app = typer.Typer(invoke_without_command=True)
app.add_typer(indicators_app, name="indicators")


@indicators_app.callback()
def indicators(
    context: typer.Context,
    indicator: Annotated[str | None, typer.Option(help="Only this code, e.g. average_total_cost or smart.")] = None,
    period: Annotated[
        str, typer.Option(help="2025-Q3, 2025, 2025-pooled, 2025-09, 2025-09-14, latest, or a range 2023-Q1..2025-Q3.")
    ] = "latest",
    scope: Annotated[
        str | None, typer.Option(help="world, sender, receiver, region or corridor (default: seen from the filters).")
    ] = None,
    sender: Annotated[str | None, typer.Option(help="Sending country, ISO alpha-3.")] = None,
    receiver: Annotated[str | None, typer.Option(help="Receiving country, ISO alpha-3.")] = None,
    region: Annotated[str | None, typer.Option(help="Receiving region, e.g. 'South Asia'.")] = None,
    corridor: Annotated[str | None, typer.Option(help="A corridor, e.g. GBR-IND.")] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Break down by provider_type, payment_instrument, access_point, pickup_method, speed ..."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only services of this kind: provider_type=bank (again for another column; both must hold)."),
    ] = None,
    amount: Annotated[int, typer.Option(help="200 or 500 (USD).")] = 200,
    basis: Annotated[
        str | None, typer.Option(help="survey, standard, promotional or estimate (default: every one present).")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As known at this time, e.g. 2026-11-21T06:00:00Z (default: now).")
    ] = None,
    flows: Annotated[
        str | None,
        typer.Option(
            help="Weights of weighted_average, e.g. bilateral_matrix:2017 (default: the newest year imported)."
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            help="Settle an open point of the method otherwise: one_per_provider, mto_presence_percent=90 ..."
        ),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print csv.")] = False,
    json_: Json = False,
) -> None:
    """The figures. With no filter: the latest world figures of every basis present. Bases are never pooled.

    A year of the survey is its third quarter, as in the official annual series; 2025-pooled is all its rows together.
    Values are per cent. Rows carry the number of services, providers and corridors behind them, flags that say what is
    special or missing, and an id for `remitwatch trace`. A weighted average says how much of the flow it covers.
    """
    if context.invoked_subcommand is not None:
        _only_after(context)
        return
    from remitwatch.pipeline import looking, workspace

    if csv and json_:
        raise InputError("--csv and --json: choose one")
    home = GLOBALS.home
    wanted = looking.Wanted.read(
        indicator=indicator,
        period=period,
        scope=scope,
        sender=sender,
        receiver=receiver,
        region=region,
        corridor=corridor,
        by=by,
        where=where or (),
        option=option or (),
        amount=amount,
        basis=basis,
        as_of=as_of,
        flows=flows,
    )
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = looking.figures(open_home, wanted)
    rows = [row.as_json() for row in found.rows]
    if json_:
        print_json(rows)
    elif csv:
        print_csv(rows, looking.COLUMNS + (("where",) if where else ()))
    else:
        columns = ("indicator", "of", "group", "period", "USD", "basis", "value", "services", "providers", "flags")
        table = [
            (r.indicator, r.subject, r.group, r.period, r.amount, r.basis.value, row["value"])
            + (r.services, r.providers, ", ".join((*_weights(row), *r.flags)))
            for r, row in zip(found.rows, rows, strict=True)
        ]
        print_table(table, columns, numbers=("USD", "value", "services", "providers"))
        if not table and not found.too_old:
            note("no figure: nothing is in force for this choice (remitwatch runs list)")
    for name, day in found.too_old.items():
        note(f"{name}: every price is too old for `latest`, the newest is of {day}: see --period {day:%Y-%m}")


def _weights(row: dict[str, Any]) -> tuple[str, ...]:
    """Of a weighted average, in words: by which flows, and how much of them it covers."""
    from remitwatch.method import flows_of

    named = flows_of(row["method"])
    if named is None:
        return ()
    covered = "" if row["coverage"] is None else f" ({row['coverage']} % of the flow covered)"
    return (f"flows {named[0]}:{named[1]}{covered}",)


def _only_after(context: typer.Context) -> None:
    """Refuse options that stand before the subcommand: it would not see them."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            after = context.invoked_subcommand
            raise InputError(f"{option.opts[-1]}: options of `indicators {after}` stand after the word {after}")


@app.command()
def quotes(
    corridor: Annotated[str, typer.Option(help="The corridor, e.g. GBR-IND.")],
    on: Annotated[
        str | None, typer.Option(help="The quotes of this day (default: the newest of each service).")
    ] = None,
    amount: Annotated[int, typer.Option(help="200 or 500 (USD).")] = 200,
    basis: Annotated[str | None, typer.Option(help="Only this basis.")] = None,
    json_: Json = False,
) -> None:
    """The comparison table of a corridor: service, fee, margin, total, received, speed, age, flags. Cheapest first."""
    from remitwatch.corridors import corridor_key
    from remitwatch.pipeline import looking, workspace

    key = corridor_key(corridor)
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        rows = looking.comparison(open_home, key, on=a_day(on, "--on"), amount=amount, basis=basis)
    if json_:
        print_json(rows)
        return
    if not rows:
        note(f"no quote of {key} is held{f' for {on}' if on else ''} (remitwatch corridors)")
    names = (
        ("basis", "basis"),
        ("provider_name", "provider"),
        ("payment_instrument", "pay in"),
        ("pickup_method", "pay out"),
        ("fee_pct", "fee %"),
        ("fee_model", "fee is"),
        ("fx_margin_pct", "margin %"),
        ("total_cost_pct", "total %"),
        ("receive_amount", "received"),
        ("speed", "speed"),
        ("day", "day"),
        ("age_days", "age"),
        ("flags", "flags"),
    )
    table = [[row[name] for name, _ in names] for row in rows]
    numbers = ("fee %", "margin %", "total %", "received", "age")
    print_table(table, [title for _, title in names], numbers=numbers)


@app.command()
def rates(
    base: Annotated[str | None, typer.Option(help="ISO currency, e.g. EUR.")] = None,
    quote: Annotated[str | None, typer.Option(help="ISO currency, e.g. INR.")] = None,
    on: Annotated[str | None, typer.Option(help="The rate in force on this day (default: the newest).")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source, as published.")] = None,
    json_: Json = False,
) -> None:
    """Reference rates: quote units per 1 base unit. Without --source the one in force by preference."""
    from remitwatch.pipeline import looking, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        rows = looking.rates(open_home, base, quote, on=a_day(on, "--on"), source=source)
    if json_:
        print_json(rows)
        return
    if not rows:
        note("no rate: nothing is held for this choice (crosses are made for a pair: --base and --quote)")
    columns = ("base", "quote", "date", "rate", "source", "derived")
    print_table([[row[name] for name in columns] for row in rows], columns, numbers=("rate",))


@app.command()
def corridors(
    watched: Annotated[bool, typer.Option("--watched", help="Only those that are asked daily.")] = False,
    json_: Json = False,
) -> None:
    """Corridors: which are watched, and which have figures on which basis."""
    from remitwatch.pipeline import looking, workspace

    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if workspace.exists(home, loaded.settings):
        with workspace.reading(home, loaded) as open_home:
            rows = looking.covered_corridors(open_home, loaded.settings.collect.corridors)
    else:
        rows = looking.covered_corridors(None, loaded.settings.collect.corridors)
    _print([row for row in rows if row["watched"] or not watched], json_, numbers=("quotes",))


@app.command()
def countries(json_: Json = False) -> None:
    """Countries: codes, World Bank region and income group with their vintage."""
    from remitwatch.countries import countries as known
    from remitwatch.countries import vintage

    rows = [country.model_dump() | {"vintage": vintage()} for country in known().values()]
    _print(rows, json_)


@app.command()
def providers(json_: Json = False) -> None:
    """Providers with figures: their types, corridors and the newest day of a quote."""
    from remitwatch.pipeline import looking, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        rows = looking.providers(open_home)
    _print(rows, json_, numbers=("quotes", "corridors"))


@app.command()
def trace(
    figure_id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The `id` of a row of `remitwatch indicators --json`, the number of a quote, or an archived answer: "
            "its snapshot, its hash, or the path of its body.",
        ),
    ],
    body: Annotated[bool, typer.Option("--body", help="Print the archived answer itself, as it came.")] = False,
    out: Annotated[Path | None, typer.Option(help="With --body: write it to this new file.")] = None,
    json_: Json = False,
) -> None:
    """From a figure to its observations, quotes, archived answers and runs; from one quote to its answer.

    And back: from an archived answer to the quotes that were read from it, and whether they are in force.
    """
    from remitwatch.pipeline import tracing, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        if body or out is not None:
            print_body(tracing.archived_body(open_home, figure_id), out)
            return
        if tracing.names_answer(figure_id):
            answer = tracing.trace_answer(open_home, figure_id)
            typer.echo(to_json(answer.as_json())) if json_ else _print_answer(answer)
            return
        if tracing.is_number(figure_id):
            found = tracing.trace_quote(open_home, int(figure_id))
        else:
            found = tracing.trace(open_home, figure_id)
    if json_:
        typer.echo(to_json(found.as_json()))
        return
    if found.figure is not None:
        row = found.figure.as_json()
        typer.echo(f"{row['indicator']} {found.figure.subject} {row['period']} USD {row['amount']} {row['basis']}")
        counted = f"{row['services']} services, method {row['method']}, as of {row['as_of']}"
        value = f"no value ({', '.join(row['flags'])})" if row["value"] is None else f"{row['value']} per cent"
        typer.echo(f"{value}, {counted}")
    if found.flows is not None:
        flows = found.flows
        typer.echo(
            f"weighted by {flows['series']}:{flows['year']}: run {flows['run']}, "
            f"{flows['file_name'] or flows['source']}, {', '.join([flows['body'], *flows['further_bodies']])}"
        )
    columns = ("quote", "provider_name", "total_cost_pct", "day", "run", "source", "snapshot", "fetched_at", "body")
    print_table([[one[name] for name in columns] for one in found.evidence], columns, numbers=("total_cost_pct",))
    for sha256, pruned in {one["body"]: one["pruned_at"] for one in found.evidence if not one["archived"]}.items():
        how = f"pruned on {pruned:%Y-%m-%d}" if pruned else "lost from the archive"
        typer.echo(f"body {sha256}: {how}; its hash and description are kept")


def _print_answer(answer: AnswerTrace) -> None:
    kept = "archived" if answer.archived else f"pruned on {answer.pruned_at:%Y-%m-%d}" if answer.pruned_at else "lost"
    typer.echo(f"body {answer.body}: {kept}")
    for one in answer.answers:
        force = "in force" if one["in_force"] else f"not in force ({one['run_status']})"
        typer.echo(shown(f"run {one['run']} {one['source']}, {force}: snapshot {one['snapshot']}"))
        fetched = f"{one['fetched_at']:%Y-%m-%d %H:%M:%S} UTC"
        again = f", not changed since {one['downloaded_at']}" if one["downloaded_at"] else ""
        typer.echo(shown(f"  {one['method']} {one['url']}: {one['status']}, {one['bytes']} bytes, {fetched}{again}"))
        typer.echo(f"  {len(one['quotes'])} quotes, {one['rates']} rates were read from it")
        if one["quotes"]:
            columns = ("quote", "provider_name", "corridor", "send_amount", "fee", "rate", "total_cost_pct", "in_force")
            table = [[row[name] for name in columns] for row in one["quotes"]]
            print_table(table, columns, numbers=("send_amount", "fee", "rate", "total_cost_pct"))


def _print(rows: list[dict[str, Any]], json_: bool, numbers: tuple[str, ...] = ()) -> None:
    if json_:
        print_json(rows)
    elif not rows:
        raise InputError("nothing yet: collect or import something first")
    else:
        columns = list(rows[0])
        print_table([[row[name] for name in columns] for row in rows], columns, numbers=numbers)
