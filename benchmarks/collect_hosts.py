"""The hosts that are collected from: in a process of their own, each answering after a while, some never.

`python -m benchmarks.collect_hosts HOSTS LATENCY_MS FAULTS_PER_CENT DEAD` prints one port a line, serves until its
standard input ends. Every host answers the shape of the scaffold's example source. Faults go round: a 503, a connection
that is closed without an answer, a body that ends early. Dead hosts take connections and never say a word.
"""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

_RATE = Decimal("100.5")


class _Host:
    """One host. Every so many requests it is at fault, and right again when it is asked again."""

    def __init__(self, number: int, latency: float, faults: float, *, dead: bool) -> None:
        self._latency = latency
        self._every = round(100 / faults) if faults else 0
        self._asked = number  # so that not all are at fault at the same time
        self._faults = 0
        self._dead = dead
        self._number = number

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if self._dead:
                    await asyncio.sleep(3600)
                _, target, _ = head.split(b" ", 2)
                if not await self._answer(target.decode(), writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the client went away, or all is over
        finally:
            writer.close()

    async def _answer(self, target: str, writer: asyncio.StreamWriter) -> bool:
        """Answer one request. Returns whether the connection stays open."""
        if target.startswith("/robots.txt"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return True
        await asyncio.sleep(self._latency)
        self._asked += 1
        body = price(self._number, dict(parse_qsl(urlsplit(target).query)))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        if self._every and self._asked % self._every == 0:
            self._faults += 1
            if self._faults % 3 == 1:
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                return True
            if self._faults % 3 == 2:
                writer.write(head + body[: len(body) // 2])
            await writer.drain()
            return False
        writer.write(head + body)
        await writer.drain()
        return True


def price(host: int, query: dict[str, str]) -> bytes:
    """One option for the corridor and amount asked, made up; no two answers are the same bytes."""
    amount = Decimal(query["amount"])
    option = {"delivery": "bank", "fee": 1.90, "rate": float(_RATE), "receives": float(amount * _RATE)}
    return json.dumps({"host": host, "asked": query, "asOf": "2026-11-20T06:00:00Z", "options": [option]}).encode()


async def _main(hosts: int, latency: float, faults: float, dead: int) -> None:
    servers = []
    for number in range(hosts):
        host = _Host(number, latency, faults, dead=number < dead)
        servers.append(await asyncio.start_server(host.serve, "127.0.0.1", 0))
    for server in servers:
        print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2]) / 1000, float(sys.argv[3]), int(sys.argv[4])))
