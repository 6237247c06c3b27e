"""Receivers of alerts on loopback: a mail server and a webhook that keep what they take, or refuse it; and prices to
alert of."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.conftest import CommandLine, Today

ROW = "{day},GBR,IND,{name},money_transfer_operator,cash,agent,cash,within_hour,high,120,GBP,{fee},GBP,added,112,,INR,115,true,false,false,\n"  # noqa: E501
MARGIN = 100 * 3 / 115
"""A rate of 112 where the mid is 115."""


@dataclass
class Mailbox:
    """What a mail server has taken. `answer`: what it says to a mail; `refuses`: recipients that it does not know."""

    taken: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    answer: str = "250 taken"
    refuses: tuple[str, ...] = ()

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, oldest first."""
        return [message_from_bytes(one, policy=policy.default) for one in self.taken]  # type: ignore[misc]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take a recipient or refuse it."""
        if address in self.refuses:
            return f"550 5.1.1 <{address}> no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or say what is the matter."""
        if self.answer.startswith("250"):
            self.taken.append(envelope.content)
            self.to += envelope.rcpt_tos
        return self.answer


@dataclass
class Webhook:
    """What a webhook was asked to take and took, each request by its idempotency key. `broken`: it takes nothing."""

    url: str
    taken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: bool = False

    @property
    def asked(self) -> int:
        """How often it was asked."""
        return len(self.taken) + len(self.refused)

    def answer(self, request: Request) -> Response:
        """Take a message, or say that it is broken."""
        (self.refused if self.broken else self.taken).append(request.headers["Idempotency-Key"])
        return Response(status=503 if self.broken else 200)


def webhook(server: HTTPServer) -> Webhook:
    """A webhook at a server; its `url` is that of a route."""
    hook = Webhook(server.url_for("/hook").replace("http://", "json://"))
    server.expect_request("/hook", method="POST").respond_with_handler(hook.answer)
    return hook


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def mail_server(port: int) -> Iterator[Mailbox]:
    """A mail server at a port of this machine."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def hand_in(remitwatch: CommandLine, today: Today, folder: Path, **costs: str) -> int:
    """Bring in the prices of the day: names and total costs of services in GBR-IND. Returns the run."""
    header = remitwatch("import", "--template").out.splitlines()[0] + "\n"
    rows = [
        ROW.format(day=f"{today.now:%Y-%m-%d}", name=name, fee=f"{(float(cost) - MARGIN) * 1.2:.8f}")
        for name, cost in costs.items()
    ]
    path = folder / f"{today.now:%Y%m%d%H%M}-{len(list(folder.iterdir()))}.csv"
    path.write_text(header + "".join(rows), "utf-8")
    run: int = remitwatch("import", path, "--source", "team", "--json").json["run"]
    return run


def only(monkeypatch: pytest.MonkeyPatch, remitwatch: CommandLine, *rules: str) -> None:
    """Have these rules only, which open at once."""
    known = remitwatch("alerts", "rules", "--json").json
    lines = [f"[rules.{one['key']}]\nenabled = {str(one['key'] in rules).lower()}\nruns = 1\n" for one in known]
    remitwatch.home.mkdir(exist_ok=True)
    (remitwatch.home / "alerts.toml").write_text("".join(lines))


def route(monkeypatch: pytest.MonkeyPatch, name: str, **settings: str) -> None:
    """Set a route."""
    for key, value in settings.items():
        monkeypatch.setenv(f"REMITWATCH_ALERTS__ROUTES__{name.upper()}__{key.upper()}", value)
