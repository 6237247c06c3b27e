"""Rules: what is watched, as data. Shipped ones, the home's own file, and changes by settings, in this order.

A file of rules has one table a rule, `[rules.KEY]`. Under the key of a shipped rule it changes the fields that it
states; under a new key it is a whole rule, with at least `kind`, `title` and what its kind needs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from remitwatch.alerts.kinds import BY_CODE, Kind, Scope
from remitwatch.corridors import corridor_key
from remitwatch.errors import InputError
from remitwatch.fields import CountryCode, Key, Value, exact_decimal
from remitwatch.quotes import Basis, Tier
from remitwatch.reference import read_text

FILE = "alert_rules.toml"
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
_END = re.compile(r"^(\*|[A-Za-z]{3})-(\*|[A-Za-z]{3})$")


def _as_written(value: Any) -> Decimal:
    """A number of a settings file: a binary fraction stands for the shortest decimal that gives it, which is the one
    that was written."""
    return exact_decimal(repr(value) if isinstance(value, float) else value)


Line = Annotated[Decimal, BeforeValidator(_as_written)]


class Rule(Value):
    """One rule. What `kind` means, and the unit of `threshold` and `clear`: see kinds.

    An alert opens when the threshold is crossed on `runs` evaluated days in a row, and closes when the value is at or
    past `clear` on as many (default: the threshold itself); in between nothing happens. `days` is the window of the
    kinds that look back. `corridors` (`GBR-IND`, `GBR-*`, `*-KEN`), `countries` (either end) and `sources` choose the
    subjects; empty is all. `inhibited_by` are kinds: while such an alert stands for what this one rests on, this one
    is not told.
    """

    key: Key
    kind: Key
    title: Annotated[str, Field(min_length=1, max_length=120)]
    enabled: bool = True
    scope: Scope
    corridors: tuple[str, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    sources: tuple[Key, ...] = ()
    basis: Basis = Basis.STANDARD
    amount: Tier = 200
    indicator: Key | None = None
    threshold: Line | None = None
    clear: Line | None = None
    runs: Annotated[int, Field(ge=1, le=60)] = 1
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    severity: Severity = "warning"
    audience: Key = "readers"
    inhibited_by: tuple[Key, ...] = ()

    @field_validator("kind")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in BY_CODE:
            raise ValueError(f"expected one of {', '.join(BY_CODE)}")
        return value

    @field_validator("inhibited_by")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if code not in BY_CODE:
                raise ValueError(f"{code!r}: expected kinds of rules: {', '.join(BY_CODE)}")
        return value

    @field_validator("corridors")
    @classmethod
    def _are_corridors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_corridor_choice(one) for one in value)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Rule:
        kind = self.what
        for name in kind.needs:
            if getattr(self, name) is None:
                raise ValueError(f"{name}: expected a value: {self.kind} needs it")
        if self.scope not in kind.scopes:
            raise ValueError(f"scope {self.scope!r}: {self.kind} looks at {' or '.join(kind.scopes)}")
        if kind.side == "happens" and (self.threshold is not None or self.clear is not None):
            raise ValueError(f"threshold: {self.kind} has none: it is so or not")
        if self.kind == "few_qualifying" and self.line > 3:
            raise ValueError(f"threshold {self.threshold}: expected at most 3: SmaRT has three places")
        if self.threshold is not None and self.clear is not None:
            past = self.clear > self.threshold if kind.side == "above" else self.clear < self.threshold
            if past:
                expected = "at or below" if kind.side == "above" else "at or above"
                raise ValueError(f"clear {self.clear}: expected a value {expected} the threshold {self.threshold}")
        return self

    @property
    def what(self) -> Kind:
        """The kind of the rule."""
        return BY_CODE[self.kind]

    @property
    def line(self) -> Decimal:
        """The threshold. Only of kinds that have one."""
        assert self.threshold is not None
        return self.threshold

    @property
    def clears_at(self) -> Decimal:
        """From where on it counts as recovered."""
        return self.line if self.clear is None else self.clear

    def wants_corridor(self, corridor: str) -> bool:
        """Whether a corridor is among those chosen."""
        ends = corridor.split("-")
        if self.countries and not set(ends) & set(self.countries):
            return False
        return not self.corridors or any(_fits(choice, ends) for choice in self.corridors)

    def wants_country(self, country: str) -> bool:
        """Whether a country is among those chosen."""
        return not self.countries or country in self.countries

    def wants_source(self, source: str) -> bool:
        """Whether a source is among those chosen."""
        return not self.sources or source in self.sources

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch alerts rules --json`."""
        return self.model_dump(mode="json") | {"unit": self.what.unit or None, "means": self.what.means}


