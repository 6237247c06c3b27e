"""The static JSON API: one small file a country and corridor, whole lists beside them, and their OpenAPI description.

Names are stable, files are only ever added. A place without a file is not covered (404). Figures are text with four
decimals, rounded half up as in `remitwatch indicators`; null where there is none, and `flags` says why.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from remitwatch.countries import area_number, countries, vintage
from remitwatch.figures import rounded
from reports import wording
from reports.exports.columns import TABLES, Table
from reports.exports.inputs import ExportInput
from reports.exports.openapi import FILES, INDICATORS, LEFT_OUT, openapi
from reports.exports.readme import credits
from reports.exports.tables import SANDBOX, table_rows
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.lookup import WORLD, Figure, Place
from reports.site import BasisView, corridor_place

Json = dict[str, Any]

_ESCAPED = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))
"""Such a character stands inside a string only: escaped, it cannot be markup wherever the file is pasted."""


def api_files(export: ExportInput) -> dict[str, bytes]:
    """Every file by its path (`v1/corridors/GBR-IND.json`)."""
    return dict(api_documents(export))


def api_documents(export: ExportInput) -> Iterator[tuple[str, bytes]]:
    """The files of `api_files`, one made after the other."""
    for path, document in _documents(export):
        yield f"v1/{path}", _encoded(document)


def _encoded(document: Json) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPED:
        text = text.replace(character, escape)
    return (text + "\n").encode("utf-8", "replace")


def _documents(export: ExportInput) -> Iterator[tuple[str, Json]]:
    """Every document by its path, the index first."""
    head = _head(export)
    books = [_Book(view) for view in export.site.views]
    listed = sorted({key for book in books for key in book.view.paged})
    places = _countries(books, listed)
    yield "index.json", head | _index(export, books, listed, places)
    yield "openapi.json", openapi(export)
    yield "indicators.json", head | _indicators(books)
    yield "countries.json", head | {"countries": [_country(code) | _averages(books, code) for code in places]}
    yield "corridors.json", head | {"corridors": [_corridor(books, key) for key in listed]}
    yield "providers.json", head | {"providers": _providers(export, listed)}
    yield "targets.json", head | {"targets": [_target(row) for row in _rows(export, "targets")]}
    yield "sources.json", head | {"sources": list(_rows(export, "sources"))}
    for code in places:
        yield f"countries/{code}.json", head | _country_file(books, code, listed)
    services, promotions = (_Listed.read(export, name) for name in ("services", "promotions"))
    official = _official(export)
    for key in listed:
        document = _corridor_file(books, key, services, promotions)
        yield f"corridors/{key}.json", head | document | {"official": official.get(key, [])}


def _head(export: ExportInput) -> Json:
    """What every file begins with: whether the data is real, and what it is of."""
    data = export.data
    return {
        "data": SANDBOX if export.sandbox else data.world,
        "edition": export.site.label,
        "as_of": f"{data.as_of:%Y-%m-%dT%H:%M:%SZ}",
        "method": data.method,
    }


@dataclass(frozen=True)
class _Book:
    """The figures of one basis, by place."""

    view: BasisView

    @cached_property
    def _now(self) -> dict[Place, list[tuple[Figure, int, str | None, str | None]]]:
        """The figures of the period with amount, breakdown and group, those of all services before those of groups."""
        found: dict[Place, list[tuple[Figure, int, str | None, str | None]]] = defaultdict(list)
        for (_, place, amount), figure in self.view.figures.now.items():
            found[place].append((figure, amount, None, None))
        for (code, place, amount, breakdown), members in self.view.figures.groups.items():
            if place[0] != "corridor" or code == AVERAGE:  # a corridor's groups are small, and so is its file
                found[place].extend((figure, amount, breakdown, group) for group, figure in members)
        return found

    def of(self, place: Place) -> Json:
        """The figures of a place and its averages in every earlier period, oldest first."""
        past = self.view.figures.past
        averages, fees, margins, smarts = (past.get((code, place, 200), {}) for code in (AVERAGE, FEE, MARGIN, SMART))
        return {
            "figures": [_figure(*one) for one in self._now.get(place, [])],
            "history": [
                _past(averages[period], fees.get(period), margins.get(period), smarts.get(period))
                for period in sorted(averages)
            ],
        }

    @property
    def head(self) -> Json:
        """Which figures these are."""
        data = self.view.data
        return {"basis": self.view.basis, "period": data.period, "previous_period": data.previous_period}


def _figure(figure: Figure, amount: int, breakdown: str | None = None, group: str | None = None) -> Json:
    return {
        "indicator": figure.indicator,
        "amount": amount,
        "breakdown": breakdown,
        "group": None if group is None else wording.clean_text(group),
        "value": _value(figure),
        "services": figure.services,
        "providers": figure.providers,
        "corridors": figure.corridors,
        "flags": list(figure.flags),
        "id": figure.id,
    }


def _past(average: Figure, fee: Figure | None, margin: Figure | None, smart: Figure | None) -> Json:
    return {
        "period": average.period,
        "average_total_cost": _value(average),
        "average_fee": _value(fee),
        "average_fx_margin": _value(margin),
        "smart": _value(smart),
        "services": average.services,
        "providers": average.providers,
        "corridors": average.corridors,
        "flags": list(average.flags),
        "smart_flags": list(smart.flags) if smart else ["no_figure"],
        "id": average.id,
    }


def _value(figure: Figure | None) -> str | None:
    return None if figure is None or figure.value is None else f"{rounded(figure.value):f}"


# -- the lists -------------------------------------------------------------------------------------------------------


def _index(export: ExportInput, books: list[_Book], listed: list[str], places: list[str]) -> Json:
    data = export.data
    return {
        "api": "v1",
        "period": data.period,
        "version": data.version,
        "unit": "per cent of the amount sent",
        "bases": [
            book.head | {"corridors": len(book.view.paged), "figures": len(book.view.data.indicators)} for book in books
        ],
        "files": [{"path": path, "holds": meaning} for path, meaning in FILES.items()],
        "countries": places,
        "corridors": listed,
        "missing": [wording.clean_text(sentence, 2000) for sentence in data.missing],
        "credits": [
            {"attribution": attribution, "licence": licence, "terms_url": url}
            for attribution, licence, url in credits(data.sources)
        ],
    }


def _indicators(books: list[_Book]) -> Json:
    return {
        "indicators": [{"code": code, "unit": "percent", "meaning": meaning} for code, meaning in INDICATORS.items()],
        "bases": [
            book.head
            | {
                "world": book.of(WORLD),
                "regions": [
                    {"region": wording.clean_text(place[1])} | book.of(place)
                    for place in book.view.figures.places("region")
                ],
            }
            for book in books
        ],
    }


def _countries(books: list[_Book], listed: list[str]) -> list[str]:
    """The countries that have figures, or only those at an end of the chosen corridors."""
    found = {code for key in listed for code in key.split("-")}
    for book in books:
        if book.view.chosen is None:
            found |= {place[1] for scope in ("sender", "receiver") for place in book.view.figures.places(scope)}
    return sorted(found)


def _country(code: str) -> Json:
    one = countries()[code]
    return {
        "code": code,
        "name": one.name,
        "iso2": one.iso2,
        "area": area_number(code),
        "region": one.region,
        "income_group": one.income_group,
        "classified": vintage(),
        "currency": one.currency,
    }


_DIRECTIONS = {"sending": "sender", "receiving": "receiver"}


def _averages(books: list[_Book], code: str) -> Json:
    """The average cost of sending from and to a country, on each basis that has one."""
    return {
        direction: [
            book.head | _figure(figure, 200)
            for book in books
            if (figure := book.view.figures.get(AVERAGE, (scope, code, ""))) is not None
        ]
        for direction, scope in _DIRECTIONS.items()
    }


def _corridor(books: Iterable[_Book], key: str) -> Json:
    """A corridor's line in a list."""
    sender, receiver = key.split("-")
    return {
        "corridor": key,
        "sender": sender,
        "receiver": receiver,
        "bases": [book.head | _summary(book, corridor_place(key)) for book in books if key in book.view.paged],
    }


