"""Commands that keep order: runs, issues, db, config."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json, a_day
from remitwatch.cli.output import counted, note, print_json, print_table, shown, to_json
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from db.records import StoredIssue
    from remitwatch.runs import Snapshot

runs_app = typer.Typer(help="Look at runs; release or reject what is held.", no_args_is_help=False)
issues_app = typer.Typer(help="Look at issues; close what is dealt with.", no_args_is_help=False)
db_app = typer.Typer(help="The database: upgrade it, check it.", no_args_is_help=True)
archive_app = typer.Typer(help="The archive of raw answers: how long they are kept.", no_args_is_help=True)
config_app = typer.Typer(help="The settings in force.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(issues_app, name="issues")
app.add_typer(db_app, name="db")
app.add_typer(config_app, name="config")
app.add_typer(archive_app, name="archive")

Row = TypeVar("Row")
Number = Annotated[int, typer.Argument(min=1, max=2**62, help="Its number in the list.")]
Limit = Annotated[int, typer.Option(min=1, max=10**9, help="At most so many, newest first.")]
Who = Annotated[str | None, typer.Option(help="Who decides (default: the user of this machine).", show_default=False)]
Why = Annotated[str, typer.Option(help="Why; kept with the decision.")]


def _newest(found: list[Row], limit: int) -> list[Row]:
    """The first `limit` of what was found; that there is more is said."""
    if len(found) > limit:
        note(f"only the newest {limit} are listed; for more: --limit")
    return found[:limit]


def _who(name: str | None) -> str:
    return name or getpass.getuser()


@runs_app.callback(invoke_without_command=True)
def runs(context: typer.Context, json_: Json = False) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        runs_list(json_=json_)
    elif json_:
        raise InputError(f"--json stands after the word {context.invoked_subcommand}")


@runs_app.command("list")
def runs_list(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    status: Annotated[str | None, typer.Option(help="Only this status, e.g. held.")] = None,
    since: Annotated[str | None, typer.Option(help="Only days from this one on.")] = None,
    limit: Limit = 50,
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
            limit=limit + 1,
        )
    found = _newest(found, limit)
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
    """One run: what it asked, what it brought, what became of the rows of a survey file, what went wrong, what that
    means and what to do."""
    from remitwatch.failures import explain
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        run = open_home.queries.run(run_id)
        found = open_home.queries.issues(run_id=run_id, open_only=False)
        without_price = open_home.queries.not_offered_reasons(run_id)
        answers = open_home.queries.snapshots(run_id)
        account = open_home.queries.reconciliation(run_id)
    if json_:
        kept = None if account is None else account.model_dump(mode="json")
        content = {**run.model_dump(), "reconciliation": kept, "issues": [_issue_row(one) for one in found]}
        snapshots = [_answer_row(one) for one in answers]
        typer.echo(to_json({**content, "without_price": without_price, "snapshots": snapshots}))
        return
    for name, value in run.model_dump().items():
        if value not in (None, "", {}) and name != "failures":
            typer.echo(f"{name:13} {shown(value)}")
    for code, count in sorted(run.failures.items(), key=lambda one: (-one[1], one[0])):
        known = explain(code)
        typer.echo(f"failed: {count} x {code}" + (f": {known.means}" if known else ""))
        if known:
            typer.echo(f"  {known.treatment}. To do: {known.do}")
    for why, count in list(without_price.items())[:10]:
        typer.echo(shown(f"without a price: {count} x {why}"))
    if account is not None:
        from remitwatch.cli.reconciled import print_reconciliation

        print_reconciliation(account, run_id, whole=True)
    for issue in found:
        typer.echo(shown(f"issue {issue.id}: {issue.issue.level} {issue.issue.code}: {issue.issue.message}"))


def _decide(run_id: int, accepted: bool, why: str, who: str | None) -> None:
    from remitwatch.pipeline import marking, observing, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        run = open_home.queries.run(run_id)
        if run.quotes + run.rates + run.benchmarks + run.flows + run.not_offered == 0:
            raise InputError(f"run {run_id}: it holds nothing to {'accept' if accepted else 'reject'}")
        open_home.store.set_accepted(run_id, accepted, who=_who(who), why=why, at=open_home.now())
        observing.observe(open_home, run_id=run_id)
        if (first := open_home.queries.first_collected_day(run_id)) is not None:
            marking.mark_since(open_home, first)  # the prices before and after these have other neighbours now
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
def issues(context: typer.Context, json_: Json = False) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        issues_list(json_=json_)
    elif json_:
        raise InputError(f"--json stands after the word {context.invoked_subcommand}")


@issues_app.command("list")
def issues_list(
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    limit: Limit = 50,
    json_: Json = False,
) -> None:
    """Open issues, newest first."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = open_home.queries.issues(open_only=not all_, source=source, limit=limit + 1)
    found = _newest(found, limit)
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
    """One issue with the offending record, what its code means and what to do."""
    from remitwatch.failures import explain
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = open_home.queries.issue(issue_id)
    known = explain(found.issue.code)
    row = {**_issue_row(found), "means": known.means if known else None, "do": known.do if known else None}
    if json_:
        typer.echo(to_json(row))
        return
    for name, value in row.items():
        if value not in (None, ""):
            typer.echo(f"{name:11} {shown(value)}")
    if found.issue.code == "quarantined" and found.closed_at is None:
        typer.echo(
            f"decide with: remitwatch issues release|reject {issue_id} --why TEXT (look: remitwatch trace QUOTE)"
        )


