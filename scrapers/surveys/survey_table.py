"""The survey's sheets read by columns: each distinct cell once, and a table of prices instead of a quote a price.

A row that is refused, in whole or in part, or has a cell unheard of, is given to `survey_row`, the reader of record.
All others give the same as it would, in a fraction of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remitwatch.quotes import Quote
from remitwatch.survey import NAMES, Account, Codes, Column, Distinct, SurveyTable, cells_of, combined
from scrapers.base import UNREADABLE, Refused, Repaired, describe
from scrapers.surveys.survey_cells import (
    BELOW_0,
    LABELLED,
    MARKS,
    MENDED,
    MISSING,
    NO_NUMBER,
    NOT_ABOVE_0,
    NOTHING,
    ODD,
    CellReader,
)
from scrapers.surveys.survey_columns import Columns
from scrapers.surveys.survey_row import NOTES, TIERS, RowReader, cell_text, period_of, refused_row
from scrapers.tables import Cell
from scrapers.workbook import Part

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Tally = list[tuple[str, NDArray[Any]]]  # repairs: the kind, and how many in each row

_CODES = {
    "firm_type": "provider_type",
    "payment instrument": "payment_instrument",
    "access point": "access_point",
    "pickup method": "pickup_method",
    "speed actual": "speed",
    "receiving network coverage": "coverage",
}
_GROUPS = {
    "source_region": "sender_region",
    "destination_region": "receiver_region",
    "destination_income": "receiver_income_group",
}
_NUMBERS = {
    "lcu amount": "send_amount",
    "lcu fee": "fee",
    "lcu fx rate": "rate",
    "fx margin": "fx_margin_pct",
    "total cost %": "total_cost_pct",
}
_SHOWN = ("rate", "fx_margin_pct", "total_cost_pct")  # placeholders where the rate is not disclosed
_SERVICE = (
    "provider", "sender", "receiver", "send_currency", "receive_currency", "payment_instrument", "access_point",
    "pickup_method",
)  # fmt: skip


class TableReader:
    """Collects the prices of all sheets of a file."""

    def __init__(self) -> None:
        self.account = Account()
        self.values = {name: Distinct() for name in NAMES}
        self._services = Distinct()
        self._parts: dict[str, list[Codes]] = {name: [np.empty(0, np.int32)] for name in (*NAMES, "service")}

    def table(self) -> SurveyTable:
        """Everything that was read."""
        codes = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        columns = {name: Column(codes[name], self.values[name].values) for name in NAMES}
        return SurveyTable(columns, Column(codes["service"], self._services.values), self.account)

    def add(self, codes: dict[str, Ints]) -> None:
        """Add prices: the number of the value of each, by column."""
        for name in NAMES:
            self._parts[name].append(codes[name].astype(np.int32))
        values = [self.values[name].values for name in _SERVICE]

        def service(*numbers: int) -> int:
            provider, sender, receiver, send, receive, *rest = (
                value[number] for value, number in zip(values, numbers, strict=True)
            )
            return self._services(f"{provider}:{sender}-{receiver}:{send}-{receive}:{':'.join(rest)}:")

        self._parts["service"].append(_each([codes[name] for name in _SERVICE], service).astype(np.int32))


def _each(columns: Sequence[NDArray[Any]], read: Callable[..., int]) -> Ints:
    """What `read` makes of the numbers that stand beside each other in `columns`, reading each combination once."""
    number, combinations = combined(columns)
    found: Ints = np.array([read(*codes) for codes in combinations], np.int64)[number]
    return found


class _Lookup:
    """What is read from each distinct cell of a column, by the cell's code: read once."""

    def __init__(self, cells: list[Cell], read: Callable[[Cell], int]) -> None:
        self._cells = cells
        self._read = read
        self._found = np.empty(0, np.int64)

    def __call__(self, codes: Codes) -> Ints:
        if new := self._cells[len(self._found) :]:
            self._found = np.concatenate([self._found, np.array([self._read(cell) for cell in new], np.int64)])
        return self._found[codes]


