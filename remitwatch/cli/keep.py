"""Commands that keep order: runs, issues, db, config."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json, a_day
from remitwatch.cli.output import print_json, print_table, shown, to_json
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from db.records import StoredIssue

runs_app = typer.Typer(help="Look at runs; release or reject what is held.", no_args_is_help=False)
issues_app = typer.Typer(help="Look at issues; close what is dealt with.", no_args_is_help=False)
db_app = typer.Typer(help="The database: upgrade it, check it.", no_args_is_help=True)
config_app = typer.Typer(help="The settings in force.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(issues_app, name="issues")
app.add_typer(db_app, name="db")
app.add_typer(config_app, name="config")

Number = Annotated[int, typer.Argument(min=1, max=2**62, help="Its number in the list.")]
Who = Annotated[str | None, typer.Option(help="Who decides (default: the user of this machine).", show_default=False)]
Why = Annotated[str, typer.Option(help="Why; kept with the decision.")]


def _who(name: str | None) -> str:
    return name or getpass.getuser()


@runs_app.callback(invoke_without_command=True)
def runs(context: typer.Context) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        runs_list()


@runs_app.command("list")
def runs_list(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    status: Annotated[str | None, typer.Option(help="Only this status, e.g. held.")] = None,
    since: Annotated[str | None, typer.Option(help="Only days from this one on.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    json_: Json = False,
) -> None:
    """Runs, newest first."""
    from remitwatch.pipeline import workspace
    from remitwatch.runs import RunStatus

    if status is not None and status not in list(RunStatus):
        raise InputError(f"--status {status!r}: expected one of {', '.join(RunStatus)}")
    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = open_home.queries.runs(
            source=source,
            status=None if status is None else RunStatus(status),
            since=a_day(since, "--since"),
            limit=limit,
        )
    if json_:
        print_json([run.model_dump() for run in found])
        return
    columns = ("run", "source", "date", "try", "status", "reason", "in force", "quotes", "rates", "refused", "file")
    rows = [
        [r.id, r.source, r.logical_date, r.attempt, r.status, r.reason, _in_force(r.accepted, r.trial)]
        + [r.quotes, r.rates + r.benchmarks + r.flows, r.refused, r.file_name]
        for r in found
    ]
    print_table(rows, columns, numbers=("run", "try", "quotes", "rates", "refused"))


def _in_force(accepted: bool, trial: bool) -> str:
    return "trial" if trial and accepted else "yes" if accepted else "no"


@runs_app.command("show")
def runs_show(run_id: Number, json_: Json = False) -> None:
    """One run: what it asked, what it brought, what became of the rows of a survey file, what went wrong."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        run = open_home.queries.run(run_id)
        found = open_home.queries.issues(run_id=run_id, open_only=False)
        account = open_home.queries.reconciliation(run_id)
    if json_:
        kept = None if account is None else account.model_dump(mode="json")
        issues = [_issue_row(one) for one in found]
        typer.echo(to_json({**run.model_dump(), "reconciliation": kept, "issues": issues}))
        return
    for name, value in run.model_dump().items():
        if value not in (None, ""):
            typer.echo(f"{name:13} {shown(value)}")
    if account is not None:
        from remitwatch.cli.reconciled import print_reconciliation

        print_reconciliation(account, run_id, whole=True)
    for issue in found:
        typer.echo(shown(f"issue {issue.id}: {issue.issue.level} {issue.issue.code}: {issue.issue.message}"))


def _decide(run_id: int, accepted: bool, why: str, who: str | None) -> None:
    from remitwatch.pipeline import observing, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        run = open_home.queries.run(run_id)
        if run.quotes + run.rates + run.benchmarks + run.flows + run.not_offered == 0:
            raise InputError(f"run {run_id}: it holds nothing to {'accept' if accepted else 'reject'}")
        open_home.store.set_accepted(run_id, accepted, who=_who(who), why=why, at=open_home.now())
        observing.observe(open_home, run_id=run_id)
    typer.echo(f"run {run_id} {'accepted' if accepted else 'rejected'}: figures follow with the next publish")


@runs_app.command("accept")
def runs_accept(run_id: Number, why: Why, who: Who = None) -> None:
    """Put a held run in force."""
    _decide(run_id, True, why, who)


@runs_app.command("reject")
def runs_reject(run_id: Number, why: Why, who: Who = None) -> None:
    """Take a run out of force. It stays stored and visible."""
    _decide(run_id, False, why, who)


@issues_app.callback(invoke_without_command=True)
def issues(context: typer.Context) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        issues_list()


@issues_app.command("list")
def issues_list(
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    json_: Json = False,
) -> None:
    """Open issues, newest first."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = open_home.queries.issues(open_only=not all_, source=source, limit=limit)
    if json_:
        print_json([_issue_row(one) for one in found])
        return
    columns = ("issue", "level", "code", "source", "run", "seen", "message")
    rows = [
        [row[name] for name in ("id", "level", "code", "source", "run_id", "seen", "message")]
        for row in map(_issue_row, found)
    ]
    print_table(rows, columns, numbers=("issue", "run", "seen"))


@issues_app.command("show")
def issues_show(issue_id: Number, json_: Json = False) -> None:
    """One issue with the offending record."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = open_home.queries.issue(issue_id)
    if json_:
        typer.echo(to_json(_issue_row(found)))
        return
    for name, value in _issue_row(found).items():
        if value not in (None, ""):
            typer.echo(f"{name:11} {shown(value)}")


@issues_app.command("close")
def issues_close(issue_id: Number, why: Why, who: Who = None) -> None:
    """Close an issue that is dealt with."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        open_home.queries.issue(issue_id)
        open_home.store.close_issue(issue_id, who=_who(who), why=why, at=open_home.now())
    typer.echo(f"issue {issue_id} closed")


def _issue_row(one: StoredIssue) -> dict[str, Any]:
    """An issue as one flat row."""
    return {
        "id": one.id,
        **one.issue.model_dump(),
        "run_id": one.run_id,
        "opened_at": one.opened_at,
        "last_seen": one.last_seen,
        "seen": one.seen,
        "closed_at": one.closed_at,
        "closed_by": one.closed_by,
        "closed_why": one.closed_why,
    }


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's layout (every writing command does it too)."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)):
        typer.echo("the database has this version's layout")


@db_app.command("check")
def db_check(json_: Json = False) -> None:
    """Check the database: its own integrity, and every run's content against its digest."""
    from remitwatch.errors import StorageError
    from remitwatch.pipeline import checking, workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = checking.check_database(open_home)
        runs = len(open_home.queries.runs())
    if json_:
        typer.echo(to_json({"runs": runs, "problems": found}))
    elif not found:
        typer.echo(f"sound: {runs} runs agree with their digests")
    if found:
        raise StorageError("\n".join(found[:20]))


@config_app.command("show")
def config_show(json_: Json = False) -> None:
    """Effective settings and where each came from; secrets are masked."""
    from remitwatch.config import describe

    home = GLOBALS.home
    rows = [
        {"setting": "home", "value": str(home.root), "origin": "option, environment or place"},
        *describe(GLOBALS.load(home)),
    ]
    if json_:
        print_json(rows)
    else:
        print_table([(row["setting"], row["value"], row["origin"]) for row in rows], ("setting", "value", "origin"))
