"""The archive: what came is what is read again; secrets never reach the disk; a kill leaves nothing half-written."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remitwatch.corridors import corridor
from remitwatch.errors import StorageError
from remitwatch.quotes import Inquiry
from scrapers.archive import SANDBOX_HEADER, Archive, run_label
from scrapers.base import Request, Response
from scrapers.redact import is_secret_name, strip_url
from tests.scrapers.loopback import NOW

ROOT = Path(__file__).parents[2]
INQUIRY = Inquiry(corridor=corridor("GBR-IND"), send_amount="150.00", tier=200)
LABEL = "2026-10-30/acme-1"


def answer(body: bytes = b'{"rate": 1.5}', request: Request | None = None, **headers: str) -> Response:
    request = request or Request("https://api.acme.test/prices", {"from": "GBP"}, (INQUIRY,))
    return Response(request, 200, headers, body, fetched_at=NOW)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def everything(folder: Path) -> bytes:
    """All that is on the disk, unpacked."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files)


def test_an_answer_comes_back_as_it_was(archive: Archive) -> None:
    request = Request("https://api.acme.test/p?a=1", {"to": "INR & x"}, (INQUIRY,), "POST", {"amount": "1.50", "n": 3})
    snapshot = archive.put("acme", answer(b"\x00\xff body", request, **{"Content-Type": "a/b"}), run_label=LABEL)
    back = archive.response(snapshot)
    assert back.body == b"\x00\xff body"
    assert back.status == 200
    assert back.fetched_at == NOW
    assert back.headers == {"content-type": "a/b"}
    assert back.request == Request(
        "https://api.acme.test/p", {"a": "1", "to": "INR & x"}, (INQUIRY,), "POST", {"amount": "1.50", "n": 3}
    )
    assert back.inquiry == INQUIRY


def test_the_context_of_a_request_comes_back_from_its_address(archive: Archive) -> None:
    context = {"pay_in": "bank transfer", "fees": '{"US-PH": "1 & 2#3"}'}
    request = Request("https://api.acme.test/p", {"key": "7"}, context=context)
    snapshot = archive.put("acme", answer(b"{}", request), run_label=LABEL, url="http://127.0.0.1:1/p?id=7")
    assert snapshot.url.startswith("http://127.0.0.1:1/p?id=7#pay_in=bank+transfer&fees=")
    back = archive.response(snapshot).request
    assert (back.url, back.params, back.context) == ("http://127.0.0.1:1/p", {"id": "7"}, context)


def test_numbers_in_a_request_stay_decimal(archive: Archive) -> None:
    snapshot = archive.put(
        "acme", answer(request=Request("https://a.test/", json={"n": 1.1}, method="POST")), run_label=LABEL
    )
    assert archive.response(snapshot).request.json == {"n": Decimal("1.1")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    body=st.binary(max_size=500),
    params=st.dictionaries(st.from_regex(r"[a-f]{1,4}", fullmatch=True), st.text(max_size=20), max_size=4),
)
def test_any_body_and_any_query_come_back(archive: Archive, body: bytes, params: dict[str, str]) -> None:
    request = Request("https://api.acme.test/prices", params)
    back = archive.response(archive.put("acme", answer(body, request), run_label=LABEL))
    assert (back.body, dict(back.request.params)) == (body, params)


def test_a_body_is_kept_once_and_every_answer_is_listed(archive: Archive) -> None:
    first = archive.put("acme", answer(), run_label=LABEL)
    second = archive.put("acme", answer(request=Request("https://api.acme.test/other")), run_label=LABEL)
    assert first.body_sha256 == second.body_sha256
    assert first.id != second.id
    assert len(list(archive.root.glob("bodies/*/*"))) == 1
    assert list(archive.snapshots(LABEL)) == [first, second]


def test_the_same_answer_has_the_same_id_and_the_same_bytes(tmp_path: Path) -> None:
    one, two = Archive(tmp_path / "1"), Archive(tmp_path / "2", durable=False)
    assert one.put("acme", answer(), run_label=LABEL) == two.put("acme", answer(), run_label=LABEL)
    names = sorted(p.relative_to(tmp_path / "1") for p in (tmp_path / "1").rglob("*") if p.is_file())
    assert [(tmp_path / "1" / n).read_bytes() for n in names] == [(tmp_path / "2" / n).read_bytes() for n in names]
    assert (tmp_path / "1" / "runs" / "2026-10-30" / "acme-1.jsonl").is_file()