class SheetReader:
    """Reads one sheet, part by part, into a TableReader."""

    def __init__(self, reader: TableReader, columns: Columns, sheet: str, typed: bool) -> None:
        self._reader = reader
        self._columns = columns
        self._sheet = sheet
        self._typed = typed
        self._cells = CellReader(reader.values, typed)
        self._values = reader.values
        self._lookups: dict[tuple[str, str], _Lookup] = {}
        self._texts: dict[str, Distinct] = {}
        self._together: dict[str, dict[tuple[int, ...], int]] = {}
        self._empty: list[Cell] = [""]
        self._rows_read = 0
        self._repairs: Counter[str] = Counter({"unknown_column": len(columns.unknown)} if columns.unknown else {})

    def read(self, part: Part) -> Iterator[Refused]:
        """Read the rows of a part. Yields what is refused."""
        there = ~self._blank(part)
        self._rows_read += int(there.sum())
        tally: Tally = []
        odd = np.zeros(part.count, bool)
        rows = self._of_rows(part, odd, tally)
        tiers = [self._of_tier(part, prefix, tier, rows, odd, tally) for prefix, tier in TIERS]
        good = there & ~odd
        self._count(rows["period"], there, good, tally, ~tiers[0][0] & ~tiers[1][0])
        places = [np.flatnonzero(good & priced) for priced, _ in tiers]
        order = [place * len(TIERS) + number for number, place in enumerate(places)]
        codes = {
            name: [
                (columns[name] if name in columns else rows[name])[place]
                for place, (_, columns) in zip(places, tiers, strict=True)
            ]
            for name in NAMES
        }
        for place in np.flatnonzero(there & odd).tolist():
            yield from self._one_by_one(part, place, codes, order)
        in_order = np.argsort(np.concatenate(order), kind="stable")
        self._reader.add({name: np.concatenate(some)[in_order] for name, some in codes.items()})

    def end(self) -> Iterator[Repaired]:
        """What was counted, when the sheet has been read."""
        yield Repaired("rows_read", self._rows_read)
        for kind, count in sorted(self._repairs.items()):
            yield Repaired(kind, count)

    def _one_by_one(self, part: Part, place: int, codes: dict[str, list[Any]], order: list[Any]) -> Iterator[Refused]:
        """Give an unusual row to the reader of record, and put its prices where they belong."""
        record = self._columns.record(part.row(place))
        row, number = RowReader(record, self._typed), part.first + place
        account, period = self._reader.account, _period(record)
        try:
            found: list[Quote | Refused] = list(row.read())
        except UNREADABLE as error:
            found = [Refused(record, describe(error))]
        else:
            for kind, count in (+row.repairs).items():
                self._repairs[kind] += count
                account.repair(period, kind, count)
        for tier, value in enumerate(found):
            if isinstance(value, Refused):
                yield refused_row(value.record, f"{self._sheet}: {value.why}", number)
                continue
            for name, cell in cells_of(value).items():
                codes[name].append(np.array([self._values[name](cell)]))
            order.append(np.array([place * len(TIERS) + tier]))
        if any(isinstance(value, Refused) for value in found):
            account.refused.setdefault(self._sheet, []).append(number)
            _count_one(account.refused_rows, period)
            if not all(isinstance(value, Refused) for value in found):
                _count_one(account.partly_refused, period)
        elif not found:
            _count_one(account.without_price, period)

    def _count(self, period: Ints, there: Flags, good: Flags, tally: Tally, empty: Flags) -> None:
        """Count the rows, and of the good ones those without a price and the repairs, by quarter."""
        account = self._reader.account
        names = [*self._values["period"].values, ""]
        codes = np.where(period < 0, len(names) - 1, period)
        for counted, which in ((account.rows, there), (account.without_price, good & empty)):
            for name, count in zip(names, np.bincount(codes[which], minlength=len(names)).tolist(), strict=True):
                if count:
                    _count_one(counted, name, count)
        for kind, counts in tally:
            of_good = np.where(good, counts, 0)
            by_period = np.bincount(codes, weights=of_good, minlength=len(names)).astype(int).tolist()
            for name, total in zip(names, by_period, strict=True):
                if total:
                    self._repairs[kind] += total
                    account.repair(name, kind, total)

    # -- columns ----------------------------------------------------------------------------------------------------

    def _read(self, part: Part, how: str, column: str, read: Callable[[Cell], int]) -> Ints:
        place = self._columns.places.get(column, len(part.codes))
        if place >= len(part.codes):  # no such column, or none of these rows reaches it
            return np.full(part.count, read(""))
        lookup = self._lookups.get((how, column))
        if lookup is None:
            lookup = self._lookups[how, column] = _Lookup(part.cells[place], read)
        return lookup(part.codes[place])

    def _text(self, part: Part, column: str) -> Ints:
        texts = self._texts.setdefault(column, Distinct())
        return self._read(part, "text", column, lambda cell: texts(cell_text(cell)))

    def _blank(self, part: Part) -> Flags:
        blank: Flags = self._read(part, "blank", "id", lambda cell: int(cell in ("", None))) == 1
        for place in np.flatnonzero(blank).tolist():
            blank[place] = all(cell in ("", None) for cell in part.row(place))
        return blank

    def _of_rows(self, part: Part, odd: Flags, tally: Tally) -> dict[str, Any]:
        """The columns that hold for both prices of a row. Marks the rows that are odd."""
        values, cells = self._values, self._cells
        rows: dict[str, Any] = {}
        for column, name in (("source_code", "sender"), ("destination_code", "receiver")):
            found = self._read(part, "country", column, cells.country(name))
            odd |= _has(found, ODD)
            tally.append(("country_code", _has(found, MENDED)))
            rows[name] = np.where(_has(found, ODD), NOTHING, found // MARKS)
        rows["period"] = self._read(part, "period", "period", cells.period)
        shown = self._read(part, "transparent", "transparent", cells.transparent)
        odd |= (rows["period"] == NOTHING) | (shown == NOTHING)
        rows["shown"] = shown == 1
        rows["transparent"] = np.where(rows["shown"], values["transparent"](True), values["transparent"](False))
        found = self._read(part, "id", "id", cells.identity)
        odd |= _has(found, ODD)
        tally.append(("text_number", _has(found, MENDED)))
        rows["row"] = found // MARKS
        found = self._read(part, "date", "date", cells.date)
        tally.append(("unreadable_date", _has(found, MENDED)))
        rows["observed_on"] = found // MARKS
        for column, name in _CODES.items():
            found = self._read(part, "codes", column, cells.labelled(column, name))
            unknown = _has(found, MENDED)
            tally.append(("unknown_label", unknown))
            if unknown.any():
                self._note_labels(part, column, np.flatnonzero(unknown))
            rows[name] = found // MARKS
        for column, name in _GROUPS.items():
            rows[name] = self._read(part, "group", column, cells.group(name))
        self._several(part, rows, odd, tally)
        interbank = self._read(part, "number", "inter lcu bank fx", cells.number("interbank_rate"))
        odd |= rows["shown"] & _has(interbank, ODD)
        self._mended(interbank, rows["shown"], tally)
        low = _has(interbank, NOT_ABOVE_0)
        tally.append(("interbank_rate_not_positive", rows["shown"] & low))
        rows["interbank_rate"] = self._or_none("interbank_rate", interbank, rows["shown"] & ~low)
        return rows

    def _note_labels(self, part: Part, column: str, places: NDArray[np.intp]) -> None:
        """Keep which rows have a label that no vocabulary has."""
        texts, words = self._text(part, column), self._texts[column].values
        for place in places.tolist():
            key = (self._sheet, column, words[int(texts[place])])
            self._reader.account.unknown_labels.setdefault(key, []).append(part.first + place)

    def _several(self, part: Part, rows: dict[str, Any], odd: Flags, tally: Tally) -> None:
        """What several cells of a row say together: the provider, the labels, the notes, the corridor column."""
        cells = self._cells
        provider = self._combined(part, "provider", ("firm", "firm_type"), cells.provider)
        odd |= provider == NOTHING
        for name, codes in self._fields(("provider", "provider_name", "provider_type"), cells.providers).items():
            rows[name] = codes[np.maximum(provider, 0)]
        rows["labels"] = self._combined(part, "labels", LABELLED, cells.labels)
        notes = self._combined(part, "note", NOTES, cells.note)
        rows["note"] = notes // MARKS
        tally.append(("note_shortened", _has(notes, MENDED)))
        tally.append(("corridor_differs", self._with_lane(part, "corridor", rows, cells.corridor_differs)))

    def _of_tier(
        self, part: Part, prefix: str, tier: int, rows: dict[str, Any], odd: Flags, tally: Tally
    ) -> tuple[Flags, dict[str, Any]]:
        """Which rows have a price for one amount, and its columns. Marks the rows that are odd."""
        found = {
            name: self._read(part, "number", f"{prefix} {column}", self._cells.number(name))
            for column, name in _NUMBERS.items()
        }
        none = {name: _has(one, MISSING | NO_NUMBER | ODD) for name, one in found.items()}
        priced = ~(_has(found["fee"], MISSING) & _has(found["total_cost_pct"], MISSING))
        tally.append(("tier_without_price", ~priced))
        shown = rows["shown"]
        currency = self._with_lane(part, f"{prefix} lcu code", rows, self._cells.currency)
        low = _has(found["rate"], NOT_ABOVE_0)
        unusable = _has(currency, ODD)
        unusable |= none["send_amount"] | _has(found["send_amount"], NOT_ABOVE_0)
        unusable |= none["fee"] | _has(found["fee"], BELOW_0)
        unusable |= shown & _has(found["rate"] | found["fx_margin_pct"] | found["total_cost_pct"], ODD)
        unusable |= shown & _has(found["total_cost_pct"], NO_NUMBER)
        unusable |= shown & (none["rate"] | low) & none["total_cost_pct"]
        odd |= priced & unusable
        tally.append(("currency_code", priced & _has(currency, MENDED)))
        tally.append(("rate_not_positive", priced & shown & low))
        for name, one in found.items():
            self._mended(one, priced & shown if name in _SHOWN else priced, tally)
        columns: dict[str, Any] = {"tier": np.full(part.count, self._values["tier"](tier))}
        for name, codes in self._fields(("send_currency", "receive_currency"), self._cells.currencies).items():
            columns[name] = codes[np.where(unusable, 0, currency // MARKS)]
        for name, one in found.items():
            known = shown & ~low if name == "rate" else shown if name in _SHOWN else ~none[name]
            columns[name] = self._or_none(name, one, known)
        return priced, columns

    def _mended(self, found: Ints, where: Flags, tally: Tally) -> None:
        tally.append(("text_number", where & _has(found, MENDED)))
        tally.append(("unreadable_number", where & _has(found, NO_NUMBER)))

    def _or_none(self, name: str, found: Ints, known: Flags) -> Ints:
        there = known & ~_has(found, MISSING | NO_NUMBER | ODD)
        return np.where(there, found // MARKS, self._values[name](None))

    def _fields(self, names: Sequence[str], records: Distinct) -> dict[str, Ints]:
        """The numbers of the values of each field of records, by the record's number."""
        some = records.values or [("",) * len(names)]
        return {
            name: np.array([self._values[name](record[place]) for record in some], np.int64)
            for place, name in enumerate(names)
        }

    def _combined(self, part: Part, what: str, columns: Sequence[str], read: Callable[..., int]) -> Ints:
        """What `read` makes of the texts of several columns."""
        kept = self._together.setdefault(what, {})
        texts = [self._text(part, column) for column in columns]
        words = [self._texts[column].values for column in columns]

        def once(*numbers: int) -> int:
            if numbers not in kept:
                kept[numbers] = read(*(some[number] for some, number in zip(words, numbers, strict=True)))
            return kept[numbers]

        return _each(texts, once)

    def _with_lane(self, part: Part, column: str, rows: dict[str, Any], read: Callable[[str, str, str], int]) -> Ints:
        """What `read` makes of a column's text and the two countries; 0 where one of them is not known."""
        kept = self._together.setdefault(column, {})
        text, words = self._text(part, column), self._texts[column].values
        senders, receivers = self._values["sender"].values, self._values["receiver"].values

        def once(*numbers: int) -> int:
            number, sender, receiver = numbers
            if not sender or not receiver:
                return 0
            if numbers not in kept:
                kept[numbers] = read(words[number], senders[sender - 1], receivers[receiver - 1])
            return kept[numbers]

        return _each([text, rows["sender"] + 1, rows["receiver"] + 1], once)


def _count_one(counts: dict[str, int], name: str, count: int = 1) -> None:
    counts[name] = counts.get(name, 0) + count


def _has(found: Ints, marks: int) -> Flags:
    has: Flags = (found & marks) > 0
    return has


def _period(record: dict[str, Cell]) -> str:
    try:
        return period_of(cell_text(record["period"]))
    except ValueError:
        return ""
