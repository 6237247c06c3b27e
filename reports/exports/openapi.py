"""What the files of the JSON API hold, as an OpenAPI 3.1 description with a schema for each.

The rows that are csv tables too (services, targets, sources, official figures) are described from the same columns.
"""

from __future__ import annotations

from typing import Any

from remitwatch.indicators import BREAKDOWNS
from remitwatch.quotes import Basis
from reports.exports.columns import TABLES, Column, Kind
from reports.exports.inputs import ExportInput
from reports.exports.readme import SANDBOX_WARNING, credits

Json = dict[str, Any]

FILES = {
    "index.json": "what is here: bases, periods, countries, corridors, what is missing, whom the data is owed to",
    "openapi.json": "this description",
    "indicators.json": "what each indicator is, and the figures of the world and of regions with their history",
    "countries.json": "every country with figures, and what sending from and to it costs on average",
    "countries/{country}.json": "a country (KEN): its figures as sender and receiver, their history, its corridors",
    "corridors.json": "every corridor with its averages",
    "corridors/{corridor}.json": "a corridor (GBR-IND): its figures, their history, the services behind them as far as "
    "the terms of their sources allow, and the official averages",
    "providers.json": "who offers the listed services, and in which corridors",
    "targets.json": "how the figures stand towards the official and the national targets",
    "sources.json": "the sources behind the figures, with their terms and health",
}
"""Every file, or kind of file, with what it holds."""

INDICATORS = {
    "average_total_cost": "Mean total cost (fee and exchange-rate margin) over the services that disclose their rate; "
    "the world's leaves out senders in Russia.",
    "average_fee": "The fee's part of the average.",
    "average_fx_margin": "The exchange-rate margin's part of the average.",
    "median_total_cost": "The cost that half of the services stay below.",
    "p25_total_cost": "The cost that a quarter of the services stay below.",
    "p75_total_cost": "The cost that three quarters of the services stay below.",
    "mean_of_corridor_averages": "Mean over corridors of their averages: another number than the average.",
    "digital_index": "Mean over services paid for digitally without help, and received into an account or wallet.",
    "non_digital_index": "Mean over the other services.",
    "mto_index_international": "Mean over the services of money transfer operators that are in nearly all corridors.",
    "smart": "Of a corridor the mean of its three cheapest qualifying services; of others the mean over corridors.",
    "share_corridors_below_3": "Share of corridors whose average is below 3 per cent.",
    "share_corridors_below_5": "Share of corridors whose average is below 5 per cent.",
    "share_corridors_below_7": "Share of corridors whose average is below 7 per cent.",
    "share_corridors_below_10": "Share of corridors whose average is below 10 per cent.",
    "share_corridors_smart_above_5": "Share of assessable corridors whose SmaRT is above 5 per cent.",
    "share_transparent": "Share of services that disclose their rate.",
    "share_services_within_hour": "Share of services (not of payments) that pay out within an hour.",
    "share_services_within_day": "Share of services (not of payments) that pay out within a business day.",
    "weighted_average": "Mean over corridors of their averages, weighted by the remittances that flow through them.",
}
"""What each indicator is (METHODOLOGY section 3)."""

LEFT_OUT = ("basis", "period", "corridor", "snapshot")
"""Columns of the services that a corridor's file does not repeat on each: `quote_id` leads to the snapshot."""

_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_NUMBER = r"^-?\d+(\.\d+)?$"
_PERCENT: Json = {"type": ["string", "null"], "pattern": r"^-?\d+\.\d{4}$"}
_WORDS: Json = {"type": "array", "items": {"type": "string"}}
_COUNTRY: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}
_CORRIDOR: Json = {"type": "string", "pattern": "^[A-Z]{3}-[A-Z]{3}$"}
_BASIS: Json = {"enum": [basis.value for basis in Basis]}


