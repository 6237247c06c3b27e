"""Commands for alerts: look at them, acknowledge, silence, and try rules on the past."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import a_day
from remitwatch.cli.output import print_json, print_table, shown, to_json
from remitwatch.errors import InputError

if TYPE_CHECKING:
    from remitwatch.alerts.alert import Alert
    from remitwatch.pipeline.workspace import Workspace

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Who = Annotated[str | None, typer.Option(help="Who says so (default: the user of this machine).")]

alerts_app = typer.Typer(
    help="""What the rules found: list, show, ack, silence, and `test` a rule on the past.

`remitwatch check` (and the clock, daily) evaluates the rules. An alert opens once for a rule and a subject, is
refreshed quietly, and closes on recovery; the audience hears of both once.

`remitwatch alerts rules` explains every rule; change them in the home's file alerts.toml, or in remitwatch.toml under
[alerts.rules.KEY].
"""
)
app.add_typer(alerts_app, name="alerts")


@alerts_app.callback(invoke_without_command=True)
def alerts(context: typer.Context) -> None:
    """Without a subcommand: list."""
    if context.invoked_subcommand is None:
        alerts_list()


@alerts_app.command("list")
def alerts_list(
    all_: Annotated[bool, typer.Option("--all", help="Closed and pending ones too.")] = False,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only about this, e.g. corridor:GBR-IND or source:ecb.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="So many at most, the newest.")] = None,
    json_: Json = False,
) -> None:
    """The open alerts, the newest first. `told` is when its opening was told: `-` while it is silenced or inhibited."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        states = () if all_ else ("open",)
        found = open_home.queries.alerts(states=states, rule=rule, subject=subject, limit=limit)
    if json_:
        print_json([alert.as_json() for alert in found])
    elif not found:
        typer.echo("no alert" if all_ else "no open alert")
    else:
        rows = [_row(alert) for alert in found]
        print_table(rows, ("id", "state", "severity", "rule", "subject", "value", "since", "told", "note"))


def _row(alert: Alert) -> tuple[Any, ...]:
    told = None if alert.told_at is None else alert.told_at.date()
    return (
        *(alert.id, alert.state, alert.severity, alert.rule, alert.subject),
        *(_short(alert.value), alert.first_day, told, _note(alert)),
    )


def _note(alert: Alert) -> str:
    notes = []
    if alert.cause is not None:
        notes.append(f"inhibited by {alert.cause[0]} {alert.cause[1]}")
    if alert.acked_by is not None:
        notes.append(f"acknowledged by {alert.acked_by}")
    if alert.closed_at is not None:
        notes.append(f"{alert.closed_why} {alert.closed_at:%Y-%m-%d}")
    if alert.corrected_at is not None:
        notes.append(f"corrected {alert.corrected_at:%Y-%m-%d}")
    return ", ".join(notes)


def _short(value: Any) -> str | None:
    from remitwatch.figures import rounded

    return None if value is None else f"{rounded(value):f}".rstrip("0").rstrip(".")


@alerts_app.command("show")
def alerts_show(
    alert_id: Annotated[int, typer.Argument(help="The number of the alert.", min=1, max=2**62)], json_: Json = False
) -> None:
    """One alert with everything it was told with: figure, reason, history."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        alert = open_home.queries.alert(alert_id)
        rules = _rules(open_home)
    row = alert.as_json()
    if json_:
        typer.echo(to_json(row))
        return
    title = next((rule.title for rule in rules if rule.key == alert.rule), alert.rule)
    typer.echo(f"alert {alert.id}: {title}")
    for name, value in row.items():
        if name not in ("id", "facts") and value is not None:
            typer.echo(f"  {name}: {shown(_line(value))}")
    for name, value in row["facts"].items():
        typer.echo(f"  {name}: {shown(_line(value))}")


def _line(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_line(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(str(_line(one)) for one in value) or "-"
    return value


@alerts_app.command("ack")
def alerts_ack(
    alert_id: Annotated[int, typer.Argument(help="The number of the alert.", min=1, max=2**62)],
    why: Annotated[str, typer.Option(help="What is done about it.")],
    who: Who = None,
    json_: Json = False,
) -> None:
    """Say that an open alert was seen: one that nobody was told of yet is not told any more; its end is."""
    from remitwatch.pipeline import workspace

    _words("--why", why)
    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        alert = open_home.store.ack_alert(alert_id, who=who or getpass.getuser(), why=why, at=open_home.now())
    typer.echo(to_json(alert.as_json()) if json_ else f"alert {alert.id}: acknowledged by {alert.acked_by}")


@alerts_app.command("silence")
def alerts_silence(
    until: Annotated[str, typer.Option(help="The last silent day (UTC), e.g. 2026-12-31.")],
    why: Annotated[str, typer.Option(help="Why nobody is to be told.")],
    rule: Annotated[str | None, typer.Option(help="Only alerts of this rule.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Only alerts about this: corridor:GBR-IND, source:ecb, or corridor:GBR-* .")
    ] = None,
    who: Who = None,
    json_: Json = False,
) -> None:
    """Tell nothing of a rule, a subject, or both, until a day is over. Alerts open and close as ever, unheard.

    One that still stands when the silence ends is told then. Corrections of what was told are told all the same.
    Example: remitwatch alerts silence --subject "corridor:GBR-*" --until 2026-12-31 --why "Christmas promotions"
    """
    from remitwatch.alerts.alert import Silence
    from remitwatch.alerts.rules import find
    from remitwatch.pipeline import workspace

    _words("--why", why)
    day = a_day(until, "--until")
    assert day is not None
    if rule is None and subject is None:
        raise InputError("silence what? Name --rule, --subject, or both")
    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        now = open_home.now()
        if day < now.date():
            raise InputError(f"--until {until}: that day is over (today is {now.date()} UTC)")
        if rule is not None:
            find(_rules(open_home), rule)
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
        given = Silence(rule, subject, end, who or getpass.getuser(), why, now)
        silence = open_home.store.add_silence(given)
    typer.echo(
        to_json(silence.as_json())
        if json_
        else f"silence {silence.id}: {rule or 'every rule'}, {subject or 'every subject'}, until {day} is over"
    )


@alerts_app.command("unsilence")
def alerts_unsilence(
    silence_id: Annotated[int, typer.Argument(help="The number of the silence.", min=1, max=2**62)],
    json_: Json = False,
) -> None:
    """End a silence before its time."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        silence = open_home.store.end_silence(silence_id, open_home.now())
    typer.echo(to_json(silence.as_json()) if json_ else f"silence {silence.id}: ended")


