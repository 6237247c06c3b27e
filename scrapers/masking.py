"""Secrets and personal data out of an archived answer, before it becomes a case that everybody may read.

Masks keep the kind of what they replace (an address stays an address, a number a number), so that the answer can be
read as before.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from scrapers.redact import MASK, is_secret_name, strip_values

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:|:(?=:))(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![\w:])")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+(?!\*)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_JSON_FIELD = re.compile(r'("(?P<name>[^"\\]{1,80})"\s*:\s*)(?P<value>"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)')
_PAIR = re.compile(r"(?P<name>[A-Za-z][\w-]{0,60})(?P<is>=|%3D)(?P<value>[^&\s\"'<>;,{}]+)")
_ATTRIBUTE = re.compile(
    r"(?P<head><(?:input|meta)\b[^>]*?\bname\s*=\s*[\"'](?P<name>[^\"']+)[\"'][^>]*?\b(?:value|content)\s*=\s*[\"'])"
    r"(?P<value>[^\"']*)",
    re.IGNORECASE,
)
_PLAIN_NAMES = frozenset({"key", "pass", "auth"})
"""Names that say secret in a URL and mostly something else in an answer (`"key": "bank_transfer"`)."""
_EMAIL_MASK, _IPV4_MASK, _IPV6_MASK = "masked@example.org", "192.0.2.1", "2001:db8::1"
"""Addresses that belong to nobody (RFC 2606, RFC 5737, RFC 3849)."""


def mask_body(body: bytes, secrets: Iterable[str] = ()) -> tuple[bytes, Counter[str]]:
    """The body with what should not be shown masked, and how often of each kind. `secrets` are known tokens.

    A body that is no UTF-8 text (a workbook, a zip) comes back as it is, counted under `not looked into (no text)`.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body, Counter({"not looked into (no text)": 1})
    if "\x00" in text:
        return body, Counter({"not looked into (no text)": 1})
    masked, found = mask_text(text, secrets)
    return (masked.encode() if found else body), found


def mask_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> tuple[dict[str, str], Counter[str]]:
    """Headers with the values of secret names masked, and what is secret or personal in the others."""
    kept: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for name, value in headers.items():
        if is_secret_name(name) or name.lower() == "set-cookie":
            kept[name] = MASK
            counted["secret header"] += 1
            continue
        if name.lower() in ("etag", "last-modified", "date", "content-type", "content-length"):
            kept[name] = strip_values(value, secrets)
            continue
        kept[name], found = mask_text(value, secrets)
        counted += found
    return kept, counted


def mask_text(text: str, secrets: Iterable[str] = ()) -> tuple[str, Counter[str]]:
    """The text masked, and how often of each kind."""
    found: Counter[str] = Counter()

    def count(kind: str, mask: str) -> str:
        found[kind] += 1
        return mask

    def field(match: re.Match[str]) -> str:
        value = match["value"]
        if not _is_secret(match["name"]) or value in ('""', f'"{MASK}"', "0"):
            return match[0]
        return match[1] + count("secret field", f'"{MASK}"' if value.startswith('"') else "0")

    def attribute(match: re.Match[str]) -> str:
        if not _is_secret(match["name"]) or match["value"] == MASK:
            return match[0]
        return match["head"] + count("secret field", MASK)

    def pair(match: re.Match[str]) -> str:
        if not _is_secret(match["name"]) or match["value"] == MASK:
            return match[0]
        return match["name"] + match["is"] + count("secret parameter", MASK)

    known = strip_values(text, secrets)
    if known != text:
        found["known secret"] += 1
    text = _JWT.sub(lambda _: count("token", MASK), known)
    text = _BEARER.sub(lambda match: count("token", f"{match[1]} {MASK}"), text)
    text = _JSON_FIELD.sub(field, text)
    text = _ATTRIBUTE.sub(attribute, text)
    text = _PAIR.sub(pair, text)
    text = _EMAIL.sub(lambda match: match[0] if match[0] == _EMAIL_MASK else count("e-mail", _EMAIL_MASK), text)
    text = _IPV4.sub(lambda match: count("IP address", _IPV4_MASK) if _is_address(match[0]) else match[0], text)
    text = _IPV6.sub(lambda match: count("IP address", _IPV6_MASK) if _is_address(match[0]) else match[0], text)
    return text, found


def _is_secret(name: str) -> bool:
    return name.lower() not in _PLAIN_NAMES and is_secret_name(name)


def _is_address(text: str) -> bool:
    """Whether it is an IP address, and none of our masks."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 6 and ":" in text and text.count(":") < 7 and "::" not in text:
        return False
    return text not in (_IPV4_MASK, _IPV6_MASK) and not address.is_unspecified
