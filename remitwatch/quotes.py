"""Quotes: what was asked (Inquiry) and what was answered (Quote, NotOffered), as published, exact, immutable."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from remitwatch.corridors import Corridor
from remitwatch.currencies import find_currency
from remitwatch.fields import (
    CurrencyCode,
    ExactDecimal,
    NotNegativeDecimal,
    PositiveDecimal,
    UtcTime,
    Value,
)
from remitwatch.services import (
    AccessPoints,
    Coverage,
    PaymentInstruments,
    PickupMethod,
    Provider,
    Service,
    Speed,
)

Tier = Literal[200, 500]
"""Which of the survey's two amounts a send amount stands for: the local equivalent of USD 200 or of USD 500."""


class Basis(StrEnum):
    """What kind of statement a quote is. Quotes of different basis are never averaged together."""

    SURVEY = "survey"
    STANDARD = "standard"
    PROMOTIONAL = "promotional"
    ESTIMATE = "estimate"


class FeeModel(StrEnum):
    """Whether the fee comes out of the amount sent (`deducted`: received = (send - fee) x rate) or is paid on top of
    it (`added`: received = send x rate, the sender hands over send + fee)."""

    DEDUCTED = "deducted"
    ADDED = "added"
    UNKNOWN = "unknown"


OVER_LIMIT = "over the limit"
"""How the `why` of an answer begins that refuses the amount and not the corridor."""


class Inquiry(Value):
    """One corridor x one send amount: what is asked of every source.

    `tier` says which survey amount it stands for; None when it stands for neither.
    """

    corridor: Corridor
    send_amount: PositiveDecimal
    tier: Tier | None = None

    def quote(self, **answer: Any) -> Quote:
        """The Quote that answers this inquiry. Keywords are the other fields of Quote. Raises ValueError."""
        return Quote(inquiry=self, **answer)

    def not_offered(self, why: str, provider: Provider | None = None) -> NotOffered:
        """The answer that this inquiry has no price (not served, no option ...)."""
        return NotOffered(inquiry=self, why=why, provider=provider)

    def over_limit(self, why: str, provider: Provider | None = None) -> NotOffered:
        """The answer that this amount is outside the limits of the source."""
        return NotOffered(inquiry=self, why=f"{OVER_LIMIT}: {why}", provider=provider)

    def __str__(self) -> str:
        return f"{self.corridor} {self.corridor.send_currency} {self.send_amount}"


class NotOffered(Value):
    """An inquiry answered without a price: an answer, not a failure. Without a provider it speaks for the source."""

    inquiry: Inquiry
    why: Annotated[str, Field(min_length=1, max_length=500)]
    provider: Provider | None = None


class SurveyRow(Value):
    """What only a survey row has: its place in the file and the figures that its publisher computed.

    `period` is the survey's quarter (`2025-Q3`), `row` the file's own id. Percentages are per cent of the amount sent.
    `labels` keeps the published labels beside the normalised codes.
    """

    period: Annotated[str, Field(pattern=r"^\d{4}-Q[1-4]$")]
    row: str
    fx_margin_pct: ExactDecimal | None
    total_cost_pct: ExactDecimal | None
    interbank_rate: NotNegativeDecimal | None
    observed_on: date | None
    sender_region: str | None
    receiver_region: str | None
    receiver_income_group: str | None
    labels: dict[str, str]


