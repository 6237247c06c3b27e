"""Bodies: whole or refused, within their limit however they are packed."""

from __future__ import annotations

import gzip
import io
import socket
import tracemalloc
import zlib

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from remitwatch.errors import FetchError
from scrapers.base import Request
from scrapers.bodies import read_body
from tests.scrapers.loopback import OK, client, definition, own, raw_server, reply

URL = "https://api.acme.test/prices"
MIB = 2**20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def fetch(answer, **settings) -> bytes:
    with raw_server(answer) as server:
        one = client(**own(server.url), **settings)
        try:
            return one.fetch(definition(), Request(URL), OK).response.body
        finally:
            one.close()


def reason_of(answer, **settings) -> str:
    with pytest.raises(FetchError) as error:
        fetch(answer, **settings)
    return error.value.reason


class Pieces(io.RawIOBase):
    """A body that arrives in pieces of given sizes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data, self._sizes = data, sizes

    def read1(self, amount: int = -1) -> bytes:
        size = self._sizes.pop(0) if self._sizes else len(self._data)
        piece, self._data = self._data[:size], self._data[size:]
        return piece


PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "DEFLATE": raw_deflate, "": bytes}


@given(data=st.binary(max_size=3000), sizes=st.lists(st.integers(1, 40), max_size=30), name=st.sampled_from([*PACKERS]))
def test_unpacks_whatever_the_pieces(data: bytes, sizes: list[int], name: str) -> None:
    response = requests.Response()
    response.headers["Content-Encoding"] = name
    response.raw = HTTPResponse(Pieces(PACKERS[name](data), sizes), preload_content=False)
    assert read_body(response, 3000) == data


@given(data=st.binary(min_size=1, max_size=2000), cut=st.integers(1, 8), name=st.sampled_from(["gzip", "deflate"]))
def test_a_cut_compressed_body_is_never_an_answer(data: bytes, cut: int, name: str) -> None:
    response = requests.Response()
    response.headers["Content-Encoding"] = name
    response.raw = HTTPResponse(Pieces(PACKERS[name](data)[:-cut], []), preload_content=False)
    with pytest.raises(FetchError) as error:
        read_body(response, 3000)
    assert error.value.reason == "truncated"


def test_two_gzip_members_are_one_body() -> None:
    packed = gzip.compress(b'{"a":', mtime=0) + gzip.compress(b" 1}") + b"\0" * 8
    assert fetch(reply(packed, "Content-Encoding: gzip")) == b'{"a": 1}'


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_bomb_is_not_unpacked_beyond_the_limit(name: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if name == "gzip" else 15)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(200)) + packer.flush()
    assert len(packed) < MIB  # 200 MiB in about 200 KiB
    tracemalloc.start()
    try:
        assert reason_of(reply(packed, f"Content-Encoding: {name}"), max_bytes=2 * MIB) == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_redirect_is_not_unpacked_either() -> None:
    packed = gzip.compress(bytes(20 * MIB))
    bomb = reply(packed, "Content-Encoding: gzip", "Location: /new", status="302 Found")
    assert reason_of(bomb, max_bytes=MIB) == "too_large"


def test_a_stated_size_over_the_limit_is_not_read() -> None:
    sent: list[int] = []

    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
        connection.recv(1)  # returns when the client has hung up
        sent.append(number)

    assert reason_of(answer) == "too_large"


def test_an_endless_body_is_stopped() -> None:
    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")

    assert reason_of(answer, max_bytes=MIB) == "too_large"


def test_exactly_the_limit_is_allowed() -> None:
    assert len(fetch(reply(bytes(MIB)), max_bytes=MIB)) == MIB
    assert reason_of(reply(bytes(MIB + 1), length=-1), max_bytes=MIB) == "too_large"


@pytest.mark.parametrize("line", [b"X-Long: " + b"a" * 70_000, b"\r\n".join(b"X-%d: 1" % n for n in range(500))])
def test_endless_headers_are_stopped(line: bytes) -> None:
    assert reason_of(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n{}") == "too_large"


@pytest.mark.parametrize(
    "answer",
    [
        reply(b'{"rate": 1.', length=5000),
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ra',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"rat\r\n',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        reply(gzip.compress(b'{"rate": 1.5}' * 100, mtime=0)[:-9], "Content-Encoding: gzip", length=-1),
        reply(zlib.compress(b'{"rate": 1.5}' * 100)[:-5], "Content-Encoding: deflate", length=-1),
        reply(b"this is not gzip", "Content-Encoding: gzip"),
    ],
)
def test_a_cut_body_is_truncated_and_tried_again(answer: bytes) -> None:
    with raw_server(answer) as server:
        one = client(**own(server.url))
        with pytest.raises(FetchError) as error:
            one.fetch(definition(), Request(URL), OK)
        one.close()
        assert error.value.reason == "truncated"
        assert len(server.heads) == 3


def test_a_cut_body_may_be_whole_the_next_time() -> None:
    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(reply(b"{}", length=100) if number == 0 else reply(b'{"rate": 1}'))

    assert fetch(answer) == b'{"rate": 1}'


def test_a_cut_without_any_length_is_left_to_the_parser() -> None:
    assert fetch(reply(b'{"rate": 1.', length=-1)) == b'{"rate": 1.'


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_nobody_asked_for_is_refused(encoding: str) -> None:
    assert reason_of(reply(b"{}", f"Content-Encoding: {encoding}")) == "changed"


@pytest.mark.parametrize("answer", [b"hello", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 banana\r\n\r\n"])
def test_something_that_is_not_http(answer: bytes) -> None:
    assert reason_of(answer) in ("changed", "unreachable")


def test_hanging_up_is_unreachable() -> None:
    assert reason_of(b"") == "unreachable"
