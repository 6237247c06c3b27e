"""Servers on loopback that behave and misbehave, a source to ask them, and clocks that do not wait."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from remitwatch.sources import SourceDefinition
from scrapers.http import ClientSettings, HttpClient

NOW = datetime(2026, 10, 30, 6, 10, tzinfo=UTC)
CONTACT = "https://example.org/remitwatch"
OK = frozenset({200})


def definition(hosts: tuple[str, ...] = ("api.acme.test",), **changes: Any) -> SourceDefinition:
    """A made-up source."""
    content: dict[str, Any] = {
        "key": "acme",
        "name": "Acme",
        "kind": "quotes",
        "home": "https://acme.test",
        "method": "api",
        "hosts": hosts,
        "evidence": "documented",
        "terms": {
            "owner": "Acme",
            "licence": "none",
            "attribution": "Acme",
            "terms_url": "https://acme.test/terms",
            "checked_on": "2026-10-01",
            "robots_checked_on": None,
            "verdict": "open",
            "redistribution": "full",
        },
        "expect": {"min_quotes": 1},
    }
    return SourceDefinition.model_validate(content | changes)


class Clock:
    """Real time, and sleeps that take none: they are noted and the clock moves on."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []
        self._ahead = 0.0

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self._ahead += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead


def client(clock: Clock | None = None, **settings: Any) -> HttpClient:
    """A client that may ask loopback; close it."""
    clock = clock or Clock()
    resolve = settings.pop("resolve", socket.getaddrinfo)
    chosen = ClientSettings(**({"contact": CONTACT, "version": "1.2.3", "allow_private": True} | settings))
    return HttpClient(chosen, now=lambda: NOW, sleep=clock.sleep, monotonic=clock.monotonic, resolve=resolve)


def own(base_url: str) -> dict[str, Any]:
    """The settings that point the made-up source at a server of our own, without pauses."""
    return {"base_urls": {"acme": base_url}, "pauses": {"acme": 0}}


@dataclass
class RawServer:
    """A server that says exactly what it is told, byte by byte. `heads` are the request heads that came, the ones for
    robots.txt left out; `connections` counts connections."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Answer = Callable[[socket.socket, int], None]


@contextmanager
def raw_server(answer: Answer | bytes, *, robots: bytes | None = None, wrap: Any = None) -> Iterator[RawServer]:
    """Serve connections until the end of the block. `answer` is sent as it is, or called with the connection and the
    number of the request (from 0); then the connection is closed. Without `robots` there is no robots.txt."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listener.getsockname()[1])
    stopping = threading.Event()
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        try:
            connection.settimeout(5)
            if wrap is not None:
                connection = wrap(connection)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = connection.recv(4096)
                    if not data:
                        return
                    head += data
                if head.startswith(b"GET /robots.txt "):
                    connection.sendall(robots or reply(b"", status="404 Not Found"))
                    return
                with lock:
                    server.heads.append(head)
                    number = len(server.heads) - 1
                if callable(answer):
                    answer(connection, number)
                else:
                    connection.sendall(answer)
        except OSError:
            pass  # the client hung up, which is what many of these tests are about

    def accept() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole HTTP answer. `length` is what Content-Length claims, -1 leaves it out."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def robots_txt(*lines: str) -> bytes:
    """The answer of a server with this robots.txt."""
    return reply("\n".join(lines).encode(), "Content-Type: text/plain")
