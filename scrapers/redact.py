"""Secrets out of what is kept and said: URLs, request bodies, error messages and issues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

MASK = "***"
LEAST_SECRET = 6
"""Shorter secrets are not looked for in answers: they stand in many a text by chance."""

_WORDS = frozenset(
    {
        *("key", "apikey", "token", "secret", "password", "passwd", "pwd", "pass", "auth", "authorization"),
        *("signature", "sig", "credential", "credentials", "appid", "jwt", "bearer", "session", "sessionid", "cookie"),
    }
)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether a parameter, field or header of this name holds a secret: `api_key`, `X-API-Key`, `accessToken` ...

    Decided by whole words of the name, so that `keyword` and `monkey` are none.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    parts = [part for part in re.split(r"[^a-z0-9]+", words.lower()) if part]
    joined = "".join(parts)
    return any(part in _WORDS for part in parts) or joined in _WORDS or joined in {"appid", "clientsecret"}


def strip_url(url: str, values: Iterable[str] = ()) -> str:
    """The URL without user name and password, its secret parameters masked and every one of `values` masked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return strip_values(url, values)
    host = parts.netloc.rpartition("@")[2]
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(is_secret_name(name) for name, _ in pairs):
        query = urlencode([(name, MASK if is_secret_name(name) else value) for name, value in pairs], safe="*")
    return strip_values(urlunsplit((parts.scheme, host, parts.path, query, "")), values)


def strip_json(value: Any, values: Iterable[str] = ()) -> Any:
    """A JSON value with the values of secret fields masked, however deep, and every one of `values` in its texts."""
    if isinstance(value, dict):
        return {name: MASK if is_secret_name(str(name)) else strip_json(field, values) for name, field in value.items()}
    if isinstance(value, list | tuple):
        return [strip_json(item, values) for item in value]
    return strip_values(value, values) if isinstance(value, str) else value


def strip_form(form: Mapping[str, str], values: Iterable[str] = ()) -> dict[str, str]:
    """The fields of a form, the secret ones and every one of `values` masked."""
    return {name: MASK if is_secret_name(name) else strip_values(value, values) for name, value in form.items()}


def strip_values(text: str, values: Iterable[str]) -> str:
    """The text with every known secret masked: plain, or encoded as URLs do."""
    for form in _forms(values):
        text = text.replace(form, MASK)
    return text


def strip_bytes(content: bytes, values: Iterable[str]) -> bytes:
    """The bytes with every known secret masked, as `strip_values` does."""
    for form in _forms(values):
        content = content.replace(form.encode(), MASK.encode())
    return content


def _forms(values: Iterable[str]) -> list[str]:
    forms = [{value, quote(value, safe=""), quote(value), quote_plus(value)} for value in values]
    return [form for of_one in forms for form in sorted(of_one) if form]
