"""A Frictionless Data Package (version 2) of the csv tables, with CSVW metadata beside them.

https://datapackage.org/standard/data-package/ and https://www.w3.org/TR/tabular-metadata/
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import PurePosixPath
from typing import Any

from reports import wording
from reports.exports.columns import Column, Kind, Table
from reports.exports.inputs import ExportInput
from reports.exports.readme import SANDBOX_WARNING, credits, facts, title
from reports.exports.tables import table_files

FOLDER = "csv"
CSVW = "csv-metadata.json"
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


@dataclass(frozen=True)
class Described:
    """A table that lies in the package: its path there, what it holds, how many bytes, and their checksum. `about`:
    whom it is about, of several files that hold the same table; their schema lies at `schema`."""

    path: str
    table: Table
    size: int
    sha256: str
    about: str = ""
    schema: str | None = None

    @classmethod
    def of(cls, path: str, table: Table, body: bytes, about: str = "", schema: str | None = None) -> Described:
        """The description of a file that was made."""
        return cls(path, table, len(body), hashlib.sha256(body).hexdigest(), about, schema)

    @property
    def name(self) -> str:
        """Its name in the package."""
        return "-".join(filter(None, (self.table.name, self.about.lower())))

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return f"{self.table.title}: {self.about}" if self.about else self.table.title


def package_files(export: ExportInput) -> dict[str, bytes]:
    """The csv tables in a folder, their CSVW metadata, and `datapackage.json` over all."""
    files: dict[str, bytes] = {}
    tables: list[Described] = []
    for name, table, body in table_files(export):
        files[f"{FOLDER}/{name}"] = body
        if table is not None:
            tables.append(Described.of(f"{FOLDER}/{name}", table, body))
    return {**files, **descriptions(export, tables)}


def descriptions(export: ExportInput, tables: Sequence[Described]) -> dict[str, bytes]:
    """`datapackage.json` over all tables, and CSVW metadata in every folder of them. A packed table is in the first
    only: CSVW knows none."""
    folders: dict[str, list[Described]] = {}
    for one in tables:
        if one.path.endswith(".csv"):
            folders.setdefault(one.path.rpartition("/")[0], []).append(one)
    return {
        **{f"{folder}/{CSVW}": _json(_csvw(export, held)) for folder, held in folders.items()},
        **{one.schema: _json(_schema(one.table)) for one in tables if one.schema},
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


def _datapackage(export: ExportInput, tables: Sequence[Described]) -> dict[str, Any]:
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
        "resources": [_resource(one) for one in tables],
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


def _resource(one: Described) -> dict[str, Any]:
    packed = PurePosixPath(one.path).suffix == ".gz"
    return {
        "name": one.name,
        "type": "table",
        "path": one.path,
        "title": one.title,
        "description": one.table.meaning,
        "format": "csv",
        **({"compression": "gz"} if packed else {}),
        "mediatype": "application/gzip" if packed else "text/csv",
        "encoding": "utf-8",
        "bytes": one.size,
        "hash": f"sha256:{one.sha256}",
        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "schema": one.schema or _schema(one.table),
    }


def _schema(table: Table) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILES}tableschema.json",
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [""],
        **({"primaryKey": list(table.key)} if table.key else {}),
        "foreignKeys": [
            {"fields": list(key.columns), "reference": {"resource": key.table, "fields": list(key.target)}}
            for key in table.foreign_keys
        ],
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


def _csvw(export: ExportInput, tables: Sequence[Described]) -> dict[str, Any]:
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": title(export),
        "dc:description": _summary(export),
        "dc:identifier": f"remitwatch-{_slug(export)}",
        "dc:source": [name for name, _, _ in credits(export.data.sources)],
        "dc:rights": [wording.clean_text(" - ".join(filter(None, pair))) for pair in _licences(export)],
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "tables": [_csvw_table(one) for one in tables],
    }


def _csvw_table(one: Described) -> dict[str, Any]:
    table = one.table
    return {
        "url": PurePosixPath(one.path).name,
        "dc:title": one.title,
        "dc:description": table.meaning,
        "tableSchema": {
            "columns": [_csvw_column(table, column) for column in table.columns],
            **({"primaryKey": list(table.key)} if table.key else {}),
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