def _summary(book: _Book, place: Place) -> Json:
    figures = book.view.figures
    average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
    return {
        "average_total_cost": _value(average),
        "average_total_cost_500": _value(figures.get(AVERAGE, place, 500)),
        "smart": _value(smart),
        "services": average.services if average else 0,
        "providers": average.providers if average else 0,
        "flags": list(average.flags) if average else ["no_figure"],
        "smart_flags": list(smart.flags) if smart else ["no_figure"],
        "id": average.id if average else None,
    }


def _providers(export: ExportInput, listed: list[str]) -> list[Json]:
    """Who offers the listed services: where, how many, and how old the newest price is."""
    found: dict[str, Json] = {}
    for view in export.site.views:
        for key in listed:
            for offer in view.listed(key):
                name = wording.clean_text(offer.provider)
                provider = found.setdefault(name, {"provider": name, "name": offer.name, "types": [], "bases": {}})
                provider["types"] = sorted({*provider["types"], *offer.type_codes})
                basis = provider["bases"].setdefault(view.basis, {"services": 0, "corridors": {}, "newest": ""})
                basis["services"] += 1
                basis["corridors"][key] = basis["corridors"].get(key, 0) + 1
                basis["newest"] = max(basis["newest"], offer.day.isoformat() if offer.day else "")
    for provider in found.values():
        provider["bases"] = [
            {
                "basis": basis,
                "services": held["services"],
                "newest": held["newest"] or None,
                "corridors": [{"corridor": key, "services": number} for key, number in held["corridors"].items()],
            }
            for basis, held in provider["bases"].items()
        ]
    return [found[name] for name in sorted(found)]


# -- a country, a corridor -------------------------------------------------------------------------------------------


