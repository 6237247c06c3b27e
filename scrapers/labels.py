"""The survey's vocabularies: published labels and the codes they stand for.

Labels come in many cases and spellings (`Credit Card`, `Post office`, `less than one hour `): they are compared folded.
A cell may join several values, and such a row counts in each member group, so a cell gives a tuple of codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from remitwatch.services import AccessPoint, Coverage, PaymentInstrument, PickupMethod, ProviderType, Speed

E = TypeVar("E", bound=StrEnum)

ABSENT = frozenset({"", "..", "n/a", "na", "-", "not available", "none stated"})
"""Cells that say that nothing is known. `N/A` is a label of the survey's own, kept as published beside its code."""


@lru_cache(maxsize=65_536)  # a survey of 250,000 rows has a few hundred labels
def fold(label: str) -> str:
    """A label for comparing: lower case, single spaces, none around slashes, one kind of dash."""
    plain = re.sub(r"[\u2010-\u2015]", "-", label.casefold())
    return " ".join(re.sub(r"\s*/\s*", "/", plain).split())


@dataclass(frozen=True)
class Vocabulary(Generic[E]):
    """The labels of one column. `separators` are the signs that join several values in one cell."""

    enum: type[E]
    labels: Mapping[str, tuple[E, ...]]
    separators: str = ","

    def read(self, cell: str) -> tuple[tuple[E, ...], bool]:
        """The codes of a cell and whether every label in it is known.

        An absent value is `unknown` and known to be so; an unknown label is `unknown` and not.
        """
        unknown = self.enum("unknown")
        whole = fold(cell)
        if whole in ABSENT:
            return (unknown,), True
        if whole in self.labels:
            return self.labels[whole], True
        parts = [part.strip() for part in re.split(f"[{re.escape(self.separators)}]", whole)]
        codes = [code for part in parts for code in self.labels.get(part, (unknown,))]
        complete = all(part in self.labels for part in parts)
        # a member that is known stays known beside one that is not
        return tuple(dict.fromkeys(codes)), complete

    def code(self, text: str) -> E:
        """The one code in a text that holds our code (`bank_account`) or the survey's label (`Bank account transfer`).

        Raises ValueError naming what was expected.
        """
        codes = self.codes(text)
        if len(codes) != 1:
            raise ValueError(f"expected one value, got {text!r}")
        return codes[0]

    def codes(self, text: str) -> tuple[E, ...]:
        """The codes in a text of our codes or survey labels, joined by `+` or the separators. Raises ValueError."""
        found: list[E] = []
        for part in text.split("+"):
            word = fold(part)
            if any(word == code.value for code in self.enum):
                found.append(self.enum(word))
                continue
            codes, complete = self.read(part)
            if not complete or word in ABSENT:
                raise ValueError(f"expected one of {', '.join(self.enum)}, got {text!r}")
            found.extend(codes)
        return tuple(dict.fromkeys(found))


FIRM_TYPE = Vocabulary(
    ProviderType,
    {
        "bank": (ProviderType.BANK,),
        "money transfer operator": (ProviderType.MONEY_TRANSFER_OPERATOR,),
        "mto": (ProviderType.MONEY_TRANSFER_OPERATOR,),
        "mobile operator": (ProviderType.MOBILE_OPERATOR,),
        "post office": (ProviderType.POST_OFFICE,),
        "non-bank fi": (ProviderType.NON_BANK_FI,),
        "non bank fi": (ProviderType.NON_BANK_FI,),
        "credit union": (ProviderType.CREDIT_UNION,),
    },
    separators=",/",
)

PAYMENT_INSTRUMENT = Vocabulary(
    PaymentInstrument,
    {
        "cash": (PaymentInstrument.CASH,),
        "bank account transfer": (PaymentInstrument.BANK_ACCOUNT,),
        "bank account": (PaymentInstrument.BANK_ACCOUNT,),
        "debit card": (PaymentInstrument.DEBIT_CARD,),
        "credit card": (PaymentInstrument.CREDIT_CARD,),
        "debit/credit card": (PaymentInstrument.DEBIT_CARD, PaymentInstrument.CREDIT_CARD),
        "credit/debit card": (PaymentInstrument.DEBIT_CARD, PaymentInstrument.CREDIT_CARD),
        "mobile money": (PaymentInstrument.MOBILE_MONEY,),
    },
)

ACCESS_POINT = Vocabulary(
    AccessPoint,
    {
        "internet": (AccessPoint.INTERNET,),
        "agent": (AccessPoint.AGENT,),
        "bank branch": (AccessPoint.BANK_BRANCH,),
        "call center": (AccessPoint.CALL_CENTER,),
        "call centre": (AccessPoint.CALL_CENTER,),
        "post office branch": (AccessPoint.POST_OFFICE_BRANCH,),
        "mobile phone": (AccessPoint.MOBILE_PHONE,),
    },
)

SPEED = Vocabulary(
    Speed,
    {
        "less than one hour": (Speed.WITHIN_HOUR,),
        "same day": (Speed.SAME_DAY,),
        "next day": (Speed.NEXT_DAY,),
        "2 days": (Speed.TWO_DAYS,),
        "3-5 days": (Speed.THREE_TO_FIVE_DAYS,),
        "6 days or more": (Speed.SIX_DAYS_OR_MORE,),
    },
    separators=";",
)

COVERAGE = Vocabulary(
    Coverage,
    {
        "high": (Coverage.HIGH,),
        "medium": (Coverage.MEDIUM,),
        "low": (Coverage.LOW,),
        "nationwide": (Coverage.NATIONWIDE,),
        "major cities": (Coverage.MAJOR_CITIES,),
        "main city": (Coverage.MAIN_CITY,),
        "urban only": (Coverage.URBAN_ONLY,),
        "rural only": (Coverage.RURAL_ONLY,),
    },
    separators=";",
)

PICKUP_METHOD = Vocabulary(
    PickupMethod,
    {
        "cash": (PickupMethod.CASH,),
        "bank account": (PickupMethod.BANK_ACCOUNT,),
        "own/partner bank account": (PickupMethod.PARTNER_BANK_ACCOUNT,),
        "bank account (same/partner bank)": (PickupMethod.PARTNER_BANK_ACCOUNT,),
        "mobile wallet": (PickupMethod.MOBILE_WALLET,),
        "debit card": (PickupMethod.DEBIT_CARD,),
        "atm network": (PickupMethod.ATM,),
        "atm": (PickupMethod.ATM,),
        "home delivery": (PickupMethod.HOME_DELIVERY,),
    },
    separators=";",
)
