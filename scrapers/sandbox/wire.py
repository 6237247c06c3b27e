"""What the sandbox's sources have in common on the wire: question, answer, and JSON with exact numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from email.utils import format_datetime
from json.encoder import encode_basestring as _quoted
from typing import Any

JSON = "application/json"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Question:
    """One HTTP request. `headers` have lower-case names."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON, numbers exact. Raises ValueError for anything that is no JSON."""
        return json.loads(self.body, parse_float=Decimal)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: status, content type, body and further headers."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def as_of(day: date, answer: Answer) -> Answer:
    """An answer that tells since when it has been the same, so that a client need not fetch it twice."""
    published = format_datetime(datetime.combine(day, time(), UTC), usegmt=True)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    return replace(answer, headers={**answer.headers, "Last-Modified": published, "ETag": tag})


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer that carries `value` as JSON."""
    return Answer(status, JSON, json_text(value).encode())


def json_text(value: Any) -> str:
    """JSON of dicts, lists, text, whole numbers, booleans and None; a Decimal is written digit by digit, without
    the trailing zeros that a number in JSON does not keep. Raises TypeError for anything else."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_quoted(key)}:{json_text(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([json_text(item) for item in value]) + "]"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