def _country_file(books: list[_Book], code: str, listed: list[str]) -> Json:
    ends = {"sending": f"{code}-", "receiving": f"-{code}"}
    corridors = {
        "sending": [key for key in listed if key.startswith(ends["sending"])],
        "receiving": [key for key in listed if key.endswith(ends["receiving"])],
    }
    return _country(code) | {
        "bases": [
            book.head
            | {
                direction: book.of((scope, code, ""))
                | {
                    "corridors": [
                        {"corridor": key} | _summary(book, corridor_place(key))
                        for key in corridors[direction]
                        if key in book.view.paged
                    ]
                }
                for direction, scope in _DIRECTIONS.items()
            }
            for book in books
        ]
    }


def _corridor_file(books: list[_Book], key: str, services: _Listed, promotions: _Listed) -> Json:
    sender, receiver = corridor_place(key)[1:]
    return {
        "corridor": key,
        "sender": sender,
        "sender_name": countries()[sender].name,
        "receiver": receiver,
        "receiver_name": countries()[receiver].name,
        "bases": [
            book.head
            | book.of(corridor_place(key))
            | {
                "services": services.of(book.view.basis, key),
                "promotions": promotions.of(book.view.basis, key),
                "private_services": book.view.private.get(key, 0),
            }
            for book in books
            if key in book.view.paged
        ],
    }


@dataclass(frozen=True)
class _Listed:
    """The rows of a table of services that may be listed, by basis and corridor; an object is made of each when it is
    asked for. `full`: the sources whose prices may be shown whole."""

    names: tuple[str, ...]
    rows: dict[tuple[str, str], list[list[Any]]]
    full: frozenset[str]

    @classmethod
    def read(cls, export: ExportInput, table: str) -> _Listed:
        """The rows of `services` or `promotions`."""
        names = _table(table).head[:-1]
        basis, corridor = names.index("basis"), names.index("corridor")
        rows: dict[tuple[str, str], list[list[Any]]] = defaultdict(list)
        for row in table_rows(ExportInput.of_edition(export.site), _table(table)):
            rows[row[basis], row[corridor]].append(row)
        full = frozenset(line.key for line in export.data.sources if line.redistribution == "full")
        return cls(tuple(names), rows, full)

    def of(self, basis: str, key: str) -> list[Json]:
        """The services of a corridor, cheapest first."""
        held = zip(self.names, zip(*self.rows.get((basis, key), ()), strict=True), strict=False)
        columns = {name: _column(values) for name, values in held if name not in LEFT_OUT}
        return [self._service(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]

    def _service(self, row: Json) -> Json:
        if row["source"] in self.full:
            row |= {name: _percent(row[name]) for name in ("fee_pct", "fx_margin_pct", "total_cost_pct")}
        else:  # rounded to two decimals already, as the terms ask
            row["flags"].append("terms_allow_percentages_only")
        if row["total_cost_pct"] is None and not {"undisclosed", "no_reference_rate"}.intersection(row["flags"]):
            row["flags"].append("no_reference_rate" if row["fee_pct"] is None else "undisclosed")
        return row


def _official(export: ExportInput) -> dict[str, list[Json]]:
    """The published averages of each corridor, oldest first."""
    found: dict[str, list[Json]] = defaultdict(list)
    for row in sorted(_rows(export, "official_series"), key=lambda row: (row["series"], row["period"])):
        found[f"{row.pop('sender')}-{row.pop('receiver')}"].append(row)
    return found


def _target(row: Json) -> Json:
    """A target with its figure and paces in four decimals."""
    return row | {name: _percent(row[name]) for name in ("value", "required_pace", "actual_pace")}


def _percent(text: str | None) -> str | None:
    return None if text is None else f"{rounded(Decimal(text)):f}"


def _rows(export: ExportInput, table: str) -> Iterator[Json]:
    """The rows of a csv table of the edition as objects, without the mark at their end."""
    names = _table(table).head[:-1]
    for row in table_rows(ExportInput.of_edition(export.site), _table(table)):
        yield {name: _cell(cell) for name, cell in zip(names, row, strict=False)}


def _table(name: str) -> Table:
    return next(one for one in TABLES if one.name == name)


@lru_cache(maxsize=1 << 14)  # most are names and codes of many rows
def _text(value: str) -> str:
    return wording.clean_text(value, 2000)


def _column(values: Sequence[Any]) -> Sequence[Any]:
    """`_cell` of the values of a column."""
    kinds = set(map(type, values))
    if kinds <= {int, type(None)}:
        return values
    if kinds <= {Decimal, type(None)}:
        return [None if value is None else f"{value:f}" for value in values]
    if kinds <= {str, type(None)}:
        return [_text(value) if value else None for value in values]
    return list(map(_cell, values))


def _cell(value: Any) -> Any:
    """A cell as JSON has it: decimals and days as text, lists as lists, null for none; text of others is cleaned."""
    if isinstance(value, str):
        return _text(value) if value else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list):
        return [_cell(part) for part in value]
    if value != value:  # NaN, NaT
        return None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _cell(part) for name, part in value.items()}
    return str(value)
