"""The figures and services of one basis, looked up by what they say instead of by frame positions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from remitwatch.made_once import Made, MadeOnce
from reports import numbers, wording
from reports.inputs import BasisInput, SourceLine, cells

WORLD = ("world", "", "")
MIX_FACTOR = 3
SHARED_TENTHS = 9
"""Two figures speak of the same corridors when they share this many tenths of them at least."""
LONGEST_GAP = dt.timedelta(days=5 * 366)
"""Over a longer stretch without any figure, levels are not compared."""


class Figure(NamedTuple):
    """One published figure: its value (per cent, None with a flag that says why), and what stands behind it."""

    indicator: str
    period: str
    value: Decimal | None
    services: int
    providers: int
    corridors: int
    flags: tuple[str, ...]
    id: str

    @property
    def thin(self) -> bool:
        """Fewer than three services stand behind it: shown, not judged."""
        return "fewer_than_three" in self.flags


@dataclass(frozen=True, slots=True)  # tens of thousands, of many fields
class Offer:
    """One listed service at one amount. Percentages are None when the rate is not disclosed; amounts, rate and
    received are None where the source's terms allow percentages only."""

    ref: str
    quote_id: str
    source: str
    snapshot: str
    tier: int
    corridor: str
    send_currency: str
    receive_currency: str
    send_amount: Decimal | None
    provider: str
    name: str
    type: str
    type_codes: tuple[str, ...]
    payment_codes: tuple[str, ...]
    access_codes: tuple[str, ...]
    pickup_code: str
    speed: str
    day: dt.date | None
    fee_pct: Decimal | None
    margin_pct: Decimal | None
    total_pct: Decimal | None
    fee: Decimal | None
    rate: Decimal | None
    received: Decimal | None
    reference_rate: Decimal | None
    reference_source: str
    reference_date: dt.date | None
    quoted_at: str
    survey_row: str
    smart_rank: int
    flags: tuple[str, ...]
    derived: bool

    @property
    def payment(self) -> str:
        """What is paid in with, in words: `Bank account, debit card`."""
        return wording.joined("+".join(self.payment_codes), wording.INSTRUMENTS)

    @property
    def access(self) -> str:
        """Where the sender goes, in words."""
        return wording.joined("+".join(self.access_codes), wording.ACCESS_POINTS)

    @property
    def pickup(self) -> str:
        """How it is paid out, in words."""
        return wording.PICKUPS.get(self.pickup_code) or wording.plain(self.pickup_code)

    @property
    def stale(self) -> bool:
        """Too old for the figures of the period: listed with its age."""
        return "stale" in self.flags

    @property
    def quarantined(self) -> bool:
        """Out of the figures until a person releases it or its next price confirms it: listed with its reasons."""
        return "quarantined" in self.flags


def alike(one: Figure, other: Figure) -> bool:
    """Whether two figures rest on about as many services and corridors: less than MIX_FACTOR apart. True where counts
    are unknown."""
    return _about(one.services, other.services) and _about(one.corridors, other.corridors)


def _about(one: int, other: int) -> bool:
    few, many = (one, other) if one < other else (other, one)
    return few == 0 or many < few * MIX_FACTOR


def near(before: str, after: str) -> bool:
    """Whether one period follows another within five years."""
    return numbers.period_days(after)[0] - numbers.period_days(before)[1] <= LONGEST_GAP


Place = tuple[str, str, str]


