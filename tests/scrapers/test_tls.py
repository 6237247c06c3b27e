"""Certificates and host names are always verified, and the deadline holds inside TLS too."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remitwatch.errors import FetchError
from scrapers.base import Request
from tests.scrapers.loopback import OK, client, definition, raw_server, reply

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates of these tests")

Wrap = Callable[[socket.socket], socket.socket]


def certificate(folder: Path, name: str, span: tuple[str, str] = ("", "")) -> tuple[Path, Wrap]:
    """A self-signed certificate for a host name, and what makes a connection speak TLS with it. `span` are the first
    and last moment of its validity (`20200101000000Z`), when left out from now on."""
    key, cert, asked = folder / "key.pem", folder / "cert.pem", folder / "asked.pem"
    config = folder / "openssl.cnf"
    (folder / "index.txt").touch()
    config.write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\nnew_certs_dir={folder}\nrand_serial=yes\n"
        "default_md=sha256\ndefault_days=2\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n"
        "[p]\ncommonName=supplied\n[req]\ndistinguished_name=n\n[n]\n"
    )
    new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
    new += ["-out", asked, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-config", config]
    sign = ["ca", "-batch", "-selfsign", "-keyfile", key, "-in", asked, "-out", cert, "-notext", "-config", config]
    if span[0]:
        sign += ["-startdate", span[0], "-enddate", span[1]]
    for command in (new, sign):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, lambda connection: context.wrap_socket(connection, server_side=True)


@pytest.fixture(scope="module")
def acme_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Wrap]:
    return certificate(tmp_path_factory.mktemp("tls"), "api.acme.test")


def resolve(host: str, port: int, *_: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def fetch(port: int, host: str = "api.acme.test", **settings: Any) -> bytes:
    one = client(resolve=resolve, pauses={"acme": 0}, **settings)
    try:
        return one.fetch(definition((f"{host}:{port}",)), Request(f"https://{host}:{port}/x"), OK).response.body
    finally:
        one.close()


def test_a_certificate_of_a_known_authority_is_accepted(acme_tls: tuple[Path, Wrap]) -> None:
    cert, wrap = acme_tls
    with raw_server(reply(b"{}"), wrap=wrap) as server:
        assert fetch(server.port, ca_file=cert) == b"{}"


def test_a_self_signed_certificate_is_refused(acme_tls: tuple[Path, Wrap], monkeypatch: pytest.MonkeyPatch) -> None:
    cert, wrap = acme_tls
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))  # the environment cannot widen whom we trust
    monkeypatch.setenv("CURL_CA_BUNDLE", str(cert))
    with raw_server(reply(b"{}"), wrap=wrap) as server:
        with pytest.raises(FetchError, match="self-signed certificate") as error:
            fetch(server.port)
        assert error.value.reason == "unreachable"
        assert not server.heads
        assert server.connections == 1  # not tried again: it will not pass by itself


def test_a_certificate_of_another_host_is_refused(acme_tls: tuple[Path, Wrap]) -> None:
    cert, wrap = acme_tls
    with raw_server(reply(b"{}"), wrap=wrap) as server:
        with pytest.raises(FetchError, match="certificate") as error:
            fetch(server.port, host="api.other.test", ca_file=cert)
        assert error.value.reason == "unreachable"
        assert not server.heads


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    cert, wrap = certificate(tmp_path, "api.acme.test", ("20200101000000Z", "20200201000000Z"))
    with raw_server(reply(b"{}"), wrap=wrap) as server:
        with pytest.raises(FetchError, match="expired"):
            fetch(server.port, ca_file=cert)
        assert not server.heads


def test_plain_http_on_a_tls_port_fails_closed() -> None:
    def speak_plainly(connection: socket.socket) -> socket.socket:
        connection.sendall(reply(b"{}"))
        return connection

    with raw_server(reply(b"{}"), wrap=speak_plainly) as server:
        with pytest.raises(FetchError, match="TLS") as error:
            fetch(server.port)
        assert error.value.reason == "unreachable"


def test_a_redirect_to_plain_http_is_refused(acme_tls: tuple[Path, Wrap]) -> None:
    cert, wrap = acme_tls
    with raw_server(reply(b"{}")) as plain:
        target = f"http://api.acme.test:{plain.port}/x"
        with raw_server(reply(b"", f"Location: {target}", status="302 Found"), wrap=wrap) as server:
            hosts = (f"api.acme.test:{server.port}", f"api.acme.test:{plain.port}")
            one = client(resolve=resolve, pauses={"acme": 0}, ca_file=cert)
            with pytest.raises(FetchError, match="less safe") as error:
                one.fetch(definition(hosts), Request(f"https://{hosts[0]}/x"), OK)
            one.close()
        assert error.value.reason == "redirect"
        assert plain.connections == 0


def test_the_deadline_holds_inside_tls(acme_tls: tuple[Path, Wrap]) -> None:
    cert, wrap = acme_tls

    def trickle(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(60):
            connection.sendall(b"X")
            time.sleep(0.05)

    with raw_server(trickle, wrap=wrap) as server:
        started = time.monotonic()
        with pytest.raises(FetchError) as error:
            fetch(server.port, ca_file=cert, deadline=0.5)
        assert error.value.reason == "slow"
        assert time.monotonic() - started < 1.5


def test_a_handshake_that_never_comes_ends() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    started = time.monotonic()
    with pytest.raises(FetchError):
        fetch(listener.getsockname()[1], deadline=0.5, connect_timeout=0.2, retries=0)
    assert time.monotonic() - started < 1.5
    listener.close()


def test_nothing_switches_verification_off() -> None:
    root = Path(__file__).parents[2]
    for package in ("remitwatch", "scrapers", "db", "reports"):
        for path in (root / package).rglob("*.py"):
            text = path.read_text("utf-8").replace(" ", "")
            for switch in ("verify=False", "CERT_NONE", "_create_unverified_context", "check_hostname=False"):
                assert switch not in text, f"{path}: {switch}"
