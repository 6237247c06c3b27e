"""The exports that lie in every edition."""

from __future__ import annotations

from reports.exports.api import api_files
from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import reported
from reports.exports.sdmx_csv import NAME as SDMX_NAME
from reports.exports.sdmx_csv import sdmx_csv
from reports.exports.workbook import workbook_file
from reports.site import Site


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it: the tables with their descriptions, the workbook, the
    JSON API, and SDG 10.c.1 as SDMX-CSV."""
    export = ExportInput.of_edition(site)
    return {
        **package_files(export),
        **{f"xlsx/{name}": body for name, body in workbook_file(export).items()},
        **{f"api/{name}": body for name, body in api_files(export).items()},
        f"sdmx/{SDMX_NAME}": sdmx_csv(reported(export).rows),
    }
