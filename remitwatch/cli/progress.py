"""Progress on stderr: a bar on a terminal, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from remitwatch.cli.app import GLOBALS


@contextmanager
def steps(what: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A callable that advances one step and shows its text. Silent where stderr is no terminal or with --quiet."""
    if GLOBALS.quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda text: progress.update(task, advance=1, description=f"{what}: {text}")
