"""The sandbox's central banks that answer in JSON, each in its own shape, from the one world of rates.

As with the real ones: nothing new at weekends and on holidays, rates for 10, 100 or 1,000 units, a currency of theirs
that no table knows, rates that hold until the next business day.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scrapers.sandbox.fx import PUBLISHED, business_days, last_business_day
from scrapers.sandbox.wire import Answer, Question, as_of, json_answer
from scrapers.sandbox.world import World

_NBP_LARGE = (*PUBLISHED, "EUR", "UAH", "CLP")
_NBP_OTHERS = "AED ALL AMD ARS BDT COP EGP ETB GHS KES LKR MAD MDL NGN NPR PKR QAR SAR TZS UGX UZS VND XAF XOF"
_OF_CANADA = "AUD BRL CHF CNY EUR GBP HKD IDR INR JPY KRW MXN NOK NZD PEN SAR SEK SGD TRY TWD USD ZAR"
_OF_ARGENTINA = {
    **{code: f"MONEDA {code}" for code in PUBLISHED if code not in ("USD", "JPY", "KRW", "IDR", "MXN")},
    "USD": "DOLAR E.E.U.U.",
    "EUR": "EURO",
    "JPY": "YENS (C/1.000 UNIDADES)",
    "KRW": "WON (C/1.000 UNIDADES)",
    "MXP": "PESO MEJICANO",
}
_FOR_ONE_UNIT = "USD EUR GBP CHF AUD CAD SGD CNY SAR QAR THB AED MYR SEK DKK HKD KWD BHD OMR"
_OF_NEPAL = {
    "INR": 100,
    "JPY": 10,
    "KRW": 100,
    **dict.fromkeys(_FOR_ONE_UNIT.split(), 1),
}
_OF_NIGERIA = {
    "US DOLLAR": "USD",
    "POUNDS STERLING": "GBP",
    "EURO": "EUR",
    "SWISS FRANC": "CHF",
    "YEN": "JPY",
    "YUAN/RENMINBI": "CNY",
    "RIYAL": "SAR",
    "UAE DIRHAM": "AED",
    "SOUTH AFRICAN RAND": "ZAR",
    "DANISH KRONA": "DKK",
}
_OF_UKRAINE = "USD EUR GBP CHF PLN CZK SEK NOK DKK HUF RON TRY CAD AUD NZD JPY KRW CNY HKD SGD INR IDR THB ILS ZAR MXN"
_OF_HONG_KONG = "usd gbp jpy cad aud sgd twd chf cny krw thb myr eur php inr idr zar"
_OF_KENYA = {
    "US DOLLAR": "USD",
    "STG POUND": "GBP",
    "EURO": "EUR",
    "SA RAND": "ZAR",
    "AE DIRHAM": "AED",
    "CAN $": "CAD",
    "S FRANC": "CHF",
    "JPY (100)": "JPY",
    "SW KRONER": "SEK",
    "NOR KRONER": "NOK",
    "DAN KRONER": "DKK",
    "IND RUPEE": "INR",
    "Hongkong Dollar": "HKD",
    "Singapore Dollar": "SGD",
    "Saudi Riyal": "SAR",
    "CHINESE YUAN": "CNY",
    "AUSTRALIAN $": "AUD",
}
_OF_EAST_AFRICA = {"KES / USHS": "UGX", "KES / TSHS": "TZS", "KES / RWF": "RWF"}


def bank_of_canada(world: World, question: Question, day: date) -> Answer:
    """Canadian dollars for one unit, a series a pair, all numbers as text."""
    if question.path != "/valet/observations/group/FX_RATES_DAILY/json":
        return _no_page()
    observations = [
        {
            "d": str(one),
            **{f"FX{code}CAD": {"v": f"{world.rates.cross(code, 'CAD', one):f}"} for code in _OF_CANADA.split()},
        }
        for one in _days(question, "start_date", "end_date", day)
    ]
    return json_answer({"terms": {"url": "https://terms.invalid/"}, "observations": observations})


def banxico(world: World, question: Question, day: date) -> Answer:
    """Pesos for one dollar. A bank holiday within the week stands in the list without a number (`N/E`)."""
    before, _, span = question.path.partition("/SF43718/datos/")
    if before != "/SieAPIRest/service/v1/series" or span.count("/") != 1:
        return _no_page()
    first, last = map(date.fromisoformat, span.split("/"))
    open_days = business_days(first, min(last, day))
    listed = [one for one in _weekdays(first, min(last, day)) if one in open_days or one.day != 1]
    data = [
        {
            "fecha": f"{one:%d/%m/%Y}",
            "dato": _places(world.rates.cross("USD", "MXN", one), 4) if one in open_days else "N/E",
        }
        for one in listed
    ]
    return json_answer({"bmx": {"series": [{"idSerie": "SF43718", "titulo": "Tipo de cambio", "datos": data}]}})


def banrep(world: World, question: Question, day: date) -> Answer:
    """Pesos for one dollar: each row holds until the day before the next business day, over weekends and holidays."""
    if question.path != "/resource/32sa-8pi3.json":
        return _no_page()
    first, last = (date.fromisoformat(part[:10]) for part in question.query["$where"].split("'")[1::2])
    rows = []
    for one in business_days(first, min(last, day)):
        following = business_days(one + timedelta(days=1), one + timedelta(days=9))
        until = following[0] - timedelta(days=1) if following else one
        rows.append(
            {
                "valor": _places(world.rates.cross("USD", "COP", one), 2),
                "unidad": "COP",
                "vigenciadesde": f"{one}T00:00:00.000",
                "vigenciahasta": f"{until}T00:00:00.000",
            }
        )
    return as_of(last_business_day(day), json_answer(rows))


def bcra(world: World, question: Question, day: date) -> Answer:
    """Argentine pesos, some for 1,000 units, of one day; a holiday has no date. Their code for the peso of Mexico is an
    old one."""
    if question.path != "/estadisticascambiarias/v1.0/Cotizaciones":
        return _no_page()
    asked = date.fromisoformat(question.query["fecha"])
    if not business_days(asked, min(asked, day)):
        return json_answer({"status": 200, "results": {"fecha": None, "detalle": []}})
    lines: list[dict[str, Any]] = [_argentine("ARS", "PESO", Decimal(0))]
    for code, name in _OF_ARGENTINA.items():
        units = 1000 if "1.000" in name else 1
        rate = world.rates.cross({"MXP": "MXN"}.get(code, code), "ARS", asked) * units
        lines.append(_argentine(code, name, rate))
    lines.append(_argentine("REF", "DOLAR REFERENCIA COM 3500", world.rates.cross("USD", "ARS", asked)))
    return json_answer({"status": 200, "results": {"fecha": str(asked), "detalle": lines}})


def _argentine(code: str, name: str, rate: Decimal) -> dict[str, Any]:
    return {"codigoMoneda": code, "descripcion": name, "tipoPase": Decimal(0), "tipoCotizacion": rate}


def cbn(world: World, question: Question, day: date) -> Answer:
    """Naira: buying, central and selling, all the days of a year whatever is asked, newest first. Which CFA franc they
    mean is not said."""
    if question.path != "/api/GetAllExchangeRates":
        return _no_page()
    rows: list[dict[str, Any]] = []
    for one in reversed(business_days(day - timedelta(days=365), day)):
        mids = {name: world.rates.cross(code, "NGN", one) for name, code in _OF_NIGERIA.items()}
        for name, mid in {**mids, "CFA": world.rates.cross("XOF", "NGN", one)}.items():
            rows.append(
                {
                    "id": len(rows) + 1,
                    "currency": name,
                    "ratedate": str(one),
                    "buyingrate": _places(mid * 1999 / 2000, 4),
                    "centralrate": _places(mid, 4),
                    "sellingrate": _places(mid * 2001 / 2000, 4),
                }
            )
    return json_answer(rows)


def fbil(world: World, question: Question, day: date) -> Answer:
    """Rupees for 1, 100 or 10,000 units, which the name of a row says."""
    if question.path != "/wasdm/refrates/fetchfiltered":
        return _no_page()
    rows = [
        {
            "processRunDate": f"{one} 00:00:00",
            "subProdName": f"INR / {units} {code}",
            "displayTime": f"{one} 13:00:00",
            "rate": world.rates.cross(code, "INR", one) * units,
            "comments": "",
        }
        for one in _days(question, "fromDate", "toDate", day)
        for code, units in (("USD", 1), ("GBP", 1), ("EUR", 1), ("JPY", 100), ("AED", 1), ("IDR", 10_000))
    ]
    return json_answer(rows)


def hkma(world: World, question: Question, day: date) -> Answer:
    """Hong Kong dollars for one unit at the end of the day: a month comes out when it is over, newest day first."""
    if not question.path.endswith("/monthly-statistical-bulletin/er-ir/er-eeri-daily"):
        return _no_page()
    over = day.replace(day=1) - timedelta(days=1)
    first, last = (date.fromisoformat(question.query[name]) for name in ("from", "to"))
    size, offset = (int(question.query[name]) for name in ("pagesize", "offset"))
    days = business_days(first, min(last, over))[::-1][offset : offset + size]
    records = [
        {
            "end_of_day": str(one),
            **{code: world.rates.cross(code.upper(), "HKD", one) for code in _OF_HONG_KONG.split()},
            "dem": None,
            "special_drawing_rights": None,
        }
        for one in days
    ]
    header = {"success": True, "err_code": "0000", "err_msg": "No error found"}
    return json_answer({"header": header, "result": {"datasize": len(records), "records": records}})


def nbp(world: World, question: Question, day: date) -> Answer:
    """Zlotys for one unit: table A every business day, table B on Wednesdays. No table is 404 with their words."""
    before, _, asked = question.path.partition("/exchangerates/tables/")
    parts = asked.rstrip("/").split("/")
    if before != "/api" or len(parts) != 3 or parts[0] not in ("A", "B"):
        return _no_page()
    table, first, last = parts[0], date.fromisoformat(parts[1]), date.fromisoformat(parts[2])
    days = [one for one in business_days(first, min(last, day)) if table == "A" or one.weekday() == 2]
    if not days:
        return Answer(404, "text/plain; charset=utf-8", b"404 NotFound - Not Found - Brak danych")
    codes = [code for code in _NBP_LARGE if code != "PLN"] if table == "A" else _NBP_OTHERS.split()
    tables = [
        {
            "table": table,
            "no": f"{one:%j}/{table}/NBP/{one.year}",
            "effectiveDate": str(one),
            "rates": [
                *({"currency": code, "code": code, "mid": world.rates.cross(code, "PLN", one)} for code in codes),
                *({"currency": "SDR (MFW)", "code": "XDR", "mid": Decimal("4.9")} for _ in (1,) if table == "A"),
            ],
        }
        for one in days
    ]
    return json_answer(tables)


def nbu(world: World, question: Question, day: date) -> Answer:
    """Hryvnias for `units` of each currency, and for one."""
    if question.path != "/NBU_Exchange/exchange_site":
        return _no_page()
    first, last = (_compact(question.query[name]) for name in ("start", "end"))
    rows = []
    for one in business_days(first, min(last, day)):
        for code in _OF_UKRAINE.split():
            units = {"JPY": 10, "KRW": 100, "HUF": 100, "IDR": 10_000}.get(code, 1)
            rate = world.rates.cross(code, "UAH", one)
            rows.append(
                {
                    "exchangedate": f"{one:%d.%m.%Y}",
                    "cc": code,
                    "enname": code,
                    "rate": rate * units,
                    "units": units,
                    "rate_per_unit": rate,
                    "calcdate": f"{one:%d.%m.%Y}",
                }
            )
    return json_answer(rows)


def nrb(world: World, question: Question, day: date) -> Answer:
    """Nepalese rupees, buying and selling, for `unit` of each currency, in pages of days."""
    if question.path != "/api/forex/v1/rates":
        return _no_page()
    page, size = (int(question.query[name]) for name in ("page", "per_page"))
    days = _days(question, "from", "to", day)
    payload = []
    for one in days[(page - 1) * size : page * size]:
        lines = []
        for code, unit in _OF_NEPAL.items():
            mid = world.rates.cross(code, "NPR", one) * unit
            lines.append(
                {
                    "currency": {"iso3": code, "name": code, "unit": unit},
                    "buy": _places(mid * 998 / 1000, 2),
                    "sell": _places(mid * 1002 / 1000, 2),
                }
            )
        payload.append({"date": str(one), "published_on": f"{one} 00:00:13", "rates": lines})
    pagination = {"page": page, "pages": -(-len(days) // size), "per_page": size, "total": len(days)}
    answer = {"status": {"code": 200}, "errors": {"validation": None}, "data": {"payload": payload}}
    return json_answer({**answer, "pagination": pagination})


def cbk(world: World, question: Question, day: date) -> Answer:
    """Shillings for one unit (yen for 100), and the neighbours turned over: their money for one shilling."""
    if question.path != "/wp-admin/admin-ajax.php" or question.query.get("action") != "get_wdtable":
        return _no_page()
    rows: list[list[str]] = []
    for one in reversed(business_days(day - timedelta(days=60), day)):
        for label, code in _OF_KENYA.items():
            units = 100 if "(100)" in label else 1
            rows.append([f"{one:%d/%m/%Y}", label, _places(world.rates.cross(code, "KES", one) * units, 4)])
        for label, code in _OF_EAST_AFRICA.items():
            rows.append([f"{one:%d/%m/%Y}", label, _places(world.rates.cross("KES", code, one), 4)])
    size = str(len(rows))
    return json_answer({"draw": 1, "recordsTotal": size, "recordsFiltered": size, "data": rows})


def _no_page() -> Answer:
    return json_answer({"error": "Not Found"}, 404)


def _days(question: Question, since: str, until: str, day: date) -> tuple[date, ...]:
    """The business days that are asked for and have come."""
    first, last = (date.fromisoformat(question.query[name]) for name in (since, until))
    return business_days(first, min(last, day))


def _weekdays(first: date, last: date) -> list[date]:
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [day for day in days if day.weekday() < 5]


def _compact(text: str) -> date:
    return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")


def _places(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
