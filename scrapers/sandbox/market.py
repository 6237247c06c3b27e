"""Who sells what in the sandbox: corridors, firms and products, all made up as data.

Except for the sources' own names (Wise, TransferGo and the `CALCULATORS`) every firm is invented; every price is
invented, theirs too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from remitwatch.corridors import Corridor, corridor
from remitwatch.services import AccessPoint as At
from remitwatch.services import Coverage, PickupMethod, ProviderType, Speed, provider_key
from remitwatch.services import PaymentInstrument as Pay


@dataclass(frozen=True)
class Route:
    """A corridor's market. `level`: the average cost (per cent of USD 200) that it walks around on the last day;
    `fee_weight`: how much of it is fee (1 = as the products say); `gain`: how many per cent cheaper it gets a year."""

    key: str
    level: Decimal
    fee_weight: Decimal
    gain: Decimal

    @cached_property
    def corridor(self) -> Corridor:
        return corridor(self.key)


ROUTES: tuple[Route, ...] = tuple(
    Route(key, Decimal(level), Decimal(weight), Decimal(gain))
    for key, level, weight, gain in (
        ("ARE-IND", "2.9", "1.5", "4"),
        ("ARE-PAK", "2.6", "1.5", "6"),
        ("DEU-IND", "5.5", "1", "7"),
        ("DEU-TUR", "6.4", "1", "3"),
        ("ESP-COL", "5.3", "0.9", "5"),
        ("ESP-MAR", "6.7", "1.1", "6"),
        ("GBR-IND", "3.8", "0.9", "5"),
        ("GBR-NGA", "6.9", "0.8", "8"),
        ("KEN-TZA", "11", "1.2", "-2"),
        ("KEN-UGA", "10.2", "1.2", "4"),
        ("USA-MEX", "4.5", "1", "3"),
        ("USA-PHL", "4.1", "0.9", "6"),
    )
)

# sending country -> its survey amounts (the local equivalents of USD 200 and USD 500)
BASKETS: dict[str, tuple[int, int]] = {
    "ARE": (735, 1840),
    "DEU": (140, 345),
    "ESP": (140, 345),
    "GBR": (120, 300),
    "KEN": (18_000, 45_000),
    "USA": (200, 500),
}

# send currency -> the step in which fees are set
FEE_STEPS: dict[str, Decimal] = {
    "AED": Decimal("1"),
    "EUR": Decimal("0.10"),
    "GBP": Decimal("0.10"),
    "KES": Decimal("10"),
    "USD": Decimal("0.25"),
}


@dataclass(frozen=True)
class Product:
    """A way of sending. `cost`: relative to the corridor's average; `fee_share`: how much of it is fee at USD 200;
    `growth`: the fee at USD 500 over that at USD 200."""

    code: str
    pay: tuple[Pay, ...]
    at: tuple[At, ...]
    pickup: PickupMethod
    speed: Speed
    cost: Decimal
    fee_share: Decimal
    growth: Decimal

    @property
    def account_to_account(self) -> bool:
        """Whether it goes online from a bank account to a bank account (what the comparison speaks of)."""
        to_account = self.pickup in (PickupMethod.BANK_ACCOUNT, PickupMethod.PARTNER_BANK_ACCOUNT)
        return Pay.BANK_ACCOUNT in self.pay and At.INTERNET in self.at and to_account


_P = PickupMethod
_PRODUCTS: dict[str, tuple[tuple[Pay, ...], tuple[At, ...], PickupMethod, Speed, str, str, str]] = {
    "online_account": ((Pay.BANK_ACCOUNT,), (At.INTERNET,), _P.BANK_ACCOUNT, Speed.SAME_DAY, "0.56", "0.45", "1"),
    "online_debit": (
        (Pay.DEBIT_CARD,), (At.INTERNET, At.MOBILE_PHONE), _P.BANK_ACCOUNT, Speed.WITHIN_HOUR, "0.70", "0.5", "1",
    ),
    "online_cash": ((Pay.DEBIT_CARD,), (At.INTERNET,), _P.CASH, Speed.WITHIN_HOUR, "0.86", "0.55", "1.25"),
    "online_credit": ((Pay.CREDIT_CARD,), (At.INTERNET,), _P.CASH, Speed.WITHIN_HOUR, "1.34", "0.7", "2.1"),
    "online_wallet": ((Pay.DEBIT_CARD,), (At.MOBILE_PHONE,), _P.MOBILE_WALLET, Speed.WITHIN_HOUR, "0.64", "0.4", "1"),
    "online_either": (
        (Pay.BANK_ACCOUNT, Pay.DEBIT_CARD), (At.INTERNET,), _P.BANK_ACCOUNT, Speed.NEXT_DAY, "0.66", "0.4", "1",
    ),
    "agent_cash": ((Pay.CASH,), (At.AGENT,), _P.CASH, Speed.WITHIN_HOUR, "1.06", "0.65", "1.6"),
    "agent_account": ((Pay.CASH,), (At.AGENT,), _P.BANK_ACCOUNT, Speed.NEXT_DAY, "0.92", "0.6", "1.4"),
    "call_cash": ((Pay.DEBIT_CARD,), (At.CALL_CENTER,), _P.CASH, Speed.SAME_DAY, "1.2", "0.7", "1.5"),
    "exchange_cash": ((Pay.CASH,), (At.AGENT,), _P.CASH, Speed.SAME_DAY, "0.82", "0.75", "1"),
    "exchange_account": ((Pay.CASH,), (At.AGENT,), _P.BANK_ACCOUNT, Speed.SAME_DAY, "0.78", "0.75", "1"),
    "bank_online": (
        (Pay.BANK_ACCOUNT,), (At.INTERNET,), _P.PARTNER_BANK_ACCOUNT, Speed.NEXT_DAY, "1.12", "0.45", "1.2",
    ),
    "bank_branch": (
        (Pay.BANK_ACCOUNT,), (At.BANK_BRANCH,), _P.BANK_ACCOUNT, Speed.THREE_TO_FIVE_DAYS, "1.9", "0.7", "1",
    ),
    "bank_slow": ((Pay.CASH,), (At.BANK_BRANCH,), _P.BANK_ACCOUNT, Speed.SIX_DAYS_OR_MORE, "1.95", "0.75", "1"),
    "wallet": ((Pay.MOBILE_MONEY,), (At.MOBILE_PHONE,), _P.MOBILE_WALLET, Speed.WITHIN_HOUR, "0.58", "0.5", "2.1"),
    "wallet_cash": ((Pay.MOBILE_MONEY,), (At.MOBILE_PHONE,), _P.CASH, Speed.WITHIN_HOUR, "0.74", "0.55", "1.9"),
    "post_cash": ((Pay.CASH,), (At.POST_OFFICE_BRANCH,), _P.CASH, Speed.SAME_DAY, "1.16", "0.75", "1.5"),
    "post_account": ((Pay.CASH,), (At.POST_OFFICE_BRANCH,), _P.BANK_ACCOUNT, Speed.TWO_DAYS, "1.02", "0.7", "1.3"),
    "union_account": ((Pay.BANK_ACCOUNT,), (At.BANK_BRANCH,), _P.BANK_ACCOUNT, Speed.TWO_DAYS, "1.08", "0.7", "1.2"),
    "card_to_atm": ((Pay.DEBIT_CARD,), (At.INTERNET,), _P.ATM, Speed.WITHIN_HOUR, "0.9", "0.5", "1.3"),
}  # fmt: skip

PRODUCTS: dict[str, Product] = {
    code: Product(code, pay, at, pickup, speed, Decimal(cost), Decimal(share), Decimal(growth))
    for code, (pay, at, pickup, speed, cost, share, growth) in _PRODUCTS.items()
}


@dataclass(frozen=True)
class Firm:
    """A provider. `factor`: its prices against others of its kind; `offers`: where (`GBR`, `-IND`, `GBR-IND`, `*`,
    joined by blanks) -> which products (joined by blanks). `since`: the survey quarter it first stands in."""

    name: str
    types: tuple[ProviderType, ...]
    factor: Decimal
    offers: dict[str, str]
    coverage: Coverage = Coverage.HIGH
    since: str = ""
    discloses_rate: bool = True

    @cached_property
    def key(self) -> str:
        return provider_key(self.name)

    @property
    def alias(self) -> str:
        """Its name in the comparison: `kitewing-transfer`."""
        return self.key.replace("_", "-")

    def products(self, route: str) -> tuple[Product, ...]:
        """What it sells in a corridor, in the order of `PRODUCTS`."""
        sender, receiver = route.split("-")
        places = {"*", sender, f"-{receiver}", route}
        codes = {code for where, what in self.offers.items() if places & set(where.split()) for code in what.split()}
        return tuple(product for code, product in PRODUCTS.items() if code in codes)


WISE = "wise"
TRANSFERGO = "transfergo"
LEAVER = "halcombe_remit"
"""The firm that leaves the market (see script.py)."""

_BANK, _MTO, _MOBILE = ProviderType.BANK, ProviderType.MONEY_TRANSFER_OPERATOR, ProviderType.MOBILE_OPERATOR
_POST, _NBFI, _UNION = ProviderType.POST_OFFICE, ProviderType.NON_BANK_FI, ProviderType.CREDIT_UNION
_WEST = "GBR USA DEU ESP"

FIRMS: tuple[Firm, ...] = tuple(
    Firm(name, types, Decimal(factor), offers, coverage, since, discloses)
    for name, types, factor, offers, coverage, since, discloses in (
        ("Wise", (_MTO,), "0.8", {_WEST: "online_account"}, Coverage.HIGH, "", True),
        ("TransferGo", (_MTO,), "0.9", {"GBR-IND DEU-IND DEU-TUR USA-MEX USA-PHL": "online_account online_debit"},
         Coverage.HIGH, "", True),
        ("Zephyrel Remit", (_MTO,), "0.96", {"*": "agent_cash agent_account", _WEST: "online_account online_debit"},
         Coverage.HIGH, "", True),
        ("Kitewing Transfer", (_MTO,), "1.08", {"*": "agent_cash", _WEST: "online_cash online_credit online_account"},
         Coverage.HIGH, "", True),
        ("Passarel Express", (_MTO,), "0.9", {"GBR USA DEU ESP ARE": "online_either agent_cash",
                                              "-PHL -PAK -MAR": "online_wallet"}, Coverage.MEDIUM, "", True),
        ("Tamarisk Money Transfer", (_MTO,), "1.0", {"GBR DEU ESP KEN ARE": "agent_cash agent_account",
                                                     "USA": "call_cash card_to_atm"}, Coverage.MEDIUM, "", True),
        ("Ninefold Remit", (_MTO,), "0.86", {_WEST: "online_account online_debit"}, Coverage.HIGH, "2025-Q2", True),
        ("Halcombe Remit", (_MTO,), "1.04", {"GBR USA DEU KEN": "agent_cash", _WEST: "online_either online_credit"},
         Coverage.LOW, "", True),
        ("Orvelle Send", (_MTO, _POST), "0.98", {"ESP DEU KEN": "post_cash", "GBR ARE": "agent_cash"},
         Coverage.MEDIUM, "", True),
        ("Larkmoor Bank", (_BANK,), "1.0", {"GBR": "bank_online bank_branch"}, Coverage.HIGH, "", True),
        ("Tindervale Bank", (_BANK,), "1.1", {"GBR": "bank_online", "GBR-NGA": "bank_slow"}, Coverage.MEDIUM, "", True),
        ("Quarrow and Dunn Bank", (_BANK,), "1.15", {"GBR-NGA GBR-IND": "bank_branch"}, Coverage.LOW, "", False),
        ("Pellworth National Bank", (_BANK,), "1.0", {"USA": "bank_online bank_branch"}, Coverage.HIGH, "", True),
        ("Sundermere Bank", (_BANK,), "1.05", {"DEU ESP": "bank_online bank_branch"}, Coverage.HIGH, "", True),
        ("Umberfeld Landesbank", (_BANK,), "0.95", {"DEU": "bank_branch bank_online"}, Coverage.MEDIUM, "", True),
        ("Banco Altarroyo", (_BANK,), "1.1", {"ESP": "bank_online bank_slow", "USA-MEX": "bank_online"},
         Coverage.MEDIUM, "", True),
        ("Gulfmere Bank", (_BANK,), "0.95", {"ARE": "bank_online bank_branch"}, Coverage.HIGH, "", True),
        ("Savanna Crest Bank", (_BANK,), "0.92", {"KEN": "bank_online bank_branch bank_slow"},
         Coverage.MEDIUM, "", True),
        ("Rift Anchor Bank", (_BANK,), "0.85", {"KEN": "bank_branch bank_online"}, Coverage.LOW, "", True),
        ("Wavuna Mobile Money", (_MOBILE,), "1.0", {"KEN": "wallet wallet_cash", "GBR-NGA": "wallet"},
         Coverage.HIGH, "", True),
        ("Tokaru Wallet", (_MOBILE,), "0.92", {"KEN": "wallet wallet_cash", "ARE-PAK ARE-IND": "wallet"},
         Coverage.HIGH, "", True),
        ("Pesaluma", (_MOBILE,), "1.12", {"KEN": "wallet"}, Coverage.MEDIUM, "", True),
        ("Greyquay Post", (_POST,), "1.0", {"GBR DEU": "post_cash post_account"}, Coverage.HIGH, "", True),
        ("Correos del Levante Ficticio", (_POST,), "1.05", {"ESP": "post_cash post_account"}, Coverage.HIGH, "", True),
        ("Savanna Post", (_POST,), "0.95", {"KEN": "post_cash post_account"}, Coverage.MEDIUM, "", True),
        ("Qasrun Exchange House", (_NBFI,), "1.0", {"ARE": "exchange_cash exchange_account"}, Coverage.HIGH, "", True),
        ("Dirhamelle Exchange", (_NBFI,), "0.94", {"ARE": "exchange_cash exchange_account"}, Coverage.HIGH, "", True),
        ("Lantern Street Forex", (_NBFI,), "1.04", {"ARE KEN USA-PHL GBR-NGA ESP-COL": "exchange_cash"},
         Coverage.MEDIUM, "", True),
        ("Hollowmere Credit Union", (_UNION,), "1.0", {"USA": "union_account"}, Coverage.LOW, "", True),
        ("Cinderwell Savings Cooperative", (_UNION,), "0.95", {"KEN ESP": "union_account"}, Coverage.LOW, "", True),
    )
)  # fmt: skip

_EVERYWHERE = "GBR USA DEU ESP"
CALCULATORS: dict[str, Firm] = {
    firm.key: firm
    for firm in (
        Firm("Sendwave", (_MTO,), Decimal("0.92"), {_EVERYWHERE: "online_debit"}),
        Firm("Taptap Send", (_MTO,), Decimal("0.84"), {"GBR DEU ESP USA-PHL USA-MEX": "online_debit"}),
        Firm("Instarem", (_MTO,), Decimal("0.9"), {"GBR-IND DEU-IND USA": "online_account online_debit"}),
        Firm("Western Union", (_MTO,), Decimal("1.05"), {_EVERYWHERE: "online_account online_credit agent_cash"}),
        Firm("Xe", (_MTO,), Decimal("0.95"), {_EVERYWHERE: "online_account online_debit"}),
    )
}
"""Providers that are seen only through their own calculators: the survey and the comparison of the sandbox leave them
out, and no price of another firm depends on them."""