def test_a_description_without_writing(archive: Archive) -> None:
    described = archive.snapshot("acme", answer())
    assert not archive.root.exists()
    assert archive.put("acme", answer(), run_label=LABEL) == described


# --- secrets


@pytest.mark.parametrize(
    "request_",
    [
        Request("https://api.acme.test/p", {"api_key": "canary-1", "to": "INR"}),
        Request("https://api.acme.test/p?access_token=canary-1&x=1"),
        Request("https://someone:canary-1@api.acme.test/p"),
        Request("https://api.acme.test/p", headers={"Authorization": "Bearer canary-1", "X-API-Key": "canary-1"}),
        Request(
            "https://api.acme.test/p",
            method="POST",
            json={"auth": {"x": "canary-1"}, "a": [{"clientSecret": "canary-1"}]},
        ),
        Request("https://api.acme.test/p/canary-1/x", {"q": "canary-1"}, method="POST", json={"q": ["a canary-1 b"]}),
        Request("https://api.acme.test/p", {"q": "canary/1 +"}),
        Request("https://api.acme.test/p", method="POST", json={"q": 'canary/"1'}),
    ],
)
def test_secrets_never_reach_the_disk(tmp_path: Path, request_: Request) -> None:
    archive = Archive(tmp_path, secrets=["canary-1", "canary/1 +", 'canary/"1', ""])
    headers = {"Set-Cookie": "s=canary-1", "X-Request-Token": "canary-1", "Etag": '"7"', SANDBOX_HEADER: "yes"}
    snapshot = archive.put("acme", answer(b"{}", request_, **headers), run_label=LABEL)
    kept = everything(tmp_path)
    for secret in (b"canary-1", b"canary/", b"canary%2F"):
        assert secret not in kept
    assert snapshot.headers == {"etag": '"7"', "remitwatch-sandbox": "yes"}
    assert archive.response(snapshot).body == b"{}"


@pytest.mark.parametrize(
    ("name", "secret"),
    [("api_key", True), ("apikey", True), ("X-API-Key", True), ("accessToken", True), ("app_id", True), ("sig", True)]
    + [("password", True), ("client_secret", True), ("Authorization", True), ("subscription-key", True)]
    + [("keyword", False), ("monkey", False), ("sourceCurrency", False), ("authority", False), ("passport", False)]
    + [("targetCountry", False), ("design", False), ("", False)],
)
def test_which_names_hold_secrets(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


def test_a_url_without_secrets_is_left_as_it_is() -> None:
    url = "https://api.acme.test/p?from=GBP&to=INR%20x&empty=&a=1+2"
    assert strip_url(url) == url
    assert strip_url("https://a.test/?x=1&token=abc") == "https://a.test/?x=1&token=***"
    assert strip_url("http://[::1") == "http://[::1"


# --- damage


def test_a_missing_or_damaged_body_is_told(archive: Archive) -> None:
    snapshot = archive.put("acme", answer(b"x" * 1000), run_label=LABEL)
    (path,) = archive.root.glob("bodies/*/*.gz")
    whole = path.read_bytes()
    for damaged in (b"", whole[:-9], b"not gzip", gzip.compress(b"another body"), whole[:12] + b"\xff" + whole[13:]):
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match="damaged"):
            archive.body(snapshot.body_sha256)
    path.unlink()
    with pytest.raises(StorageError, match="no answer"):
        archive.response(snapshot)


def test_a_damaged_body_is_replaced_when_the_same_answer_comes_again(archive: Archive) -> None:
    snapshot = archive.put("acme", answer(), run_label=LABEL)
    (path,) = archive.root.glob("bodies/*/*.gz")
    path.write_bytes(b"")
    archive.put("acme", answer(), run_label=LABEL)
    assert archive.body(snapshot.body_sha256) == answer().body


