"""Words for codes, and the cleaning of text that others wrote (provider names are hostile until cleaned)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from remitwatch.errors import InputError
from reports import names, numbers
from reports.language import N_, NP_, SOURCE, Words, _, spoken

SANDBOX_WORDS = N_("Sandbox data, not real prices")
"""What every page of pretended data says; pages translate it."""
NAME_LENGTH = 80
"""Longer provider names are cut on pages (an ellipsis says so); the csv tables keep up to 300 characters."""

PROVIDER_TYPES = Words(
    {
        "bank": N_("Bank"),
        "money_transfer_operator": N_("Money transfer operator"),
        "mobile_operator": N_("Mobile operator"),
        "post_office": N_("Post office"),
        "non_bank_fi": N_("Non-bank institution"),
        "credit_union": N_("Credit union"),
        "joint": N_("Joint service"),
        "unknown": N_("Type unknown"),
    }
)
INSTRUMENTS = Words(
    {
        "cash": N_("Cash"),
        "bank_account": N_("Bank account"),
        "debit_card": N_("Debit card"),
        "credit_card": N_("Credit card"),
        "mobile_money": N_("Mobile money"),
        "unknown": NP_("payment instrument", "Not stated"),
    }
)
ACCESS_POINTS = Words(
    {
        "internet": N_("Internet"),
        "agent": N_("Agent"),
        "bank_branch": N_("Bank branch"),
        "call_center": N_("Call centre"),
        "post_office_branch": N_("Post office branch"),
        "mobile_phone": N_("Mobile phone"),
        "unknown": N_("Access point not stated"),
    }
)
PICKUPS = Words(
    {
        "cash": N_("cash"),
        "bank_account": N_("bank account"),
        "partner_bank_account": N_("account at a partner bank"),
        "mobile_wallet": N_("mobile wallet"),
        "debit_card": N_("debit card"),
        "atm": N_("cash machine"),
        "home_delivery": N_("home delivery"),
        "unknown": N_("method not stated"),
    }
)
SPEEDS = Words(
    {
        "within_hour": N_("Within one hour"),
        "same_day": N_("Same day"),
        "next_day": N_("Next day"),
        "two_days": N_("2 days"),
        "three_to_five_days": N_("3 to 5 days"),
        "six_days_or_more": N_("6 days or more"),
        "unknown": NP_("speed", "Not stated"),
    }
)
SPEED_ORDER = {code: place for place, code in enumerate(SPEEDS, start=1)}
BASES = Words({
    "survey": N_("Survey"),
    "standard": N_("Standard prices"),
    "estimate": N_("Estimates"),
    "promotional": N_("Promotions"),
})  # fmt: skip
BASES_MEAN = Words({
    "survey": N_("Prices asked by researchers in a quarterly survey, as published."),
    "standard": N_("Prices that providers state to every customer, collected day by day."),
    "estimate": N_("Prices that a comparison source states for other providers, not by the providers."),
    "promotional": N_("Prices for some customers or a limited time."),
})  # fmt: skip
FLAGS = Words({
    "rate_advantage": N_("rate better than interbank"),
    "extreme": N_("over 50%"),
    "undisclosed": N_("rate not disclosed"),
    "identity_off": N_("parts differ from total"),
    "fee_not_in_total": N_("fee missing from total"),
    "no_published_total": N_("no published total"),
    "no_interbank_rate": N_("no interbank rate"),
    "inverted_rate": N_("rate looks inverted"),
    "rate_placeholder": N_("rate of 1"),
    "references_apart": N_("reference rates differ"),
    "stale_quote": N_("old price"),
    "amount_off_tier": N_("other amount"),
    "date_outside_period": N_("asked outside the period"),
    "promotion_suspected": N_("no fee: check for promotion"),
    "quarantined": N_("in quarantine"),
    "rejected": N_("rejected"),
    "released": N_("looked at, released"),
    "confirmed": N_("confirmed by its next price"),
    "rate_far_from_mid": N_("rate far from interbank"),
    "swapped_currencies": N_("fee in the other currency?"),
    "decimal_slip": N_("decimal slip?"),
    "neighbour_rate": N_("another currency’s rate?"),
    "spike": N_("spike"),
    "speed_unknown": N_("speed unknown"),
    "jump": N_("jumped"),
    "outlier": N_("far from the rest"),
    "held": N_("held"),
})  # fmt: skip
"""Words of the flags of a service, as a tag."""
_PLAIN_FLAGS = frozenset({
    "extreme", "undisclosed", "no_published_total", "no_interbank_rate", "rate_placeholder",
    "amount_off_tier", "date_outside_period", "released", "confirmed", "speed_unknown",
})  # fmt: skip
CORRIDOR_FLAGS = {
    # flags that every service of a corridor has: said once, as a notice, not as a tag on each row
    "parallel_rate": (
        N_("An official and a market exchange rate stand side by side here."),
        N_("A margin against one of them says less than elsewhere."),
    ),
}
MEANINGS = Words(
    {
        "rate_advantage": N_("“Rate better than interbank”: a margin or a total below zero, kept as it is."),
        "extreme": N_("“Over 50%”: extreme and flagged; it is not left out for that."),
        "identity_off": N_(
            "“Parts differ from total”: fee and margin do not add up to the published total, which counts."
        ),
        "fee_not_in_total": N_(
            "“Fee missing from total”: the published total looks like the margin alone; it counts as is."
        ),
        "inverted_rate": N_("“Rate looks inverted”: the applied rate fits the reference rate better upside down."),
        "rate_placeholder": N_("“Rate of 1”: both rates are 1 with no margin, which may stand for a missing rate."),
        "references_apart": N_("“Reference rates differ”: two sources of the reference rate are more than 1% apart."),
        "amount_off_tier": N_("“Other amount”: the amount asked for is over 15% from the one usual for the sender."),
        "speed_unknown": N_("“Speed unknown”: taken as within five days."),
        "promotion_suspected": N_(
            "“No fee: check for promotion”: a price without a fee may hold for some customers only."
        ),
        "quarantined": N_("“In quarantine”: in no figure until a person releases it or its next price confirms it."),
        "rejected": N_("“Rejected”: a person looked at it and keeps it out of every figure."),
        "released": N_("“Looked at, released”: a person looked at it, and it counts."),
        "confirmed": N_("“Confirmed by its next price”: it moved far, and the next price says the same."),
        "rate_far_from_mid": N_("“Rate far from interbank”: over 25% from the reference rate."),
        "swapped_currencies": N_("“Fee in the other currency?”: the fee would be plausible in the receive currency."),
        "decimal_slip": N_("“Decimal slip?”: ten, a hundred or a thousand times what it was or should be."),
        "neighbour_rate": N_("“Another currency’s rate?”: the same rate as for another currency, after a jump."),
        "spike": N_("“Spike”: moved far away from what the corridor’s other services cost."),
        "jump": N_("“Jumped”: more than five points away from the service’s last price."),
        "outlier": N_("“Far from the rest”: far outside what the corridor’s other services cost."),
        "stale": N_("“Days old”: too old for the figures; shown, not counted."),
    }
)
ABSENT = Words(
    {
        "private_suppressed": N_("Withheld: it would tell prices that fewer than three providers handed in privately."),
        "no_qualifying_service": N_("No service qualifies."),
        "no_disclosed_service": N_("No service discloses its rate."),
        "no_assessable_corridor": N_("No corridor has three services that qualify."),
        "no_observations": N_("No service to count."),
        "no_digital_service": N_("No service is known to be digital."),
        "no_non_digital_service": N_("Every service is digital or of unknown kind."),
        "no_international_mto": N_("No operator is present in 85% of the corridors."),
        "no_flows": N_("No flows are imported."),
        "no_flow": N_("No flow is known for these corridors."),
    }
)

# Bidirectional overrides and isolates can turn the rest of a line around; the others are invisible.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def quoted(text: str) -> str:
    """Words of others within a sentence of another language: isolated, so that they do not turn around the words beside
    them."""
    return text if spoken().code == SOURCE else f"\u2068{text}\u2069"


def clean_text(value: Any, limit: int = 300) -> str:
    """Text of others made safe to print: no control, bidirectional or surrogate characters, single spaces, cut at
    `limit` characters. Never empty: `(no name)`."""
    text = "" if value is None or value != value else str(value)
    if text and len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip() or _("(no name)")  # the common case, fast
    text = text[: limit * 4]
    text = "".join(
        " " if char in "\t\r\n\v\f\x85\u2028\u2029" else char
        for char in text
        if char in "\t\r\n\v\f\x85\u2028\u2029" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    )
    text = re.sub(r"\s+", " ", _INVISIBLE.sub("", text)).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or _("(no name)")


def name(value: Any) -> str:
    """A provider's name as pages print it."""
    return clean_text(value, NAME_LENGTH)


