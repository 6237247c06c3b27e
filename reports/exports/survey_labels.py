"""The labels of the survey for our codes: what `payment instrument`, `speed actual` ... say in its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from remitwatch.services import AccessPoint, Coverage, PaymentInstrument, PickupMethod, ProviderType, Speed

Code = TypeVar("Code", bound=StrEnum)

_FIRM_TYPE = {
    ProviderType.BANK: "Bank",
    ProviderType.MONEY_TRANSFER_OPERATOR: "Money Transfer Operator",
    ProviderType.MOBILE_OPERATOR: "Mobile Operator",
    ProviderType.POST_OFFICE: "Post office",
    ProviderType.NON_BANK_FI: "Non-Bank FI",
    ProviderType.CREDIT_UNION: "credit union",
}
_PAYMENT_INSTRUMENT = {
    PaymentInstrument.CASH: "Cash",
    PaymentInstrument.BANK_ACCOUNT: "Bank account transfer",
    PaymentInstrument.DEBIT_CARD: "Debit card",
    PaymentInstrument.CREDIT_CARD: "Credit card",
    PaymentInstrument.MOBILE_MONEY: "Mobile money",
}
_ACCESS_POINT = {
    AccessPoint.INTERNET: "Internet",
    AccessPoint.AGENT: "Agent",
    AccessPoint.BANK_BRANCH: "Bank branch",
    AccessPoint.CALL_CENTER: "Call Center",
    AccessPoint.POST_OFFICE_BRANCH: "Post Office branch",
    AccessPoint.MOBILE_PHONE: "Mobile phone",
}
_SPEED = {
    Speed.WITHIN_HOUR: "Less than one hour",
    Speed.SAME_DAY: "Same day",
    Speed.NEXT_DAY: "Next day",
    Speed.TWO_DAYS: "2 days",
    Speed.THREE_TO_FIVE_DAYS: "3-5 days",
    Speed.SIX_DAYS_OR_MORE: "6 days or more",
}
_COVERAGE = {
    Coverage.HIGH: "High",
    Coverage.MEDIUM: "Medium",
    Coverage.LOW: "Low",
    Coverage.NATIONWIDE: "Nationwide",
    Coverage.MAJOR_CITIES: "Major cities",
    Coverage.MAIN_CITY: "Main city",
    Coverage.URBAN_ONLY: "Urban only",
    Coverage.RURAL_ONLY: "Rural only",
}
_PICKUP_METHOD = {
    PickupMethod.CASH: "Cash",
    PickupMethod.BANK_ACCOUNT: "Bank account",
    PickupMethod.PARTNER_BANK_ACCOUNT: "Own/partner bank account",
    PickupMethod.MOBILE_WALLET: "Mobile wallet",
    PickupMethod.DEBIT_CARD: "Debit card",
    PickupMethod.ATM: "ATM Network",
    PickupMethod.HOME_DELIVERY: "Home Delivery",
}
_CARDS = (PaymentInstrument.CREDIT_CARD, PaymentInstrument.DEBIT_CARD)


def survey_labels(
    *,
    provider_type: str,
    payment_instrument: str,
    access_point: str,
    speed: str,
    coverage: str,
    pickup_method: str,
) -> dict[str, str]:
    """The labels of a service by the survey's columns. The arguments are codes, several of them joined by `+`. What is
    not known has no label."""
    instruments = payment_instrument.split("+")
    if set(_CARDS) <= set(instruments):
        others = [code for code in instruments if code not in _CARDS]
        paid = ", ".join(filter(None, (_joined(others, _PAYMENT_INSTRUMENT), "Debit/credit card")))
    else:
        paid = _joined(instruments, _PAYMENT_INSTRUMENT)
    return {
        "firm_type": _joined(provider_type.split("+"), _FIRM_TYPE, " / "),
        "payment instrument": paid,
        "access point": _joined(access_point.split("+"), _ACCESS_POINT),
        "speed actual": _joined([speed], _SPEED),
        "receiving network coverage": _joined([coverage], _COVERAGE),
        "pickup method": _joined([pickup_method], _PICKUP_METHOD),
    }


def _joined(codes: Sequence[str], labels: Mapping[Code, str], sign: str = ", ") -> str:
    words = {str(code): label for code, label in labels.items()}
    return sign.join(words[code] for code in codes if code in words)
