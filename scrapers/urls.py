"""URLs: of a request in full, and taken apart by the same parser that the transport uses."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from remitwatch.errors import FetchError
from remitwatch.sources import SourceDefinition
from scrapers.base import Request
from scrapers.redact import strip_url

_PORTS = {"http": 80, "https": 443}


def full_url(request: Request) -> str:
    """The URL of a request with its `params` in the query."""
    if not request.params:
        return request.url
    parts = urlsplit(request.url)
    query = "&".join(part for part in (parts.query, urlencode(request.params)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def with_context(url: str, request: Request) -> str:
    """A URL as it is kept: with the request's `context` as its fragment, the part of a URL that is never sent."""
    return f"{url}#{context_text(request)}" if request.context else url


def context_text(request: Request) -> str:
    """A request's `context` as it is kept."""
    return urlencode(request.context)


def request_body(request: Request) -> bytes:
    """The body of a request as it is sent, of JSON or of a form; empty without one. Raises TypeError for what JSON
    cannot hold: decimals must be given as text, so that none becomes a binary float."""
    if request.form is not None:
        return urlencode(request.form).encode()
    if request.json is None:
        return b""
    return json.dumps(request.json, ensure_ascii=False, separators=(",", ":")).encode()


def body_type(request: Request) -> str:
    """The content type of a request's body."""
    return "application/json" if request.form is None else "application/x-www-form-urlencoded"


def read_request_body(text: str) -> tuple[Any, dict[str, str] | None]:
    """A request's body as it is kept, as (json, form): what is not JSON in it is a form, which never starts like it."""
    if not text:
        return None, None
    if text[0] in '{["':
        return json.loads(text, parse_float=Decimal), None
    return None, dict(parse_qsl(text, keep_blank_values=True))


@lru_cache(maxsize=256)  # each request asks eight times for the parts of its URL
def parse_checked(url: str) -> Url:
    """The parts of a URL, by the same parser that the transport uses, so that both see the same host.

    Raises FetchError (`address`) for anything but plain http and https URLs.
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchError("address", f"{strip_url(url)!r}: a URL holds no spaces, backslashes or control characters")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise FetchError("address", f"{strip_url(url)!r}: not a URL") from None
    if parts.scheme not in _PORTS or not parts.host:
        raise FetchError("address", f"{strip_url(url)!r}: expected an http or https URL with a host")
    if parts.auth is not None:
        raise FetchError("address", f"{strip_url(url)!r}: a URL must not hold a user name or password")
    return parts._replace(fragment=None)


def host_port(url: str) -> str:
    """`api.example.org:443`: what one host is to us. Raises FetchError (`address`)."""
    parts = parse_checked(url)
    assert parts.scheme is not None
    return f"{parts.host}:{parts.port or _PORTS[parts.scheme]}"


def is_host(entry: str, parts: Url) -> bool:
    """Whether a host of the definition (`api.example.org`, or with a port `localhost:8080`) is the URL's."""
    assert parts.scheme is not None
    name, colon, port = entry.lower().rpartition(":")
    if colon and port.isdigit():
        return (parts.host, str(parts.port or _PORTS[parts.scheme])) == (name, port)
    return parts.host == entry.lower() and parts.port in (None, _PORTS[parts.scheme])


def hosts(definition: SourceDefinition) -> str:
    """The hosts of a source, for a message."""
    return ", ".join(definition.hosts) or "none"
