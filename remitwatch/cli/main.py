"""Runs the command line: the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

import typer

from remitwatch.cli import alerts, compare, explain, export, keep, keep_home, look, operate, printed, sources, targets
from remitwatch.cli.app import app
from remitwatch.cli.output import warn
from remitwatch.errors import RemitwatchError
from remitwatch.memory import end_without_search

COMMANDS = (operate, printed, look, export, explain, compare, targets, alerts, keep, keep_home, sources)
"""The modules whose import registers the commands."""


class Terminated(BaseException):
    """SIGTERM: unwinds everything that is open, like an interrupt from the keyboard."""


def _terminate(_number: int, _frame: object) -> None:
    raise Terminated


def main() -> None:
    """Run the command line. Every fault that a person can act on is one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    end_without_search()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except RemitwatchError as error:
        sys.stdout.flush()
        for line in str(error).splitlines():
            warn(line)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # a full disk, a missing right: a matter of this machine, told like one
        where = f"{error.filename}: " if error.filename else ""
        warn(f"{where}{error.strerror or error}: check free space and rights")
        sys.exit(1)
    except Exception as error:  # a wrong use of the command line; typer brings a parser of its own, so by its shape
        if not hasattr(error, "format_message"):
            raise
        _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        _end_now("interrupted", 130)
    except Terminated:
        _end_now("stopped by SIGTERM", 143)


def _usage(error: Any) -> NoReturn:
    """A wrong use in one line, with where to look."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "remitwatch"
    message = error.format_message()
    if "\n" in message:  # a command without arguments shows its help
        print(message, file=sys.stderr)  # noqa: T201
    else:
        warn(f"{message.rstrip('.')}: see `{command} --help`")
    sys.exit(2)


def _end_now(why: str, code: int) -> NoReturn:
    """End without waiting for requests under way: everything written is whole, and the kernel frees the lock."""
    print(f"remitwatch: {why}", file=sys.stderr)  # noqa: T201
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
