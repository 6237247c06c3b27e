"""The exports that lie in every edition."""

from __future__ import annotations

from reports.exports.api import api_files
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import observations
from reports.exports.sdmx_csv import NAME as SDMX_NAME
from reports.exports.sdmx_csv import sdmx_csv
from reports.exports.tables import csv_files
from reports.site import Site


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it."""
    export = ExportInput.of_edition(site)
    return {
        **{f"csv/{name}": body for name, body in csv_files(export).items()},
        **{f"api/{name}": body for name, body in api_files(export).items()},
        f"sdmx/{SDMX_NAME}": sdmx_csv(observations(export).rows),
    }
