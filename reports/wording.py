"""Words for codes, and the cleaning of text that others wrote (provider names are hostile until cleaned)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from remitwatch.countries import countries
from remitwatch.errors import InputError

SANDBOX_WORDS = "Sandbox data, not real prices"
NAME_LENGTH = 80
"""Longer provider names are cut on pages (an ellipsis says so); the csv tables keep up to 300 characters."""

PROVIDER_TYPES = {
    "bank": "Bank",
    "money_transfer_operator": "Money transfer operator",
    "mobile_operator": "Mobile operator",
    "post_office": "Post office",
    "non_bank_fi": "Non-bank institution",
    "credit_union": "Credit union",
    "joint": "Joint service",
    "unknown": "Type unknown",
}
_PROVIDER_NOUNS = {
    "bank": "bank service",
    "money_transfer_operator": "money transfer operator",
    "mobile_operator": "mobile operator",
    "post_office": "post office",
    "non_bank_fi": "non-bank institution",
    "credit_union": "credit union",
}
INSTRUMENTS = {
    "cash": "Cash",
    "bank_account": "Bank account",
    "debit_card": "Debit card",
    "credit_card": "Credit card",
    "mobile_money": "Mobile money",
    "unknown": "Not stated",
}
ACCESS_POINTS = {
    "internet": "Internet",
    "agent": "Agent",
    "bank_branch": "Bank branch",
    "call_center": "Call centre",
    "post_office_branch": "Post office branch",
    "mobile_phone": "Mobile phone",
    "unknown": "Access point not stated",
}
PICKUPS = {
    "cash": "cash",
    "bank_account": "bank account",
    "partner_bank_account": "account at a partner bank",
    "mobile_wallet": "mobile wallet",
    "debit_card": "debit card",
    "atm": "cash machine",
    "home_delivery": "home delivery",
    "unknown": "method not stated",
}
SPEEDS = {
    "within_hour": "Within one hour",
    "same_day": "Same day",
    "next_day": "Next day",
    "two_days": "2 days",
    "three_to_five_days": "3 to 5 days",
    "six_days_or_more": "6 days or more",
    "unknown": "Not stated",
}
SPEED_ORDER = {code: place for place, code in enumerate(SPEEDS, start=1)}
BASES = {
    "survey": ("Survey", "Prices asked by researchers in a quarterly survey, as published."),
    "standard": ("Standard prices", "Prices that providers state to every customer, collected day by day."),
    "estimate": ("Estimates", "Prices that a comparison source states for other providers, not by the providers."),
    "promotional": ("Promotions", "Prices for some customers or a limited time."),
}
FLAGS: dict[str, tuple[str, str]] = {
    # flag of a service: (kind of tag, words)
    "rate_advantage": ("warn", "rate better than interbank"),
    "extreme": ("none", "over 50%"),
    "undisclosed": ("none", "rate not disclosed"),
    "identity_off": ("warn", "parts differ from total"),
    "fee_not_in_total": ("warn", "fee missing from total"),
    "no_published_total": ("none", "no published total"),
    "no_interbank_rate": ("none", "no interbank rate"),
    "inverted_rate": ("warn", "rate looks inverted"),
    "rate_placeholder": ("none", "rate of 1"),
    "references_apart": ("warn", "reference rates differ"),
    "stale_quote": ("warn", "old price"),
    "amount_off_tier": ("none", "other amount"),
    "date_outside_period": ("none", "asked outside the period"),
    "promotion_suspected": ("warn", "no fee: check for promotion"),
    "quarantined": ("warn", "in quarantine"),
    "rejected": ("warn", "rejected"),
    "released": ("none", "looked at, released"),
    "confirmed": ("none", "confirmed by its next price"),
    "rate_far_from_mid": ("warn", "rate far from interbank"),
    "swapped_currencies": ("warn", "fee in the other currency?"),
    "decimal_slip": ("warn", "decimal slip?"),
    "neighbour_rate": ("warn", "another currency’s rate?"),
    "spike": ("warn", "spike"),
    "speed_unknown": ("none", "speed unknown"),
    "jump": ("warn", "jumped"),
    "outlier": ("warn", "far from the rest"),
    "held": ("warn", "held"),
}
CORRIDOR_FLAGS = {
    # flags that every service of a corridor has: said once, as a notice, not as a tag on each row
    "parallel_rate": (
        "An official and a market exchange rate stand side by side here.",
        "A margin against one of them says less than elsewhere.",
    ),
}
MEANINGS = {
    "rate_advantage": "“Rate better than interbank”: a margin or a total below zero, kept as it is.",
    "extreme": "“Over 50%”: extreme and flagged; it is not left out for that.",
    "identity_off": "“Parts differ from total”: fee and margin do not add up to the published total, which is used.",
    "fee_not_in_total": "“Fee missing from total”: the published total looks like the margin alone; it is used as is.",
    "inverted_rate": "“Rate looks inverted”: the applied rate fits the reference rate better upside down.",
    "rate_placeholder": "“Rate of 1”: both rates are 1 with no margin, which may stand for a missing rate.",
    "references_apart": "“Reference rates differ”: two sources of the reference rate are more than 1% apart.",
    "amount_off_tier": "“Other amount”: the amount asked for is over 15% from the one usual for the sender.",
    "speed_unknown": "“Speed unknown”: taken as within five days.",
    "promotion_suspected": "“No fee: check for promotion”: a price without a fee may hold for some customers only.",
    "quarantined": "“In quarantine”: in no figure until a person releases it or its next price confirms it.",
    "rejected": "“Rejected”: a person looked at it and keeps it out of every figure.",
    "released": "“Looked at, released”: a person looked at it, and it counts.",
    "confirmed": "“Confirmed by its next price”: it moved far, and the next price says the same.",
    "rate_far_from_mid": "“Rate far from interbank”: over 25% from the reference rate.",
    "swapped_currencies": "“Fee in the other currency?”: the fee would be plausible in the receive currency.",
    "decimal_slip": "“Decimal slip?”: ten, a hundred or a thousand times what it was or should be.",
    "neighbour_rate": "“Another currency’s rate?”: the same rate as for another currency, after a jump.",
    "spike": "“Spike”: moved far away from what the corridor’s other services cost.",
    "jump": "“Jumped”: more than five points away from the service’s last price.",
    "outlier": "“Far from the rest”: far outside what the corridor’s other services cost.",
    "stale": "“Days old”: too old for the figures; shown, not counted.",
}
ABSENT = {
    "private_suppressed": "Withheld: it would tell prices that fewer than three providers handed in privately.",
    "no_qualifying_service": "No service qualifies.",
    "no_disclosed_service": "No service discloses its rate.",
    "no_assessable_corridor": "No corridor has three services that qualify.",
    "no_observations": "No service to count.",
    "no_flows": "No flows are imported.",
    "no_flow": "No flow is known for these corridors.",
}

# Bidirectional overrides and isolates can turn the rest of a line around; the others are invisible.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def clean_text(value: Any, limit: int = 300) -> str:
    """Text of others made safe to print: no control, bidirectional or surrogate characters, single spaces, cut at
    `limit` characters. Never empty: `(no name)`."""
    text = "" if value is None or value != value else str(value)
    if text and len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip() or "(no name)"  # the common case, fast
    text = text[: limit * 4]
    text = "".join(
        " " if char in "\t\r\n\v\f\x85\u2028\u2029" else char
        for char in text
        if char in "\t\r\n\v\f\x85\u2028\u2029" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    )
    text = re.sub(r"\s+", " ", _INVISIBLE.sub("", text)).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or "(no name)"


def name(value: Any) -> str:
    """A provider's name as pages print it."""
    return clean_text(value, NAME_LENGTH)


