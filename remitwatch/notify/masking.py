"""Addresses of routes are secrets: nothing that is kept, logged or shown holds a part of one."""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"
_SHORTEST = 4
_PORT = re.compile(r"\d{1,5}")


def masked(text: str, url: str) -> str:
    """The text without anything of the address but its scheme, its port and a host with dots. Tokens of services stand
    where the host of an address is; they have none."""
    for part in _secrets(url):
        text = re.sub(re.escape(part), MASK, text, flags=re.IGNORECASE)
    return text


def _secrets(url: str) -> list[str]:
    scheme, _, rest = url.partition("://")
    place, _, query = (rest or scheme).partition("?")
    front, *path = place.split("/")
    user, _, host = front.rpartition("@")
    parts = [url, rest, place, *user.split(":"), *path]
    parts += [] if "." in host or host.partition(":")[0] == "localhost" else [host, *host.split(":")]
    parts += [piece for pair in query.split("&") for piece in (pair, pair.partition("=")[2])]
    # services join pieces in their own ways: what stands between the usual marks is masked too
    parts += [piece for part in (user, *path, query) for piece in re.split(r"[,;:@#+&=/]", unquote(part))]
    parts += [unquote(part) for part in parts]
    wanted = {part for part in parts if len(part) >= _SHORTEST and _PORT.fullmatch(part) is None}
    return sorted(wanted, key=lambda part: (-len(part), part))