def openapi(export: ExportInput) -> Json:
    """The description of the files of an export."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Costs of sending remittances",
            "version": "1",
            "summary": f"{SANDBOX_WARNING} " * export.sandbox + f"Edition {export.site.label}, as static files.",
            "description": _description(export),
        },
        "servers": [{"url": "."}],
        "paths": {f"/{path}": {"get": _operation(path, meaning)} for path, meaning in FILES.items()},
        "components": {"schemas": _schemas()},
    }


def _description(export: ExportInput) -> str:
    owed = "; ".join(" - ".join(filter(None, line)) for line in credits(export.data.sources))
    return (
        "Static files: a country or corridor without one is not covered (404). Names are stable; fields are only ever "
        "added. Costs are per cent of the amount sent, for sending the local equivalent of USD 200 or 500. Decimals "
        "are text, percentages rounded half up to four places. null is no value, never zero: `flags` says why. "
        "Of a source whose terms allow percentages only, they have two places, and amounts and rates are null. "
        "Bases (survey, standard, estimate) are kept apart and must not be pooled. `id` leads to the evidence: "
        "`remitwatch trace ID`; in a history it is the average's, and another column's has that code in its place. "
        "Of groups (`breakdown`) a corridor's file holds the average, the csv tables hold every figure. "
        f"Sources: {owed or 'none'}."
    )


def _operation(path: str, meaning: str) -> Json:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema, "description": words}
        for name, schema, words in (
            ("country", _COUNTRY, "ISO 3166-1 alpha-3"),
            ("corridor", _CORRIDOR, "sending and receiving country"),
        )
        if f"{{{name}}}" in path
    ]
    found = {"description": meaning, "content": {"application/json": {"schema": _ref(schema_of(path))}}}
    answers: Json = {"200": found}
    if parameters:
        answers["404"] = {"description": "not covered"}
    return {
        "operationId": f"get{schema_of(path)}",
        "summary": meaning,
        "responses": answers,
        **({"parameters": parameters} if parameters else {}),
    }


def schema_of(path: str) -> str:
    """The name of the schema of a file, or of a kind of file (`corridors/{corridor}.json` -> `Corridor`)."""
    folder, _, name = path.removesuffix(".json").rpartition("/")
    return (
        "OpenApi"
        if name == "openapi"
        else {"countries": "Country", "corridors": "Corridor"}.get(folder, name.capitalize())
    )


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


def _object(**properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "unevaluatedProperties": False,
    }


def _extended(*names: str, **properties: Json) -> Json:
    """An object with the fields of others and some of its own."""
    return {
        "allOf": [_ref(name) for name in names],
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "unevaluatedProperties": False,
    }


def _fields(**properties: Json) -> Json:
    """Fields that objects share."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _row_of(table: str, *without: str) -> Json:
    """A row of a csv table, without its mark and the columns that its place says already."""
    found = next(one for one in TABLES if one.name == table)
    columns = [column for column in found.columns if column.name not in ("data", *without)]
    return _object(**{column.name: _column(column) for column in columns})


def _column(column: Column) -> Json:
    types: dict[Kind, Json] = {
        Kind.TEXT: {"type": "string"},
        Kind.LIST: {"type": "array", "items": {"type": "string"}},
        Kind.DECIMAL: {"type": "string", "pattern": _NUMBER},
        Kind.INTEGER: {"type": "integer"},
        Kind.BOOLEAN: {"type": "boolean"},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.TIME: {"type": "string", "format": "date-time"},
    }
    schema = dict(types[column.kind])
    if not column.required and column.kind is not Kind.LIST:
        schema["type"] = [schema["type"], "null"]
    unit = f" ({column.unit})" if column.unit else ""
    return schema | {"description": f"{column.meaning}{unit}".replace("Empty", "null").replace("empty", "null")}


