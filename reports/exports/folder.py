"""The exports that lie in every edition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from reports.corrected import corrections_csv
from reports.country.review import country_tables
from reports.exports.api import api_files
from reports.exports.datapackage import FOLDER, Described, described, descriptions
from reports.exports.edition_tables import CORRECTIONS, COUNTRY, FIGURES, SDG
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import reported
from reports.exports.sdmx_csv import NAME as SDMX_NAME
from reports.exports.sdmx_csv import sdmx_csv
from reports.exports.tables import csv_files
from reports.exports.workbook import workbook_file
from reports.parts import encoded
from reports.published import FIGURES_FILE, figures_file, published_figures
from reports.site import Site

_CORRECTIONS = "corrections.csv"
_COUNTRY_SCHEMA = f"{FOLDER}/countries/schema.json"
_BESIDE = {
    _CORRECTIONS: CORRECTIONS,
    "countries/*.csv": COUNTRY,
    f"../sdmx/{SDMX_NAME}": SDG,
    f"../{FIGURES_FILE}": FIGURES,
}
"""The tables that only an edition holds, as the readme beside the others names them."""


def _workbook(_site: Site, export: ExportInput) -> dict[str, bytes]:
    return {f"xlsx/{name}": body for name, body in workbook_file(export).items()}


def _tables(site: Site, export: ExportInput) -> dict[str, bytes]:
    files = {f"{FOLDER}/{name}": body for name, body in csv_files(export, _BESIDE).items()}
    tables = [*described(files), *_of_edition(site, export)]
    return {**files, **{one.path: one.body for one in tables}, **descriptions(export, tables)}


def _api(_site: Site, export: ExportInput) -> dict[str, bytes]:
    return {f"api/{name}": body for name, body in api_files(export).items()}


EDITION_EXPORTS: tuple[Callable[[Site, ExportInput], dict[str, bytes]], ...] = (_workbook, _tables, _api)
"""What makes the exports of an edition, those that take longest first: the workbook; the tables with their
descriptions, SDG 10.c.1 as SDMX-CSV and the figures that a later edition is compared with; the JSON API."""


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it."""
    export = ExportInput.of_edition(site)
    return {path: body for made in EDITION_EXPORTS for path, body in made(site, export).items()}


def _of_edition(site: Site, export: ExportInput) -> list[Described]:
    """The tables that only an edition holds."""
    countries = [
        Described(path, COUNTRY, encoded(text), PurePosixPath(path).stem, _COUNTRY_SCHEMA)
        for path, text in country_tables(site).items()
    ]
    return [
        Described(f"{FOLDER}/{_CORRECTIONS}", CORRECTIONS, encoded(corrections_csv(site))),
        *countries,
        Described(f"sdmx/{SDMX_NAME}", SDG, sdmx_csv(reported(export).rows)),
        Described(FIGURES_FILE, FIGURES, figures_file(published_figures(site.data.bases))),
    ]
