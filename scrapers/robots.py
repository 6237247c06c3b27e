"""robots.txt (RFC 9309): may we ask this address, and how slowly."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

from remitwatch.errors import FetchError
from scrapers.challenges import is_challenge

AGENT = "RemitWatch"
"""The product token that a robots.txt can name."""
MAX_BYTES = 512 * 1024
"""RFC 9309 asks crawlers to read at least 500 KiB."""


@dataclass(frozen=True)
class Robots:
    """The rules of one host. `delay` is the least number of seconds between two requests that it asks for.

    Without `rules` everything is allowed, unless `denied` (failure class, message) says why nothing is.
    """

    rules: Protego | None = None
    delay: float = 0.0
    denied: tuple[str, str] | None = None

    def check(self, url: str) -> None:
        """Raises FetchError when this URL may not be asked for: `robots` by the rules or because they are kept from us,
        the failure's own reason when they could not be had."""
        if self.denied is not None:
            raise FetchError(*self.denied)
        if self.rules is not None and not self.rules.can_fetch(url, AGENT):
            raise FetchError("robots", f"robots.txt of the host does not allow {AGENT} to ask {url}")


def read_robots(status: int, headers: dict[str, str], body: bytes) -> Robots:
    """The rules in an answer to /robots.txt.

    No such file (404, 410 and other 4xx): everything is allowed. 401, 403, 429, a challenge page or 5xx: nothing is,
    because the owner's wish cannot be known.
    """
    if is_challenge(status, headers, body):
        return Robots(denied=("robots", "robots.txt is behind a challenge page: nothing is asked"))
    if 200 <= status < 300:
        rules = Protego.parse(body[:MAX_BYTES].decode("utf-8-sig", "replace"))
        rate = rules.request_rate(AGENT)
        per_request = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
        return Robots(rules, max(float(rules.crawl_delay(AGENT) or 0), per_request))
    if status in (401, 403, 429):
        return Robots(denied=("robots", f"robots.txt answered {status}: nothing is asked"))
    if 400 <= status < 500:
        return Robots()
    return Robots(denied=("unreachable", f"robots.txt answered {status}: nothing is asked"))
