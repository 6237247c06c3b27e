"""What is sent: the words of one message (or of a digest) in one language, its pictures, its content for machines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Picture:
    """A chart as PNG. The HTML shows it by `cid:` and its name."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Rendered:
    """`key` is the same whenever the same is sent again. `text` says all that `html` says. `severity` is that of the
    gravest part; `content` holds the messages of the outbox as they are kept."""

    key: str
    subject: str
    text: str
    html: str
    language: str
    severity: str
    made_at: dt.datetime
    pictures: tuple[Picture, ...] = ()
    content: tuple[dict[str, Any], ...] = ()
