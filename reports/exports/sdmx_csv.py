"""SDMX-CSV 1.0 of the SDG dataflow: its columns in its order, nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from remitwatch.errors import InputError
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import COLUMNS, Reported, reported

NAME = "sdg-10c1.csv"


def sdmx_csv_files(export: ExportInput) -> dict[str, bytes]:
    """The file of `remitwatch export sdmx-csv`. Raises InputError when no annual figure is among those asked for."""
    return {NAME: sdmx_csv(some(reported(export)).rows)}


def sdmx_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Observations as a file: header, then a line each; UTF-8 without BOM, lines end in a newline."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def some(found: Reported) -> Reported:
    """The observations, if there are any. Raises InputError when there are none."""
    if not found.rows:
        without = f"; {', '.join(found.without_number)} have no M49 number" if found.without_number else ""
        raise InputError(
            "nothing to export: a year's value is its third quarter's, and none of a country or corridor is held for "
            f"what is asked{without}"
        )
    return found
