"""Averages of sub-populations that official reports name: digital services, and operators present everywhere."""

from __future__ import annotations

from functools import partial

import numpy as np

from remitwatch.figures import SCOPES
from remitwatch.indicators.averages import mean_cost
from remitwatch.indicators.exact import BoolArray, distinct
from remitwatch.indicators.family import Groups, Indicator, Outcome, disclosed
from remitwatch.indicators.units import Units
from remitwatch.method import Options
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, ProviderType

_INSTRUMENTS = {
    PaymentInstrument.BANK_ACCOUNT,
    PaymentInstrument.DEBIT_CARD,
    PaymentInstrument.CREDIT_CARD,
    PaymentInstrument.MOBILE_MONEY,
}
_SELF_ASSISTED = {AccessPoint.INTERNET, AccessPoint.MOBILE_PHONE}
_ACCOUNT_OR_WALLET = {PickupMethod.BANK_ACCOUNT, PickupMethod.PARTNER_BANK_ACCOUNT, PickupMethod.MOBILE_WALLET}


def digital_index(units: Units, groups: Groups, options: Options, *, digital: bool) -> Outcome:
    """The mean over digital services, or over those that are not (`digital` false).

    Digital: paid with a digital instrument, in a self-assisted manner, and received into an account or a wallet. A
    service with a label that says nothing (`unknown`) is in neither, unless another label settles that it is not.
    """
    used = disclosed(units, groups).only(_digital(units, options, wanted=digital))
    return _mean(units, groups, used, "no_digital_service" if digital else "no_non_digital_service")


def _mean(units: Units, groups: Groups, used: Groups, without: str) -> Outcome:
    """The mean over `used`; a group with none of them says so by the flag `without`."""
    outcome = Outcome(used, groups.present, mean_cost(units, used))
    outcome.flag(without, outcome.present & ~outcome.values.known)
    outcome.flag("rate_advantage", outcome.values.negative)
    return outcome


def _digital(units: Units, options: Options, *, wanted: bool) -> BoolArray:
    """Which services are known to be digital, or known not to be."""
    pickup = set[str](_ACCOUNT_OR_WALLET) | ({PickupMethod.DEBIT_CARD} if options.digital_card_pickup else set())
    manner = set[str](_SELF_ASSISTED) | ({AccessPoint.CALL_CENTER} if options.digital_call_center else set())
    found = np.full(len(units), wanted)
    for column, fitting in (("payment_instrument", _INSTRUMENTS), ("access_point", manner), ("pickup_method", pickup)):
        labels = units.labels(column)
        parts = [set(name.split("+")) - {"", "unknown"} for name in labels.names]
        every = options.digital_every_label
        fits = [bool(some) and (some <= fitting if every else bool(some & fitting)) for some in parts]
        if wanted:
            found &= np.array(fits, dtype=bool)[labels.codes]
        else:
            known_not = [bool(some) and not fit for some, fit in zip(parts, fits, strict=True)]
            found |= np.array(known_not, dtype=bool)[labels.codes]
    return found


def mto_index_international(units: Units, groups: Groups, options: Options) -> Outcome:
    """The mean over the services of money transfer operators that are present in most corridors.

    Present means offering any service there in the period, disclosed or not; of the corridors of the world that were
    looked at in the period, `options.mto_presence_percent` per cent or more.
    """
    used = disclosed(units, groups).only(_present_in_most(units, options))
    return _mean(units, groups, used, "no_international_mto")


def _present_in_most(units: Units, options: Options) -> BoolArray:
    """Which units are of an operator that is present in enough corridors of the unit's period."""
    provider, corridor = units.labels("provider"), units.labels("corridor")
    types = units.labels("provider_type")
    is_mto = np.array([ProviderType.MONEY_TRANSFER_OPERATOR in name.split("+") for name in types.names], dtype=bool)
    mto = is_mto[types.codes]
    periods, width = len(units.periods), max(len(provider.names), 1)
    corridors = distinct(units.period_of, corridor.codes, periods)
    firm = units.period_of * width + provider.codes
    present = distinct(firm[mto], corridor.codes[mto], periods * width)
    enough = present * 100 >= np.repeat(corridors, width) * options.mto_presence_percent
    found: BoolArray = mto & enough[firm]
    return found


POPULATIONS = (
    *(
        Indicator(code, partial(digital_index, digital=digital), SCOPES, of_part=True)
        for code, digital in (("digital_index", True), ("non_digital_index", False))
    ),
    Indicator("mto_index_international", mto_index_international, ("world",), of_part=True),
)
