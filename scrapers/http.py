"""The HTTP client: who we are, whom we may ask, how gently, how long, how much; and what a refusal means.

One host (host:port) is asked in sequence, whatever the number of threads; different hosts side by side.
"""

from __future__ import annotations

import logging
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
from urllib3.util import Url

from remitwatch.errors import FetchError
from remitwatch.failures import tries_again
from remitwatch.forbidden_hosts import why_forbidden
from remitwatch.sources import SourceDefinition
from scrapers import robots
from scrapers.address import Resolve, is_loopback_host
from scrapers.base import Request, Response
from scrapers.bodies import read_body
from scrapers.challenges import is_challenge
from scrapers.redact import LEAST_SECRET, strip_bytes, strip_url, strip_values
from scrapers.transport import GuardedAdapter, deadline, network_failure, tls_context
from scrapers.urls import body_type, full_url, host_port, hosts, is_host, parse_checked, request_body

log = logging.getLogger("remitwatch.http")

RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_PAUSE = 60.0
_ROBOTS_AGE = 24 * 3600.0  # RFC 9309: rules are not used for longer
_ROBOTS_RETRY = 600.0
_NO_CONTACT = frozenset({"unreachable", "slow", "truncated", "address"})
# Ours to say: who asks and in what encoding. A scraper that set them would disguise us.
_OURS = frozenset({"user-agent", "cookie", "host", "accept-encoding", "connection", "content-length"})
# Only these go along to another host: any other header may be a secret.
_HARMLESS = frozenset({"accept", "accept-language", "content-type"})


@dataclass(frozen=True)
class ClientSettings:
    """Who asks, and the limits. Times in seconds, sizes in bytes after decompression.

    `base_urls` (source key -> URL) replace scheme, host and port of a source's URLs; a path in them is put in front.
    `pauses` (source key -> seconds) replace the pause of the definition. A pause of 0 on a loopback base URL means a
    server of our own: then neither its Crawl-delay nor a wait before a retry is kept.
    `tokens` (source key -> secret) go in the header that the source's definition names; scrapers never see them.
    `deadline` is the wall-clock time of one attempt, redirects included; pauses do not count.
    """

    contact: str
    version: str
    allow_private: bool = False
    base_urls: Mapping[str, str] = field(default_factory=dict)
    pauses: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadline: float = 20.0
    connect_timeout: float = 5.0
    max_bytes: int = 10 * 2**20
    retries: int = 2
    max_retry_after: float = 60.0
    max_redirects: int = 5
    ca_file: Path | None = None

    @property
    def user_agent(self) -> str:
        """`RemitWatch/0.1.0 (+https://example.org/remitwatch)`."""
        return f"{robots.AGENT}/{self.version} (+{self.contact})"


@dataclass(frozen=True)
class Fetched:
    """An answer: the response, the URL that gave it after override and redirects, and how many attempts it took."""

    response: Response
    url: str
    attempts: int


