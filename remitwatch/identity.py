"""The identity of a survey row: fee plus margin is the total, as published (METHODOLOGY sections 2 and 9)."""

from __future__ import annotations

from decimal import Context, Decimal

from remitwatch.quotes import Quote

IDENTITY_TOLERANCE = Decimal("0.01")
"""Percentage points: published margin and total have two decimals each, so their rounding alone reaches it."""

_EXACT = Context(prec=60)


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """part / whole x 100, to 60 digits."""
    return _EXACT.divide(_EXACT.multiply(part, Decimal(100)), whole)


def total_gap(fee: Decimal, amount: Decimal, margin: Decimal, total: Decimal) -> Decimal:
    """How far fee and published margin are from the published total, percentage points."""
    return abs(percent(fee, amount) + margin - total)


def margin_gap(rate: Decimal, interbank: Decimal, margin: Decimal) -> Decimal:
    """How far the margin that follows from the two rates is from the published one, percentage points."""
    return abs(100 - percent(rate, interbank) - margin)


def identity_off(quote: Quote) -> bool:
    """Whether a disclosed survey row's fee and published margin miss its published total by more than 0.01 points."""
    row = quote.survey
    if row is None or not quote.transparent or row.fx_margin_pct is None or row.total_cost_pct is None:
        return False
    gap = total_gap(quote.fee, quote.inquiry.send_amount, row.fx_margin_pct, row.total_cost_pct)
    return gap > IDENTITY_TOLERANCE
