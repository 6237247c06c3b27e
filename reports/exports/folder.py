"""The exports that lie in every edition."""

from __future__ import annotations

from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
from reports.exports.workbook import workbook_file
from reports.site import Site


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it: the tables with their descriptions, and the workbook."""
    export = ExportInput.of_edition(site)
    return {**package_files(export), **{f"xlsx/{name}": body for name, body in workbook_file(export).items()}}
