"""Delivery of alerts: real mail and webhooks on loopback, digests, languages, receivers that fail, kills, secrets."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from matplotlib.image import imread
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.conftest import CommandLine, Today
from tests.journeys.receivers import Mailbox, free_port, hand_in, mail_server, only, route

AVERAGE = "corridor_average_above_5"
CANARY = "c4nary-S3cret"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    with mail_server(port) as box:
        yield box


@pytest.fixture
def alerted(remitwatch: CommandLine, today: Today, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A home of two days of prices, a week apart, with an average above 5 % on the second."""
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    monkeypatch.setenv("REMITWATCH_PUBLISH__BASE_URL", "https://example.org/remittances")
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en,fr,ar")
    only(monkeypatch, remitwatch, AVERAGE)
    (tmp_path / "prices").mkdir()
    hand_in(remitwatch, today, tmp_path / "prices", acme="4.5", other="4.6", third="4.7")
    remitwatch("check")
    today.move(8)
    hand_in(remitwatch, today, tmp_path / "prices", acme="6", other="7", third="8.5")
    remitwatch("publish")
    return remitwatch


def mail_to(port: int, to: str = "task.force@example.org") -> str:
    return f"mailto://127.0.0.1:{port}/?from=monitor@example.org&to={to}"


def later(today: Today, **more: float) -> None:
    today.now += timedelta(**more)
    today.traveller.move_to(today.now)


