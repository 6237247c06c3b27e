"""Reads the body of an answer to its end: decoded by us, counted while it grows, and whole or refused."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from remitwatch.errors import FetchError

_CHUNK = 64 * 1024


def read_body(response: requests.Response, max_bytes: int) -> bytes:
    """The decoded body of a streamed response, at most `max_bytes`.

    Raises FetchError: `too_large` as soon as the limit is passed (a compressed bomb is never unpacked beyond it),
    `truncated` when it ends before its stated length, last chunk or end of compression, `slow` at the deadline,
    `changed` for a compression that was not asked for. A body that states no length in any way may still be cut:
    only its parser can tell.
    """
    declared = response.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes:
        raise FetchError("too_large", f"the answer is {int(declared)} bytes: the limit is {max_bytes}")
    encoding = response.headers.get("Content-Encoding", "").strip().lower() or "identity"
    if encoding not in _DECODERS:
        raise FetchError("changed", f"the answer is encoded as {encoding!r}: expected gzip, deflate or nothing")
    decoder = _DECODERS[encoding]()
    body = bytearray()
    raw: Any = response.raw
    try:
        # read1 gives what has arrived: read(n) would wait for n bytes, and no deadline would be met.
        while data := raw.read1(_CHUNK, decode_content=False):
            decoder.feed(data, body, max_bytes)
    except ReadTimeoutError:
        raise FetchError("slow", "the answer was not complete within the time for one request") from None
    except HTTPError as error:
        raise FetchError("truncated", f"the answer ends early: {_first_line(error)}") from None
    except zlib.error as error:
        raise FetchError("truncated", f"the compressed answer is damaged: {error}") from None
    if not decoder.complete:
        raise FetchError("truncated", "the compressed answer ends early")
    return bytes(body)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


class _Decoder(Protocol):
    @property
    def complete(self) -> bool: ...

    def feed(self, data: bytes, body: bytearray, max_bytes: int) -> None: ...


class _Plain:
    complete = True

    def feed(self, data: bytes, body: bytearray, max_bytes: int) -> None:
        body += data
        _check(body, max_bytes)


class _Gzip:
    """One or more gzip members, one after the other."""

    def __init__(self) -> None:
        self._inflater: Any = None
        self._started = False

    @property
    def complete(self) -> bool:
        return not self._started or self._inflater is None

    def feed(self, data: bytes, body: bytearray, max_bytes: int) -> None:
        while data:
            if self._inflater is None:
                if self._started and not data.startswith(b"\x1f"):
                    return  # padding after the last member
                self._inflater, self._started = zlib.decompressobj(31), True
            data = _inflate(self._inflater, data, body, max_bytes)
            if self._inflater.eof:
                self._inflater = None


class _Deflate:
    """A zlib stream, or the raw deflate stream that some servers send under the same name."""

    def __init__(self) -> None:
        self._inflater: Any = None
        self._head = b""

    @property
    def complete(self) -> bool:
        return self._inflater.eof if self._inflater is not None else not self._head

    def feed(self, data: bytes, body: bytearray, max_bytes: int) -> None:
        if self._inflater is None:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head
            is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inflater = zlib.decompressobj(15 if is_zlib else -15)
        if not self._inflater.eof:
            _inflate(self._inflater, data, body, max_bytes)


_DECODERS: dict[str, Callable[[], _Decoder]] = {"identity": _Plain, "gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def _inflate(inflater: Any, data: bytes, body: bytearray, max_bytes: int) -> bytes:
    """Unpack into `body`, never more than one byte over the limit. Returns what stands after the end of the stream."""
    while data and not inflater.eof:
        body += inflater.decompress(data, max_bytes + 1 - len(body))
        _check(body, max_bytes)
        data = inflater.unconsumed_tail
    return bytes(inflater.unused_data)


def _check(body: bytearray, max_bytes: int) -> None:
    if len(body) > max_bytes:
        raise FetchError("too_large", f"the answer is larger than {max_bytes} bytes")
