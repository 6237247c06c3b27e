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
from remitwatch.countries import countries, country_code
from remitwatch.country_names import named
from remitwatch.currencies import currency_code
from remitwatch.fields import utc_time
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, Tier, quote_key
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
        seen: dict[str, tuple[int, Quote]] = {}
        for row, cells in rows:
            texts = [str(cell).strip() for cell in cells]
            if not any(texts):
                continue
            read += 1
            if len(texts) != len(header):
                yield Refused(texts, _uneven(texts, header), row)
                continue
            record = dict(zip(header, texts, strict=True))
            answer = _Row(record, response.fetched_at).quote()
            if isinstance(answer, str):
                yield Refused(record, answer, row)
                continue
            first_row, first = seen.setdefault(quote_key(answer), (row, answer))
            yield answer if first == answer else Refused(record, _apart(first_row, first, answer), row)
        if not read:
            raise AnswerError("empty", "no row under the header: expected one row a price")
        yield Repaired("rows_read", read)


def _check_header(header: list[str]) -> None:
    known = REQUIRED + OPTIONAL
    faults = []
    if missing := [column for column in REQUIRED if column not in header]:
        faults.append(f"{_columns(missing)} missing: expected {', '.join(REQUIRED)}")
    if twice := sorted({column for column in header if column in known and header.count(column) > 1}):
        faults.append(f"{_columns(twice)} there more than once: expected once")
    if unknown := [column for column in header if column and column not in known]:
        faults.append(f"unknown column {', '.join(map(repr, unknown))}: expected only {', '.join(known)}")
    if nameless := [str(place) for place, column in enumerate(header, start=1) if not column]:
        faults.append(f"column number {', '.join(nameless)} without a name: expected no column there, or its name")
    if faults:
        raise AnswerError("changed", f"row 1: {'; '.join(faults)}")


def _columns(names: list[str]) -> str:
    return f"column {names[0]} is" if len(names) == 1 else f"columns {', '.join(names)} are"


def _uneven(texts: list[str], header: list[str]) -> str:
    """What is wrong with a row of more or fewer cells than the header has."""
    hint = (
        " (a decimal comma, or a text with a comma that is not in quotation marks?)" if len(texts) > len(header) else ""
    )
    return f"{len(texts)} cells: expected {len(header)} as in the header{hint}"


def _apart(first_row: int, first: Quote, other: Quote) -> str:
    """In what a row contradicts an earlier one of the same service, amount and time."""
    one, two = (quote.model_dump(mode="json") | {"provider": quote.provider.name} for quote in (first, other))
    one["provider_type"], two["provider_type"] = ("+".join(quote.provider.types) for quote in (first, other))
    differences = [
        f"column {column}: {two[column]!r}, and {one[column]!r} in row {first_row}"
        for column in ("provider", *REQUIRED, *OPTIONAL)
        if column in one and one[column] != two[column]
    ]
    same = "of the same service, amount and time: expected one price"
    return f"{'; '.join(dict.fromkeys(differences))} {same}"


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
            "sender": self.cell("sender", _country, required=True),
            "receiver": self.cell("receiver", _country, required=True),
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


def _country(text: str) -> str:
    try:
        return country_code(text.upper())
    except ValueError:
        raise ValueError(
            f"unknown country {text!r}: expected an ISO 3166-1 alpha-3 code such as {_code_meant(text) or 'GBR'}"
        ) from None


def _code_meant(text: str) -> str:
    """The code of a country that was given by its name or its code of two letters; '' where it is neither."""
    try:
        return named(text).code
    except ValueError:
        return next((code for code, country in countries().items() if country.iso2 == text.upper()), "")


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
        number_of_a_day = (
            ", not a spreadsheet's number of a day" if re.fullmatch(r"\d{5}(\.\d+)?", text, re.ASCII) else ""
        )
        expected = "expected a date such as 2026-11-20, or a time with its offset such as 2026-11-20T09:30:00Z"
        raise ValueError(expected + number_of_a_day) from None


def _tier(sender: str, currency: str, amount: Decimal) -> Tier | None:
    """The survey amount that this amount stands for; an amount in US dollars is compared with USD 200 and 500 wherever
    it is sent from."""
    return tier_of(sender, currency, amount) or (tier_of("USA", "USD", amount) if currency == "USD" else None)