def _corridor_choice(text: str) -> str:
    if "*" not in text:
        try:
            return corridor_key(text)
        except InputError as error:
            raise ValueError(str(error)) from None
    if _END.match(text) is None:
        raise ValueError(f"{text!r}: expected a corridor such as GBR-IND, GBR-* or *-KEN")
    return text.upper()


def _fits(choice: str, ends: list[str]) -> bool:
    return all(wanted in ("*", end) for wanted, end in zip(choice.split("-"), ends, strict=True))


def shipped() -> dict[str, Rule]:
    """The rules of reference/alert_rules.toml."""
    return _with(FILE, {}, _parsed(FILE, read_text(FILE)))


def load(own: Path, settings: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Rule, ...]:
    """The rules in force, in order: the shipped ones as the home's file `own` (where there is one) and the settings
    `[alerts.rules.KEY]` change them, and the home's own. Disabled ones are among them.

    Raises InputError naming the file, the rule, the field and what was expected.
    """
    rules = shipped()
    if own.is_file():
        try:
            text = own.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{own}: not readable as UTF-8 text ({error})") from None
        rules = _with(str(own), rules, _parsed(str(own), text))
    for key, changes in (settings or {}).items():
        if key not in rules:
            raise InputError(f"alerts.rules.{key}: no rule has this key: expected one of {', '.join(rules)}")
        rules[key] = _rule("settings", key, rules[key].model_dump(exclude={"key"}) | dict(changes))
    return tuple(rules.values())


def find(rules: Iterable[Rule], key: str) -> Rule:
    """The rule of this key. Raises InputError."""
    known = {rule.key: rule for rule in rules}
    if key not in known:
        raise InputError(f"rule {key!r}: expected one of {', '.join(known)}")
    return known[key]


def _parsed(where: str, text: str) -> dict[str, Any]:
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: not readable as TOML: {error}") from None
    unknown = sorted(set(content) - {"rules"})
    if unknown or not isinstance(content.get("rules", {}), dict):
        raise InputError(f"{where}: {', '.join(unknown) or 'rules'}: expected tables [rules.KEY] only")
    found: dict[str, Any] = content.get("rules", {})
    return found


def _with(where: str, rules: Mapping[str, Rule], changes: Mapping[str, Any]) -> dict[str, Rule]:
    made = dict(rules)
    for key, fields in changes.items():
        if not isinstance(fields, dict):
            raise InputError(f"{where}: rules.{key}: expected a table [rules.{key}]")
        before = made[key].model_dump(exclude={"key"}) if key in made else {}
        made[key] = _rule(where, key, before | fields)
    return made


def _rule(where: str, key: str, fields: Mapping[str, Any]) -> Rule:
    try:
        return Rule.model_validate({"key": key, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        given = first.get("input")
        what = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            what = f"unknown field: expected one of {', '.join(Rule.model_fields)}"
        elif first["type"] == "missing":
            what = "expected a value: there is no shipped rule of this key to take it from"
        elif name:
            what = f"{what}, got {given!r}"
        raise InputError(f"{where}: rules.{key}{'.' if name else ''}{name}: {what}") from None
