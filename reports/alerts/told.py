"""What the outbox holds, ready for words: a message of several alerts of one rule, and each of its ten worst."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from reports import names, numbers
from reports.language import _
from reports.wording import clean_text, corridor_name, name

SEVERITIES = ("critical", "warning", "info")
KINDS = ("opened", "corrected", "closed", "test")


@dataclass(frozen=True)
class Item:
    """One alert of a message: its subject, value and facts (those of each kind: remitwatch/pipeline/alerting)."""

    content: Mapping[str, Any]
    unit: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts by name."""
        found: Mapping[str, Any] = self.content["facts"]
        return found

    def number(self, *path: str) -> Decimal | None:
        """A number among the facts, by its place in them; None where there is none."""
        value: Any = self.facts
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return numbers.decimal_of(value)

    def text(self, key: str) -> str:
        """A fact as text that is safe to print; empty where there is none."""
        value = self.facts.get(key)
        return "" if value in (None, "") else clean_text(value)

    def day(self, key: str) -> str:
        """A day among the facts in words; empty where there is none."""
        found = numbers.date_of(self.facts.get(key))
        return "" if found is None else numbers.day(found)

    @property
    def name(self) -> str:
        """Of a provider or source."""
        return name(self.facts.get("name") or self.facts.get("provider") or self.facts.get("source"))

    @property
    def value(self) -> Decimal | None:
        """The value in the unit of the rule."""
        return numbers.decimal_of(self.content.get("value"))

    @property
    def told_value(self) -> Decimal | None:
        """The value that was told before, of a correction or an end."""
        return numbers.decimal_of(self.content.get("told_value"))

    @property
    def told_day(self) -> dt.date | None:
        """The day that was told."""
        return numbers.date_of(self.content.get("told_day"))

    def in_unit(self, value: Decimal | None, digits: int = 1) -> str:
        """A value in words: `6.2%`, `1.3 points`, `2 services`."""
        if value is None:
            return _("no figure")
        if self.unit == "points":
            return _("{points} points", points=numbers.number(value, digits))
        if self.unit == "percent":
            return numbers.percent(value, digits)
        return numbers.number(value, 0 if value == value.to_integral_value() else digits)

    @property
    def place(self) -> str:
        """What it is about: a corridor, a country and its side, everything, a source, this installation."""
        facts = self.facts
        if "sender" in facts and "receiver" in facts:
            return corridor_name(f"{facts['sender']}-{facts['receiver']}")
        if "country" in facts:
            country = names.country(facts["country"])
            if facts.get("side") == "sender":
                return _("Sending from {country}", country=country)
            return _("Sending to {country}", country=country)
        if "pair" in facts:
            return clean_text(facts["pair"])
        if "source" in facts:
            return self.name
        subject = str(self.content["subject"])
        kind, colon, rest = subject.partition(":")
        if kind == "corridor":
            return corridor_name(rest.partition("/")[0])
        if subject == "world":
            return _("All corridors")
        return clean_text(rest) if colon else _("This installation")

    @property
    def page(self) -> str | None:
        """The page of an edition that it is about, in an edition without language."""
        return self.facts.get("page")


@dataclass(frozen=True)
class Told:
    """One message of the outbox. `key` is what it is known by."""

    key: str
    content: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.content[name]
        except KeyError:
            raise AttributeError(name) from None

    @cached_property
    def shown(self) -> tuple[Item, ...]:
        """The alerts that are told one by one, the worst first."""
        return tuple(Item(one, self.content.get("unit") or "") for one in self.content["items"])

    @property
    def further(self) -> int:
        """How many more alerts there are."""
        return int(self.content["n"]) - len(self.content["items"])

    @property
    def threshold(self) -> Decimal | None:
        """The line of the rule, in its unit."""
        return numbers.decimal_of(self.content.get("threshold"))

    @property
    def at(self) -> dt.datetime:
        """When it was made."""
        return dt.datetime.fromisoformat(str(self.content["made_at"]))

    @property
    def order(self) -> tuple[int, int]:
        """The gravest first; of equal ones what opened, what was corrected, what is over."""
        return SEVERITIES.index(self.content["severity"]), KINDS.index(self.content["kind"])
