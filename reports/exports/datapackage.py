"""A Frictionless Data Package (version 2) of the csv tables, with CSVW metadata beside them.

https://datapackage.org/standard/data-package/ and https://www.w3.org/TR/tabular-metadata/
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from reports import wording
from reports.exports.columns import TABLES, Column, Kind, Table
from reports.exports.inputs import ExportInput
from reports.exports.readme import SANDBOX_WARNING, credits, facts, title
from reports.exports.tables import csv_files

FOLDER = "csv"
CSVW = f"{FOLDER}/csv-metadata.json"
"""Where a CSVW processor looks for the metadata of the tables of a folder."""
_PROFILES = "https://datapackage.org/profiles/2.0/"
_UNIT_MEASURE = "http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure"
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.LIST: {"type": "string"},  # the `list` type of version 2 is unknown to most readers yet
    Kind.DECIMAL: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    Kind.DATE: {"type": "date", "format": "%Y-%m-%d"},
    Kind.TIME: {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%SZ"},
}
_CSVW_TYPES = {
    Kind.TEXT: "string",
    Kind.LIST: "string",
    Kind.DECIMAL: "decimal",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "dateTime",
}


def package_files(export: ExportInput) -> dict[str, bytes]:
    """The csv tables in a folder, their CSVW metadata, and `datapackage.json` over all."""
    tables = {f"{FOLDER}/{name}": body for name, body in csv_files(export).items()}
    return {**tables, **descriptions(export, tables)}


def descriptions(export: ExportInput, tables: Mapping[str, bytes]) -> dict[str, bytes]:
    """The two descriptions of csv tables that lie in FOLDER. `tables`: the files by their paths."""
    return {
        CSVW: _json(_csvw(export)),
        "datapackage.json": _json(_datapackage(export, tables)),
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _summary(export: ExportInput) -> str:
    sentences = [f"{name}: {text}." for name, text in facts(export)]
    return " ".join([SANDBOX_WARNING, *sentences] if export.sandbox else sentences)


def _licences(export: ExportInput) -> list[tuple[str, str]]:
    """The licences of the sources, each once, with where its terms are."""
    return list(dict.fromkeys((licence, url) for _, licence, url in credits(export.data.sources)))


# -- Data Package ----------------------------------------------------------------------------------------------------


def _datapackage(export: ExportInput, tables: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILES}datapackage.json",
        "name": f"remitwatch-{_slug(export)}",
        "title": title(export),
        "description": _summary(export),
        "version": _version(export),
        "created": export.data.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "keywords": ["remittances", "cost", "SDG 10.c", *(["sandbox data"] if export.sandbox else [])],
        "licenses": [_licence(text, url) for text, url in _licences(export)],
        "sources": [{"title": name, **({"path": url} if url else {})} for name, _, url in credits(export.data.sources)],
        "resources": [_resource(table, tables[f"{FOLDER}/{table.name}.csv"]) for table in TABLES],
    }


def _slug(export: ExportInput) -> str:
    parts = [export.label] if export.country is None else [export.country, export.label]
    return "-".join(re.sub(r"[^a-z0-9.]+", "-", part.lower()) for part in parts)


def _version(export: ExportInput) -> str:
    number = export.data.number
    return export.label if number is None else f"{export.label}-{number}"


def _licence(text: str, url: str) -> dict[str, str]:
    known = {"name": "CC-BY-4.0"} if text.startswith("CC BY 4.0") else {}
    found = {**known, **({"path": url} if url else {}), "title": text}
    return found if {"name", "path"} & set(found) else {"name": "other-terms", **found}


def _resource(table: Table, body: bytes) -> dict[str, Any]:
    return {
        "name": table.name,
        "type": "table",
        "path": f"{FOLDER}/{table.name}.csv",
        "title": table.title,
        "description": table.meaning,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(body),
        "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "schema": {
            "$schema": f"{_PROFILES}tableschema.json",
            "fields": [_field(table, column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": list(key.columns), "reference": {"resource": key.table, "fields": list(key.target)}}
                for key in table.foreign_keys
            ],
        },
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    rules: dict[str, Any] = {"required": True} if column.required or column.name in table.key else {}
    if column.kind is Kind.LIST and column.codes:
        one = "|".join(re.escape(code) for code in column.codes)
        rules["pattern"] = rf"(?:{one})(?:\+(?:{one}))*"
    elif column.codes:
        rules["enum"] = list(column.codes)
    return {
        "name": column.name,
        **_TYPES[column.kind],
        "description": column.meaning,
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": rules} if rules else {}),
    }


# -- CSVW ------------------------------------------------------------------------------------------------------------


def _csvw(export: ExportInput) -> dict[str, Any]:
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": title(export),
        "dc:description": _summary(export),
        "dc:identifier": f"remitwatch-{_slug(export)}",
        "dc:source": [name for name, _, _ in credits(export.data.sources)],
        "dc:rights": [wording.clean_text(" - ".join(filter(None, pair))) for pair in _licences(export)],
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "tables": [_csvw_table(table) for table in TABLES],
    }


def _csvw_table(table: Table) -> dict[str, Any]:
    return {
        "url": f"{table.name}.csv",
        "dc:title": table.title,
        "dc:description": table.meaning,
        "tableSchema": {
            "columns": [_csvw_column(table, column) for column in table.columns],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {
                    "columnReference": list(key.columns),
                    "reference": {"resource": f"{key.table}.csv", "columnReference": list(key.target)},
                }
                for key in table.foreign_keys
            ],
        },
    }


def _csvw_column(table: Table, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.meaning,
        "datatype": _CSVW_TYPES[column.kind],
    }
    if column.codes:
        codes: Sequence[str] = sorted(column.codes)
        found["datatype"] = {"base": "string", "format": f"^({'|'.join(re.escape(code) for code in codes)})$"}
    if column.kind is Kind.LIST:
        found["separator"] = "+"
    if column.unit:
        found[_UNIT_MEASURE] = column.unit
    if column.required or column.name in table.key:
        found["required"] = True
    return found
