"""The sandbox on loopback HTTP: one port a source, so that each is a host of its own."""

from __future__ import annotations

import gzip
import logging
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from scrapers.sandbox.faults import Play
from scrapers.sandbox.fx import last_business_day
from scrapers.sandbox.marks import HEADER, MARK
from scrapers.sandbox.scenarios import Scenario
from scrapers.sandbox.sources import DAILY, answer_to, question
from scrapers.sandbox.wire import Answer
from scrapers.sandbox.world import World

_LONGEST_BODY = 2**20
_PATIENCE = 2.0  # seconds that a stop waits for answers on their way
_log = logging.getLogger("remitwatch.sandbox")


def answer(
    world: World,
    source: str,
    target: str,
    day: date,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """What a source answers to `target` (path and query) on a day: see `sources.answer_to`."""
    return answer_to(world, source, question(target, method=method, headers=headers, body=body), day)


class SandboxServer:
    """The pretend outside world. `now` is the clock that decides which day the market shows; it may be moved while the
    server runs. Use as a context manager, or `start` and `stop`.

    `sources` are those that it plays (default: `DAILY`). In a `scenario` one of them goes wrong.
    Ports are free ones, or `port_base`, `port_base` + 1, ... in the order of `sources`.
    """

    def __init__(
        self,
        world: World,
        now: Callable[[], datetime],
        *,
        sources: Sequence[str] = DAILY,
        scenario: Scenario | None = None,
        port_base: int = 0,
    ) -> None:
        self.world = world
        self.scenario = scenario
        self._sources = tuple(sources)
        self._now = now
        self._port_base = port_base
        self._servers: dict[str, _Server] = {}
        self._lock = Lock()
        self._served: dict[str, int] = dict.fromkeys(self._sources, 0)

    @property
    def base_urls(self) -> dict[str, str]:
        """Source key -> `http://127.0.0.1:PORT`. Empty before `start`."""
        return {key: f"http://127.0.0.1:{server.server_address[1]}" for key, server in self._servers.items()}

    @property
    def requests_served(self) -> int:
        """How many requests were answered, robots.txt included."""
        with self._lock:
            return sum(self._served.values())

    def served(self, source: str) -> int:
        """How many requests of one source were answered, robots.txt included."""
        with self._lock:
            return self._served[source]

    def now(self) -> datetime:
        """The sandbox's time in UTC."""
        return self._now().astimezone(UTC)

    def start(self) -> Self:
        """Bind the ports and answer from threads. Raises OSError or OverflowError when a port cannot be had, ValueError
        when the clock stands outside the sandbox's years."""
        last_business_day(self.now().date())
        try:
            for number, source in enumerate(self._sources):
                port = self._port_base + number if self._port_base else 0
                self._servers[source] = _Server(self, source, port)
        except (OSError, OverflowError):
            self.stop()
            raise
        for source, server in self._servers.items():
            server.thread = Thread(target=server.serve_forever, args=(0.05,), name=f"sandbox-{source}", daemon=True)
            server.thread.start()
        return self

    def stop(self) -> None:
        """Stop answering, close every connection and free the ports. May be called twice."""
        for server in self._servers.values():  # all are told before one is waited for
            server.end()
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def count(self, source: str) -> None:
        """Count one answer."""
        with self._lock:
            self._served[source] += 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: SandboxServer, source: str, port: int) -> None:
        self.sandbox = sandbox
        self.source = source
        self.thread: Thread | None = None
        self._open: set[socket.socket] = set()
        self._guard = Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exception(), ConnectionError | TimeoutError):
            _log.debug("%s: a client went away", self.source)
        else:
            _log.exception("%s: a request could not be answered", self.source)

    def end(self) -> None:
        """Stop accepting; not waited for."""
        if self.thread is not None:
            self._ending = Thread(target=self.shutdown, daemon=True)
            self._ending.start()

    def close(self) -> None:
        """Wait for the end, wake the threads that wait on kept-alive connections, free the port."""
        if self.thread is not None:
            self._ending.join()
            self.thread.join()
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it was closed a moment ago: what is wanted
        self.server_close()
        patience = time.monotonic() + _PATIENCE
        while time.monotonic() < patience:
            with self._guard:
                if not self._open:
                    return
            time.sleep(0.002)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "remitwatch-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536  # status, headers and body leave in one piece
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        """Answer a POST with its body; one that is too long is refused and the connection closed, so that the rest of
        the body is not read as a request."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= _LONGEST_BODY):
            self.close_connection = True
            self._send(Answer(413, "text/plain; charset=utf-8", b"Content Too Large\n"))
            return
        self._answer("POST", self.rfile.read(int(length)))

    def _answer(self, method: str, body: bytes) -> None:
        sandbox, source = self.server.sandbox, self.server.source
        asked = question(self.path, method=method, headers=dict(self.headers.items()), body=body)
        play = Play(sandbox.world, source, asked, sandbox.now().date())
        scenario = sandbox.scenario
        result = scenario.change(play) if scenario is not None and scenario.source == source else play.answer()
        self._send(Answer(304, result.content_type, b"", result.headers) if self._is_known(result) else result)

    def _is_known(self, result: Answer) -> bool:
        """Whether the client has this answer already, by what it says (RFC 9110: the tag before the date)."""
        tag, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if result.status != 200:
            return False
        if tag is not None:
            return tag == result.headers.get("ETag")
        return since is not None and since == result.headers.get("Last-Modified")

    def _send(self, result: Answer) -> None:
        body, headers = result.body, dict(result.headers)
        if len(body) > 1024 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1, mtime=0), "gzip"
        self.send_response(result.status)
        self.send_header("Content-Type", result.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.server.sandbox.count(self.server.source)

    def end_headers(self) -> None:
        """Close the headers with the mark: every answer carries it, the base class's own refusals too."""
        if self.request_version != "HTTP/0.9":
            self.send_header(HEADER, MARK)
        super().end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the sandbox's own time."""
        return format_datetime(self.server.sandbox.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug("%s: %s", self.server.source, format % args)