def _schemas() -> Json:
    both = {"sending": _list("BasisFigure"), "receiving": _list("BasisFigure")}
    return {
        "Head": _fields(
            data={**_TEXT, "description": "`real`, or in words that it is sandbox data"},
            edition=_TEXT,
            as_of={"type": "string", "format": "date-time", "description": "what was known at this time (UTC)"},
            method={**_TEXT, "description": "the method's version"},
        ),
        "BasisHead": _fields(basis=_BASIS, period=_TEXT, previous_period=_MAYBE),
        "FigureFields": _fields(
            indicator={"enum": list(INDICATORS)},
            amount={"enum": [200, 500], "description": "US dollars, in the sender's currency"},
            breakdown={"enum": [None, *BREAKDOWNS]},
            group=_MAYBE,
            value=_PERCENT,
            services=_COUNT,
            providers=_COUNT,
            corridors=_COUNT,
            flags={**_WORDS, "description": "what is special; of a value that is null, why"},
            id={**_TEXT, "description": "for `remitwatch trace`"},
        ),
        "Figure": _extended("FigureFields"),
        "BasisFigure": _extended("BasisHead", "FigureFields"),
        "Past": _object(
            period=_TEXT,
            average_total_cost=_PERCENT,
            average_fee=_PERCENT,
            average_fx_margin=_PERCENT,
            smart=_PERCENT,
            services=_COUNT,
            providers=_COUNT,
            corridors=_COUNT,
            flags=_WORDS,
            smart_flags=_WORDS,
            id=_TEXT,
        ),
        "PlaceFields": _fields(figures=_list("Figure"), history=_list("Past")),
        "Place": _extended("PlaceFields"),
        "Summary": _fields(
            average_total_cost=_PERCENT,
            average_total_cost_500=_PERCENT,
            smart=_PERCENT,
            services=_COUNT,
            providers=_COUNT,
            flags=_WORDS,
            smart_flags=_WORDS,
            id=_MAYBE,
        ),
        "CountryFields": _fields(
            code=_COUNTRY,
            name=_TEXT,
            iso2=_TEXT,
            area={**_MAYBE, "description": "its number in the SDG database: M49 without leading zeros, 412 for Kosovo"},
            region=_MAYBE,
            income_group=_MAYBE,
            classified={**_TEXT, "description": "when region and income group held"},
            currency=_MAYBE,
        ),
        "Service": _row_of("services", *LEFT_OUT),
        "Index": _extended(
            "Head",
            api={"const": "v1"},
            period=_TEXT,
            version=_TEXT,
            unit=_TEXT,
            bases={"type": "array", "items": _extended("BasisHead", corridors=_COUNT, figures=_COUNT)},
            files={"type": "array", "items": _object(path=_TEXT, holds=_TEXT)},
            countries={"type": "array", "items": _COUNTRY},
            corridors={"type": "array", "items": _CORRIDOR},
            missing=_WORDS,
            credits={"type": "array", "items": _object(attribution=_TEXT, licence=_TEXT, terms_url=_TEXT)},
        ),
        "OpenApi": {"type": "object", "required": ["openapi", "info", "paths", "components"]},
        "Indicators": _extended(
            "Head",
            indicators={"type": "array", "items": _object(code=_TEXT, unit=_TEXT, meaning=_TEXT)},
            bases={
                "type": "array",
                "items": _extended(
                    "BasisHead",
                    world=_ref("Place"),
                    regions={"type": "array", "items": _extended("PlaceFields", region=_TEXT)},
                ),
            },
        ),
        "Countries": _extended("Head", countries={"type": "array", "items": _extended("CountryFields", **both)}),
        "Country": _extended(
            "Head",
            "CountryFields",
            bases={
                "type": "array",
                "items": _extended("BasisHead", sending=_ref("Direction"), receiving=_ref("Direction")),
            },
        ),
        "Direction": _extended(
            "PlaceFields", corridors={"type": "array", "items": _extended("Summary", corridor=_CORRIDOR)}
        ),
        "Corridors": _extended(
            "Head",
            corridors={
                "type": "array",
                "items": _object(
                    corridor=_CORRIDOR,
                    sender=_COUNTRY,
                    receiver=_COUNTRY,
                    bases={"type": "array", "items": _extended("BasisHead", "Summary")},
                ),
            },
        ),
        "Corridor": _extended(
            "Head",
            corridor=_CORRIDOR,
            sender=_COUNTRY,
            sender_name=_TEXT,
            receiver=_COUNTRY,
            receiver_name=_TEXT,
            bases={
                "type": "array",
                "items": _extended(
                    "BasisHead",
                    "PlaceFields",
                    services=_list("Service"),
                    promotions=_list("Service"),
                    private_services={
                        **_COUNT,
                        "description": "services handed in privately that stand behind the figures and are not listed",
                    },
                ),
            },
            official={"type": "array", "items": _row_of("official_series", "sender", "receiver")},
        ),
        "Providers": _extended(
            "Head",
            providers={
                "type": "array",
                "items": _object(
                    provider={**_TEXT, "description": "its key"},
                    name=_TEXT,
                    types=_WORDS,
                    bases={
                        "type": "array",
                        "items": _object(
                            basis=_BASIS,
                            services=_COUNT,
                            newest={"type": ["string", "null"], "format": "date"},
                            corridors={"type": "array", "items": _object(corridor=_CORRIDOR, services=_COUNT)},
                        ),
                    },
                ),
            },
        ),
        "Targets": _extended("Head", targets={"type": "array", "items": _row_of("targets")}),
        "Sources": _extended("Head", sources={"type": "array", "items": _row_of("sources")}),
    }