class Quote(Value):
    """One price of one service, as published.

    Amounts: `fee` and `send_amount` in the send currency, `receive_amount` in the receive currency. `rate` is the
    applied rate in receive units per 1 send unit; None when the rate is not disclosed (`transparent` False), and in a
    survey row whose published total stands without one.
    `reference_rate` is a mid rate that the record itself states beside its price (same units).
    `quoted_at` is the source's own time or None; it is never filled from our clock.

    The parts must add up within rounding: a received amount that does not follow from amount, fee, fee model and
    rate refuses the quote (ValueError).
    """

    inquiry: Inquiry
    provider: Provider
    basis: Basis
    payment_instrument: PaymentInstruments
    access_point: AccessPoints
    pickup_method: PickupMethod
    product: str = ""
    speed: Speed = Speed.UNKNOWN
    coverage: Coverage = Coverage.UNKNOWN
    fee: NotNegativeDecimal
    fee_currency: CurrencyCode | None = None
    fee_model: FeeModel
    rate: PositiveDecimal | None
    receive_amount: PositiveDecimal | None = None
    reference_rate: PositiveDecimal | None = None
    transparent: bool = True
    private: bool = False
    quoted_at: UtcTime | None = None
    note: Annotated[str, Field(max_length=2000)] = ""
    survey: SurveyRow | None = None

    @property
    def service(self) -> Service:
        """The service that this quote prices."""
        return Service(
            provider=self.provider.key,
            corridor=self.inquiry.corridor,
            payment_instrument=self.payment_instrument,
            access_point=self.access_point,
            pickup_method=self.pickup_method,
            product=self.product,
        )

    @property
    def total_paid(self) -> Decimal:
        """What the sender hands over, in the send currency: amount + fee, or the amount when the fee is deducted."""
        amount = self.inquiry.send_amount
        return amount if self.fee_model is FeeModel.DEDUCTED else amount + self.fee

    @model_validator(mode="after")
    def _check(self) -> Self:
        corridor = self.inquiry.corridor
        if self.fee_currency is not None and self.fee_currency != corridor.send_currency:
            raise ValueError(f"fee in {self.fee_currency}: expected the send currency {corridor.send_currency}")
        if (self.basis is Basis.SURVEY) != (self.survey is not None):
            raise ValueError("basis survey and the survey row's own figures belong together")
        if not self.transparent:
            if self.rate is not None:
                raise ValueError("a rate is given although the service does not disclose its rate")
            return self
        if self.rate is None:
            if self.survey is not None and self.survey.total_cost_pct is not None:
                return self  # a survey row without a usable rate still publishes its total, which is what counts
            raise ValueError("rate is missing: expected receive units per 1 send unit")
        if self.fee_model is FeeModel.DEDUCTED and self.fee >= self.inquiry.send_amount:
            raise ValueError(f"fee {self.fee} is deducted but not below the amount sent {self.inquiry.send_amount}")
        if self.receive_amount is not None:
            self._check_sum(self.rate, self.receive_amount)
        return self

    def _check_sum(self, rate: Decimal, received: Decimal) -> None:
        amount = self.inquiry.send_amount
        added, deducted = amount * rate, (amount - self.fee) * rate
        expected = {
            FeeModel.ADDED: (added,),
            FeeModel.DEDUCTED: (deducted,),
            FeeModel.UNKNOWN: (added, deducted),
        }[self.fee_model]
        allowed = rounding_allowance(amount, rate, received, self.inquiry.corridor)
        if all(abs(received - value) > allowed for value in expected):
            how = {FeeModel.ADDED: "amount x rate", FeeModel.DEDUCTED: "(amount - fee) x rate"}.get(
                self.fee_model, "amount x rate or (amount - fee) x rate"
            )
            sums = " or ".join(f"{value:.2f}" for value in expected)
            raise ValueError(
                f"received amount {received} does not follow from amount {amount}, fee {self.fee}, rate {rate}: "
                f"{how} = {sums} (allowed difference {allowed:.4f})"
            )


def quote_key(quote: Quote) -> str:
    """The natural key of a quote within one run: service, amount, basis, survey row and the source's own time.

    Two quotes with one key are the same statement: equal ones are duplicates, unequal ones contradict each other.
    """
    survey = f"{quote.survey.period}/{quote.survey.row}" if quote.survey else ""
    quoted_at = quote.quoted_at.isoformat() if quote.quoted_at else ""
    amount = f"{quote.inquiry.send_amount.normalize():f}"  # 200 and 200.00 are one amount
    return "|".join((quote.service.key, amount, quote.basis, survey, quoted_at))


def fee_model_that_adds_up(inquiry: Inquiry, fee: Decimal, rate: Decimal, received: Decimal) -> FeeModel:
    """The fee model with which the stated parts add up within rounding, for a source that does not say which it has.

    `deducted` where both do (no fee, or one within the rounding); `unknown` where neither does: such a quote refuses
    itself.
    """
    amount = inquiry.send_amount
    allowed = rounding_allowance(amount, rate, received, inquiry.corridor)
    if abs((amount - fee) * rate - received) <= allowed:
        return FeeModel.DEDUCTED
    return FeeModel.ADDED if abs(amount * rate - received) <= allowed else FeeModel.UNKNOWN


def rounding_allowance(amount: Decimal, rate: Decimal, received: Decimal, corridor: Corridor) -> Decimal:
    """How far a stated received amount may be from the computed one, in the receive currency.

    The sum of: one last digit of the received amount as stated (providers round or cut), half a last digit of the rate
    as stated (at most 0.1 % of it, so that a rate stated without decimals cannot hide an error), and half a smallest
    unit of the send currency for the fee.
    """
    last_digit = max(_last_digit(received), find_currency(corridor.receive_currency).smallest_unit)
    half_rate = min(_last_digit(rate) / 2, rate / 1000)
    half_fee = find_currency(corridor.send_currency).smallest_unit / 2
    return last_digit + half_rate * amount + half_fee * rate


def _last_digit(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # finite numbers only: the field types refuse the others
    return Decimal(1).scaleb(min(exponent, 0))
