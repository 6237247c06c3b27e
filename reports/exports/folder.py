"""The exports that lie in every edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from remitwatch.memory import give_back
from reports.corrected import corrections_csv
from reports.country.review import country_tables
from reports.exports.api import api_documents
from reports.exports.datapackage import FOLDER, Described, descriptions
from reports.exports.edition_tables import CORRECTIONS, COUNTRY, FIGURES, SDG
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import reported
from reports.exports.sdmx_csv import NAME as SDMX_NAME
from reports.exports.sdmx_csv import sdmx_csv
from reports.exports.tables import table_files
from reports.exports.workbook import workbook_file
from reports.parts import encoded
from reports.published import FIGURES_FILE, figure_parts, figures_file
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


Files = Iterable[tuple[str, bytes]]
"""Files by their path in the edition, one made after the other: the largest are of tens of megabytes."""


def _workbook(_site: Site, export: ExportInput) -> Files:
    for name, body in workbook_file(export).items():
        yield f"xlsx/{name}", body


def _tables(site: Site, export: ExportInput) -> Files:
    tables: list[Described] = []
    for name, table, body in table_files(export, _BESIDE):
        if table is not None:
            tables.append(Described.of(f"{FOLDER}/{name}", table, body))
        yield f"{FOLDER}/{name}", body
        del body
    for one, body in _of_edition(site, export):
        tables.append(one)
        yield one.path, body
    yield from descriptions(export, tables).items()
    give_back()  # the last files are small, but not what was made before them


def _api(_site: Site, export: ExportInput) -> Files:
    for name, body in api_documents(export):
        yield f"api/{name}", body


EDITION_EXPORTS: tuple[Callable[[Site, ExportInput], Files], ...] = (_workbook, _tables, _api)
"""What makes the exports of an edition, those that take longest first: the workbook; the tables with their
descriptions, SDG 10.c.1 as SDMX-CSV and the figures that a later edition is compared with; the JSON API."""


def edition_exports(site: Site) -> dict[str, bytes]:
    """Every export of an edition by its path in it."""
    export = ExportInput.of_edition(site)
    return {path: body for made in EDITION_EXPORTS for path, body in made(site, export)}


def _of_edition(site: Site, export: ExportInput) -> Iterator[tuple[Described, bytes]]:
    """The tables that only an edition holds."""
    body = encoded(corrections_csv(site))
    yield Described.of(f"{FOLDER}/{_CORRECTIONS}", CORRECTIONS, body), body
    for path, text in country_tables(site).items():
        body = encoded(text)
        yield Described.of(path, COUNTRY, body, PurePosixPath(path).stem, _COUNTRY_SCHEMA), body
    body = sdmx_csv(reported(export).rows)
    yield Described.of(f"sdmx/{SDMX_NAME}", SDG, body), body
    body = figures_file(figure_parts(site.data.bases))
    yield Described.of(FIGURES_FILE, FIGURES, body), body
