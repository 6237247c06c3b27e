"""Commands that make figures: init, demo, run, collect, import, reparse, observe, check, publish, status, schedule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from remitwatch.cli import logs
from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.output import counted, note, print_json, print_table, shown, to_json, warn
from remitwatch.cli.progress import steps
from remitwatch.errors import InputError

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Dates = Annotated[str | None, typer.Option(help="A day such as 2026-11-20.", show_default=False)]


def a_day(text: str | None, option: str) -> dt.date | None:
    """The day of an option. Raises InputError."""
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if not dt.date(1990, 1, 1) <= day <= dt.date(3000, 1, 1):
        raise InputError(f"{option} {text!r}: expected a day such as 2026-11-20")
    return day


@app.command()
def init(
    sandbox: Annotated[bool, typer.Option(help="Make a sandbox home: it takes pretended data only.")] = False,
) -> None:
    """Make the home: database, archive and a commented remitwatch.toml."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home), sandbox=sandbox) as open_home:
        kind = "sandbox data, not real prices" if open_home.world == "sandbox" else "real prices"
        typer.echo(f"{home.root}: ready for {kind}")
        if open_home.world == "real" and not open_home.settings.contact:
            typer.echo(f"next: set `contact` in {home.config}, then `remitwatch sources list`")


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option(help="Copy the edition here.", show_default=False)] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days to simulate.")] = 90,
    serve: Annotated[bool, typer.Option("--serve", help="Show the report on this machine's own address.")] = False,
) -> None:
    """Run the whole main job against a made-up market on this machine, and print where the report is.

    Nothing leaves this machine and nothing real is shown: every page says so.
    """
    from remitwatch import demo as job

    if GLOBALS.flags.get("database_url"):
        raise InputError("--database: the demo keeps its pretended figures in a database of its own")
    languages = GLOBALS.load().settings.publish.languages
    with steps("simulated days", days) as advance:
        result = job.run(GLOBALS.home, days=days, out=out, languages=languages, progress=advance)
    for line in result.lines:
        typer.echo(line)
    if serve:
        job.serve(result.edition, announce=lambda url: typer.echo(f"showing it at {url} (stop with Ctrl-C)"))


