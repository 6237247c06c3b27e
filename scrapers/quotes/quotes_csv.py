"""Prices handed in as csv by national survey teams and providers: one row a price, ISO codes, decimals with a point.

Everything wrong with a row is said at once, with row, column, value and what was expected. The importer stores nothing
of a file with a refused row, so the sender corrects the file and hands it in again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from remitwatch.corridors import Corridor
from remitwatch.countries import country_code
from remitwatch.currencies import currency_code
from remitwatch.fields import utc_time
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, Tier
from remitwatch.send_amounts import tier_of
from remitwatch.services import Provider, provider_key
from scrapers.base import AnswerError, Record, Refused, Repaired, Response, Scraper, describe
from scrapers.clean import number, tidy
from scrapers.labels import ACCESS_POINT, COVERAGE, FIRM_TYPE, PAYMENT_INSTRUMENT, PICKUP_METHOD, SPEED
from scrapers.tables import csv_sheet, first_line

T = TypeVar("T")

REQUIRED = (
    "observed_at",
    "sender",
    "receiver",
    "provider",
    "send_amount",
    "send_currency",
    "fee",
    "rate",
    "receive_currency",
)
OPTIONAL = (
    "provider_type",
    "payment_instrument",
    "access_point",
    "pickup_method",
    "speed",
    "coverage",
    "fee_currency",
    "fee_model",
    "receive_amount",
    "reference_rate",
    "transparent",
    "promotional",
    "private",
    "note",
)
TEMPLATE = """\
observed_at,sender,receiver,provider,provider_type,payment_instrument,access_point,pickup_method,speed,coverage,\
send_amount,send_currency,fee,fee_currency,fee_model,rate,receive_amount,receive_currency,reference_rate,transparent,\
promotional,private,note
2026-11-20T09:30:00Z,GBR,IND,Example Bank,bank,bank_account,internet,bank_account,next_day,high,\
120,GBP,1.90,GBP,deducted,114.3077,13499.74,INR,116.6405,true,false,false,\
Example row: replace it. Several values in one cell are joined by +
2026-11-20,GBR,IND,Example Remit,money_transfer_operator,cash,agent,cash,within_hour,,\
300,GBP,4.90,GBP,added,113.10,33930.00,INR,,true,false,true,Example row: replace it. A date alone is that day in UTC
"""


class QuotesCsv(Scraper):
    """The hand-in format. `TEMPLATE` is its header with two example rows, ready to fill."""

    TEMPLATE = TEMPLATE

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        columns = {column.strip().strip('"') for column in re.split(r"[,;\t]", first_line(head))}
        return len(columns & {"observed_at", "send_amount", "receive_currency", "provider"}) >= 3

    def parse(self, response: Response) -> Iterator[Record]:
        rows = iter(csv_sheet(response.body, response.file_name or "the csv").rows)
        header = [str(cell).strip().lower() for _, cells in [next(rows, (1, []))] for cell in cells]
        _check_header(header)
        read = 0
        for row, cells in rows:
            texts = [str(cell).strip() for cell in cells]
            if not any(texts):
                continue
            read += 1
            if len(texts) != len(header):
                yield Refused(texts, f"{len(texts)} cells: expected {len(header)} as in the header", row)
                continue
            record = dict(zip(header, texts, strict=True))
            answer = _Row(record, response.fetched_at).quote()
            yield answer if isinstance(answer, Quote) else Refused(record, answer, row)
        yield Repaired("rows_read", read)


def _check_header(header: list[str]) -> None:
    for column in REQUIRED:
        if column not in header:
            raise AnswerError("changed", f"row 1: column {column} is missing: expected {', '.join(REQUIRED)}")
    for column in header:
        if column not in REQUIRED + OPTIONAL:
            expected = ", ".join(REQUIRED + OPTIONAL)
            raise AnswerError("changed", f"row 1: unknown column {column!r}: expected only {expected}")
        if header.count(column) > 1:
            raise AnswerError("changed", f"row 1: column {column} stands there twice: expected once")


class _Row:
    """One row being read: every cell that cannot be read is remembered, so that all faults are told at once."""

    def __init__(self, record: Mapping[str, str], brought_at: dt.datetime) -> None:
        self.record = record
        self.latest = brought_at + dt.timedelta(days=1)  # a day of slack for clocks and for dates of the far east
        self.faults: list[str] = []

    def cell(self, column: str, read: Callable[[str], T], empty: Any = None, required: bool = False) -> T | Any:
        text = self.record.get(column, "")
        if not text:
            if required:
                self.faults.append(f"column {column}: empty: expected a value")
            return empty
        try:
            return read(text)
        except ValueError as error:
            said = str(error)
            self.faults.append(
                f"column {column}: {said}" if repr(text) in said else f"column {column}: {text!r}: {said}"
            )
            return empty

    def _past(self, text: str) -> dt.datetime:
        moment = _moment(text)
        if moment > self.latest:
            raise ValueError("expected a time that has been: it lies ahead")
        return moment

    def quote(self) -> Quote | str:
        """The quote of the row, or what is wrong with it."""
        corridor = {
            "sender": self.cell("sender", _upper(country_code), required=True),
            "receiver": self.cell("receiver", _upper(country_code), required=True),
            "send_currency": self.cell("send_currency", _upper(currency_code), required=True),
            "receive_currency": self.cell("receive_currency", _upper(currency_code), required=True),
        }
        amount = self.cell("send_amount", _positive, required=True)
        provider = self.cell("provider", _provider, required=True)
        types = self.cell("provider_type", FIRM_TYPE.codes)
        fields = {
            "basis": Basis.PROMOTIONAL if self.cell("promotional", _yes_no, False) else Basis.STANDARD,
            "payment_instrument": self.cell("payment_instrument", PAYMENT_INSTRUMENT.codes, ("unknown",)),
            "access_point": self.cell("access_point", ACCESS_POINT.codes, ("unknown",)),
            "pickup_method": self.cell("pickup_method", PICKUP_METHOD.code, "unknown"),
            "speed": self.cell("speed", SPEED.code, "unknown"),
            "coverage": self.cell("coverage", COVERAGE.code, "unknown"),
            "fee": self.cell("fee", _not_negative, required=True),
            "fee_currency": self.cell("fee_currency", _upper(currency_code)),
            "fee_model": self.cell("fee_model", _fee_model, FeeModel.UNKNOWN),
            "rate": self.cell("rate", _positive),
            "receive_amount": self.cell("receive_amount", _positive),
            "reference_rate": self.cell("reference_rate", _positive),
            "transparent": self.cell("transparent", _yes_no, True),
            "private": self.cell("private", _yes_no, False),
            "quoted_at": self.cell("observed_at", self._past, required=True),
            "note": self.cell("note", tidy, ""),
        }
        if self.faults:
            return "; ".join(self.faults)
        if types:
            provider = Provider(key=provider.key, name=provider.name, types=types)
        tier = _tier(corridor["sender"], corridor["send_currency"], amount)
        try:
            inquiry = Inquiry(corridor=Corridor(**corridor), send_amount=amount, tier=tier)
            return inquiry.quote(provider=provider, **fields)
        except ValueError as error:
            return _with_column(describe(error))


_COLUMN_OF = {  # what a quote says of its own parts, and the column that a person would look at
    "fee in ": "fee_currency",
    "fee ": "fee",
    "received amount ": "receive_amount",
    "rate is missing": "rate",
    "a rate is given": "rate",
}


def _with_column(fault: str) -> str:
    column = next((column for start, column in _COLUMN_OF.items() if fault.startswith(start)), None)
    return f"column {column}: {fault}" if column else fault


def _upper(read: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: read(text.upper())


def _provider(text: str) -> Provider:
    name = tidy(text)
    return Provider(key=provider_key(name), name=name)


def _positive(text: str) -> Decimal:
    value = number(text)
    if value <= 0:
        raise ValueError("expected a number above 0")
    return value


def _not_negative(text: str) -> Decimal:
    value = number(text)
    if value < 0:
        raise ValueError("expected a number of 0 or more")
    return value


def _yes_no(text: str) -> bool:
    try:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
    except KeyError:
        raise ValueError("expected true or false") from None


def _fee_model(text: str) -> FeeModel:
    try:
        return FeeModel(text.lower())
    except ValueError:
        raise ValueError(f"expected one of {', '.join(FeeModel)}") from None


def _moment(text: str) -> dt.datetime:
    """The time with its offset, or the start of the day (UTC) where only a date is given."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
        return utc_time(text)
    except ValueError:
        raise ValueError("expected a time with its offset such as 2026-11-20T09:30:00Z, or a date") from None


def _tier(sender: str, currency: str, amount: Decimal) -> Tier | None:
    """The survey amount that this amount stands for; an amount in US dollars is compared with USD 200 and 500 wherever
    it is sent from."""
    return tier_of(sender, currency, amount) or (tier_of("USA", "USD", amount) if currency == "USD" else None)
