"""The sandbox's market: what every service costs on every day. A pure function of (seed, last day, day).

Nothing depends on the order of calls; what is kept is only what has been computed already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from remitwatch.corridors import Corridor
from remitwatch.countries import find_country
from scrapers.sandbox.draws import Draws
from scrapers.sandbox.fx import Rates, six_digits
from scrapers.sandbox.market import BASKETS, CALCULATORS, FEE_STEPS, FIRMS, ROUTES, WISE, Firm, Product, Route
from scrapers.sandbox.script import Event, script

LAST_DAY = date(2026, 10, 30)
"""The last day of the demo: a constant, so that the demo shows the same on every day it is run."""
_HUNDREDTH = Decimal("0.01")
_KNOT = 45  # days between two independent moods of a corridor's market
_RATE_ADVANTAGE = ("ARE-PAK", "qasrun_exchange_house", "exchange_account")
"""The one service that pays out above the mid rate (as seen with subsidised corridors)."""


@dataclass(frozen=True)
class Sold:
    """One service of the market: a firm's product in a corridor. `weight`: its cost over the corridor's average."""

    route: Route
    firm: Firm
    product: Product
    weight: Decimal

    @cached_property
    def key(self) -> tuple[str, str, str]:
        return (self.route.key, self.firm.key, self.product.code)

    @property
    def corridor(self) -> Corridor:
        return self.route.corridor


@dataclass(frozen=True)
class Price:
    """What a service costs: the fee in the send currency, the applied rate and the mid in receive units per send unit.
    `margin` is per cent of the amount, before the rate is rounded."""

    fee: Decimal
    rate: Decimal
    mid: Decimal
    margin: Decimal


class World:
    """The made-up market of one seed. Faults and events are dated from `last_day` (see `script`)."""

    def __init__(self, seed: int = 7, last_day: date = LAST_DAY) -> None:
        self.seed = seed
        self.last_day = last_day
        self.draws = Draws(seed)
        self.rates = Rates(self.draws)
        self.script: tuple[Event, ...] = script(last_day)
        self.routes: dict[str, Route] = {route.key: route for route in ROUTES}
        self._services: dict[str, tuple[Sold, ...]] = {}
        self._calculators: dict[tuple[str, str], tuple[Sold, ...]] = {}
        for key, route in self.routes.items():
            self._weigh(key, route)
        self._terms: dict[tuple[tuple[str, str, str], int], tuple[Decimal, Decimal]] = {}

    @property
    def corridors(self) -> tuple[str, ...]:
        """`ARE-IND`, ... in order."""
        return tuple(self.routes)

    def first_day(self, days: int = 90) -> date:
        """The first of `days` days that end on the last day."""
        return self.last_day - timedelta(days=days - 1)

    def basket(self, corridor: str) -> tuple[Decimal, Decimal]:
        """The survey's two amounts in the send currency of a corridor."""
        low, high = BASKETS[corridor.split("-")[0]]
        return Decimal(low), Decimal(high)

    def events(self, day: date, *, source: str | None = None, provider: str | None = None) -> tuple[Event, ...]:
        """The scripted events that hold on a day, of one source or one provider where asked."""
        return tuple(
            event
            for event in self.script
            if event.on(day)
            and (source is None or event.source == source)
            and (provider is None or event.provider == provider)
        )

    @property
    def faults(self) -> tuple[Event, ...]:
        """The scripted faults of sources (`down`, `blocked`), each with its `days` and the `reason` to be reported."""
        return tuple(event for event in self.script if event.kind in ("down", "blocked"))

    def fault(self, source: str, day: date) -> Event | None:
        """The scripted fault of a source on a day, or None."""
        return next((event for event in self.faults if event.source == source and event.on(day)), None)

    def services(self, corridor: str, day: date) -> tuple[Sold, ...]:
        """What is sold in a corridor on a day, firm by firm. Raises KeyError for a corridor outside the market."""
        gone = {event.provider for event in self.events(day) if event.kind == "provider_leaves"}
        return tuple(
            sold
            for sold in self._services[corridor]
            if sold.firm.key not in gone and (not sold.firm.since or _quarter(day) >= sold.firm.since)
        )

    def calculator(self, corridor: str, provider: str) -> tuple[Sold, ...]:
        """What one of the `CALCULATORS` sells in a corridor; nothing outside the market. Priced as all others are."""
        return self._calculators.get((corridor, provider), ())

    def corridor_of(self, send: tuple[str, str], receive: tuple[str, str]) -> str | None:
        """The corridor of the market from one (country, currency) to another, countries in two letters."""
        for key, route in self.routes.items():
            pair = route.corridor
            ours = ((pair.sender, pair.send_currency), (pair.receiver, pair.receive_currency))
            if (send, receive) == tuple((find_country(country).iso2, currency) for country, currency in ours):
                return key
        return None

    def mid(self, corridor: str, day: date) -> Decimal:
        """The mid rate of a corridor's two currencies, receive units per send unit, six significant digits."""
        pair = self.routes[corridor].corridor
        return six_digits(self.rates.mid(pair.send_currency, pair.receive_currency, day))

    def price(self, sold: Sold, day: date, amount: Decimal) -> Price:
        """What a service costs on a day for an amount in the send currency. Promotions are not in it."""
        fee_low, margin = self._terms_of(sold, day)
        for event in self.events(day, provider=sold.firm.key):
            if event.kind == "price_change" and event.where(sold.route.key):
                fee_low = fee_low * event.factor
        fee = self._fee(sold, fee_low, amount)
        if sold.firm.key != WISE:
            margin += self.draws.bell("day", *sold.key, day.toordinal()).quantize(_HUNDREDTH) * 6 * _HUNDREDTH
        mid = self.mid(sold.route.key, day)
        return Price(fee, six_digits(mid * (100 - margin) / 100), mid, margin)

    # how prices come about

    def _weigh(self, key: str, route: Route) -> None:
        """The services of a corridor with weights of mean 1, so that its average comes out at its level."""
        raw = [self._raw(route, firm, product) for firm in FIRMS for product in firm.products(key)]
        mean = sum((one.weight for one in raw), Decimal(0)) / len(raw)
        self._services[key] = tuple(replace(one, weight=one.weight / mean) for one in raw)
        for firm in CALCULATORS.values():
            own = [self._raw(route, firm, product) for product in firm.products(key)]
            self._calculators[key, firm.key] = tuple(replace(one, weight=one.weight / mean) for one in own)

    def _raw(self, route: Route, firm: Firm, product: Product) -> Sold:
        spread = 1 + self.draws.bell("firm", route.key, firm.key, product.code) * 9 / 100
        return Sold(route, firm, product, firm.factor * product.cost * spread)

    def level(self, corridor: str, day: date) -> Decimal:
        """The average cost (per cent of USD 200) that a corridor's services are priced around on a day."""
        route = self.routes[corridor]
        years = Decimal((self.last_day - day).days) / 365
        knot, days = divmod(day.toordinal(), _KNOT)
        here, there = (self.draws.bell("mood", corridor, knot + step) for step in (0, 1))
        mood = (here * (_KNOT - days) + there * days) / _KNOT
        return route.level * (1 + route.gain * years / 100) * (1 + mood * 15 / 1000)

    def _terms_of(self, sold: Sold, day: date) -> tuple[Decimal, Decimal]:
        """The fee at USD 200, unrounded, and the margin in per cent: firms set them anew every three to eight weeks."""
        length = self.draws.between(21, 56, "every", *sold.key)
        offset = self.draws.between(0, length, "from", *sold.key)
        epoch = (day.toordinal() + offset) // length
        known = self._terms.get((sold.key, epoch))
        if known is None:
            start = date.fromordinal(epoch * length - offset)
            known = self._terms[sold.key, epoch] = self._set_terms(sold, start, epoch)
        return known

    def _set_terms(self, sold: Sold, start: date, epoch: int) -> tuple[Decimal, Decimal]:
        low, _ = self.basket(sold.route.key)
        taste = 1 + self.draws.bell("terms", *sold.key, epoch) * 4 / 100
        cost = self.level(sold.route.key, start) * sold.weight * taste
        if sold.firm.key == WISE:  # the mid rate and a fee, as its own quotes say
            return cost * low / 100, Decimal(0)
        if sold.key == _RATE_ADVANTAGE:
            return Decimal(0), Decimal("-0.85")
        share = min(sold.product.fee_share * sold.route.fee_weight, Decimal("0.95"))
        fee = _stepped(cost * share * low / 100, FEE_STEPS[sold.corridor.send_currency])
        margin = max(cost - fee / low * 100, Decimal("0.05"))
        return fee, margin.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)

    def _fee(self, sold: Sold, fee_low: Decimal, amount: Decimal) -> Decimal:
        """The fee for an amount: one up to a quarter over each survey amount, then in proportion."""
        low, high = self.basket(sold.route.key)
        step = FEE_STEPS[sold.corridor.send_currency]
        if sold.firm.key == WISE:  # a fixed third and a part of the amount
            return (fee_low * (1 + 2 * amount / low) / 3).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
        if amount <= low * 5 / 4:
            fee = fee_low
        elif amount <= high * 5 / 4:
            fee = fee_low * sold.product.growth
        else:
            fee = fee_low * sold.product.growth * (1 + (amount / high - 1) / 4)
        fee = _stepped(fee, step)
        return fee - _HUNDREDTH if fee == fee.to_integral_value() and fee > 0 and step < 1 else fee


def _stepped(fee: Decimal, step: Decimal) -> Decimal:
    return ((fee / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step).quantize(_HUNDREDTH)


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"