@dataclass
class Figures:
    """The figures of a basis, looked up once all are read. `place` is (scope, first, second): ("corridor", "GBR",
    "IND"), ("region", name, "")."""

    basis: str
    period: str
    now: dict[tuple[Any, ...], Figure] = field(default_factory=dict)
    past: dict[tuple[Any, ...], dict[str, Figure]] = field(default_factory=lambda: defaultdict(dict))
    groups: dict[tuple[Any, ...], list[tuple[str, Figure]]] = field(default_factory=lambda: defaultdict(list))
    corridors: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    """The corridors with an average, by period."""
    _series: dict[tuple[Any, ...], tuple[Figure, ...]] = field(default_factory=dict, repr=False)
    """What was asked of `series` before."""
    _steady: dict[tuple[Any, ...], tuple[Figure, ...]] = field(default_factory=dict, repr=False)
    """What was asked of `steady` before."""

    def get(self, indicator: str, place: Place = WORLD, amount: int = 200) -> Figure | None:
        """The figure of this period, or None where no row was given."""
        return self.now.get((indicator, place, amount))

    def value(self, indicator: str, place: Place = WORLD, amount: int = 200) -> Decimal | None:
        """Its value, or None."""
        figure = self.get(indicator, place, amount)
        return figure.value if figure else None

    def series(self, indicator: str, place: Place = WORLD, amount: int = 200) -> list[Figure]:
        """The figures of every calendar period held, oldest first, this one included; those without value left out."""
        wanted = (indicator, place, amount)
        found = self._series.get(wanted)
        if found is None:
            held = dict(self.past.get(wanted, {}))
            current = self.now.get(wanted)
            if current is not None:
                held.setdefault(self.period, current)
            calendar = sorted((key for key in held if numbers.period_kind(key) != "latest"), key=numbers.period_days)
            found = self._series[wanted] = tuple(held[key] for key in calendar if held[key].value is not None)
        return list(found)

    def steady(self, indicator: str, place: Place = WORLD, amount: int = 200) -> list[Figure]:
        """The end of `series` over which levels may be compared (`comparable`), without a gap of over five years."""
        wanted = (indicator, place, amount)
        found = self._steady.get(wanted)
        if found is None:
            found = self._steady[wanted] = tuple(self._comparable_end(self.series(*wanted), place))
        return list(found)

    def _comparable_end(self, held: list[Figure], place: Place) -> list[Figure]:
        start = next((n for n in range(len(held), 0, -1) if not self.comparable(held[n - 1], held[-1], place)), 0)
        far = (n for n in range(len(held) - 1, start, -1) if not near(held[n - 1].period, held[n].period))
        return held[next(far, start) :]

    def comparable(self, one: Figure, other: Figure, place: Place = WORLD) -> bool:
        """Whether a difference of two figures of a place is one of prices: they rest on the same corridors and on about
        as many services. Else it may be a change of what is measured."""
        return alike(one, other) and self.same_corridors(one, other, place)

    def same_corridors(self, one: Figure, other: Figure, place: Place = WORLD) -> bool:
        """Whether two figures of a place speak of the same corridors, but for a tenth. By number where it is not held
        which ones they are; True where nothing is known."""
        if place[0] == "corridor":
            return True
        sets = [self.corridors.get(figure.period, set()) for figure in (one, other)]
        if place == WORLD and all(sets):
            return len(sets[0] & sets[1]) * 10 >= max(map(len, sets)) * SHARED_TENTHS
        few, many = sorted((one.corridors, other.corridors))
        return few == 0 or few * 10 >= many * SHARED_TENTHS

    def at(self, indicator: str, period: str, place: Place = WORLD, amount: int = 200) -> Figure | None:
        """The figure of another period with a value, or None."""
        figure = self.past.get((indicator, place, amount), {}).get(period)
        return figure if figure is not None and figure.value is not None else None

    def places(self, scope: str, indicator: str = "average_total_cost", amount: int = 200) -> list[Place]:
        """The places of a scope that have a row for `indicator`, in order of name."""
        return list(self._places.get((scope, indicator, amount), ()))

    @cached_property
    def _places(self) -> dict[tuple[str, str, int], list[Place]]:
        found: dict[tuple[str, str, int], list[Place]] = defaultdict(list)
        for code, place, amount in self.now:
            found[place[0], code, amount].append(place)
        return {key: sorted(places) for key, places in found.items()}

    @cached_property
    def to_receiver(self) -> dict[str, list[Place]]:
        """The corridors with a row of the average, by receiving country: the cheapest first, those without value
        last."""
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self.places("corridor"):
            found[place[2]].append(place)
        for places in found.values():
            costs = {place: self.value("average_total_cost", place) for place in places}
            places.sort(key=lambda place: (costs[place] is None, costs[place] or 0, place))
        return dict(found)

    def count(self, place: Place, amount: int, figure: Figure) -> None:
        """Take note of a corridor that a period's figures rest on, a withheld one too."""
        if (place[0], figure.indicator, amount) == ("corridor", "average_total_cost", 200) and figure.services:
            self.corridors[figure.period].add(place)