def deliveries(remitwatch: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = remitwatch("alerts", "deliveries", "--json").json
    return found


TEXT = """\
United Kingdom → India: Average total cost 7.2%, above 5%
=========================================================
Average total cost: 7.17%
Line: 5%; over again from 4.8% on
Behind it: 3 services, 3 providers
Prices: Standard prices, sending USD 200
Day: 7 November 2026
Reason: +2.6 points since 31 October 2026. Fees rose 2.6 points, the margin did not move; services quoted both times: 3.
Since: 7 November 2026
https://example.org/remittances/latest/corridors/GBR-IND.html

Look closer: remitwatch quotes --corridor GBR-IND
Acknowledge: remitwatch alerts ack 1 --why "..."
Silence: remitwatch alerts silence --rule corridor_average_above_5 --until YYYY-MM-DD --why "..."

--\x20
Sent by remitwatch, 7 November 2026, 12:00 UTC.
"""


def test_a_mail_has_the_figure_the_reason_the_chart_and_the_link(
    alerted: CommandLine, mailbox: Mailbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate")
    alerted("check")
    assert alerted("alerts", "deliver").out == "delivered: 1 sent, 0 to be tried again, 0 given up, 0 left\n"
    assert alerted("alerts", "deliver").out == "nothing was due\n"
    (mail,) = mailbox.mails
    (told,) = deliveries(alerted)
    assert {name: mail[name] for name in ("Subject", "From", "To", "Auto-Submitted", "Content-Language")} == {
        "Subject": "remitwatch: United Kingdom → India: Average total cost 7.2%, above 5%",
        "From": "monitor@example.org",
        "To": "task.force@example.org",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
    }
    assert mail["Date"].datetime.isoformat() == told["made_at"].replace("Z", "+00:00")
    assert mail["Message-ID"] == f"<{told['key'][:40]}@example.org>"
    assert mail["Idempotency-Key"].strip() == told["key"]  # folded, being long
    plain, related = mail.iter_parts()
    html, picture = related.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == TEXT
    page = etree.HTML(html.get_content())
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    words = " ".join(" ".join(page.itertext()).split())
    for line in TEXT.splitlines():
        if ": " in line and not line.startswith("United"):
            assert line.partition(": ")[2] in words
    assert page.xpath("//h2/text()") == ["United Kingdom → India: Average total cost 7.2%, above 5%"]
    assert page.xpath("//a/@href") == ["https://example.org/remittances/latest/corridors/GBR-IND.html"]
    assert page.xpath("//img/@src") == ["cid:alert-1.png"]
    assert not page.xpath("//script|//link|//style|//iframe")
    assert (picture.get_content_type(), picture["Content-ID"], picture.get_filename()) == (
        "image/png",
        "<alert-1.png>",
        "alert-1.png",
    )
    pixels = imread(io.BytesIO(picture.get_content()))
    assert pixels.shape[:2] == (576, 1120)
    assert len({tuple(colour) for colour in pixels.reshape(-1, 4)[::7].round(2)}) > 20


@pytest.mark.parametrize(
    ("language", "subject", "link", "direction"),
    [
        ("fr", "remitwatch : Royaume-Uni → Inde : Coût total moyen 7,2 %, au-dessus de 5 %", "latest/fr/", "ltr"),
        (
            "ar",
            "remitwatch: المملكة المتحدة ← الهند: متوسط التكلفة الإجمالية 7.2%، أعلى من 5%",
            "latest/ar/",
            "rtl",
        ),
    ],
)
def test_a_mail_is_in_the_language_of_its_route(
    alerted: CommandLine,
    mailbox: Mailbox,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    subject: str,
    link: str,
    direction: str,
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate", language=language)
    alerted("check")
    alerted("alerts", "deliver")
    (mail,) = mailbox.mails
    assert mail["Subject"] == subject
    plain, related = mail.iter_parts()
    page = etree.HTML(next(related.iter_parts()).get_content())
    assert (page.get("lang"), page.get("dir")) == (language, direction)
    assert page.xpath("//a/@href") == [f"https://example.org/remittances/{link}corridors/GBR-IND.html"]
    assert "Average" not in plain.get_content()


def test_a_webhook_gets_words_and_content_with_the_key(
    alerted: CommandLine, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_oneshot_request("/hook", method="POST").respond_with_data("ok")
    url = httpserver.url_for("/hook").replace("http://", "json://")
    route(monkeypatch, "desk", url=url, when="immediate")
    alerted("check")
    alerted("alerts", "deliver")
    httpserver.check()
    request = httpserver.log[0][0]
    (told,) = deliveries(alerted)
    assert request.headers["Idempotency-Key"] == told["key"]
    body = request.get_json()
    assert body["title"] == "remitwatch: United Kingdom → India: Average total cost 7.2%, above 5%"
    assert body["message"].replace("\r\n", "\n").strip() == TEXT.strip()
    assert {name: body[name] for name in ("id", "severity", "language", "type")} == {
        "id": told["key"],
        "severity": "warning",
        "language": "en",
        "type": "warning",
    }
    (content,) = body["messages"]
    assert (content["rule"], content["n"], content["items"][0]["facts"]["services"]) == (AVERAGE, 1, 3)
    assert base64.b64decode(body["attachments"][0]["base64"]).startswith(b"\x89PNG")


def test_a_receiver_that_is_down_for_two_hours_gets_it_once_after(
    alerted: CommandLine, today: Today, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate")
    alerted("check")
    tried = 0
    for _ in range(24):  # every five minutes
        done = alerted("alerts", "deliver", "--json", code=None)
        tried += done.json["failed"]
        assert done.json["sent"] == 0
        later(today, minutes=5)
    (waits,) = deliveries(alerted)
    assert (waits["state"], waits["attempts"]) == ("waiting", tried)
    assert 4 <= tried <= 8
    assert "Connection refused" in waits["last_error"]
    with mail_server(port) as box:
        for _ in range(24):
            alerted("alerts", "deliver")
            later(today, minutes=5)
        assert len(box.mails) == 1
        assert box.mails[0]["Date"].datetime.isoformat() == waits["made_at"].replace("Z", "+00:00")
    (sent,) = deliveries(alerted)
    assert (sent["state"], sent["attempts"], sent["last_error"]) == ("sent", tried + 1, None)


def test_a_receiver_that_never_answers_well_is_given_up_and_can_be_tried_again(
    alerted: CommandLine, today: Today, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/hook").respond_with_data("broken", status=500)
    route(monkeypatch, "desk", url=httpserver.url_for("/hook").replace("http://", "json://"), when="immediate")
    monkeypatch.setenv("REMITWATCH_ALERTS__DEAD_AFTER_DAYS", "2")
    alerted("check")
    for _ in range(3):
        failed = alerted("alerts", "deliver", code=3)
        later(today, days=1, minutes=1)
    assert failed.out == "delivered: 0 sent, 0 to be tried again, 1 given up, 0 left\n"
    (dead,) = deliveries(alerted)
    assert (dead["state"], dead["attempts"], dead["next_at"]) == ("dead", 3, None)
    assert "error=500" in dead["last_error"]
    assert alerted("alerts", "deliver").out == "nothing was due\n"
    httpserver.clear()
    httpserver.expect_request("/hook").respond_with_data("ok")
    assert alerted("alerts", "resend", "1").out == "delivery 1: waits for route desk\n"
    alerted("alerts", "deliver")
    assert [one["state"] for one in deliveries(alerted)] == ["sent"]
    assert alerted("alerts", "deliveries", "--state", "dead").out == "no delivery\n"


def test_one_route_that_fails_does_not_keep_another_waiting(
    alerted: CommandLine, mailbox: Mailbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "a_broken", url=f"json://127.0.0.1:{free_port()}/hook", when="immediate")
    route(monkeypatch, "b_unknown", url="carrierpigeon://coop/", when="immediate")
    route(monkeypatch, "c_works", url=mail_to(port), when="immediate")
    alerted("check")
    done = alerted("alerts", "deliver", code=3)
    assert done.out == "delivered: 1 sent, 2 to be tried again, 0 given up, 0 left\n"
    assert len(mailbox.mails) == 1
    errors = {one["route"]: one["last_error"] for one in deliveries(alerted)}
    assert errors["c_works"] is None
    assert "not an address of carrierpigeon:// that apprise knows" in errors["b_unknown"]
    assert "coop" not in errors["b_unknown"]
    # a route that is taken away leaves a dead letter
    monkeypatch.delenv("REMITWATCH_ALERTS__ROUTES__A_BROKEN__URL")
    monkeypatch.delenv("REMITWATCH_ALERTS__ROUTES__A_BROKEN__WHEN")
    alerted("alerts", "resend", "1")
    alerted("alerts", "deliver", code=3)
    errors = {one["route"]: (one["state"], one["last_error"]) for one in deliveries(alerted)}
    assert errors["a_broken"] == ("dead", "alerts.routes.a_broken: there is no such route any more")


def test_what_cannot_be_worded_or_written_does_not_keep_the_others_waiting(
    alerted: CommandLine, mailbox: Mailbox, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate")
    route(monkeypatch, "web", url=f"file:{tmp_path / 'taken' / CANARY}", when="immediate")
    (tmp_path / "taken").write_text("no folder")
    (alerted.home / "alerts").write_text("no folder")
    alerted("check")
    with sqlite3.connect(alerted.home / "remitwatch.sqlite") as database:
        database.execute(
            "INSERT INTO alert_message (key, kind, audience, severity, made_at, content)"
            " SELECT 'odd', kind, 'nobody', severity, made_at, '{}' FROM alert_message"
        )
        database.execute(
            "INSERT INTO alert_delivery (message_id, route, state, attempts, next_at)"
            " SELECT 2, 'task_force', 'waiting', 0, next_at FROM alert_delivery WHERE id = 1"
        )
    done = alerted("alerts", "deliver", code=3)
    assert done.out == "delivered: 1 sent, 2 to be tried again, 0 given up, 0 left\n"
    assert f"{alerted.home / 'alerts'}: the feeds cannot be written" in done.err
    assert len(mailbox.mails) == 1
    errors = [one["last_error"] for one in reversed(deliveries(alerted))]
    assert errors[1] == "the folder of the route cannot be written (File exists)" or "Not a directory" in errors[1]
    assert errors[2].startswith("it could not be made ready (")
    assert CANARY not in done.err


def test_a_recipient_that_is_unknown_for_good_is_noted_and_the_others_get_it_once(
    alerted: CommandLine, mailbox: Mailbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.refuses = ("gone.person@example.org",)
    to = "gone.person@example.org,here@example.org"
    route(monkeypatch, "task_force", url=mail_to(port, to), when="immediate")
    alerted("check")
    done = alerted("alerts", "deliver")
    assert "1 of 2 recipients were refused: 550 5.1.1" in done.err
    assert "gone.person" not in done.err
    assert mailbox.to == ["here@example.org"]
    assert alerted("alerts", "deliver").out == "nothing was due\n"


def test_a_digest_goes_once_a_day_with_all_that_waits(
    alerted: CommandLine, today: Today, mailbox: Mailbox, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "minister", url=mail_to(port))  # readers: daily, at 07:00
    route(monkeypatch, "weekly", url=mail_to(port, "week@example.org"), when="weekly", day="wed", at="06:30")
    alerted("check")
    later(today, hours=14)
    hand_in(alerted, today, tmp_path / "prices", acme="4", other="4", third="4")
    alerted("check")
    alerted("alerts", "deliver")
    assert mailbox.mails == []
    later(today, hours=5, minutes=1)  # 8 November, 07:01
    alerted("alerts", "deliver")
    (mail,) = mailbox.mails
    assert mail["Subject"] == "remitwatch: Alerts up to 8 November 2026: 1 new, 1 over"
    text = next(mail.iter_parts()).get_content()
    assert "United Kingdom → India: Average total cost 7.2%, above 5%" in text
    assert "United Kingdom → India: Average total cost 4.0%, no longer above 5%" in text
    assert text.index("above 5%") < text.index("no longer above 5%")
    later(today, days=2)
    assert alerted("alerts", "deliver").out == "nothing was due\n"
    later(today, days=1)  # Wednesday
    alerted("alerts", "deliver")
    assert mailbox.to == ["task.force@example.org", "week@example.org"]
    assert mailbox.mails[1]["Subject"] == "remitwatch: Alerts up to 11 November 2026: 1 new, 1 over"
    assert mailbox.mails[1]["Message-ID"] != mailbox.mails[0]["Message-ID"]


def test_a_correction_goes_to_whom_it_was_told(
    alerted: CommandLine, today: Today, mailbox: Mailbox, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate")
    wrong = hand_in(alerted, today, tmp_path / "prices", slip="12")
    alerted("check")
    alerted("alerts", "deliver")
    alerted("runs", "reject", str(wrong), "--why", "a typing error")
    alerted("check")
    alerted("alerts", "deliver")
    first, second = mailbox.mails
    assert first["Subject"] == "remitwatch: United Kingdom → India: Average total cost 8.4%, above 5%"
    assert second["Subject"] == "remitwatch: United Kingdom → India: correction, 7.2% instead of 8.4%"
    text = next(second.iter_parts()).get_content()
    assert "On 7 November 2026 we told you 8.4%; the figure of that day is 7.2% now." in text
    assert "The alert stands." in text


KILLED = """
import os, signal, sys
import db.store
def killed(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
db.store.Store.deliveries_sent = killed
import time_machine
from remitwatch.cli import main
with time_machine.travel(sys.argv.pop(1)):
    main()
"""


def test_a_kill_between_sending_and_keeping_sends_it_once_more_with_the_same_key(
    alerted: CommandLine, today: Today, mailbox: Mailbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "task_force", url=mail_to(port), when="immediate")
    alerted("check")
    later(today, minutes=1)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, today.now.isoformat(), "--home", str(alerted.home), "alerts", "deliver"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert len(mailbox.mails) == 1
    (cut,) = deliveries(alerted)
    assert (cut["state"], cut["attempts"], cut["last_error"]) == ("waiting", 1, "begun, and cut short")
    later(today, minutes=2)
    alerted("alerts", "deliver")
    alerted("alerts", "deliver")
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert [part.get_payload() for part in first.walk() if not part.is_multipart()] == [
        part.get_payload() for part in second.walk() if not part.is_multipart()
    ]


def test_feeds_tell_everything_without_a_route(alerted: CommandLine) -> None:
    alerted("check")
    alerted("alerts", "deliver")
    folder = alerted.home / "alerts"
    assert sorted(path.name for path in folder.iterdir()) == [
        "operators.jsonl",
        "operators.xml",
        "readers.jsonl",
        "readers.xml",
    ]
    feed = etree.fromstring((folder / "readers.xml").read_bytes())
    (entry,) = feed.findall(f"{ATOM}entry")
    (line,) = [json.loads(text) for text in (folder / "readers.jsonl").read_text().splitlines()]
    assert entry.findtext(f"{ATOM}title") == "United Kingdom → India: Average total cost 7.2%, above 5%"
    assert entry.findtext(f"{ATOM}id") == f"urn:remitwatch:alert:{line['id']}"
    assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated") == line["made_at"]
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://example.org/remittances/latest/corridors/GBR-IND.html"
    assert "Average total cost: 7.17%" in (entry.findtext(f"{ATOM}content") or "")
    assert (line["rule"], line["items"][0]["subject"]) == (AVERAGE, "corridor:GBR-IND")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    alerted("alerts", "deliver")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert etree.fromstring((folder / "operators.xml").read_bytes()).findall(f"{ATOM}entry") == []


def test_a_route_to_a_folder_is_a_feed_in_its_language(
    alerted: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route(monkeypatch, "web", url=f"file:{tmp_path / 'served'}", when="immediate", language="fr")
    alerted("check")
    alerted("alerts", "deliver")
    feed = etree.fromstring((tmp_path / "served" / "web.xml").read_bytes())
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert feed.findtext(f"{ATOM}entry/{ATOM}title", "").startswith("Royaume-Uni → Inde")
    assert [one["state"] for one in deliveries(alerted)] == ["sent"]


def test_a_run_delivers_at_its_end(
    remitwatch: CommandLine, sandbox: Any, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/hook").respond_with_data("ok")
    url = httpserver.url_for("/hook").replace("http://", "json://")
    route(monkeypatch, "ops", url=url, audience="operators")
    only(monkeypatch, remitwatch, AVERAGE)
    for name, value in (("AUDIENCE", "operators"), ("THRESHOLD", "1"), ("CLEAR", "0.5")):
        monkeypatch.setenv(f"REMITWATCH_ALERTS__RULES__{AVERAGE.upper()}__{name}", value)
    result = remitwatch("run", code=None)
    assert "delivered: 1 sent, 0 to be tried again, 0 given up, 0 left" in result.out
    body = httpserver.log[0][0].get_json()
    assert body["title"].startswith("[Sandbox data, not real prices] remitwatch: ")
    assert body["message"].startswith("*** Sandbox data, not real prices ***")
    assert body["messages"][0]["world"] == "sandbox"


def test_a_test_message_says_that_it_is_one(
    remitwatch: CommandLine, today: Today, mailbox: Mailbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    remitwatch("init")
    route(monkeypatch, "task_force", url=mail_to(port), language="es")
    assert remitwatch("alerts", "send-test", "task_force").out == "route task_force: sent\n"
    (mail,) = mailbox.mails
    assert mail["Subject"] == "remitwatch: Esto es una prueba: la vía task_force funciona"
    mailbox.answer = "451 come back later"
    failed = remitwatch("alerts", "send-test", "task_force", code=1)
    assert "451" in failed.err
    assert failed.err.count("\n") == 1
    unknown = remitwatch("alerts", "send-test", "other", code=2)
    assert unknown.err == "remitwatch: route 'other': expected one of task_force\n"
    assert deliveries(remitwatch) == []


def test_routes_are_listed_without_their_addresses(
    remitwatch: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    remitwatch("init")
    route(monkeypatch, "desk", url=f"slack://T1JJ3T3L2/A1BRTD4JD/{CANARY}TIiajkdnl/#general", when="weekly")
    assert CANARY not in remitwatch("alerts", "routes", code=None).out
    monkeypatch.setenv("REMITWATCH_ALERTS__ROUTES__DESK__URL", f"jsons://{CANARY}@example.org/{CANARY}")
    (row,) = remitwatch("alerts", "routes", "--json").json
    assert row == {
        "route": "desk",
        "to": "jsons",
        "audience": "readers",
        "language": "en",
        "when": "weekly 07:00 mon",
        "min_severity": "info",
        "next": "2026-11-02T07:00:00Z",
    }


WRONG = (
    ({"url": "json://x/", "audience": "nobody"}, "alerts.routes.desk.audience: 'nobody': no rule tells it: expected "),
    ({"url": "json://x/", "language": "tlh"}, "alerts.routes.desk.language: 'tlh': expected one of en, ar, es, fr"),
    ({"url": "nonsense"}, "alerts.routes.desk.url: expected an address such as mailtos://"),
    ({"url": "file:relative"}, "alerts.routes.desk.url: expected a whole path after file:"),
    ({"url": "mailto://"}, "alerts.routes.desk.url: not an address of *** that apprise knows"),
    ({"url": "json://x/", "when": "hourly"}, "environment REMITWATCH_ALERTS__ROUTES__DESK__WHEN: alerts.routes.desk"),
    ({"url": "json://x/", "at": "7"}, "environment REMITWATCH_ALERTS__ROUTES__DESK__AT: alerts.routes.desk.at: "),
    ({"audience": "readers"}, "environment REMITWATCH_ALERTS__ROUTES__DESK__AUDIENCE: alerts.routes.desk"),
)


@pytest.mark.parametrize(("settings", "line"), WRONG, ids=[str(one[0]) for one in WRONG])
def test_a_route_that_cannot_be_is_one_line(
    remitwatch: CommandLine, today: Today, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], line: str
) -> None:
    remitwatch("init")
    route(monkeypatch, "desk", **settings)
    wrong = remitwatch("alerts", "routes", code=2)
    assert wrong.err.startswith(f"remitwatch: {line}")
    assert wrong.err.count("\n") == 1


def everything(home: Path) -> bytes:
    """All that a home keeps, its database in words too."""
    found = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "remitwatch.toml")
    with sqlite3.connect(home / "remitwatch.sqlite") as database:
        return found + "\n".join(database.iterdump()).encode()


SECRET = (
    ("json://user:{0}@127.0.0.1:{1}/{0}path?+X-Token={0}header", "webhook"),
    ("mailto://user:{0}@example.org:{1}/?smtp=127.0.0.1&from=a@example.org&to={0}@example.org&mode=insecure", "mail"),
    ("slack://{0}AAAA/{0}BBBB/{0}CCCC", "unknown"),
)


@pytest.mark.parametrize(("url", "kind"), SECRET, ids=[one[1] for one in SECRET])
@pytest.mark.parametrize("answers", [True, False])
def test_a_canary_in_an_address_is_found_nowhere(
    alerted: CommandLine,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    kind: str,
    answers: bool,
) -> None:
    def refused(request: Request) -> Response:
        return Response(f"{CANARY} is not welcome: {dict(request.headers)}", status=403)

    httpserver.expect_request(f"/{CANARY}path").respond_with_handler(refused)
    port = httpserver.port if answers else free_port()
    route(monkeypatch, "desk", url=url.format(CANARY, port), when="immediate")
    shown = [alerted("-vv", "check")]
    shown += [alerted("-vv", "alerts", "deliver", code=3), alerted("alerts", "deliveries", "--json")]
    shown += [alerted("alerts", "deliveries"), alerted("-vv", "alerts", "send-test", "desk", code=None)]
    shown += [alerted("alerts", "routes", code=None), alerted("config", "show"), alerted("status", code=None)]
    told = "".join(one.out + one.err for one in shown)
    told += "".join(one.getMessage() for one in caplog.records if one.name != "werkzeug")
    assert "********" in told
    assert CANARY.lower() not in told.lower()
    assert CANARY.encode().lower() not in everything(alerted.home).lower()
    assert deliveries(alerted)[0]["last_error"]