@app.command()
def run(
    date: Annotated[
        str | None,
        typer.Option(help="The day (default today); for a past day only sources that answer for the past are asked."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1440,
            help="After so many minutes nothing more is asked (else collect.budget_minutes); the rest is done.",
            show_default=False,
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """One daily cycle: collect, observe, check, publish. What is already done for the day is left alone.

    For cron and for schedules of CI and serverless services: it can be run as often as you like. It records the days on
    which nobody asked as gaps, and makes the editions of months and quarters that are due. Exit 0: every source asked
    is ok; 3: some failed or were held; 1: none brought anything; 75: another run is active. See also: schedule.
    """
    from remitwatch.pipeline import cycle, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home, steps("asking") as advance:
        result = cycle.run_day(open_home, a_day(date, "--date"), budget_minutes=budget, progress=advance)
    if json_:
        typer.echo(to_json(result.as_json()))
    else:
        for line in result.lines:
            typer.echo(line)
    raise typer.Exit(result.exit_code)


@app.command()
def collect(
    source: Annotated[list[str] | None, typer.Argument(help="Keys of sources (default: all that are due).")] = None,
    corridor: Annotated[list[str] | None, typer.Option(help="Only this corridor, e.g. GBR-IND (repeatable).")] = None,
    date: Annotated[str | None, typer.Option(help="A past day, for reference rates and the like only.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day of a span, with --to.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day of the span.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be asked, ask nothing.")] = False,
    json_: Json = False,
) -> None:
    """Ask the sources now. Prices cannot be collected for the past."""
    from remitwatch.pipeline import collecting, planning, workspace

    keys, corridors = source or [], corridor or []
    if date is not None:
        since = until = a_day(date, "--date")
    else:
        since, until = a_day(from_, "--from"), a_day(to, "--to")
    if (from_ is None) != (to is None) or (date is not None and from_ is not None):
        raise InputError("--from and --to belong together, and not with --date")
    if since and until and since > until:
        raise InputError(f"--from {since} is after --to {until}")
    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if dry_run:
        with workspace.reading(home, loaded) as open_home:
            plan = planning.plan(open_home, keys, corridors, since, until)
        if json_:
            print_json([request.as_json() for request in plan.requests])
        else:
            for line in plan.lines:
                typer.echo(line)
        return
    with workspace.writing(home, loaded) as open_home, steps("asking") as advance:
        result = collecting.collect(open_home, keys, corridors, since=since, until=until, progress=advance)
    if not result.runs:  # nothing asked is not success: a job that calls this every day must notice
        whys = "; ".join(collecting.in_short(result.skipped))
        raise InputError(f"no source was asked{f' ({whys})' if whys else ''}")
    if json_:
        print_json([one.model_dump() for one in result.runs])
    else:
        columns = ("run", "source", "date", "status", "reason", "asked", "quotes", "rates", "refused")
        rows = [
            (r.id, r.source, r.logical_date, r.status, r.reason, r.requests, r.quotes, r.rates, r.refused)
            for r in result.runs
        ]
        print_table(rows, columns, numbers=("run", "asked", "quotes", "rates", "refused"))
        for line in collecting.in_short(result.skipped):
            note(f"not asked: {line}")
        if any(one.refused or one.status not in ("ok",) for one in result.runs):
            note("what went wrong: remitwatch issues list")
    raise typer.Exit(collecting.exit_code(result))


@app.command("import")
def import_(
    file: Annotated[Path | None, typer.Argument(help="The file to bring in.", show_default=False)] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as", help="survey, databank-corridors, wdi, sdg, flows, ecb-history or quotes (default: by its content)."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Who hands in a quotes file, e.g. kenya_team.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, store nothing.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a survey file replace periods of which it holds under half the rows.")
    ] = False,
    template: Annotated[bool, typer.Option("--template", help="Print an empty quotes csv to fill in.")] = False,
    json_: Json = False,
) -> None:
    """Bring in a file: a survey workbook, an official series, rates, flows, or prices handed in as csv.

    flows: the bilateral remittance matrix (xlsx, senders in rows), or a csv with the header sender,receiver,year,value:
    ISO alpha-3 codes, million US dollars. They weigh the weighted average; of a series and year the newest file does.

    The same file twice changes nothing. Rows that cannot be used are refused one by one, with row, column and value.
    """
    from remitwatch.pipeline import importing, workspace

    if template:
        typer.echo(importing.template(), nl=False)
        return
    if file is None:
        raise InputError("which file? remitwatch import FILE (or --template for an empty quotes csv)")
    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if dry_run:
        result = importing.check_file(file, kind=kind, now=workspace.utc_now)
    else:
        with workspace.writing(home, loaded) as open_home:
            result = importing.import_file(open_home, file, kind=kind, source=source, allow_replace=replace)
    if json_:
        typer.echo(to_json(result.as_json()))
    else:
        for line in result.lines(file.name, checked=dry_run):
            typer.echo(shown(line))
        if result.reconciliation is not None and result.already is None:
            from remitwatch.cli.reconciled import print_reconciliation

            print_reconciliation(result.reconciliation, None if result.run is None else result.run.id)
    for issue in result.refused[:50]:
        warn(issue.message)
    if len(result.refused) > 50:
        warn(f"... and {len(result.refused) - 50} more: remitwatch issues list")
    raise typer.Exit(result.exit_code)


@app.command()
def observe(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Price every accepted quote again.")] = False,
) -> None:
    """Price the accepted quotes against the reference rate in force. Never a guess: no rate, no observation."""
    from remitwatch.pipeline import observing, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        result = observing.observe(open_home, rebuild=rebuild)
    typer.echo(f"priced {result.priced} quotes; {result.unpriced} without a reference rate in force")


@app.command()
def reparse(
    source: Annotated[str, typer.Argument(help="The source whose archive is read again.")],
    since: Annotated[str | None, typer.Option(help="Only answers fetched on or after this day (UTC).")] = None,
    until: Annotated[str | None, typer.Option(help="Only answers fetched on or before this day (UTC).")] = None,
    run: Annotated[int | None, typer.Option(min=1, max=2**62, help="Only the answers of this run.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    json_: Json = False,
) -> None:
    """Read the archive again with today's parser; the quotes of those answers are replaced in one transaction a run.

    Says what changed: values unchanged, new and gone (a changed one is both), which fields, and a few examples.
    """
    from remitwatch.pipeline import observing, reparsing, workspace

    span = reparsing.Span(a_day(since, "--since"), a_day(until, "--until"), run)
    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    opened = workspace.reading(home, loaded) if dry_run else workspace.writing(home, loaded)
    with opened as open_home, steps("runs read again") as advance:
        report = reparsing.reparse(open_home, source, span, progress=advance, dry_run=dry_run)
        if not dry_run:
            observing.observe(open_home)
    if json_:
        print_json([one.as_json() for one in report.runs])
        return
    for one in report.runs:
        if one.report.added or one.report.removed:
            typer.echo(f"run {one.run.id} {one.run.logical_date}: {one.report.added} new, {one.report.removed} gone")
            for example in one.report.examples:
                typer.echo(shown(f"  {example}"))
    if report.fields:
        typer.echo("fields that changed: " + ", ".join(f"{name} {count}" for name, count in report.fields.items()))
    what = "would be read again" if dry_run else "read again"
    typer.echo(
        f"{source}: {counted(len(report.runs), 'run')} {what}: {counted(report.unchanged, 'value')} unchanged, "
        f"{report.added} new, {report.removed} gone; {counted(report.issues, 'issue')}"
    )


@app.command()
def check(
    strict: Annotated[bool, typer.Option("--strict", help="Exit 4 when anything is found.")] = False,
    json_: Json = False,
) -> None:
    """Check freshness and plausibility: stale, held or failing sources, prices that stand out. Then evaluate the rules
    for alerts (remitwatch alerts)."""
    from remitwatch.pipeline import checking, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        findings, evaluated = checking.check_and_alert(open_home)
        any_run = bool(open_home.queries.runs(limit=1))
    note(evaluated.line)
    if json_:
        print_json([finding.as_json() for finding in findings])
    elif not findings:
        well = "every source is fresh, no price stands out"
        typer.echo(f"nothing found: {well if any_run else 'no source has been asked here yet, no file brought in'}")
    else:
        rows = [(one.level, one.code, one.source, one.message) for one in findings]
        print_table(rows, ("level", "code", "source", "finding"))
    raise typer.Exit(4 if strict and findings else 0)


@app.command()
def publish(
    period: Annotated[
        str, typer.Option(help="latest, a day 2026-11-20, a month 2026-11, a quarter 2026-Q3 or a year 2026.")
    ] = "latest",
    country: Annotated[list[str] | None, typer.Option(help="Only this country and its corridors (repeatable).")] = None,
    corridor: Annotated[list[str] | None, typer.Option(help="Only this corridor, e.g. GBR-IND (repeatable).")] = None,
    lang: Annotated[
        list[str] | None, typer.Option(help="Language of the pages, e.g. fr (repeatable; the first at the root).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also copy the edition to this folder (must not exist).")] = None,
    json_: Json = False,
) -> None:
    """Write an edition: pages of countries and corridors, csv, figures and a manifest. Same figures, same edition.

    An edition that stands is never changed: other figures make a new one, whose corrections.html says what is different
    from the one before. editions/index.html lists all of them, editions/feed.xml tells of new ones, editions/latest
    leads to the newest.
    """
    from remitwatch.pipeline import publishing, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        edition = publishing.publish(
            open_home, period=period, countries=country or [], corridors=corridor or [], languages=lang or [], out=out
        )
    if json_:
        typer.echo(to_json({"edition": edition.name, "path": str(edition.path), "new": edition.new}))
    else:
        typer.echo(f"{'edition' if edition.new else 'unchanged, the edition stands:'} {edition.name}")
        typer.echo(f"{edition.path / 'index.html'}")


@app.command()
def status(json_: Json = False) -> None:
    """Everything on one screen: sources, gaps, runs, alerts, deliveries, disk, scheduler, what runs next, the newest
    edition and backup.

    Exit 4 when something needs a person: a source that is stale, held or failing, an open alert for operators that
    nobody has acknowledged, a message that could not be delivered, a low disk, a scheduler that has died.
    """
    from remitwatch.pipeline import status as health
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        result = health.status(open_home)
    if json_:
        typer.echo(to_json(result.as_json()))
    else:
        for line in result.lines:
            typer.echo(shown(line))
    raise typer.Exit(4 if result.needs_a_person else 0)


@app.command()
def schedule(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the next run of every job and stop.")] = False,
    json_: Json = False,
) -> None:
    """Run the clock: every source at its UTC time, then observe, check and publish daily. Stop with SIGTERM.

    Editions of months are made on schedule.monthly_day (2), of quarters on schedule.quarterly_day (5); 0 makes none.
    What was missed while it did not run is caught up once, but for prices: a day on which nobody asked is a gap. Each
    job says on stderr what it did (not with --quiet), and heartbeat.json in the home says every minute that it runs.
    One scheduler a home and a database: a second one exits 75.
    """
    from remitwatch import clock, jobs

    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if dry_run:
        rows = clock.next_runs(home, loaded)
        if json_:
            print_json(rows)
        else:
            print_table([(job["job"], job["next_run"], job["note"]) for job in rows], ("job", "next run (UTC)", "note"))
        return
    if not GLOBALS.quiet:
        logs.say_more(jobs.log.name)  # without -v, too: who starts a clock wants to see what it does
    raise typer.Exit(clock.serve(home, loaded))