@alerts_app.command("silences")
def alerts_silences(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False, json_: Json = False
) -> None:
    """Who silenced what, until when, and why."""
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = [one for one in open_home.queries.silences() if all_ or one.holds(open_home.now())]
    if json_:
        print_json([one.as_json() for one in found])
    elif not found:
        typer.echo("no silence")
    else:
        rows = [(one.id, one.rule or "*", one.subject or "*", one.until, one.who, one.why) for one in found]
        print_table(rows, ("id", "rule", "subject", "until", "who", "why"))


@alerts_app.command("rules")
def alerts_rules(
    key: Annotated[str | None, typer.Argument(help="One rule, with all its settings (default: every rule).")] = None,
    json_: Json = False,
) -> None:
    """The rules in force: what each looks at, when it opens and closes, who hears of it.

    Change one in the home's file alerts.toml - a table [rules.KEY] with the fields to change, or under a new key a
    whole rule of your own - or in remitwatch.toml under [alerts.rules.KEY] (enabled, threshold, clear, runs, severity,
    audience). `threshold` opens, `clear` closes; both on `runs` evaluated days in a row. Then try it on the past:
    remitwatch alerts test KEY
    """
    from remitwatch.alerts.rules import find, load
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    loaded = GLOBALS.load(home)
    if workspace.exists(home, loaded.settings):
        with workspace.reading(home, loaded) as open_home:
            rules = _rules(open_home)
    else:
        rules = load(home.alert_rules)
    if key is not None:
        rule = find(rules, key)
        if json_:
            typer.echo(to_json(rule.as_json()))
            return
        for name, value in rule.as_json().items():
            if value not in (None, []):
                typer.echo(f"{name}: {shown(_line(value))}")
        return
    if json_:
        print_json([rule.as_json() for rule in rules])
        return
    table = [
        (
            *(rule.key, "on" if rule.enabled else "off", rule.scope, _short(rule.threshold), _short(rule.clear)),
            *(rule.what.unit or None, rule.runs, rule.days, rule.severity, rule.audience, rule.what.means),
        )
        for rule in rules
    ]
    columns = ("rule", "", "of", "opens at", "closes at", "unit", "runs", "days", "severity", "audience", "opens when")
    print_table(table, columns)


@alerts_app.command("test")
def alerts_test(
    rule: Annotated[str, typer.Argument(help="The rule, e.g. corridor_average_above_5.")],
    since: Annotated[str | None, typer.Option(help="From this day on (default: 90 days back).")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day (default: today).")] = None,
    json_: Json = False,
) -> None:
    """Play a rule, off or on, over past days: when it would have opened and closed, and whether anyone had been told.

    The figures are those in force now, so what was corrected since is seen as corrected. Nothing is kept.
    """
    from remitwatch.pipeline import workspace
    from remitwatch.pipeline.alerting.replay import replay

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        found = replay(open_home, rule, a_day(since, "--since"), a_day(until, "--until"))
    if json_:
        print_json([one.as_json() for one in found])
        return
    if not found:
        typer.echo("it would not have opened")
        return
    rows = [
        (
            *(one.day, one.event, one.alert.subject, _short(one.alert.value), "yes" if one.told else "no"),
            f"inhibited by {one.cause[0]} {one.cause[1]}" if one.cause else "",
        )
        for one in found
    ]
    print_table(rows, ("day", "event", "subject", "value", "told", "note"))
    opened = sum(one.event == "opened" for one in found)
    typer.echo(f"{opened} opened, {sum(one.event == 'closed' for one in found)} closed")


def _rules(open_home: Workspace) -> Any:
    from remitwatch.pipeline.alerting.evaluate import rules_of

    return rules_of(open_home)


def _words(option: str, text: str) -> None:
    if not text.strip():
        raise InputError(f"{option}: expected some words")
