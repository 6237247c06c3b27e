"""One row of the survey's sheet, read cell by cell: what it says, what is mended in reading it, what is refused.

This is the reader of record. `survey_table` reads whole columns at once and gives every row that is in any way unusual
to this one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from remitwatch.corridors import Corridor
from remitwatch.countries import country_code, find_country
from remitwatch.currencies import currency_code
from remitwatch.fields import exact_decimal
from remitwatch.firms import firm_key
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, SurveyRow, Tier
from remitwatch.services import Provider, ProviderType
from scrapers.base import UNREADABLE, Refused, describe
from scrapers.clean import day, number, shortest, tidy
from scrapers.labels import (
    ABSENT,
    ACCESS_POINT,
    COVERAGE,
    FIRM_TYPE,
    PAYMENT_INSTRUMENT,
    PICKUP_METHOD,
    SPEED,
    Vocabulary,
    fold,
)
from scrapers.tables import Cell

TIERS: tuple[tuple[str, Tier], ...] = (("cc1", 200), ("cc2", 500))
VOCABULARIES: dict[str, Vocabulary[Any]] = {
    "firm_type": FIRM_TYPE,
    "payment instrument": PAYMENT_INSTRUMENT,
    "access point": ACCESS_POINT,
    "speed actual": SPEED,
    "receiving network coverage": COVERAGE,
    "pickup method": PICKUP_METHOD,
}
NOTES = ("standard note", "note1", "note2")
MISSING = frozenset({"", "..", "n/a", "not available", "na"})
PLAIN = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)  # as programs write a double: 0.0841, 7.6e-05
_SHEET_ERRORS = ("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!")


_NO_NUMBER = MISSING.union(_SHEET_ERRORS)
NO_FIRM = frozenset({"", "..", "n/a"})


class RowReader:
    """One row being read. `repairs` counts what was mended in reading it."""

    def __init__(self, record: Mapping[str, Cell], typed: bool) -> None:
        self.record = record
        self.typed = typed
        self.repairs: Counter[str] = Counter()

    def read(self) -> Iterator[Quote | Refused]:
        """The quotes of the row's tiers; a tier whose price cannot be read is refused alone. Raises ValueError where
        the row's key fields cannot be read."""
        sender, receiver = self.country("source_code"), self.country("destination_code")
        self._check_corridor(sender, receiver)
        transparent = self._transparent()
        interbank = self.number("inter lcu bank fx", strict=False) if transparent else None
        if interbank is not None and interbank <= 0:
            self.repairs["interbank_rate_not_positive"] += 1
            interbank = None
        codes, labels = self._labels()
        firm = self._text("firm")
        if fold(firm) in NO_FIRM:
            raise ValueError(f"column firm: {firm!r}: expected the provider's name")
        common: dict[str, Any] = {
            "provider": provider_of(firm, codes["firm_type"]),
            "basis": Basis.SURVEY,
            "payment_instrument": codes["payment instrument"],
            "access_point": codes["access point"],
            "pickup_method": codes["pickup method"][0],
            "speed": codes["speed actual"][0],
            "coverage": codes["receiving network coverage"][0],
            "fee_model": FeeModel.ADDED,
            "transparent": transparent,
            "note": self._note(),
        }
        survey: dict[str, Any] = {
            "period": period_of(self._text("period")),
            "row": self.id(),
            "interbank_rate": interbank,
            "observed_on": self.date(),
            "sender_region": self._group("source_region"),
            "receiver_region": self._group("destination_region"),
            "receiver_income_group": self._group("destination_income"),
            "labels": labels,
        }
        for prefix, tier in TIERS:
            if self._is_missing(f"{prefix} lcu fee") and self._is_missing(f"{prefix} total cost %"):
                self.repairs["tier_without_price"] += 1
                continue
            try:
                yield self._quote(prefix, tier, sender, receiver, common, survey)
            except UNREADABLE as error:
                yield Refused(self.record, f"USD {tier}: {describe(error)}")

    def _quote(
        self,
        prefix: str,
        tier: Tier,
        sender: str,
        receiver: str,
        common: Mapping[str, Any],
        survey: Mapping[str, Any],
    ) -> Quote:
        currency = self.currency(f"{prefix} lcu code", sender)
        amount, fee = self._needed(f"{prefix} lcu amount"), self._needed(f"{prefix} lcu fee")
        margin = total = rate = None
        if common["transparent"]:  # a row that is not transparent carries placeholders: rate 1, margin 0
            rate = self.number(f"{prefix} lcu fx rate", strict=False)
            if rate is not None and rate <= 0:
                self.repairs["rate_not_positive"] += 1
                rate = None
            margin = self.number(f"{prefix} fx margin", strict=False)
            total = self.number(f"{prefix} total cost %")
        return Quote(
            inquiry=Inquiry(corridor=corridor_of(sender, receiver, currency), send_amount=amount, tier=tier),
            fee=fee,
            rate=rate,
            survey=SurveyRow(fx_margin_pct=margin, total_cost_pct=total, **survey),
            **common,
        )

    # -- cells ------------------------------------------------------------------------------------------------------

    def _text(self, column: str) -> str:
        return cell_text(self.record.get(column, ""))

    def _is_missing(self, column: str) -> bool:
        return fold(self._text(column)) in _NO_NUMBER

    def number(self, column: str, *, strict: bool = True) -> Decimal | None:
        """The number in a cell; None when missing. What is no number raises ValueError, or with `strict` off is
        counted and None (for figures that the published total does not need)."""
        cell = self.record.get(column, "")
        if self._is_missing(column):
            return None
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            return shortest(exact_decimal(repr(cell)))
        text = self._text(column)
        try:
            value = exact_decimal(text) if PLAIN.fullmatch(text) else number(text, group=",")
        except ValueError as error:
            if strict:
                raise ValueError(f"column {column}: {error}") from None
            self.repairs["unreadable_number"] += 1
            return None
        if self.typed:
            self.repairs["text_number"] += 1
        return shortest(value)

    def _needed(self, column: str) -> Decimal:
        value = self.number(column)
        if value is None:
            raise ValueError(f"column {column}: {self._text(column)!r}: expected a number")
        return value

    def id(self) -> str:
        text = self._text("id")
        if self.typed and isinstance(self.record["id"], str):
            self.repairs["text_number"] += 1
        text = re.sub(r"\.0+$", "", text)
        if fold(text) in MISSING:
            raise ValueError(f"column id: {text!r}: expected the row's number")
        return text

    def country(self, column: str) -> str:
        text = self._text(column).upper()
        try:
            code = country_code(text)
        except ValueError as error:
            raise ValueError(f"column {column}: {error}") from None
        if code != text:
            self.repairs["country_code"] += 1
        return code

    def _check_corridor(self, sender: str, receiver: str) -> None:
        text = plain_corridor(self._text("corridor"))
        if text and text != sender + receiver:
            self.repairs["corridor_differs"] += 1  # the two code columns decide

    def currency(self, column: str, sender: str) -> str:
        text = self._text(column).upper()
        if text == "CFA" and find_country(sender).currency in ("XOF", "XAF"):
            self.repairs["currency_code"] += 1
            text = find_country(sender).currency or text
        try:
            return currency_code(text)
        except ValueError as error:
            raise ValueError(f"column {column}: {error}") from None

    def _transparent(self) -> bool:
        text = self._text("transparent").lower()
        if text not in ("yes", "no"):
            raise ValueError(f"column transparent: {text!r}: expected yes or no")
        return text == "yes"

    def _labels(self) -> tuple[dict[str, tuple[Any, ...]], dict[str, str]]:
        """The codes of the labelled columns and, beside them, every label as published."""
        codes: dict[str, tuple[Any, ...]] = {}
        labels: dict[str, str] = {}
        for column, vocabulary in VOCABULARIES.items():
            text = self._text(column)
            codes[column], known = vocabulary.read(text)
            if not known:
                self.repairs["unknown_label"] += 1
            if text:
                labels[column] = text
        for column in ("firm", "product", "sending location", "pickup location"):
            if text := self._text(column):
                labels[column] = text
        return codes, labels

    def _group(self, column: str) -> str | None:
        return group_of(self._text(column))

    def _note(self) -> str:
        note, shortened = note_of([self._text(column) for column in NOTES])
        self.repairs["note_shortened"] += shortened
        return note

    def date(self) -> dt.date | None:
        cell = self.record["date"]
        if isinstance(cell, dt.datetime):
            return cell.date()
        if isinstance(cell, dt.date):
            return cell
        if self._is_missing("date"):
            return None
        try:
            return day(self._text("date"))
        except ValueError:
            self.repairs["unreadable_date"] += 1
            return None


