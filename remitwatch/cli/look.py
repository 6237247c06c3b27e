"""Commands that only read: indicators, quotes, rates, corridors, countries, providers, trace."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json, a_day
from remitwatch.cli.output import note, print_csv, print_json, print_table, to_json
from remitwatch.errors import InputError

indicators_app = typer.Typer(invoke_without_command=True)
app.add_typer(indicators_app, name="indicators")


@indicators_app.callback()
def indicators(
    context: typer.Context,
    indicator: Annotated[str | None, typer.Option(help="Only this code, e.g. average_total_cost or smart.")] = None,
    period: Annotated[
        str, typer.Option(help="2025-Q3, 2025_3Q, 2025, 2025-09, 2025-09-14, latest, or a range 2023-Q1..2025-Q3.")
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
    csv: Annotated[bool, typer.Option("--csv", help="Print csv.")] = False,
    json_: Json = False,
) -> None:
    """The figures. With no filter: the latest world figures of every basis present. Bases are never pooled.

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
        print_csv(rows, looking.COLUMNS)
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
        str, typer.Argument(help="The `id` of a row of `remitwatch indicators --json`, or the number of a quote.")
    ],
    json_: Json = False,
) -> None:
    """From a figure to its observations, quotes, archived answers and runs; or from one quote to its answer."""
    from remitwatch.pipeline import tracing, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        if figure_id.isascii() and figure_id.isdigit() and len(figure_id) < 19:
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


def _print(rows: list[dict[str, Any]], json_: bool, numbers: tuple[str, ...] = ()) -> None:
    if json_:
        print_json(rows)
    elif not rows:
        raise InputError("nothing yet: collect or import something first")
    else:
        columns = list(rows[0])
        print_table([[row[name] for name in columns] for row in rows], columns, numbers=numbers)
