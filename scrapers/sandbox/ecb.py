"""The sandbox's central bank: daily list, 90-day list and history, as the European Central Bank shows them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import lru_cache

from scrapers.sandbox.fx import BUSINESS_DAYS, PUBLISHED, last_business_day
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import HTML, Answer
from scrapers.sandbox.world import World

FOLDER = "/stats/eurofxref/"
ROBOTS = "User-agent: *\nDisallow: /search/\nAllow: /stats/\n"
_NAMESPACES = (
    'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"'
)


def answer(world: World, path: str, query: Mapping[str, str], day: date) -> Answer:
    """The answer to a path on a day. Rates of the day itself are in from its first minute; weekends bring none."""
    newest = last_business_day(day)
    if path == FOLDER + "eurofxref-daily.xml":
        body, content_type = _xml(world, (newest,)), "text/xml"
    elif path == FOLDER + "eurofxref-hist-90d.xml":
        body, content_type = _xml(world, _days(newest, newest - timedelta(days=90))), "text/xml"
    elif path == FOLDER + "eurofxref-hist.xml":
        body, content_type = _xml(world, _days(newest, BUSINESS_DAYS[0])), "text/xml"
    elif path == FOLDER + "eurofxref-hist.zip":
        body, content_type = _history(world, newest), "application/zip"
    else:
        return Answer(404, HTML, b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>")
    published = format_datetime(datetime.combine(newest, time(), UTC), usegmt=True)
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Answer(200, content_type, body, {"Last-Modified": published, "ETag": tag})


def _days(newest: date, oldest: date) -> tuple[date, ...]:
    """The business days between two days, newest first."""
    return tuple(day for day in reversed(BUSINESS_DAYS) if oldest <= day <= newest)


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


def _text(world: World, currency: str, day: date) -> str:
    """A rate as published: without the zeros at its end."""
    text = str(world.rates.per_euro(currency, day))
    return text.rstrip("0").rstrip(".") if "." in text else text