def read_figures(data: BasisInput) -> Figures:
    """Figures from the frames of a basis."""
    figures = Figures(data.basis, data.period)
    for place, amount, breakdown, group, figure in _rows(data.indicators):
        if breakdown is None:
            figures.now[figure.indicator, place, amount] = figure
            figures.count(place, amount, figure)
        elif group is not None:
            figures.groups[figure.indicator, place, amount, breakdown].append((group, figure))
    for place, amount, breakdown, _, figure in _rows(data.history):
        if breakdown is None:
            figures.past[figure.indicator, place, amount][figure.period] = figure
            figures.count(place, amount, figure)
    return figures


@dataclass(frozen=True)
class Yearly:
    """The figure that stands for a year, and the keys of the sources of its prices, joined by `+`."""

    figure: Figure
    sources: str


def read_annual(frame: pd.DataFrame) -> dict[tuple[str, str, Place], dict[str, Yearly]]:
    """The annual figures with a value by basis, indicator and place, then by year, the newest first."""
    found: dict[tuple[str, str, Place], dict[str, Yearly]] = defaultdict(dict)
    newest_first = frame.sort_values("period", ascending=False, kind="stable")
    bases, sources = newest_first["basis"], newest_first["sources"]
    for row, basis, keys in zip(_rows(newest_first), bases, sources, strict=True):
        place, _amount, _breakdown, _group, figure = row
        if figure.value is not None:
            found[str(basis), figure.indicator, place][figure.period[:4]] = Yearly(figure, _text(keys) or "")
    return dict(found)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Place, int, str | None, str | None, Figure]]:
    """Hundreds of thousands: column by column, what is the same made once."""
    columns = {name: frame[name].tolist() for name in _OF_FIGURES}
    figures = map(
        Figure,
        _each(columns["indicator"], str),
        _each(columns["period"], str),
        map(numbers.decimal_of, columns["value"]),
        *(_each(columns[name], _whole) for name in ("services", "providers", "corridors")),
        _each((tuple(cell) if isinstance(cell, list) else cell for cell in columns["flags"]), _flags),
        map(_text_or_nothing, columns["id"]),
    )
    yield from zip(
        _each(zip(*(columns[name] for name in ("scope", "sender", "receiver", "region")), strict=True), _place),
        _each(columns["amount"], _whole),
        _each(columns["breakdown"], _text),
        _each(columns["group"], _text),
        figures,
        strict=True,
    )


_OF_FIGURES = ("scope", "sender", "receiver", "region", "amount", "breakdown", "group", "indicator", "period", "value",
               "services", "providers", "corridors", "flags", "id")  # fmt: skip


def _each(values: Iterable[Hashable], make: Callable[[Any], Made]) -> Iterator[Made]:
    """What is made of each value, of the same ones once."""
    return map(MadeOnce(make).__getitem__, values)


def _place(of: tuple[Any, Any, Any, Any]) -> Place:
    scope, sender, receiver, region = of
    first = {"sender": sender, "receiver": receiver, "corridor": sender, "region": region}.get(scope)
    second = receiver if scope == "corridor" else None
    return (str(scope), _text_or_nothing(first), _text_or_nothing(second))


def read_offers(
    frame: pd.DataFrame, sources: Iterable[SourceLine], *, promotions: bool = False
) -> dict[str, list[Offer]]:
    """The services that may be listed, by corridor, cheapest first.

    Left out: private rows, and rows of sources whose terms forbid showing them. A source without known terms is treated
    as `derived` (cost percentages only). A reference rate is left out where its own source's terms forbid showing it.
    """
    terms = {source.key: source.redistribution for source in sources}
    columns = {name: _read(name, cells(frame[name])) for name in frame.columns}
    found: dict[str, list[Offer]] = defaultdict(list)
    for cells_of_row in zip(*columns.values(), strict=True):
        row = dict(zip(columns, cells_of_row, strict=True))
        shown = terms.get(row["source"], "derived")
        if shown == "none" or row["private"]:
            continue
        offer = _offer(row, derived=shown != "full", promotion=promotions)
        if any(terms.get(key, "full") != "full" for key in offer.reference_source.split("+")):
            offer = replace(offer, reference_rate=None)
        found[offer.corridor].append(offer)
    for offers in found.values():
        offers.sort(key=_order)
    return dict(found)


