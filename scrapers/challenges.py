"""Tells an answer from a page that stands in front of it: bot challenges and block pages.

The marks are narrow on purpose: a provider's page that merely mentions such a service is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping

_HEAD = 64 * 1024

_MARKS = (
    b"<title>just a moment...</title>",  # Cloudflare
    b"cf_chl_opt",
    b"<title>attention required! | cloudflare</title>",
    b"incapsula incident id",
    b"<title>access denied</title>",  # Akamai
    b"captcha-delivery.com/",  # DataDome
    b"px-captcha",  # HUMAN
)


def is_challenge(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this answer is a challenge or block page. `headers` have lower-case names."""
    if headers.get("cf-mitigated") == "challenge" or headers.get("x-amzn-waf-action"):
        return True
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or b"<html" not in head[:4096]:  # data in JSON, XML, csv or a zip is no page
        return False
    return any(mark in head for mark in _MARKS)
