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


def identity_off(quote: Quote) -> bool:
    """Whether a disclosed survey row's fee and published margin miss its published total by more than 0.01 points."""
    row = quote.survey
    if row is None or not quote.transparent or row.fx_margin_pct is None or row.total_cost_pct is None:
        return False
    fee = percent(quote.fee, quote.inquiry.send_amount)
    return abs(fee + row.fx_margin_pct - row.total_cost_pct) > IDENTITY_TOLERANCE
