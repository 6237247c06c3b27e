"""The exports that lie in every edition."""

from __future__ import annotations

from collections.abc import Callable

from reports.exports.api import api_files
from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import reported
from reports.exports.sdmx_csv import NAME as SDMX_NAME
from reports.exports.sdmx_csv import sdmx_csv
from reports.exports.workbook import workbook_file
from reports.site import Site


def _workbook(export: ExportInput) -> dict[str, bytes]:
    return {f"xlsx/{name}": body for name, body in workbook_file(export).items()}


def _api(export: ExportInput) -> dict[str, bytes]:
    return {f"api/{name}": body for name, body in api_files(export).items()}


def _sdmx(export: ExportInput) -> dict[str, bytes]:
    return {f"sdmx/{SDMX_NAME}": sdmx_csv(reported(export).rows)}


EDITION_EXPORTS: tuple[Callable[[ExportInput], dict[str, bytes]], ...] = (_workbook, package_files, _api, _sdmx)
"""What makes the exports of an edition, those that take longest first: the workbook, the tables with their
descriptions, the JSON API, and SDG 10.c.1 as SDMX-CSV."""


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it."""
    export = ExportInput.of_edition(site)
    return {path: body for made in EDITION_EXPORTS for path, body in made(export).items()}