def refused_row(record: Mapping[str, Cell], why: str, row: int) -> Refused:
    """The refusal of a row: its cells that hold anything, as text."""
    return Refused({name: str(cell) for name, cell in record.items() if cell not in ("", None)}, why, row)


def cell_text(cell: Cell) -> str:
    """A cell as text: a whole number without its point, no white space around or doubled."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy("" if cell is None else str(cell))


def plain_corridor(text: str) -> str:
    """The two country codes of a cell such as `RWA-KSV`: RWAXKX."""
    return re.sub(r"[^A-Z]", "", text.upper()).replace("KSV", "XKX")


def group_of(text: str) -> str | None:
    """The name of a group of countries; None where none is stated."""
    return None if fold(text) in ABSENT else text


def note_of(texts: Sequence[str]) -> tuple[str, bool]:
    """The notes of a row as one text, and whether it had to be shortened."""
    note = " | ".join(dict.fromkeys(text for text in texts if fold(text) not in ABSENT))
    return (note[:1999] + "…", True) if len(note) > 2000 else (note, False)


@lru_cache(maxsize=16_384)
def provider_of(firm: str, types: tuple[ProviderType, ...]) -> Provider:
    return Provider(key=firm_key(firm), name=firm, types=types)


@lru_cache(maxsize=4096)
def corridor_of(sender: str, receiver: str, currency: str) -> Corridor:
    # the survey names no receive currency; the country's own is taken
    own = find_country(receiver).currency or currency
    return Corridor(sender=sender, receiver=receiver, send_currency=currency, receive_currency=own)


@lru_cache(maxsize=1024)
def period_of(text: str) -> str:
    match = re.fullmatch(r"(\d{4})[_ -]?(?:([1-4])Q|Q([1-4]))", text, re.IGNORECASE | re.ASCII)
    if match is None:
        raise ValueError(f"column period: {text!r}: expected a quarter such as 2025_3Q")
    return f"{match[1]}-Q{match[2] or match[3]}"