def country(code: str) -> str:
    """`Kenya`. Raises InputError for an unknown code, because codes become file names."""
    known = countries().get(code)
    if known is None:
        raise InputError(f"country {code!r} of a figure is not in the reference table")
    return known.name


def corridor_parts(key: str) -> tuple[str, str]:
    """Sender and receiver of `GBR-IND`. Raises InputError for anything else: the key becomes a file name."""
    match = re.fullmatch(r"([A-Z]{3})-([A-Z]{3})", key)
    if match is None:
        raise InputError(f"corridor {key!r} of a figure: expected two country codes such as GBR-IND")
    for code in match.groups():
        country(code)
    return match[1], match[2]


def corridor_name(key: str, joint: str = " → ") -> str:
    """`Tanzania → Kenya`, or `Tanzania to Kenya` with another `joint`."""
    sender, receiver = corridor_parts(key)
    return f"{country(sender)}{joint}{country(receiver)}"


def basis_name(basis: str) -> str:
    """`Survey`, `Standard prices` ..."""
    return BASES[basis][0] if basis in BASES else plain(basis)


def plain(code: str) -> str:
    """A code without a word of its own: `some_flag` -> `some flag`."""
    return clean_text(code, 60).replace("_", " ")


def codes(value: Any) -> list[str]:
    """The codes of a `+` joined cell."""
    return [part for part in str(value).split("+") if part] if isinstance(value, str) else []


def joined(value: Any, words: dict[str, str]) -> str:
    """The words of a `+` joined cell: `Cash, debit card`."""
    found = [words.get(code, plain(code)) for code in codes(value)] or [words["unknown"]]
    return ", ".join([found[0], *(word[0].lower() + word[1:] for word in found[1:])])


def type_code(value: Any) -> str:
    """The provider type that decides the mark: `joint` where several types are named."""
    found = codes(value)
    if len(found) > 1:
        return "joint"
    return found[0] if found and found[0] in PROVIDER_TYPES else "unknown"


def type_noun(code: str, number: int) -> str:
    """`bank service`, `bank services`; plain `service` where the type has no noun."""
    noun = _PROVIDER_NOUNS.get(code, "service")
    return noun if number == 1 else noun + "s"


def csv_cell(value: Any) -> str:
    """A csv cell that a spreadsheet reads as text or number, never as a formula; control characters removed."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if _NUMBER.fullmatch(text):
        return text
    starts_hostile = text[:1] in ("=", "+", "-", "@", "\t", "\r")
    text = clean_text(text, 2000) if text else ""
    return "'" + text if starts_hostile or text[:1] in ("=", "+", "-", "@") else text


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
