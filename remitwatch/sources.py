"""Sources: the checked form of a source's .toml: what is read, on which terms, when, and what is expected of it."""

from __future__ import annotations

import datetime as dt
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from remitwatch.errors import InputError
from remitwatch.fields import Key, Value
from remitwatch.forbidden_hosts import why_forbidden
from remitwatch.quotes import Tier
from remitwatch.services import Provider


class SourceKind(StrEnum):
    """What a source gives, and so which folder it stands in."""

    QUOTES = "quotes"
    SURVEYS = "surveys"
    RATES = "rates"
    BENCHMARKS = "benchmarks"
    FLOWS = "flows"


OF_A_SPAN = frozenset({SourceKind.RATES, SourceKind.BENCHMARKS, SourceKind.FLOWS})
"""What is asked for a span of dates, not for inquiries."""


class Terms(Value):
    """On which terms a source may be read and shown.

    `verdict`: open (may be collected), ask (permission needed first: off until the definition or the operator's
    settings state one), off (must not be collected).
    `redistribution`: full (rows may be shown), derived (cost percentages and aggregates only), none (checks only).
    """

    owner: str
    licence: str
    attribution: Annotated[str, Field(min_length=1)]
    terms_url: str
    checked_on: dt.date
    robots_checked_on: dt.date | None = None
    permission: str = ""
    verdict: Literal["open", "ask", "off"]
    redistribution: Literal["full", "derived", "none"]


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""Days by name: APScheduler counts weekday numbers from Monday, cron from Sunday, so numbers are refused."""


class Schedule(Value):
    """When a source is asked: `at` in UTC (`06:10`), on `days` of the week, or on `month_days` only where there are
    any; `cadence_days` is how often new values are expected, or at least an answer that there are none."""

    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    month_days: tuple[Annotated[int, Field(ge=1, le=28)], ...] = ()
    cadence_days: Annotated[int, Field(ge=1)] = 1

    def falls_on(self, day: dt.date) -> bool:
        """Whether the source is asked on this day."""
        if self.month_days:
            return day.day in self.month_days
        return get_args(Day)[day.weekday()] in self.days


class Expect(Value):
    """What a run must bring. Below `min_quotes` or the `answered` share (0 to 1) it is held; above `max_quotes` warned.

    For sources of rates, benchmarks and flows, `min_quotes` and `max_quotes` count those values.
    """

    min_quotes: Annotated[int, Field(ge=1)]
    max_quotes: Annotated[int, Field(ge=1)] | None = None
    answered: Annotated[float, Field(gt=0, le=1)] = 0.8


class SourceDefinition(Value):
    """One source, from the .toml that stands beside its scraper.

    `max_age_days`: how long a rate may be carried on, or how old a handed-in price may be in the latest figures.
    `conditional`: whether the source is told which answer of its is held (ETag, Last-Modified), so that it need not
    send the same again. Off where nothing is said: a server that never changes its ETag would freeze its prices.
    `published_at`: at what time of its date (UTC) a rate comes out; before that the rate of the day before is in force.
    `token_header`: the header in which the source wants a key of the operator's own (its setting `token`).
    `pause`: seconds between two requests to one host. `daily_budget`: how many requests a day the source is troubled
    with at most, all runs of the day together; over it the rest is not asked.
    """

    key: Key
    name: str
    kind: SourceKind
    home: str
    method: Literal["api", "page", "file"]
    hosts: tuple[str, ...] = ()
    evidence: Literal["documented", "recorded"]
    basis: Literal["survey", "standard", "promotional", "estimate"] | None = None
    provider: Provider | None = None
    terms: Terms
    schedule: Schedule | None = None
    pause: Annotated[float, Field(ge=0)] = 3.0
    daily_budget: Annotated[int, Field(ge=1)] | None = None
    answers_for_the_past: bool = False
    conditional: bool = False
    import_kind: str | None = None
    send_amounts: tuple[Tier, ...] = (200, 500)
    max_age_days: Annotated[int, Field(ge=1)] = 5
    published_at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    token_header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")] | None = None
    expect: Expect

    @property
    def verified(self) -> bool:
        """Whether a live answer of this source is among its cases; else an operator must verify it first."""
        return self.evidence == "recorded" or self.method == "file"


def read_definition(path: Path) -> SourceDefinition:
    """The definition in a .toml file. Raises InputError naming file, field, value and what was expected."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not readable as TOML: {error}") from None
    try:
        definition = SourceDefinition.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: {where}: {first['msg']}, got {first.get('input')!r}") from None
    if definition.key != path.stem or definition.kind.value != path.parent.name:
        raise InputError(
            f"{path.parent.name}/{path.name}: key {definition.key!r} and kind {definition.kind.value!r} must be the "
            "names of the file and its folder"
        )
    if (definition.method == "file") == bool(definition.hosts):
        raise InputError(f"{path.name}: hosts: a source that is asked names its hosts; a file has none")
    for host in definition.hosts:
        why = why_forbidden(host)
        if why is not None:
            raise InputError(f"{path.name}: hosts: {host} is on the list of hosts that are not collected: {why}")
    return definition