@issues_app.command("codes")
def issues_codes(json_: Json = False) -> None:
    """Every failure class: what it means, how it is treated, what to do."""
    from remitwatch.failures import FAILURES, OTHERS

    rows: list[dict[str, str | None]] = [
        {"code": one.code, "means": one.means, "treated": one.treatment, "do": one.do} for one in FAILURES
    ]
    rows += [{"code": one.code, "means": one.means, "treated": None, "do": one.do} for one in OTHERS]
    if json_:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['code']}: {row['means']}")
        typer.echo(f"    {row['treated']}. To do: {row['do']}" if row["treated"] else f"    To do: {row['do']}")


@issues_app.command("close")
def issues_close(issue_id: Number, why: Why, who: Who = None) -> None:
    """Close an issue that is dealt with."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        open_home.queries.issue(issue_id)
        open_home.store.close_issue(issue_id, who=_who(who), why=why, at=open_home.now())
    typer.echo(f"issue {issue_id} closed")


def _decide_prices(issue_id: int, released: bool, why: str, who: str | None) -> None:
    from remitwatch.pipeline import marking, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        ids = marking.decide(open_home, issue_id, released=released, who=_who(who), why=why)
    what = "released: in the figures again" if released else "rejected: out of the figures for good"
    typer.echo(f"issue {issue_id}: {len(ids)} quotes {what} (quote {', '.join(map(str, ids[:10]))})")


@issues_app.command("release")
def issues_release(issue_id: Number, why: Why, who: Who = None) -> None:
    """Put the prices that an issue is about back in the figures, and later ones of the service that cost as much."""
    _decide_prices(issue_id, True, why, who)


@issues_app.command("reject")
def issues_reject(issue_id: Number, why: Why, who: Who = None) -> None:
    """Keep the prices that an issue is about out of the figures for good. They stay stored and visible."""
    _decide_prices(issue_id, False, why, who)


def _answer_row(one: Snapshot) -> dict[str, Any]:
    """An archived answer as one flat row; the name for `trace` is `snapshot`."""
    names = ("url", "status", "fetched_at", "body_size", "attempts")
    return {"snapshot": one.id, "body": one.body_sha256, **{name: getattr(one, name) for name in names}}


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
        typer.echo(f"sound: {counted(runs, 'run')}: all agree with their digests")
    if found:
        raise StorageError("\n".join(found[:20]))


@archive_app.command("prune")
def archive_prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, delete nothing.")] = False,
    keep_days: Annotated[
        int | None, typer.Option(min=1, help="Keep so many days (default: the setting archive.keep_days).")
    ] = None,
    even_in_force: Annotated[
        bool,
        typer.Option("--even-in-force", help="Also those that figures rest on: `trace` then ends at a hash."),
    ] = False,
    json_: Json = False,
) -> None:
    """Delete old answers that no figure rests on. Their hash, address and time stay, and `trace` says when they went.

    What is held for a person to decide and what an open issue points to always stays. Cases hold copies of their own.
    """
    from remitwatch.pipeline import pruning, workspace

    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    with (workspace.reading if dry_run else workspace.writing)(home, loaded) as open_home:
        plan = pruning.plan_pruning(open_home, keep_days, even_in_force=even_in_force)
        if not dry_run:
            pruning.prune(open_home, plan)
    if json_:
        typer.echo(to_json({**plan.as_json(), "dry_run": dry_run}))
        return
    what = "would go" if dry_run else "deleted"
    typer.echo(f"{what}: {len(plan.going)} answers, {plan.bytes:,} bytes, last seen before {plan.before:%Y-%m-%d}")
    typer.echo(f"kept: {sum(plan.staying.values())} answers, {plan.kept_bytes:,} bytes")
    for why, count in sorted(plan.staying.items()):
        typer.echo(f"  {why}: {count}")


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
