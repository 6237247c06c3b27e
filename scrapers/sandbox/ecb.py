"""The sandbox's central bank: daily list, 90-day list, history and data API, as the European Central Bank shows
them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

from scrapers.sandbox.fx import BUSINESS_DAYS, PUBLISHED, business_days, last_business_day
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import HTML, Answer, Question, as_of
from scrapers.sandbox.world import World

FOLDER = "/stats/eurofxref/"
DATA = "/service/data/EXR/D..EUR.SP00.A"
ROBOTS = "User-agent: *\nDisallow: /search/\nAllow: /stats/\n"
_NAMESPACES = (
    'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"'
)


def answer(world: World, question: Question, day: date) -> Answer:
    """The answer to a path on a day. Rates of the day itself are in from its first minute; weekends bring none."""
    path, newest = question.path, last_business_day(day)
    if path == FOLDER + "eurofxref-daily.xml":
        body, content_type = _xml(world, (newest,)), "text/xml"
    elif path == FOLDER + "eurofxref-hist-90d.xml":
        body, content_type = _xml(world, _days(newest, newest - timedelta(days=90))), "text/xml"
    elif path == FOLDER + "eurofxref-hist.xml":
        body, content_type = _xml(world, _days(newest, BUSINESS_DAYS[0])), "text/xml"
    elif path == FOLDER + "eurofxref-hist.zip":
        body, content_type = _history(world, newest), "application/zip"
    elif path == DATA:
        body, content_type = _data(world, question.query, newest), "text/csv"
    else:
        return Answer(404, HTML, b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>")
    return as_of(newest, Answer(200, content_type, body))


def _days(newest: date, oldest: date) -> tuple[date, ...]:
    """The business days between two days, newest first."""
    return business_days(oldest, newest)[::-1]


def _xml(world: World, days: Iterable[date]) -> bytes:
    cubes = "\n".join(
        f'\t\t<Cube time="{day}">\n'
        + "".join(
            f'\t\t\t<Cube currency="{currency}" rate="{_text(world, currency, day)}"/>\n' for currency in PUBLISHED
        )
        + "\t\t</Cube>"
        for day in days
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {MARK} -->\n<gesmes:Envelope {_NAMESPACES}>\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n"
        f"\t<Cube>\n{cubes}\n\t</Cube>\n</gesmes:Envelope>\n"
    ).encode()


@lru_cache(maxsize=4)
def _history(world: World, newest: date) -> bytes:
    """The zip with one csv: newest first, a comma at the end of every line, `N/A` where there was no rate (RUB)."""
    lines = ["Date," + ",".join([*PUBLISHED, "RUB"]) + ","]
    for day in _days(newest, BUSINESS_DAYS[0]):
        rates = [_text(world, currency, day) for currency in PUBLISHED]
        lines.append(f"{day}," + ",".join([*rates, "N/A"]) + ",")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = MARK.encode()
        entry = zipfile.ZipInfo("eurofxref-hist.csv", (newest.year, newest.month, newest.day, 15, 55, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, "\n".join(lines) + "\n")
    return packed.getvalue()


def _data(world: World, query: Mapping[str, str], newest: date) -> bytes:
    """The csv of the data API with the columns that `detail=dataonly` leaves, currency by currency."""
    first, last = (date.fromisoformat(query[name]) for name in ("startPeriod", "endPeriod"))
    days = business_days(first, min(last, newest))
    lines = ["KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE"]
    for currency in sorted(PUBLISHED):
        key = f"EXR.D.{currency}.EUR.SP00.A,D,{currency},EUR,SP00,A"
        lines += [f"{key},{day},{_text(world, currency, day)}" for day in days]
    return ("\r\n".join(lines) + "\r\n").encode()


def _text(world: World, currency: str, day: date) -> str:
    """A rate as published: without the zeros at its end."""
    text = str(world.rates.per_euro(currency, day))
    return text.rstrip("0").rstrip(".") if "." in text else text
