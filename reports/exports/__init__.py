"""Exports: the figures in the forms that other tools read. Each form lives in a module of its own.

A form is a function from an ExportInput to files: their paths inside the export and their bytes. The same data gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reports.exports.api import api_files
from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import left_out
from reports.exports.sdmx_csv import sdmx_csv_files
from reports.exports.sdmx_ml import sdmx_ml_files
from reports.exports.survey_layout import survey_layout_files
from reports.exports.tables import csv_files
from reports.exports.workbook import workbook_file


@dataclass(frozen=True)
class Export:
    """A form: what it is for, in a line, and the function that writes it. A form with a `suffix` (`.xlsx`) is one
    file; the others are a folder. `layouts`: it needs the rows of the survey's layout. `left_out` says in sentences
    what the form cannot hold, though it was asked for."""

    description: str
    write: Callable[[ExportInput], Mapping[str, bytes]]
    suffix: str | None = None
    layouts: bool = False
    left_out: Callable[[ExportInput], list[str]] = lambda export: []


FORMATS: dict[str, Export] = {
    "csv": Export("a folder of tidy tables, every decimal kept, with a description of every column", csv_files),
    "xlsx": Export(
        "one workbook: readme, findings, charts, indicators, corridors, services, metadata", workbook_file, ".xlsx"
    ),
    "datapackage": Export(
        "the same tables as a Frictionless Data Package, with CSVW metadata: types, units, keys, licences, sources",
        package_files,
    ),
    "survey-layout": Export(
        "workbooks laid out as Remittance Prices Worldwide, for scripts written for it",
        survey_layout_files,
        layouts=True,
    ),
    "sdmx-csv": Export(
        "SDG 10.c.1 by year in the columns of the SDG dataflow", sdmx_csv_files, ".csv", left_out=left_out
    ),
    "sdmx-ml": Export("the same as SDMX-ML 2.1 (extra sdmx)", sdmx_ml_files, ".xml", left_out=left_out),
    "api": Export("a folder of JSON files for programs, with their OpenAPI description", api_files),
}
"""Every form by its name on the command line."""

__all__ = ["FORMATS", "Export", "ExportInput"]
