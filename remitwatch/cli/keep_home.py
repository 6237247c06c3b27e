"""Commands that keep the home: backup, restore, doctor, health, metrics, tidy."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from remitwatch.cli.app import GLOBALS, app
from remitwatch.cli.operate import Json
from remitwatch.cli.output import counted, note, print_json, shown, to_json, warn
from remitwatch.cli.progress import steps
from remitwatch.errors import InputError, PartialError

if TYPE_CHECKING:
    from remitwatch.pipeline.backup.making import Backup
    from remitwatch.pipeline.backup.unpacking import Unpacked

STREAM = "-"


@app.command()
def backup(
    file: Annotated[str, typer.Argument(help="The file to make (.tar.gz), or - for standard output.")],
    editions: Annotated[bool, typer.Option("--editions", help="With the published editions.")] = False,
    without_config: Annotated[
        bool, typer.Option("--without-config", help="Without remitwatch.toml, and so without the secrets in it.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Make nothing: check the backup FILE (- for standard input).")
    ] = False,
    json_: Json = False,
) -> None:
    """Save the home in one file while it is in use: database, answers, settings; checked while it is made.

    The file holds remitwatch.toml with its secrets and is readable by its owner only. Encrypt it with a pipe:

        remitwatch backup - | age -r KEY > remitwatch.tar.gz.age

    A backup that stands there is replaced only when the new one is whole. `--verify` unpacks and checks everything.
    """
    if verify:
        _verify(file, json_)
        return
    from remitwatch.pipeline import workspace
    from remitwatch.pipeline.backup import making

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home, steps("saving") as advance:
        if file == STREAM:
            out = getattr(sys.stdout, "buffer", None)
            if out is None or sys.stdout.isatty():
                raise InputError("standard output is a terminal: name a file, or send it on: remitwatch backup - | ...")
            made = making.back_up(open_home, out, settings=not without_config, editions=editions, progress=advance)
            out.flush()
        else:
            made = making.back_up_to(
                open_home, Path(file), settings=not without_config, editions=editions, progress=advance
            )
    _say_what_was_saved(made, file, json_)
    if made.missing:
        raise PartialError(
            f"{len(made.missing)} answers that the database names are missing or damaged in the archive and are not in "
            "the backup: see remitwatch doctor"
        )


def _say_what_was_saved(made: Backup, file: str, json_: bool) -> None:
    if json_ and file != STREAM:
        typer.echo(to_json({**made.as_json(), "file": file}))
        return
    held = f"{counted(made.runs, 'run')}, {counted(made.bodies, 'answer')}"
    held += f", {counted(made.editions, 'edition')}" if made.editions else ""
    line = f"saved: {file}: {made.bytes:,} bytes, {held}, {'with' if made.settings else 'without'} remitwatch.toml"
    if file == STREAM:
        note(line)
    else:
        typer.echo(line)


def _verify(file: str, json_: bool) -> None:
    from remitwatch.pipeline.backup import unpacking

    with ExitStack() as stack:
        stream = sys.stdin.buffer if file == STREAM else stack.enter_context(_opened(file))
        found = unpacking.verify(stream, stack.enter_context(steps("checking")))
    if json_:
        typer.echo(to_json({"file": file, **found.as_json()}))
        return
    typer.echo(f"{file}: sound: {_what(found)}")
    if found.manifest.missing:
        warn(f"{len(found.manifest.missing)} answers were missing when it was made")


def _opened(file: str) -> BinaryIO:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None


def _what(found: Unpacked) -> str:
    parts = [
        f"{'sandbox' if found.head.world == 'sandbox' else 'real'} figures up to {found.newest_day or 'no day yet'}",
        counted(len(found.manifest.runs), "run"),
        counted(found.bodies, "answer"),
        counted(len(found.editions), "edition"),
    ]
    return f"made {found.head.made_at:%Y-%m-%d %H:%M} UTC by remitwatch {found.head.remitwatch}: {', '.join(parts)}"


@app.command()
def restore(
    file: Annotated[str, typer.Argument(help="A file made by `remitwatch backup`, or - for standard input.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="The home is not empty: move what it takes the place of aside.")
    ] = False,
    without_config: Annotated[
        bool, typer.Option("--without-config", help="Leave remitwatch.toml as it is here.")
    ] = False,
    json_: Json = False,
) -> None:
    """Put a backup in the place of the home, after all of it was checked. Stop the scheduler first.

        age -d -i KEYFILE remitwatch.tar.gz.age | remitwatch --home /var/lib/remitwatch restore -

    Without --replace only into a home that is empty. What stood there goes to <home>/replaced-<time>. Editions stay
    where the backup has none. An older database is brought to this version; a newer one is refused.
    """
    from remitwatch.pipeline.backup import restoring

    home = GLOBALS.home
    with ExitStack() as stack:
        stream = sys.stdin.buffer if file == STREAM else stack.enter_context(_opened(file))
        done = restoring.restore(
            home,
            GLOBALS.load_file,
            stream,
            replace=replace,
            settings=not without_config,
            progress=stack.enter_context(steps("restoring")),
        )
    if json_:
        typer.echo(to_json(done.as_json()))
        return
    typer.echo(f"{home.root}: restored: {_what(done.backup)}")
    if done.replaced is not None:
        typer.echo(f"what stood here is in {done.replaced}")
    typer.echo("next: remitwatch doctor")


@app.command()
def doctor(
    full: Annotated[bool, typer.Option("--full", help="Read every answer and every edition, not a sample.")] = False,
    send_test: Annotated[
        str | None, typer.Option(metavar="ROUTE", help="Also send a test message by this route.", show_default=False)
    ] = None,
    json_: Json = False,
) -> None:
    """Examine the installation: database, answers, editions, disk, rights, secrets, clock, backups, what is installed.

    One line a check: ok, warning or fault, and what to do. Exit 0: all ok; 4: a warning; 1: a fault.
    """
    from remitwatch.pipeline.doctoring.doctor import examine

    home = GLOBALS.home
    with steps("examining") as advance:
        checks = examine(home, GLOBALS.load(home), full=full, send_test=send_test, progress=advance)
    if json_:
        print_json([check.as_json() for check in checks])
    else:
        for check in checks:
            typer.echo(shown(f"{check.state:8} {check.name:10} {check.found}" + (f": {check.do}" if check.do else "")))
    states = {check.state for check in checks}
    raise typer.Exit(1 if "fault" in states else 4 if "warning" in states else 0)


@app.command()
def health(
    without_clock: Annotated[
        bool, typer.Option("--without-clock", help="No scheduler runs here: `remitwatch run` does the work.")
    ] = False,
    json_: Json = False,
) -> None:
    """Alive or not, for health checks: exit 0 when the database opens, the disk has room and the scheduler gave a sign
    in the last three minutes, else 1 and what is wrong."""
    from remitwatch.pipeline.alive import why_not_alive

    home = GLOBALS.home
    wrong = why_not_alive(home, GLOBALS.load(home), clock=not without_clock)
    if json_:
        typer.echo(to_json({"alive": not wrong, "wrong": wrong}))
    elif not wrong:
        typer.echo("alive")
    for line in wrong:
        warn(line)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def metrics(
    out: Annotated[
        Path | None, typer.Option(help="Write them to this file (.prom), whole.", show_default=False)
    ] = None,
) -> None:
    """Metrics for Prometheus: sources, runs, gaps, alerts, deliveries, disk, and when there last was an edition, a
    backup, a sign of the scheduler.

    With `[metrics] textfile` they are written after every job, for the textfile collector of the node exporter.
    """
    from remitwatch.pipeline import metrics as measured
    from remitwatch.pipeline import workspace

    home = GLOBALS.home
    with workspace.reading(home, GLOBALS.load(home)) as open_home:
        if out is not None:
            measured.write(open_home, out)
        else:
            typer.echo(measured.as_text(measured.metrics(open_home)), nl=False)


@app.command()
def tidy(json_: Json = False) -> None:
    """Tidy the home: what kills left, old copies of the database, and by the settings what a restore replaced and old
    answers ([retention]). The scheduler does it daily. Figures and editions are never touched."""
    from remitwatch.pipeline import retention, workspace

    home = GLOBALS.home
    with workspace.writing(home, GLOBALS.load(home)) as open_home:
        done = retention.tidy(open_home)
    typer.echo(to_json(done.as_json()) if json_ else done.line or "nothing to tidy away")
