"""The sandbox's central banks that answer in csv (Bank of England) and in a page (BCEAO)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from scrapers.sandbox.fx import business_days
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import HTML, Answer, Question
from scrapers.sandbox.world import World

_SERIES = {
    "XUDLUSS": "USD",
    "XUDLERS": "EUR",
    "XUDLJYS": "JPY",
    "XUDLADS": "AUD",
    "XUDLCDS": "CAD",
    "XUDLSFS": "CHF",
    "XUDLBK89": "CNY",
    "XUDLBK25": "CZK",
    "XUDLDKS": "DKK",
    "XUDLHDS": "HKD",
    "XUDLBK33": "HUF",
    "XUDLBK78": "ILS",
    "XUDLBK97": "INR",
    "XUDLNKS": "NOK",
    "XUDLNDS": "NZD",
    "XUDLBK47": "PLN",
    "XUDLSKS": "SEK",
    "XUDLSGS": "SGD",
    "XUDLZRS": "ZAR",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_IN_FRENCH = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
_DAYS_OF_THE_WEEK = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_IN_FRENCH = {
    "Euro": "EUR",
    "Dollar us": "USD",
    "Yen japonais": "JPY",
    "Couronne danoise": "DKK",
    "Couronne suédoise": "SEK",
    "Livre sterling": "GBP",
    "Couronne norvégienne": "NOK",
    "Couronne thèque": "CZK",
    "Forint hongrois": "HUF",
    "Zloty polonais": "PLN",
    "Franc suisse": "CHF",
    "Dollar canadien": "CAD",
    "Dollar australien": "AUD",
    "Dollar néo-zélandais": "NZD",
    "Rand sud-africain": "ZAR",
    "Yuan chinois": "CNY",
    "Roupie indienne": "INR",
    "Baht thailandais": "THB",
    "Real brésilien": "BRL",
    "Dollar singapourien": "SGD",
    "Nouvelle livre turque": "TRY",
    "Dirham Emirats arabes unis": "AED",
    "Nouveau shekel": "ILS",
    "Won coréen": "KRW",
    "Dollar Hong Kong": "HKD",
    "Ryal saudien": "SAR",
    "Dinar koweitien": "KWD",
}


def bank_of_england(world: World, question: Question, day: date) -> Answer:
    """Units for one pound, a column a series of those asked for, a row a business day."""
    if question.path != "/boeapps/database/_iadb-fromshowcolumns.asp":
        return _no_page()
    codes = [code for code in question.query["SeriesCodes"].split(",") if code in _SERIES]
    first, last = (_asked_day(question.query[name]) for name in ("Datefrom", "Dateto"))
    lines = ["DATE," + ",".join(codes)]
    for one in business_days(first, min(last, day)):
        rates = [f"{world.rates.cross('GBP', _SERIES[code], one):f}" for code in codes]
        lines.append(f"{one.day:02} {_MONTHS[one.month - 1]} {one.year}," + ",".join(rates))
    return Answer(200, "application/csv", ("\r\n".join(lines) + "\r\n").encode())


def _asked_day(text: str) -> date:
    """17/Nov/2026."""
    day, month, year = text.split("/")
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def bceao(world: World, question: Question, day: date) -> Answer:
    """CFA francs for one unit on a day, with a comma; a holiday is a table without rows."""
    if question.path != "/fr/cours/get_all_reference_by_date":
        return _no_page()
    asked = date.fromisoformat(question.query["dateJour"])
    rates = _IN_FRENCH if business_days(asked, min(asked, day)) else {}
    rows = "".join(f"<tr><td>{name}</td><td>{_franc(world, code, asked)}</td></tr>\n" for name, code in rates.items())
    number = "1er" if asked.day == 1 else str(asked.day)
    heading = f"{_DAYS_OF_THE_WEEK[asked.weekday()]} {number} {_MONTHS_IN_FRENCH[asked.month - 1]} {asked.year}"
    page = (
        f"<!-- {MARK} -->\n<h2>Cours des devises du {heading}</h2>\n<table><tbody>\n"
        f"<tr><th>Devise</th><th>CFA</th></tr>\n{rows}</tbody></table>\n"
    )
    return Answer(200, HTML, page.encode())


def _franc(world: World, code: str, day: date) -> str:
    rate = world.rates.per_euro("XOF", day) / world.rates.per_euro(code, day)
    return f"{rate.quantize(Decimal('0.0001'), rounding=ROUND_HALF_UP):f}".replace(".", ",")


def _no_page() -> Answer:
    return Answer(404, HTML, f"<!DOCTYPE html><html><!-- {MARK} --><body>Not found</body></html>".encode())