def _read(name: str, values: list[Any]) -> Iterable[Any]:
    """The cells of a column of services as offers take them."""
    if name in _OF_OFFERS:
        return _each(values, _OF_OFFERS[name])
    # Not once for equal ones: 1.5 and 1.50 are equal, and stay as they were given.
    return map(numbers.decimal_of, values) if name in _DECIMALS else values


def _order(offer: Offer) -> tuple[Any, ...]:
    total = offer.total_pct
    return (total is None, total if total is not None else Decimal(0), offer.name, offer.payment_codes, offer.quote_id)


def _offer(row: Mapping[str, Any], *, derived: bool, promotion: bool) -> Offer:
    """An offer from a row whose cells are read as _OF_OFFERS says."""
    disclosed = row["transparent"]
    rate = row["rate"] if disclosed else None
    amount, fee, received = row["send_amount"], row["fee"], row["receive_amount"]
    if received is None and rate is not None and amount is not None:
        received = (amount - (fee or 0) if row["fee_model"] == "deducted" else amount) * rate
    return Offer(
        ref=("p" if promotion else "e") + "".join(char for char in row["quote_id"] if char.isalnum()),
        quote_id=row["quote_id"],
        source=row["source"],
        snapshot=row["snapshot"],
        tier=row["tier"],
        corridor=row["corridor"],
        send_currency=row["send_currency"],
        receive_currency=row["receive_currency"],
        send_amount=amount,
        provider=row["provider"],
        name=row["provider_name"],
        type=row["provider_type"][0],
        type_codes=row["provider_type"][1],
        payment_codes=row["payment_instrument"],
        access_codes=row["access_point"],
        pickup_code=row["pickup_method"],
        speed=row["speed"],
        day=row["day"],
        fee_pct=row["fee_e8"],
        margin_pct=row["margin_e8"] if disclosed else None,
        total_pct=row["total_e8"] if disclosed else None,
        fee=None if derived else fee,
        rate=None if derived else rate,
        received=None if derived else received,
        reference_rate=None if derived else row["reference_rate"],
        reference_source=row["reference_source"],
        reference_date=row["reference_date"],
        quoted_at=row["quoted_at"],
        survey_row=row["survey_row"],
        smart_rank=row["smart_rank"],
        flags=row["flags"],
        derived=derived,
    )


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return str(value) or None


def _text_or_nothing(value: Any) -> str:
    return _text(value) or ""


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(wording.codes(value))


def _type(value: Any) -> tuple[str, tuple[str, ...]]:
    return wording.type_code(value), _codes(value)


def _speed(value: Any) -> str:
    return str(value) if str(value) in wording.SPEEDS else "unknown"


def _whole(value: Any) -> int:
    return 0 if value is None or value != value else int(value)


def _flags(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.split("+") if part)
    return tuple(str(part) for part in value) if isinstance(value, tuple | list) else ()


def _time(value: Any) -> str:
    """`2026-10-30 06:12` (UTC), empty when unknown."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value[:16].replace("T", " ")
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, dt.datetime) else str(value)


_OF_OFFERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("corridor", "pickup_method", "provider", "quote_id", "receive_currency", "send_currency"), str),
    "source": str,
    **dict.fromkeys(("snapshot", "reference_source", "survey_row"), _text_or_nothing),
    **dict.fromkeys(("tier", "smart_rank"), _whole),
    **dict.fromkeys(("private", "transparent"), bool),
    **dict.fromkeys(("fee_e8", "margin_e8", "total_e8"), numbers.percent_of_e8),
    **dict.fromkeys(("day", "reference_date"), numbers.date_of),
    **dict.fromkeys(("payment_instrument", "access_point"), _codes),
    "provider_name": wording.name,
    "provider_type": _type,
    "speed": _speed,
    "quoted_at": _time,
    "flags": _flags,
}
"""How most cells of services are read, the same ones once."""
_DECIMALS = ("send_amount", "fee", "rate", "receive_amount", "reference_rate")
