"""The rate book: which reference rate of a pair was in force on a day, and how it was come by.

A rate is found, inverted or crossed from published ones; it is never carried on beyond its age and never guessed. A
pegged currency is crossed with the best rate of its anchor.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from remitwatch.fields import PositiveDecimal, Value
from remitwatch.pegs import PEG, Peg, pegs
from remitwatch.rate_preferences import checked, rate_preferences

RateRow = tuple[str, str, str, dt.date, Decimal]
"""(source, base, quote, date, rate): `rate` units of `quote` per 1 unit of `base`, as published."""

_DERIVED = Context(prec=20)
_PIVOTS = ("EUR", "USD")


class ReferenceUsed(Value):
    """The reference rate behind an observation: receive units per 1 send unit, and how it was come by.

    A derived rate (inverse or cross) has 20 significant digits; one as published has the digits published.
    `age_days` is how old it was on the day it priced. `source` is `peg` for a pair of pegged currencies, and names the
    source of the anchor's rate too where one was needed: `peg+ecb`.
    """

    source: str
    date: dt.date
    rate: PositiveDecimal
    derived: bool
    how: str
    age_days: int


class _Series:
    """The rates of one published pair in the order of their dates."""

    def __init__(self) -> None:
        self.by_date: dict[dt.date, Decimal] = {}
        self._dates: list[dt.date] | None = None

    def add(self, date: dt.date, rate: Decimal) -> None:
        self.by_date[date] = rate
        self._dates = None

    def dates_until(self, day: dt.date, since: dt.date) -> list[dt.date]:
        """The dates from `since` to `day`, newest first."""
        if self._dates is None:
            self._dates = sorted(self.by_date)
        dates = self._dates
        return dates[bisect_right(dates, since - dt.timedelta(days=1)) : bisect_right(dates, day)][::-1]


def oriented(base: str, quote: str, rate: Decimal, send: str, receive: str) -> tuple[Decimal, bool, str] | None:
    """A published rate as receive units per send unit: (rate, derived, how); None when it is of another pair."""
    if (base, quote) == (send, receive):
        return rate, False, "as published"
    if (base, quote) == (receive, send):
        return _DERIVED.divide(Decimal(1), rate), True, f"inverse of {base}/{quote}"
    return None


class RateBook:
    """Reference rates of all sources, asked for a pair and a day.

    `rows` are published rates, at most one of a source, pair and date (the last one given wins). `max_age` says per
    source how many days a rate may be carried on (weekends, holidays); sources not named have the default of
    reference/rate_preferences.toml. `published_at` says per source at what time of its date (UTC) a rate comes out:
    before that the rate of the day before is in force. `preferences` replaces the preference file's content,
    `known_pegs` the table of pegs. Raises ValueError for preferences that name an unknown currency.
    """

    def __init__(
        self,
        rows: Iterable[RateRow],
        *,
        max_age: Mapping[str, int] | None = None,
        published_at: Mapping[str, dt.time] | None = None,
        preferences: Mapping[str, Any] | None = None,
        known_pegs: Sequence[Peg] | None = None,
    ) -> None:
        self._preferences = dict(rate_preferences() if preferences is None else checked(preferences))
        self._max_age = dict(max_age or {})
        self._pegs: dict[str, list[Peg]] = {}
        for peg in pegs() if known_pegs is None else known_pegs:
            self._pegs.setdefault(peg.currency, []).append(peg)
        self._published_at = dict(published_at or {})
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._partners: dict[tuple[str, str], set[str]] = {}
        self._found: dict[tuple[str, str, str, dt.date], ReferenceUsed | None] = {}
        for source, base, quote, date, rate in rows:
            self._series.setdefault((source, base, quote), _Series()).add(date, rate)
            self._partners.setdefault((source, base), set()).add(quote)
            self._partners.setdefault((source, quote), set()).add(base)

    def sources_for(self, send: str, receive: str) -> tuple[str, ...]:
        """The sources to ask for this pair, in the order of preference."""
        pairs: Mapping[str, list[str]] = self._preferences.get("pairs", {})
        currencies: Mapping[str, list[str]] = self._preferences.get("currencies", {})
        default: list[str] = self._preferences.get("default", [])
        named = [
            *pairs.get(f"{send}-{receive}", []),
            *currencies.get(receive, []),
            *currencies.get(send, []),
            *default,
        ]
        return tuple(dict.fromkeys(named))

    def find(self, send: str, receive: str, day: dt.date, at: dt.time | None = None) -> ReferenceUsed | None:
        """The rate in force on `day`: of the first preferred source that has one young enough. None when none has.

        Rates dated after `day` are not used, nor, with a time of day `at` (UTC), one that comes out later that day. So
        the same rate is found whenever it is asked for. A pair of one currency is 1 by itself.
        """
        if send == receive:
            return ReferenceUsed(
                source="identity", date=day, rate=Decimal(1), derived=True, how="one currency", age_days=0
            )
        for source in self.sources_for(send, receive):
            found = self._of_source(source, send, receive, day, at)
            if found is not None:
                return found
        return None

    def find_all(self, send: str, receive: str, day: dt.date, at: dt.time | None = None) -> list[ReferenceUsed]:
        """The rate in force of every preferred source that has one, best first."""
        if send == receive:
            return []
        found = (self._of_source(source, send, receive, day, at) for source in self.sources_for(send, receive))
        return [rate for rate in found if rate is not None]

    def _of_source(
        self, source: str, send: str, receive: str, day: dt.date, at: dt.time | None
    ) -> ReferenceUsed | None:
        if source == PEG:
            return self._of_pegs(send, receive, day, at)
        out = self._published_at.get(source)
        not_out_yet = at is not None and out is not None and at < out
        until = day - dt.timedelta(days=1) if not_out_yet else day
        key = (source, send, receive, until)
        if key not in self._found:
            self._found[key] = self._search(source, send, receive, until)
        found = self._found[key]
        if found is None or until == day:
            return found
        age = (day - found.date).days
        return found.model_copy(update={"age_days": age}) if age <= self._oldest(source) else None

    def _of_pegs(self, send: str, receive: str, day: dt.date, at: dt.time | None) -> ReferenceUsed | None:
        """The pair through the anchors of its pegged currencies; the rate between the anchors is the best there is."""
        send_root, send_up, send_words = self._anchored(send, day)
        receive_root, receive_up, receive_words = self._anchored(receive, day)
        if (send_root, receive_root) == (send, receive):
            return None
        leg = self._between_anchors(send_root, receive_root, day, at)
        if leg is None:
            return None
        exact = Context(prec=60)
        up = exact.multiply(leg.rate, receive_up)
        words = [*send_words, *receive_words]
        if leg.source == "identity" and send_up == 1:  # as fixed: nothing was divided
            return leg.model_copy(update={"source": PEG, "rate": up, "derived": False, "how": f"peg: {words[0]}"})
        crossed = [] if leg.source == "identity" else [f"{send_root}/{receive_root} {leg.how} of {leg.source}"]
        return leg.model_copy(
            update={
                "source": PEG if leg.source == "identity" else f"{PEG}+{leg.source}",
                "rate": _DERIVED.divide(up, send_up),
                "derived": True,
                "how": f"peg: {', '.join([*words, *crossed])}",
            }
        )

    def _anchored(self, currency: str, day: dt.date) -> tuple[str, Decimal, list[str]]:
        """The currency that this one is pegged to in the end, its units for one of that, and the pegs in words."""
        units = Decimal(1)
        words: list[str] = []
        while True:
            peg = next((one for one in self._pegs.get(currency, ()) if one.on(day)), None)
            if peg is None:
                return currency, units, words
            units = Context(prec=60).multiply(units, peg.rate)
            words.append(f"{peg.rate} {peg.currency} for 1 {peg.anchor}")
            currency = peg.anchor

    def _between_anchors(self, send: str, receive: str, day: dt.date, at: dt.time | None) -> ReferenceUsed | None:
        if send == receive:
            return self.find(send, receive, day)
        sources = (source for source in self.sources_for(send, receive) if source != PEG)
        found = (self._of_source(source, send, receive, day, at) for source in sources)
        return next((rate for rate in found if rate is not None), None)

    def _oldest(self, source: str) -> int:
        age: int = self._max_age.get(source, self._preferences.get("max_age_days", 5))
        return age

    def _search(self, source: str, send: str, receive: str, day: dt.date) -> ReferenceUsed | None:
        """The newest date wins; on one date a published pair goes before its inverse, that before a cross."""
        since = day - dt.timedelta(days=self._oldest(source))
        best: tuple[dt.date, Decimal, bool, str] | None = None
        for base, quote in ((send, receive), (receive, send)):
            series = self._series.get((source, base, quote))
            dates = series.dates_until(day, since) if series else []
            if series and dates and (best is None or dates[0] > best[0]):
                turned = oriented(base, quote, series.by_date[dates[0]], send, receive)
                assert turned is not None
                best = (dates[0], *turned)
        for pivot in self._pivots(source, send, receive):
            crossed = self._cross(source, pivot, send, receive, since, day)
            if crossed is not None and (best is None or crossed[0] > best[0]):
                best = (*crossed, True, f"cross through {pivot}")
        if best is None:
            return None
        date, rate, derived, how = best
        return ReferenceUsed(source=source, date=date, rate=rate, derived=derived, how=how, age_days=(day - date).days)

    def _pivots(self, source: str, send: str, receive: str) -> list[str]:
        common = self._partners.get((source, send), set()) & self._partners.get((source, receive), set())
        common -= {send, receive}
        return [pivot for pivot in _PIVOTS if pivot in common] + sorted(common.difference(_PIVOTS))

    def _cross(
        self, source: str, pivot: str, send: str, receive: str, since: dt.date, day: dt.date
    ) -> tuple[dt.date, Decimal] | None:
        """receive per send = (receive per pivot) / (send per pivot), both of one source and one date."""
        receive_leg = self._leg(source, pivot, receive, since, day)
        send_leg = self._leg(source, pivot, send, since, day)
        dates = receive_leg.keys() & send_leg.keys()
        if not dates:
            return None
        date = max(dates)
        (receive_up, receive_down), (send_up, send_down) = receive_leg[date], send_leg[date]
        # Legs are kept as fractions, so that a cross is divided, and so rounded, only once.
        exact = Context(prec=60)
        return date, _DERIVED.divide(exact.multiply(receive_up, send_down), exact.multiply(receive_down, send_up))

    def _leg(
        self, source: str, pivot: str, currency: str, since: dt.date, day: dt.date
    ) -> dict[dt.date, tuple[Decimal, Decimal]]:
        """Units of `currency` per 1 pivot on each date, as (numerator, denominator)."""
        found: dict[dt.date, tuple[Decimal, Decimal]] = {}
        turned = self._series.get((source, currency, pivot))
        if turned:
            found.update({date: (Decimal(1), turned.by_date[date]) for date in turned.dates_until(day, since)})
        direct = self._series.get((source, pivot, currency))
        if direct:
            found.update({date: (direct.by_date[date], Decimal(1)) for date in direct.dates_until(day, since)})
        return found
