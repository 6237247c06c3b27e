"""Banco Central de la República Argentina: pesos for one unit of each currency, one answer a day.

On holidays the answer has no date. A description may say for how many units a rate is (`C/1.000 UNIDADES`). The list
has codes of its own: `MXP` is the Mexican peso; what is no ISO currency or stands under the code of one that is gone is
left out (`not_money`, `not_iso`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, NothingPublished, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import number
from scrapers.rate_lists import NOT_MONEY, from_a_week_back, or_nothing, per_unit, weekdays

URL = "https://api.bcra.gob.ar/estadisticascambiarias/v1.0/Cotizaciones"
LOOK_BACK_DAYS = 3  # a request a day: past a weekend, no further
THEIR_CODES = {"MXP": "MXN"}
# CNH: the yuan traded outside China. REF: a reference dollar. VEB: the bolivar of before 2008 or a later one.
NOT_ISO = frozenset({"CNH", "REF", "VEB"})


class Bcra(Scraper):
    """One request a weekday."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        for day in weekdays(from_a_week_back(since, until, LOOK_BACK_DAYS), until):
            yield Request(URL, {"fecha": str(day)})

    def parse(self, response: Response) -> Iterator[Record]:
        results = response.json()["results"]
        if results["fecha"] is None:
            yield NothingPublished(f"no rates on {response.request.params['fecha']}: a holiday")
            return
        day = dt.date.fromisoformat(results["fecha"])
        asked = response.request.params["fecha"]
        if str(day) != asked:
            raise AnswerError("invalid", f"asked for {asked}, got the rates of {day}")
        yield from or_nothing(each(((day, entry) for entry in results["detalle"]), _read), "no rate on this day")


def _read(entry: tuple[dt.date, Mapping[str, Any]]) -> Iterator[Record]:
    day, line = entry
    code = line["codigoMoneda"]
    if code == "ARS":  # the peso itself, at 0
        return
    if code in NOT_MONEY or code in NOT_ISO:
        yield Repaired("not_money" if code in NOT_MONEY else "not_iso")
        return
    units = Decimal(1)
    if (stated := re.search(r"\(C/(.+) UNIDADES\)", line["descripcion"])) is not None:
        units = number(stated[1], decimal=",", group=".")
        yield Repaired("per_units")
    if code in THEIR_CODES:
        yield Repaired("their_code")
    rate = per_unit(exact_decimal(line["tipoCotizacion"]), units)
    yield ReferenceRate(base=THEIR_CODES.get(code, code), quote="ARS", date=day, rate=rate)
