"""Private addresses are refused at the moment of connecting, however they are spelled."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from remitwatch.errors import FetchError
from scrapers.address import is_loopback_host, is_public
from scrapers.base import Request
from tests.scrapers.loopback import OK, client, definition, own, raw_server, reply

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "100.127.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2001:0:7f00:1::1", "2001:db8::1", "::127.0.0.1", "2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:7f00:1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "100.63.255.255", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::]", "0.0.0.0"),
    ],
)
def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    with raw_server(reply(b"{}")) as canary:
        source = definition((f"{host}:{canary.port}",))
        one = client(allow_private=False)
        with pytest.raises(FetchError, match="not a public address") as error:
            one.fetch(source, Request(f"http://{host}:{canary.port}/"), OK)
        one.close()
        assert error.value.reason == "address"
        assert canary.connections == 0


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "127.0.0.1"])
def test_a_name_that_resolves_to_a_private_address_is_refused(address: str) -> None:
    def resolve(host: str, port: int, *_: Any) -> list[Any]:
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))
        return [public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    one = client(allow_private=False, resolve=resolve)
    with pytest.raises(FetchError, match=f"api.acme.test is at {address}") as error:
        one.fetch(definition(), Request("https://api.acme.test/prices"), OK)
    one.close()
    assert error.value.reason == "address"


def test_connects_to_the_address_that_was_checked() -> None:
    """A name that answers differently the second time (rebinding) gets no second time within a connection."""
    looked_up: list[str] = []

    def resolve(host: str, port: int, *_: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with raw_server(reply(b"{}")) as server:
        source = definition((f"api.acme.test:{server.port}",))
        one = client(resolve=resolve, pauses={"acme": 0})
        fetched = one.fetch(source, Request(f"http://api.acme.test:{server.port}/x"), OK)
        one.close()
        assert fetched.response.body == b"{}"
        assert f"Host: api.acme.test:{server.port}".encode() in server.heads[0]
        assert len(looked_up) == server.connections == 2


def test_tries_the_next_address_of_a_host() -> None:
    def resolve(host: str, port: int, *_: Any) -> list[Any]:
        dead = socket.create_server(("127.0.0.1", 0))
        closed_port = dead.getsockname()[1]
        dead.close()
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", closed_port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    with raw_server(reply(b"{}")) as server:
        one = client(resolve=resolve, pauses={"acme": 0})
        source = definition((f"api.acme.test:{server.port}",))
        assert one.fetch(source, Request(f"http://api.acme.test:{server.port}/x"), OK).response.body == b"{}"
        one.close()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://other.test/", "not one of this source's hosts"),
        ("https://api.acme.test.evil.test/", "not one of this source's hosts"),
        ("https://api.acme.test:8443/", "not one of this source's hosts"),
        ("https://evil.test@api.acme.test/", "user name or password"),
        ("https://api.acme.test\\@evil.test/", "backslashes"),
        ("https://api.acme.test/a b", "spaces"),
        ("https://api.acme.test/\r\nX: y", "control characters"),
        ("file:///etc/passwd", "expected an http or https URL"),
        ("gopher://api.acme.test/", "expected an http or https URL"),
        ("api.acme.test/prices", "expected an http or https URL"),
        ("https://[::1/", "not a URL"),
        ("https:///prices", "http"),
    ],
)
def test_only_the_sources_own_hosts_are_asked(url: str, why: str) -> None:
    with raw_server(reply(b"{}")) as server:
        for settings in ({}, own(server.url)):
            one = client(**settings)
            with pytest.raises(FetchError, match=why) as error:
                one.fetch(definition(), Request(url), OK)
            one.close()
            assert error.value.reason == "address"
        assert server.connections == 0


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    tries: list[str] = []

    def resolve(host: str, *_: Any) -> list[Any]:
        tries.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    one = client(resolve=resolve)
    with pytest.raises(FetchError, match="cannot be resolved") as error:
        one.fetch(definition(), Request("https://api.acme.test/"), OK)
    one.close()
    assert error.value.reason == "unreachable"
    assert len(tries) == 3  # it may pass: tried again twice


def test_nobody_listens() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    one = client(**own(f"http://127.0.0.1:{port}"))
    for _ in range(2):
        with pytest.raises(FetchError, match="connection refused") as error:
            one.fetch(definition(), Request("https://api.acme.test/"), OK)
        assert error.value.reason == "unreachable"
    one.close()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("::1", True)]
    + [("10.0.0.1", False), ("api.acme.test", False), ("", False), (None, False), ("localhost.evil.test", False)],
)
def test_loopback_by_name(host: str | None, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback
