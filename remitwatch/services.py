"""Providers and services: who sends the money, how it is paid in, how it is paid out, how fast, how widely.

The codes are the survey's own vocabulary (METHODOLOGY section 7), normalised. Where the survey joins several values
in one cell (`Cash, Debit card`), they are kept as a set, because such a row counts in each member group.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from remitwatch.corridors import Corridor
from remitwatch.fields import Key, Value


class ProviderType(StrEnum):
    """What kind of firm a remittance service provider is."""

    BANK = "bank"
    MONEY_TRANSFER_OPERATOR = "money_transfer_operator"
    MOBILE_OPERATOR = "mobile_operator"
    POST_OFFICE = "post_office"
    NON_BANK_FI = "non_bank_fi"
    CREDIT_UNION = "credit_union"
    UNKNOWN = "unknown"


class PaymentInstrument(StrEnum):
    """How the sender pays in."""

    CASH = "cash"
    BANK_ACCOUNT = "bank_account"
    DEBIT_CARD = "debit_card"
    CREDIT_CARD = "credit_card"
    MOBILE_MONEY = "mobile_money"
    UNKNOWN = "unknown"


class AccessPoint(StrEnum):
    """Where the sender orders the transfer."""

    INTERNET = "internet"
    AGENT = "agent"
    BANK_BRANCH = "bank_branch"
    CALL_CENTER = "call_center"
    POST_OFFICE_BRANCH = "post_office_branch"
    MOBILE_PHONE = "mobile_phone"
    UNKNOWN = "unknown"


class PickupMethod(StrEnum):
    """How the receiver gets the money."""

    CASH = "cash"
    BANK_ACCOUNT = "bank_account"
    PARTNER_BANK_ACCOUNT = "partner_bank_account"
    MOBILE_WALLET = "mobile_wallet"
    DEBIT_CARD = "debit_card"
    ATM = "atm"
    HOME_DELIVERY = "home_delivery"
    UNKNOWN = "unknown"


class Speed(StrEnum):
    """How soon the receiver can have the money. Everything but `six_days_or_more` is within five days."""

    WITHIN_HOUR = "within_hour"
    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    TWO_DAYS = "two_days"
    THREE_TO_FIVE_DAYS = "three_to_five_days"
    SIX_DAYS_OR_MORE = "six_days_or_more"
    UNKNOWN = "unknown"


class Coverage(StrEnum):
    """How much of the receiving country the pick-up network reaches (old survey rows use the last five)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NATIONWIDE = "nationwide"
    MAJOR_CITIES = "major_cities"
    MAIN_CITY = "main_city"
    URBAN_ONLY = "urban_only"
    RURAL_ONLY = "rural_only"
    UNKNOWN = "unknown"


def _sorted_set(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Iterable):
        return tuple(sorted(set(value)))
    return value


ProviderTypes = Annotated[tuple[ProviderType, ...], BeforeValidator(_sorted_set), Field(min_length=1)]
PaymentInstruments = Annotated[tuple[PaymentInstrument, ...], BeforeValidator(_sorted_set), Field(min_length=1)]
AccessPoints = Annotated[tuple[AccessPoint, ...], BeforeValidator(_sorted_set), Field(min_length=1)]


def provider_key(name: str) -> str:
    """The key of a provider's name: `Western Union`, `western-union` and ` WESTERN  UNION` are all `western_union`.

    Raises ValueError when nothing but punctuation is left.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:80].strip("_")
    if not key:
        raise ValueError(f"a provider's name must hold a letter or digit, got {name!r}")
    return key


class Provider(Value):
    """A remittance service provider."""

    key: Key
    name: Annotated[str, Field(min_length=1, max_length=300)]
    types: ProviderTypes = (ProviderType.UNKNOWN,)


class Service(Value):
    """The thing that has a price: its identity from day to day (METHODOLOGY section 5).

    `product` is the source's own product code where it has one. Speed, coverage, source and basis belong to the
    quote: stated delivery times drift daily and must not make a new service.
    """

    provider: Key
    corridor: Corridor
    payment_instrument: PaymentInstruments
    access_point: AccessPoints
    pickup_method: PickupMethod
    product: str = ""

    @property
    def key(self) -> str:
        """One text that names the service: `wise:GBR-IND:GBP-INR:bank_account:internet:bank_account:`."""
        corridor = self.corridor
        return ":".join(
            (
                self.provider,
                corridor.key,
                f"{corridor.send_currency}-{corridor.receive_currency}",
                "+".join(self.payment_instrument),
                "+".join(self.access_point),
                self.pickup_method,
                self.product,
            )
        )