def test_a_last_line_cut_by_a_kill_is_left_out(archive: Archive) -> None:
    first = archive.put("acme", answer(), run_label=LABEL)
    listing = archive.root / "runs" / f"{LABEL}.jsonl"
    with listing.open("ab") as file:
        file.write(b'{"id": "12')
    assert list(archive.snapshots(LABEL)) == [first]
    listing.write_bytes(b"{broken}\n")
    with pytest.raises(StorageError, match="line 1"):
        list(archive.snapshots(LABEL))
    with pytest.raises(StorageError):
        list(archive.snapshots("2026-10-30/other-1"))


@pytest.mark.parametrize("label", ["../x", "/etc/x", "a/b/c", "", "a\x00", "..", "2026-10-30/../x", ".hidden", "a/"])
def test_a_run_label_cannot_leave_the_archive(archive: Archive, label: str) -> None:
    with pytest.raises(ValueError, match="run label"):
        archive.put("acme", answer(), run_label=label)
    assert not archive.root.exists()


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_a_hash_cannot_leave_the_archive(archive: Archive, sha256: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        archive.body(sha256)


def test_labels() -> None:
    assert run_label(date(2026, 10, 30), "ecb", 2) == "2026-10-30/ecb-2"


@pytest.mark.parametrize("call", ["fsync", "replace", "mkdir", "open"])
def test_a_disk_that_refuses_leaves_no_half_file(archive: Archive, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    kept = archive.put("acme", answer(b"before"), run_label=LABEL)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os if call == "fsync" else Path, call, refuse)
        with pytest.raises(StorageError, match="No space left on device"):
            archive.put("acme", answer(b"after"), run_label=LABEL)
    assert list(archive.snapshots(LABEL)) == [kept]
    assert not list(archive.root.rglob(".writing-*"))
    assert archive.put("acme", answer(b"after"), run_label=LABEL).body_size == 5


def test_several_writers_at_once(archive: Archive) -> None:
    def write(number: int) -> None:
        for i in range(25):
            archive.put("acme", answer(b"%d" % (i % 5), Request(f"https://a.test/{number}/{i}")), run_label=LABEL)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({snapshot.id for snapshot in archive.snapshots(LABEL)}) == 100
    assert len(list(archive.root.glob("bodies/*/*"))) == 5


KILLED = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from scrapers.archive import Archive
from scrapers.base import Request, Response
archive = Archive(Path(sys.argv[1]))
print("ready", flush=True)
for n in itertools.count():
    body = str(n).encode() * 20_000
    answer = Response(Request(f"https://a.test/{n}"), 200, {}, body, datetime.now(UTC))
    archive.put("acme", answer, run_label="x/acme-1")
"""


def test_kill_9_leaves_only_whole_answers(tmp_path: Path) -> None:
    for delay in (0.02, 0.11, 0.23):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        run = tmp_path / "runs" / "x" / "acme-1.jsonl"
        deadline = time.monotonic() + 20
        while not (run.exists() and b"\n" in run.read_bytes()) and time.monotonic() < deadline:
            time.sleep(0.005)  # a busy machine may not have written the first answer yet
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        archive = Archive(tmp_path)
        for path in tmp_path.glob("bodies/*/*.gz"):
            archive.body(path.name.removesuffix(".gz"))
        lines = (tmp_path / "runs" / "x" / "acme-1.jsonl").read_bytes().split(b"\n")[:-1]
        for line in lines:
            archive.body(json.loads(line)["body_sha256"])
        assert lines
        (tmp_path / "runs" / "x" / "acme-1.jsonl").unlink()
    stray = tmp_path / "bodies" / "ab" / ".writing-1"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    assert archive.clean() >= 1
    assert not list(tmp_path.rglob(".writing-*"))


def test_a_file_keeps_its_name(archive: Archive) -> None:
    request = Request("file:prices #1?.csv", method="FILE")
    response = Response(request, 200, {}, b"a,b", fetched_at=NOW, file_name="prices #1?.csv")
    snapshot = archive.put("quotes_csv", response, run_label=LABEL)
    assert archive.response(snapshot) == response
