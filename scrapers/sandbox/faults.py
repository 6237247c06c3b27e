"""The ways in which an answer of the sandbox is changed in a scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from scrapers.sandbox.marks import MARK
from scrapers.sandbox.sources import answer_to
from scrapers.sandbox.wire import HTML, Answer, Question, json_answer
from scrapers.sandbox.world import World


@dataclass(frozen=True)
class Play:
    """One question to a source on a day, and what it would be answered."""

    world: World
    source: str
    question: Question
    day: date

    def answer(self, day: date | None = None) -> Answer:
        """The right answer, of this or another day."""
        return answer_to(self.world, self.source, self.question, day or self.day)

    @property
    def said(self) -> str:
        """All that the question says, for looking something up in it: path, query and body."""
        asked = self.question
        return f"{asked.path}?{'&'.join(f'{k}={v}' for k, v in asked.query.items())} {asked.body.decode()}"


Change = Callable[[Play], Answer]
Where = Callable[[Play], bool]


def is_robots(play: Play) -> bool:
    """Whether it asks for robots.txt."""
    return play.question.path == "/robots.txt"


def is_data(play: Play) -> bool:
    """Whether it asks for anything else."""
    return not is_robots(play)


def says(*words: str) -> Where:
    """Whether all the words are in a question (robots.txt apart)."""
    return lambda play: is_data(play) and all(word in play.said for word in words)


def where(condition: Where, change: Change) -> Change:
    """A change of some answers only."""
    return lambda play: change(play) if condition(play) else play.answer()


def page(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Change:
    """A page of HTML in place of an answer."""
    text = body.replace("</head>", f"<!-- {MARK} --></head>")
    return lambda play: Answer(status, HTML, text.encode(), headers or {})


def data(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Change:
    """JSON in place of an answer."""
    return lambda play: replace(json_answer(value, status), headers=headers or {})


def text(body: str, status: int = 200) -> Change:
    """Plain text in place of an answer."""
    return lambda play: Answer(status, "text/plain; charset=utf-8", body.encode())


def edited(edit: Callable[[Any], None]) -> Change:
    """The right answer, its JSON edited in place."""

    def change(play: Play) -> Answer:
        right = play.answer()
        content = json.loads(right.body, parse_float=Decimal)
        edit(content)
        return json_answer(content, right.status)

    return change


def replaced(*pairs: tuple[str, str]) -> Change:
    """The right answer with texts in it replaced."""

    def change(play: Play) -> Answer:
        right = play.answer()
        body = right.body.decode()
        for old, new in pairs:
            body = body.replace(old, new)
        return Answer(right.status, right.content_type, body.encode())

    return change
