"""A server that passes the sandbox's answers on, with chosen ones spoiled."""

from __future__ import annotations

import http.client
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


class _Server(ThreadingHTTPServer):
    """One that does not print when the process that asked was killed meanwhile: this process's stderr is looked at."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


Spoil = Callable[[str, bytes], bytes | None]
"""Path and body of an answer -> the body to give instead, or None to pass it on."""


class Spoiler:
    """Stands between a source's scraper and its sandbox address; `spoil` decides about each answer."""

    def __init__(self, target: str, spoil: Spoil) -> None:
        self.target = urlsplit(target)
        self.spoil = spoil
        spoiler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                spoiler.pass_on(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        connection = http.client.HTTPConnection(self.target.hostname or "", self.target.port)
        try:
            connection.request("GET", handler.path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if not handler.path.startswith("/robots.txt"):
            spoiled = self.spoil(handler.path, body)
            body = body if spoiled is None else spoiled
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ("content-type", "remitwatch-sandbox"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
