"""The command line: a thin skin over the pipeline. Data to stdout, progress and logs to stderr."""

from remitwatch.cli.main import main

__all__ = ["main"]