def flag_tag(flag: str) -> tuple[str, str]:
    """Kind and words of a flag's tag."""
    return "none" if flag in _PLAIN_FLAGS else "warn", FLAGS[flag]


def corridor_parts(key: str) -> tuple[str, str]:
    """Sender and receiver of `GBR-IND`. Raises InputError for anything else: the key becomes a file name."""
    match = re.fullmatch(r"([A-Z]{3})-([A-Z]{3})", key)
    if match is None:
        raise InputError(f"corridor {key!r} of a figure: expected two country codes such as GBR-IND")
    for code in match.groups():
        names.country(code)
    return match[1], match[2]


def corridor_name(key: str) -> str:
    """`Tanzania → Kenya`; the arrow points the way the language is read."""
    sender, receiver = corridor_parts(key)
    return _("{sender} → {receiver}", sender=names.country(sender), receiver=names.country(receiver))


def corridor_title(key: str) -> str:
    """`Tanzania to Kenya`."""
    sender, receiver = corridor_parts(key)
    return _("{sender} to {receiver}", sender=names.country(sender), receiver=names.country(receiver))


def basis_name(basis: str) -> str:
    """`Survey`, `Standard prices` ..."""
    return BASES[basis] if basis in BASES else plain(basis)


def plain(code: str) -> str:
    """A code without a word of its own: `some_flag` -> `some flag`."""
    return clean_text(code, 60).replace("_", " ")


