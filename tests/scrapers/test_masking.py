"""What a case may not hold is masked, and what it must hold is left alone."""

from __future__ import annotations

import json

import pytest

from scrapers.masking import mask_body, mask_headers, mask_text


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ('{"accessToken": "abc.def", "fee": 1.90}', '{"accessToken": "***", "fee": 1.90}', "secret field"),
        ('{"session_id" : 123456, "fee": 1}', '{"session_id" : 0, "fee": 1}', "secret field"),
        ('{"note": "a \\" b", "apiKey":"x\\"y"}', '{"note": "a \\" b", "apiKey":"***"}', "secret field"),
        ("see https://a.test/?api_key=s3cret&to=IN", "see https://a.test/?api_key=***&to=IN", "secret parameter"),
        ("ask ana.b+c@stats.gov.ke today", "ask masked@example.org today", "e-mail"),
        ("client 41.90.64.12 refused", "client 192.0.2.1 refused", "IP address"),
        ("client 2a00:1450:4001:82a::200e, refused", "client 2001:db8::1, refused", "IP address"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "***", "token"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***", "token"),
        ('<input type="hidden" name="csrf_token" value="9f3a">', '<input type="hidden" name="csrf_token" value="***">',
         "secret field"),
    ],
)  # fmt: skip
def test_masks_keep_the_kind(text: str, masked: str, kind: str) -> None:
    found, counted = mask_text(text)
    assert found == masked
    assert counted == {kind: 1}
    assert mask_text(found) == (found, {})  # masked once is masked for good


@pytest.mark.parametrize(
    "text",
    [
        '{"key": "bank_transfer", "keyword": "monkey", "rate": 1234.5678}',
        '{"asOf": "2026-11-20T06:00:00Z", "time": "12:30:45", "version": "1.2.3"}',
        "1.234.567,89 and 999.999.999.999 and 12:34:56:78",
        "<Cube time='2026-11-20' currency='USD' rate='1.1546'/>",
        "from=GBR&to=IND&amount=120",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert mask_text(text) == (text, {})


def test_known_tokens_are_masked_wherever_they_stand() -> None:
    assert mask_text("path/tok-77/x", ["tok-77"]) == ("path/***/x", {"known secret": 1})


def test_a_masked_body_is_still_json_and_a_binary_one_says_that_nobody_looked() -> None:
    body = json.dumps({"user": {"email": "a@b.co", "sessionToken": "x" * 40}, "fee": "1.90"}).encode()
    masked, counted = mask_body(body)
    assert json.loads(masked) == {"user": {"email": "masked@example.org", "sessionToken": "***"}, "fee": "1.90"}
    assert counted == {"e-mail": 1, "secret field": 1}
    assert mask_body(b"PK\x03\x04\xff\xfe") == (b"PK\x03\x04\xff\xfe", {"not looked into (no text)": 1})


def test_headers() -> None:
    headers = {"content-type": "text/html", "set-cookie": "sid=1", "x-api-key": "k", "via": "1.1 41.90.64.12"}
    assert mask_headers(headers) == (
        {"content-type": "text/html", "set-cookie": "***", "x-api-key": "***", "via": "1.1 192.0.2.1"},
        {"secret header": 2, "IP address": 1},
    )
