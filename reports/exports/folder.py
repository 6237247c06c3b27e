"""The exports that lie in every edition."""

from __future__ import annotations

from reports.exports.inputs import ExportInput
from reports.exports.tables import csv_files
from reports.site import Site


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it."""
    export = ExportInput.of_edition(site)
    return {f"csv/{name}": body for name, body in csv_files(export).items()}
