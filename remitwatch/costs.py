"""Costs: a quote and a reference rate make an observation (METHODOLOGY section 2).

    fx_margin_pct  = (1 - applied rate / reference rate) x 100      rates in receive units per 1 send unit
    total_cost_pct = fee / amount sent x 100 + fx_margin_pct

A survey row keeps the margin and the total that its publisher computed. A service that does not disclose its rate has
no margin and no total: None, never 0. Negative values are real and stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from remitwatch.fields import ExactDecimal, Key, Value
from remitwatch.identity import IDENTITY_TOLERANCE, identity_off, percent
from remitwatch.method import METHOD
from remitwatch.periods import parse_period
from remitwatch.quotes import FeeModel, Quote
from remitwatch.rate_preferences import rate_preferences
from remitwatch.ratebook import RateBook, ReferenceUsed, oriented
from remitwatch.rates import ReferenceRate
from remitwatch.send_amounts import SendAmount, reference_amounts

__all__ = ["METHOD", "Observation", "RateBook", "ReferenceUsed", "observe"]

_EXACT = Context(prec=60)
_E8 = Decimal("1E-8")
_HUNDRED = Decimal(100)

EXTREME = Decimal(50)
BEYOND = Decimal(1_000_000)
"""Per cent. A cost of ten thousand times the amount is no price: it has no figure, and says so by its flag."""
_QUOTE_MAX_AGE = dt.timedelta(days=7)
_TIER_TOLERANCE = Decimal("0.15")
_REFERENCES_APART = Decimal("0.01")
INVERTED_RATIO = Decimal("1.15")  # below this a pair near parity looks inverted when it is only dear


class Observation(Value):
    """A quote priced against a reference rate. Percentages are per cent of the amount sent, rounded to 1e-8 half-up.

    `total_cost_pct` is the survey's way of counting: fee plus margin on the amount sent. `received_cost_pct` is what is
    lost of all the money handed over, which depends on the fee model. `reference` is None for survey rows (they keep
    the published margin) and where the rate is not disclosed.
    """

    quote_id: int
    fee_pct: ExactDecimal
    fx_margin_pct: ExactDecimal | None
    total_cost_pct: ExactDecimal | None
    received_cost_pct: ExactDecimal | None
    reference: ReferenceUsed | None
    flags: tuple[str, ...]
    method: str = METHOD


def observe(
    quote: Quote,
    quote_id: int,
    *,
    day: dt.date,
    book: RateBook,
    response_rate: tuple[Key, ReferenceRate] | None = None,
    fetched_at: dt.datetime | None = None,
) -> Observation | None:
    """The observation of a quote; None when no reference rate was in force (the caller makes an issue of it).

    `day` is the day the quote counts for. `response_rate` is a mid stated in the same answer, with its source. In
    order: the mid beside the price itself, the same answer's, then the book's, on the day of the source's own time
    where that is earlier than `day`: an old price is compared with the rate of its own day. Where the hour is known
    (the source's own time, else `fetched_at` on the day itself), a rate that comes out later that day is not in force.
    """
    flags = _flags_of_quote(quote, day)
    fee = percent(quote.fee, quote.inquiry.send_amount)
    if not quote.transparent:
        return _observation(quote_id, fee, None, None, None, None, [*flags, "undisclosed"])
    if quote.survey is not None:
        return _observe_survey(quote, quote_id, fee, flags)
    priced_on = min(day, quote.quoted_at.date()) if quote.quoted_at else day
    hour = _hour(quote, priced_on, fetched_at)
    reference = _reference(quote, priced_on, hour, book, response_rate)
    if reference is None:
        return None
    assert quote.rate is not None  # a transparent quote has a rate: Quote refuses it otherwise
    margin = _margin(quote.rate, reference.rate)
    received = None
    if (handed_over := _handed_over(quote)) is not None:
        got = quote.receive_amount if quote.receive_amount is not None else _computed_received(quote)
        received = _HUNDRED - percent(got, _EXACT.multiply(handed_over, reference.rate))
    if _book_disagrees(quote, priced_on, hour, book, reference):
        flags.append("references_apart")
    flags += _flags_of_rates(quote, quote.rate, reference.rate, margin)
    return _observation(quote_id, fee, margin, _EXACT.add(fee, margin), received, reference, flags)


def _observe_survey(quote: Quote, quote_id: int, fee: Decimal, flags: list[str]) -> Observation:
    """A survey row: the published margin and total. What was received follows from the published margin too, because
    the levels of the rates in a row cannot be trusted (their units change)."""
    row = quote.survey
    assert row is not None
    margin, total = row.fx_margin_pct, row.total_cost_pct
    received = None
    if margin is not None and (handed_over := _handed_over(quote)) is not None:
        amount = quote.inquiry.send_amount
        exchanged = amount - quote.fee if quote.fee_model is FeeModel.DEDUCTED else amount
        received = _HUNDRED - percent(_EXACT.multiply(exchanged, 1 - margin / _HUNDRED), handed_over)
    if total is None:
        flags.append("no_published_total")
    if margin is not None and total is not None:
        if identity_off(quote):
            flags.append("identity_off")
        if fee > IDENTITY_TOLERANCE and abs(total - margin) <= IDENTITY_TOLERANCE:
            flags.append("fee_not_in_total")
    if not row.interbank_rate:
        flags.append("no_interbank_rate")
    elif quote.rate is not None:
        flags += _flags_of_rates(quote, quote.rate, row.interbank_rate, margin)
    return _observation(quote_id, fee, margin, total, received, None, flags)


def _observation(
    quote_id: int,
    fee: Decimal,
    margin: Decimal | None,
    total: Decimal | None,
    received: Decimal | None,
    reference: ReferenceUsed | None,
    flags: Iterable[str],
) -> Observation:
    found = set(flags)
    if any(part is not None and abs(part) >= BEYOND for part in (fee, margin, total, received)):
        found.add("beyond_measure")
        margin = total = received = None
        fee = min(fee, BEYOND)
    if (total is not None and total < 0) or (margin is not None and margin < 0):
        found.add("rate_advantage")
    if total is not None and total > EXTREME:
        found.add("extreme")
    if fee == 0 and margin is not None and margin <= 0:
        found.add("promotion_suspected")
    return Observation(
        quote_id=quote_id,
        fee_pct=rounded(fee),
        fx_margin_pct=None if margin is None else rounded(margin),
        total_cost_pct=None if total is None else rounded(total),
        received_cost_pct=None if received is None else rounded(received),
        reference=reference,
        flags=tuple(sorted(found)),
    )


def rounded(value: Decimal) -> Decimal:
    """A percentage as it is stored: to 1e-8, half-up."""
    return value.quantize(_E8, rounding=ROUND_HALF_UP, context=_EXACT)


def _margin(rate: Decimal, reference: Decimal) -> Decimal:
    return _EXACT.subtract(_HUNDRED, percent(rate, reference))


def _handed_over(quote: Quote) -> Decimal | None:
    """What the sender pays in all; None where the fee model is unknown and there is a fee, so that it is not known."""
    if quote.fee_model is FeeModel.UNKNOWN and quote.fee:
        return None
    return quote.total_paid


def _computed_received(quote: Quote) -> Decimal:
    assert quote.rate is not None
    amount = quote.inquiry.send_amount
    exchanged = amount - quote.fee if quote.fee_model is FeeModel.DEDUCTED else amount
    return _EXACT.multiply(exchanged, quote.rate)


def _hour(quote: Quote, day: dt.date, fetched_at: dt.datetime | None) -> dt.time | None:
    """The time of `day` at which the price was true, None where only the day is known (a plain date is midnight)."""
    moments = [moment for moment in (quote.quoted_at, fetched_at) if moment is not None and moment.date() == day]
    return moments[0].time() if moments and moments[0].time() != dt.time() else None


def _reference(
    quote: Quote,
    day: dt.date,
    hour: dt.time | None,
    book: RateBook,
    response_rate: tuple[Key, ReferenceRate] | None,
) -> ReferenceUsed | None:
    corridor = quote.inquiry.corridor
    if quote.reference_rate is not None:
        return ReferenceUsed(
            source="quote", date=day, rate=quote.reference_rate, derived=False, how="stated with the price", age_days=0
        )
    if response_rate is not None:
        source, mid = response_rate
        stated = oriented(mid.base, mid.quote, mid.rate, corridor.send_currency, corridor.receive_currency)
        if stated is not None:
            rate, derived, how = stated
            return ReferenceUsed(
                source=source, date=mid.date, rate=rate, derived=derived, how=f"same answer, {how}", age_days=0
            )
    return book.find(corridor.send_currency, corridor.receive_currency, day, hour)


def _book_disagrees(quote: Quote, day: dt.date, hour: dt.time | None, book: RateBook, used: ReferenceUsed) -> bool:
    corridor = quote.inquiry.corridor
    others = book.find_all(corridor.send_currency, corridor.receive_currency, day, hour)
    return any(abs(other.rate / used.rate - 1) > _REFERENCES_APART for other in others)


def _flags_of_quote(quote: Quote, day: dt.date) -> list[str]:
    """The flags that need no reference rate."""
    flags = []
    corridor = quote.inquiry.corridor
    if quote.quoted_at is not None and day - quote.quoted_at.date() > _QUOTE_MAX_AGE:
        flags.append("stale_quote")
    if parallel_rate(corridor.send_currency, corridor.receive_currency):
        flags.append("parallel_rate")
    inquiry = quote.inquiry
    if off_tier(corridor.sender, inquiry.tier, corridor.send_currency, inquiry.send_amount):
        flags.append("amount_off_tier")
    if quote.survey is not None and outside_period(quote.survey.observed_on, quote.survey.period):
        flags.append("date_outside_period")
    return flags


def _flags_of_rates(quote: Quote, rate: Decimal, reference: Decimal, margin: Decimal | None) -> list[str]:
    """Flags told from the applied and the reference rate: nothing is mended because of them."""
    corridor = quote.inquiry.corridor
    if corridor.send_currency == corridor.receive_currency:
        return []
    if rate == 1 and reference == 1:
        return ["rate_placeholder"] if not margin else []
    apart, turned = _distance(rate, reference), _distance(_EXACT.multiply(rate, reference), Decimal(1))
    if apart > INVERTED_RATIO and turned < apart:
        return ["inverted_rate"]
    return []


def _distance(first: Decimal, second: Decimal) -> Decimal:
    """How many times the larger is the smaller: 1 when they are equal."""
    return _EXACT.divide(max(first, second), min(first, second))


@cache
def _parallel_currencies() -> frozenset[str]:
    return frozenset(rate_preferences()["parallel"]["currencies"])


@cache
def _basket() -> dict[tuple[str, int], tuple[SendAmount, ...]]:
    """The confirmed send amounts of every date, by sending country and tier."""
    found: dict[tuple[str, int], tuple[SendAmount, ...]] = {}
    for known in reference_amounts():
        if known.origin == "confirmed":
            key = (known.sender, known.tier)
            found[key] = (*found.get(key, ()), known)
    return found


def parallel_rate(send_currency: str, receive_currency: str) -> bool:
    """Whether one of the two has a parallel market, so that an official rate may not be the one people get."""
    return not _parallel_currencies().isdisjoint((send_currency, receive_currency))


def off_tier(sender: str, tier: int | None, currency: str, amount: Decimal) -> bool:
    """Whether the amount is over 15 % from every confirmed amount of sender and tier. False where none is known."""
    known = None if tier is None else _basket().get((sender, tier))
    if known is None:
        return False
    return not any(one.currency == currency and abs(amount / one.amount - 1) <= _TIER_TOLERANCE for one in known)


def outside_period(observed_on: dt.date | None, period: str) -> bool:
    """Whether a survey row was observed on a day outside its own quarter."""
    if observed_on is None:
        return False
    quarter = parse_period(period)
    if not (quarter.first_day and quarter.last_day):  # a survey period is a quarter: SurveyRow sees to it
        raise ValueError(f"survey period {period} has no dates")
    return not quarter.first_day <= observed_on <= quarter.last_day
