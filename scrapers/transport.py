"""Connections with a guard: pinned to the address that was checked, and every read under one wall-clock deadline.

The timeouts of requests and urllib3 are for one read each: a server that sends one byte now and then never meets
them, neither in the headers nor in the body. The sockets here know the deadline of the request they serve.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from scrapers.address import Resolve, resolve_checked

_current = threading.local()


@contextmanager
def deadline(seconds: float, monotonic: Callable[[], float]) -> Iterator[None]:
    """Within this block, in this thread, no read of a guarded socket lasts beyond `seconds` from now in all."""
    _current.clock, _current.at = monotonic, monotonic() + seconds
    try:
        yield
    finally:
        _current.clock = _current.at = None


def _remaining() -> float | None:
    at = getattr(_current, "at", None)
    return None if at is None else float(at - _current.clock())


def _arm(sock: socket.socket) -> None:
    remaining = _remaining()
    if remaining is None:
        return
    if remaining <= 0:
        raise TimeoutError("the deadline of the request has passed")
    sock.settimeout(remaining)


class _Socket(socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _arm(self)
        return super().recv_into(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _arm(self)
        return super().recv_into(*args, **kwargs)


class _Guarded(HTTPConnection):
    """A connection to one of the checked addresses of its host, and to no other."""

    def __init__(self, *args: Any, allow_private: bool, resolve: Resolve, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._allow_private = allow_private
        self._resolve = resolve

    def _new_conn(self) -> socket.socket:
        try:
            addresses = resolve_checked(
                self._dns_host.strip("[]"), self.port, allow_private=self._allow_private, resolve=self._resolve
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"the name cannot be resolved: {error}") from error
        failure: OSError = OSError("the name has no address")
        for family, address in addresses:
            sock = _Socket(family, socket.SOCK_STREAM)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                seconds = self.timeout if isinstance(self.timeout, int | float) else None
                remaining = _remaining()
                if remaining is not None:
                    seconds = remaining if seconds is None else min(seconds, remaining)
                sock.settimeout(None if seconds is None else max(seconds, 0.001))
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection within {self.timeout} s") from failure
        raise NewConnectionError(self, f"no connection: {failure}") from failure


class _GuardedTls(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class GuardedAdapter(HTTPAdapter):
    """A transport of requests whose every connection is guarded. It retries nothing and follows nothing itself.

    It is used without a Session: a Session reads the whole body of every redirect, even where it is told not to follow
    it, keeps cookies, and looks for proxies and passwords in the environment.
    """

    def __init__(self, *, allow_private: bool, resolve: Resolve, context: ssl.SSLContext) -> None:
        self._guard: dict[str, Any] = {"allow_private": allow_private, "resolve": resolve}
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_Pool, **self._guard),
            "https": partial(_TlsPool, **self._guard),
        }


def tls_context() -> ssl.SSLContext:
    """A context that verifies certificate and host name, and whose sockets keep the deadline."""
    context = create_urllib3_context()
    context.sslsocket_class = _TlsSocket
    return context


def network_failure(error: requests.RequestException) -> tuple[str, str, bool]:
    """What an error of the transport means: failure class, message, and whether it may pass by itself.

    The error's own words are not used: they can hold the whole URL with its secrets.
    """
    chain = _chain(error)
    if isinstance(error, requests.exceptions.SSLError):
        return "unreachable", f"its certificate or TLS is not valid: {_cause(chain)}", False
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "unreachable", "no connection in time", True
    if any(isinstance(cause, TimeoutError | requests.exceptions.Timeout) for cause in chain):
        return "slow", "no answer within the time for one request", True
    for cause in chain:
        if isinstance(cause, http.client.LineTooLong) or str(cause).startswith("got more than"):
            return "too_large", "the headers are too long or too many", False
        if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, http.client.RemoteDisconnected):
            return "changed", "the answer is not HTTP", False
    return "unreachable", f"{_cause(chain)}", True


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what stands behind it, nearest first."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        this = waiting.pop(0)
        if isinstance(this, BaseException) and this not in found:
            found.append(this)
            waiting += [*this.args, getattr(this, "reason", None), this.__cause__, this.__context__]
    return found


def _cause(chain: list[BaseException]) -> str:
    for error in chain:
        match error:
            case socket.gaierror():
                return "its name cannot be resolved"
            case ssl.SSLCertVerificationError():
                return error.verify_message
            case ssl.SSLError():
                return error.reason or "TLS failed"
            case http.client.RemoteDisconnected():
                return "the connection was closed without an answer"
            case OSError() if error.strerror:
                return error.strerror.lower()
    return "no connection"
