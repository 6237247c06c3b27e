"""The command line: a thin skin over the pipeline. Data to stdout, progress and logs to stderr."""

from remitwatch.cli.app import main

__all__ = ["main"]
