"""Printing: tables for people, JSON and csv for machines, notes and progress on stderr."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from remitwatch.cli.app import GLOBALS
from remitwatch.cli.logs import masked
from remitwatch.errors import InputError


def note(text: str) -> None:
    """A line for a person, on stderr; silent with --quiet."""
    if not GLOBALS.quiet:
        typer.echo(shown(masked(text)), err=True)


def warn(text: str) -> None:
    """A line on stderr that --quiet does not silence."""
    typer.echo(f"remitwatch: {shown(masked(text))}", err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def to_json(value: Any) -> str:
    """One value as JSON text."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """One JSON array, one row a line."""
    if not rows:
        typer.echo("[]")
        return
    typer.echo("[\n" + ",\n".join(to_json(row) for row in rows) + "\n]")


def print_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as csv with a header; cells that a spreadsheet would run as a formula are kept as text."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "+".join(str(part) for part in value)
    if not isinstance(value, str):
        return str(value if isinstance(value, int | float) else _plain(value))
    if value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def print_body(body: bytes, out: Path | None) -> None:
    """An archived answer as it came: to a new file, or to standard output. To a terminal only text is printed, its
    control characters replaced. Raises InputError for a file that is there and for bytes that a terminal cannot show.
    """
    if out is not None:
        try:
            with out.open("xb") as file:
                file.write(body)
        except FileExistsError:
            raise InputError(f"{out}: is there already: nothing is written over") from None
        except OSError as error:
            raise InputError(f"{out}: cannot be written: {error.strerror or error}") from None
        return
    if not sys.stdout.isatty():
        raw = getattr(sys.stdout, "buffer", None)
        if raw is None:
            sys.stdout.write(body.decode("utf-8", "replace"))
        else:
            sys.stdout.flush()
            raw.write(body)
            raw.flush()
        return
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("the answer is no text: write it to a file with --out FILE") from None
    for line in text.splitlines():
        typer.echo(shown(line))


def print_table(rows: Iterable[Sequence[Any]], columns: Sequence[str], *, numbers: Iterable[str] = ()) -> None:
    """A plain table: headings, two spaces between columns, number columns end-aligned, control characters shown; `none`
    where it has no row."""
    right = {columns.index(name) for name in numbers}
    cells = [[shown(value) for value in row] for row in rows]
    if not cells:
        typer.echo("none")
        return
    widths = [max([len(name), *(len(row[at]) for row in cells)]) for at, name in enumerate(columns)]
    for row in [list(columns), *cells]:
        parts = [
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        typer.echo("  ".join(parts).rstrip())


def counted(number: int, thing: str) -> str:
    """`1 run`, `2 runs`: for things whose plural is made with an s."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def shown(value: Any) -> str:
    """A value as text for a terminal: control characters, which could steer it, are replaced."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        value = ", ".join(str(part) for part in value)
    text = value if isinstance(value, str) else str(_plain(value)) if not isinstance(value, int | float) else str(value)
    return "".join(char if char.isprintable() else "�" for char in text)