def codes(value: Any) -> list[str]:
    """The codes of a `+` joined cell."""
    return [part for part in str(value).split("+") if part] if isinstance(value, str) else []


def joined(value: Any, words: Mapping[str, str]) -> str:
    """The words of a `+` joined cell: `Cash, debit card`. Only English is known to write them small after the first."""
    found = [words.get(code, plain(code)) for code in codes(value)] or [words["unknown"]]
    if spoken().code == SOURCE:
        found = [found[0], *(word[0].lower() + word[1:] for word in found[1:])]
    return numbers.separated(found)


def type_code(value: Any) -> str:
    """The provider type that decides the mark: `joint` where several types are named."""
    found = codes(value)
    if len(found) > 1:
        return "joint"
    return found[0] if found and found[0] in PROVIDER_TYPES else "unknown"


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


def csv_quoted(text: str) -> str:
    """A csv cell as it stands in a file whose cells are parted by commas: in quotes where it holds a comma, a quote or
    a line's end."""
    quoted = "," in text or '"' in text or "\n" in text or "\r" in text  # a million cells are asked
    return '"' + text.replace('"', '""') + '"' if quoted else text


def csv_plain(texts: Sequence[str]) -> bool:
    """Whether all these texts are csv cells as they are (`csv_quoted` of `csv_cell` changes none): some thousand are
    looked at together. False where that is not plain to see."""
    unusual = "".join(texts).encode("utf-8", "replace").translate(None, _PLAIN)
    return (
        not unusual and _PLAIN_STARTS.issuperset(text[:1] for text in texts) and max(map(len, texts), default=0) <= 2000
    )


_PLAIN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:/%~+-"
_PLAIN_STARTS = frozenset(map(chr, _PLAIN)) - {"+", "-"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