class RefusedAnswer(FetchError):
    """The source answered, but with a refusal: its status, headers (lower-case names) and body, to be looked at."""

    def __init__(self, reason: str, message: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(reason, message)
        self.status = status
        self.headers = headers
        self.body = body


class _Passing(FetchError):
    """A failure that may pass by itself: worth another attempt."""


@dataclass(frozen=True)
class _Answer:
    url: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class _Host:
    """What is known of one host:port. `turn` is held while it is asked."""

    adapter: GuardedAdapter
    turn: threading.Lock = field(default_factory=threading.Lock)
    robots_turn: threading.Lock = field(default_factory=threading.Lock)
    not_before: float = 0.0
    slowed: float = 0.0
    rules: robots.Robots | None = None
    rules_until: float = 0.0


class HttpClient:
    """Asks sources. Safe to use from several threads.

    `now` gives the time stamped on answers; `sleep`, `monotonic` and `resolve` (socket.getaddrinfo) are given by tests.
    """

    def __init__(
        self,
        settings: ClientSettings,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        if not settings.contact.strip() or re.search(r"[\x00-\x1f\x7f()]", settings.contact):
            raise ValueError(f"contact {settings.contact!r}: expected a URL or an e-mail address")
        self._settings = settings
        self._now = now
        self._sleep = sleep
        self._monotonic = monotonic
        self._resolve = resolve
        self._context = tls_context()
        self._hosts: dict[str, _Host] = {}
        self._hosts_lock = threading.Lock()
        self._random = random.Random()
        # At debug level urllib3 logs whole paths with their queries, and a query can hold a key.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

    def close(self) -> None:
        """Close all connections."""
        with self._hosts_lock:
            for host in self._hosts.values():
                host.adapter.close()
            self._hosts.clear()

    def address(self, definition: SourceDefinition, request: Request) -> str:
        """The URL that a request is sent to, before redirects. Raises FetchError (`address`) where it may not be."""
        return self._target(definition, full_url(request))

    def fetch(self, definition: SourceDefinition, request: Request, answer_statuses: frozenset[int]) -> Fetched:
        """Ask one question and return the answer, read to its end.

        Raises FetchError with the failure class as `reason`; RefusedAnswer (a FetchError) when there was an answer,
        with a status outside `answer_statuses` or a challenge page. GET is tried again after failures that may pass,
        POST never. Raises ValueError or TypeError for a request that must not or cannot be sent.
        """
        _check_request(request)
        url = self.address(definition, request)
        answer, attempts = self._ask(definition, request, url)
        headers = answer.headers
        where = strip_url(answer.url)
        if is_challenge(answer.status, headers, answer.body):
            raise _refused("blocked", f"{where}: a challenge or block page came ({answer.status})", answer)
        if answer.status not in answer_statuses:
            raise _refused(_status_class(answer.status), f"{where}: answered {answer.status}", answer)
        response = Response(request, answer.status, headers, answer.body, fetched_at=self._now())
        return Fetched(response, answer.url, attempts)

    def _ask(
        self, definition: SourceDefinition, request: Request, url: str, *, for_robots: bool = False
    ) -> tuple[_Answer, int]:
        """One question with its retries. Returns the last answer, whatever its status."""
        attempts = 1 + (self._settings.retries if request.method == "GET" else 0)
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._follow(definition, request, url, for_robots=for_robots)
            except _Passing as failure:
                if attempt >= attempts or attempt > tries_again(failure.reason):
                    raise
                log.info("%s (attempt %d of %d)", failure, attempt, attempts)
                wait = self._backoff(definition, attempt)
            else:
                if answer.status not in RETRY_STATUSES or is_challenge(answer.status, answer.headers, answer.body):
                    return answer, attempt
                asked = self._retry_after(answer)
                if answer.status == 429:
                    self._slow_down(definition, answer.url)
                if asked is not None and asked > self._settings.max_retry_after:
                    message = f"{strip_url(url)}: answered {answer.status} and asks to wait {asked:.0f} s"
                    raise _refused("refused", message, answer)
                wait = asked if asked is not None else self._backoff(definition, attempt)
                log.info("%s answered %d (attempt %d of %d)", strip_url(url), answer.status, attempt, attempts)
            host = self._host(url)
            host.not_before = max(host.not_before, self._monotonic() + wait)
            if attempt >= attempts:
                return answer, attempt

    def _follow(self, definition: SourceDefinition, request: Request, url: str, *, for_robots: bool) -> _Answer:
        """One attempt: the request and the redirects it meets, all within one deadline."""
        method, body, headers = request.method, request_body(request), self._headers(definition, request, for_robots)
        time_left = max(self._settings.deadline, request.deadline)
        limit = robots.MAX_BYTES if for_robots else max(self._settings.max_bytes, request.max_bytes)
        for _ in range(self._settings.max_redirects + 1):
            if not for_robots:
                self._rules(definition, url).check(url)
            answer, spent = self._send(definition, method, url, body, headers, time_left, limit)
            answer = self._without_token(definition, answer)
            time_left -= spent
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None:
                return answer
            following = self._redirect_target(definition, url, location)
            if host_port(following) != host_port(url):
                headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
            if answer.status == 303 or (method == "POST" and answer.status in (301, 302)):
                method, body = "GET", b""
            url = following
        raise FetchError("redirect", f"{strip_url(url)}: more than {self._settings.max_redirects} redirects")

    def _headers(self, definition: SourceDefinition, request: Request, for_robots: bool) -> dict[str, str]:
        """The request's own headers, the type of its body, and the operator's token where the source wants one."""
        headers = dict(request.headers)
        if request.json is not None or request.form is not None:
            headers = {"Content-Type": body_type(request), **headers}
        token = self._settings.tokens.get(definition.key)
        if definition.token_header is not None and token is not None and not for_robots:
            headers[definition.token_header] = token
        return headers

    def _without_token(self, definition: SourceDefinition, answer: _Answer) -> _Answer:
        """The answer, the operator's token masked where the source says it back (`invalid key ...`): answers are kept,
        and pieces of them are told."""
        token = self._settings.tokens.get(definition.key)
        if definition.token_header is None or token is None or len(token) < LEAST_SECRET:
            return answer
        headers = {name: strip_values(value, [token]) for name, value in answer.headers.items()}
        return replace(answer, headers=headers, body=strip_bytes(answer.body, [token]))

    def _send(
        self,
        definition: SourceDefinition,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
        limit: int,
    ) -> tuple[_Answer, float]:
        """Wait for this host's turn and pause, send, read the answer. Returns it and the seconds it took."""
        where = strip_url(url)
        host = self._host(url)
        with host.turn:
            pause = host.not_before - self._monotonic()
            if pause > 0:
                self._sleep(pause)
            started = self._monotonic()
            try:
                with deadline(max(seconds, 0.001), self._monotonic):
                    answer = self._exchange(host.adapter, method, url, body, headers, seconds, limit)
            except requests.RequestException as error:
                reason, what, may_pass = network_failure(error)
                raise (_Passing if may_pass else FetchError)(reason, f"{where}: {what}") from None
            except FetchError as error:
                kind = _Passing if tries_again(error.reason) else FetchError
                raise kind(error.reason, f"{where}: {error}") from None
            finally:
                ended = self._monotonic()
                host.not_before = max(host.not_before, ended + self._pause(definition, host, url))
        log.debug("%s %s answered %d, %d bytes", method, where, answer.status, len(answer.body))
        return answer, ended - started

    def _exchange(
        self,
        adapter: GuardedAdapter,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
        limit: int,
    ) -> _Answer:
        timeout = (min(self._settings.connect_timeout, max(seconds, 0.001)), max(seconds, 0.001))
        ours = {"User-Agent": self._settings.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        request = requests.Request(method, url, headers={**ours, **headers}, data=body or None).prepare()
        verify = str(self._settings.ca_file) if self._settings.ca_file else True
        response = adapter.send(request, stream=True, timeout=timeout, verify=verify)
        try:
            content = read_body(response, limit)
        except BaseException:  # an interrupt too; it is raised again
            response.raw.close()  # with its connection: what is left of the body must not be read by the next request
            raise
        response.raw.release_conn()
        lower = {name.lower(): value for name, value in response.headers.items()}
        return _Answer(url, response.status_code, lower, content)

    def _rules(self, definition: SourceDefinition, url: str) -> robots.Robots:
        """The robots rules of the URL's host, asked for once a day."""
        host = self._host(url)
        with host.robots_turn:
            if host.rules is not None and self._monotonic() < host.rules_until:
                return host.rules
            parts = parse_checked(url)
            address = Url(scheme=parts.scheme, host=parts.host, port=parts.port, path="/robots.txt").url
            age = _ROBOTS_AGE
            try:
                answer, _ = self._ask(definition, Request(address), address, for_robots=True)
                rules = robots.read_robots(answer.status, answer.headers, answer.body)
            except FetchError as error:
                # A host that is down is named as such; only a file that is kept from us is the owner's refusal.
                reason = error.reason if error.reason in _NO_CONTACT else "robots"
                rules = robots.Robots(denied=(reason, f"{error}; without robots.txt nothing is asked"))
            if rules.delay > _MAX_PAUSE:
                message = f"robots.txt asks for {rules.delay:.0f} s between requests: more than {_MAX_PAUSE:.0f} s"
                rules = robots.Robots(denied=("robots", message))
            if rules.denied is not None:
                age = _ROBOTS_RETRY
            host.rules, host.rules_until = rules, self._monotonic() + age
            host.not_before = max(host.not_before, self._monotonic() + self._pause(definition, host, url))
            return rules

    def _host(self, url: str) -> _Host:
        key = host_port(url)
        with self._hosts_lock:
            if key not in self._hosts:
                adapter = GuardedAdapter(
                    allow_private=self._settings.allow_private, resolve=self._resolve, context=self._context
                )
                self._hosts[key] = _Host(adapter)
            return self._hosts[key]

    def _pause(self, definition: SourceDefinition, host: _Host, url: str) -> float:
        if self._is_ours(definition, url):
            return 0.0
        pause = max(self._settings.pauses.get(definition.key, definition.pause), host.slowed)
        asked = host.rules.delay if host.rules is not None else 0.0
        return max(pause, asked) * self._random.uniform(1.0, 1.25)

    def _backoff(self, definition: SourceDefinition, attempt: int) -> float:
        base = self._settings.base_urls.get(definition.key)
        if base is not None and self._is_ours(definition, base):
            return 0.0
        return float(2 ** (attempt - 1)) * self._random.uniform(1.0, 1.5)

    def _is_ours(self, definition: SourceDefinition, url: str) -> bool:
        """Whether this is a server of our own on this machine, which needs no politeness."""
        base = self._settings.base_urls.get(definition.key)
        return (
            base is not None
            and self._settings.pauses.get(definition.key) == 0
            and is_loopback_host(parse_checked(url).host)
        )

    def _slow_down(self, definition: SourceDefinition, url: str) -> None:
        host = self._host(url)
        if not self._is_ours(definition, url):
            pause = self._settings.pauses.get(definition.key, definition.pause)
            host.slowed = min(_MAX_PAUSE, 2 * max(pause, host.slowed, 0.5))

    def _retry_after(self, answer: _Answer) -> float | None:
        """The seconds that an answer asks to wait; None where it says nothing that can be understood."""
        text = answer.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,20}", text):
            return float(text)
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._now()).total_seconds())

    def _target(self, definition: SourceDefinition, url: str) -> str:
        """The URL that is really asked: checked, moved to the source's override if it has one, and on no host that
        must not be collected."""
        target = self._moved(definition, url)
        why = why_forbidden(parse_checked(target).host or "")
        if why is not None:
            raise FetchError("address", f"{strip_url(target)}: is on the list of hosts that are not collected: {why}")
        return target

    def _moved(self, definition: SourceDefinition, url: str) -> str:
        parts = parse_checked(url)
        base_url = self._settings.base_urls.get(definition.key)
        if base_url is None:
            if not any(is_host(entry, parts) for entry in definition.hosts):
                raise FetchError("address", f"{strip_url(url)}: not one of this source's hosts ({hosts(definition)})")
            return parts.url
        base = parse_checked(base_url)
        if (parts.scheme, host_port(parts.url)) == (base.scheme, host_port(base.url)):
            return parts.url
        if not any(is_host(entry, parts) for entry in definition.hosts):
            raise FetchError("address", f"{strip_url(url)}: not one of this source's hosts ({hosts(definition)})")
        path = (base.path or "").rstrip("/") + (parts.path or "/")
        return Url(base.scheme, None, base.host, base.port, path, parts.query).url

    def _redirect_target(self, definition: SourceDefinition, url: str, location: str) -> str:
        try:
            absolute = requests.compat.urljoin(url, location)
            if url.startswith("https:") and not absolute.startswith("https:"):
                raise FetchError("redirect", "from https to something less safe")
            return self._target(definition, absolute)
        except (FetchError, ValueError) as error:
            message = f"{strip_url(url)}: redirects to {strip_url(location)[:200]}: not followed: {error}"
            raise FetchError("redirect", message) from None


def _check_request(request: Request) -> None:
    if request.method not in ("GET", "POST"):
        raise ValueError(f"method {request.method!r}: expected GET or POST")
    if request.method == "GET" and not (request.json is None and request.form is None):
        raise ValueError("a GET request has no body")
    if request.json is not None and request.form is not None:
        raise ValueError("a request has one body: JSON or a form")
    forbidden = sorted(name for name in request.headers if name.lower() in _OURS)
    if forbidden:
        raise ValueError(f"headers {', '.join(forbidden)}: are not a scraper's to set")


def _status_class(status: int) -> str:
    if status in (401, 403, 429):
        return "refused"
    if status == 304:  # nobody said that an answer is known
        return "changed"
    return "unreachable" if status >= 500 or status == 408 else "status"


def _refused(reason: str, message: str, answer: _Answer) -> RefusedAnswer:
    return RefusedAnswer(reason, message, answer.status, answer.headers, answer.body)
