"""Settings: flag > environment > remitwatch.toml > default. Unknown keys are an error; secrets are masked."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from remitwatch.errors import InputError
from remitwatch.forbidden_hosts import why_forbidden

PREFIX = "REMITWATCH_"
_NOT_SETTINGS = {"REMITWATCH_HOME", "REMITWATCH_TEST_DATABASE_URL"}
NATIONAL_DATAFLOW = "IAEG-SDGs:DF_SDG_GLC"
GLOBAL_DATAFLOW = "IAEG-SDGs:DF_SDG_GLH"
_CLOCK_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceSettings(_Section):
    """What an operator may set for one source: `[sources.KEY]`.

    `permission` states who allowed it and when, for a source that asks for permission; without one it is off.
    """

    base_url: str | None = None
    pause: Annotated[float, Field(ge=0)] | None = None
    daily_budget: Annotated[int, Field(ge=1)] | None = None
    enabled: bool = True
    permission: str = ""
    token: SecretStr | None = None

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that starts with http:// or https://")
        if value is not None and urlsplit(value).username is not None:
            raise ValueError("expected an address without a user name and password")
        why = None if value is None else why_forbidden(urlsplit(value).hostname or "")
        if why is not None:
            raise ValueError(f"expected another host: this one is on the list of hosts that are not collected: {why}")
        return value


class CollectSettings(_Section):
    """`[collect]`: what is watched, the limits of one request, and how long a whole collection may take."""

    corridors: tuple[str, ...] | None = None
    send_amounts: tuple[int, ...] = (200, 500)
    deadline_seconds: Annotated[float, Field(gt=0)] = 20.0
    max_megabytes: Annotated[float, Field(gt=0)] = 10.0
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    budget_minutes: Annotated[float, Field(gt=0, le=1440)] = 180.0

    @field_validator("corridors", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value

    @field_validator("corridors")
    @classmethod
    def _are_corridors(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        from remitwatch.corridors import corridor_key

        try:
            return None if value is None else tuple(corridor_key(text) for text in value)
        except InputError as error:
            raise ValueError(str(error)) from None


class ArchiveSettings(_Section):
    """`[archive]`: how long answers are kept that no figure rests on; for ever when it is not set."""

    keep_days: Annotated[int, Field(ge=1)] | None = None


class PublishSettings(_Section):
    """`[publish]`: the languages of the pages, the first at an edition's root (all that have a catalogue when it is not
    set), the address at which the editions folder is served, for the feed, and which briefs (PDF) lie in an edition:
    none, (`overview`,), (`all`,) for it and every country's, or the countries that have one beside it."""

    languages: tuple[str, ...] | None = None
    base_url: str | None = None
    briefs: tuple[str, ...] = ()

    @field_validator("languages", "briefs", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that starts with http:// or https://")
        return value

    @field_validator("briefs")
    @classmethod
    def _are_briefs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from remitwatch.countries import find_country

        if value in ((), ("none",)):
            return ()
        if value in (("overview",), ("all",)):
            return value
        try:
            return tuple(find_country(text).code for text in value)
        except InputError as error:
            raise ValueError(f"expected none, overview, all, or countries such as KEN: {error}") from None


class ScheduleSettings(_Section):
    """`[schedule]`: when the daily jobs run, in UTC; a job that is late by less than the grace still runs.

    `monthly_day` is the day of the month on which the edition of the month before is made, `quarterly_day` the day of
    January, April, July and October for that of the quarter before; 0: none is made.
    """

    observe_at: Annotated[str, Field(pattern=_CLOCK_TIME)] = "18:30"
    check_at: Annotated[str, Field(pattern=_CLOCK_TIME)] = "18:45"
    publish_at: Annotated[str, Field(pattern=_CLOCK_TIME)] = "19:00"
    monthly_day: Annotated[int, Field(ge=0, le=28)] = 2
    quarterly_day: Annotated[int, Field(ge=0, le=28)] = 5
    grace_hours: Annotated[float, Field(gt=0, le=24)] = 6.0


class RuleSettings(_Section):
    """`[alerts.rules.KEY]`: what changes of one rule for alerts; the rest is in its file (`alerts.toml`)."""

    enabled: bool | None = None
    threshold: Decimal | None = None
    clear: Decimal | None = None
    runs: int | None = None
    severity: str | None = None
    audience: str | None = None

    @field_validator("threshold", "clear", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return repr(value) if isinstance(value, float) else value


class AlertSettings(_Section):
    """`[alerts]`: whether rules are evaluated, and what changes of them."""

    enabled: bool = True
    rules: dict[str, RuleSettings] = {}


class SdmxSettings(_Section):
    """`[sdmx]`: as whom the figures of SDG 10.c.1 are reported. `reporting_type` is N (national) or G (global); the
    dataflow follows it where none is set. `sender` names the publisher in the head of an SDMX-ML message."""

    reporting_type: Literal["N", "G"] = "N"
    dataflow: Annotated[str | None, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*:[A-Za-z0-9_@$-]+$")] = None
    version: Annotated[str, Field(pattern=r"^\d+(\.\d+){1,2}$")] = "1.24"
    sender: Annotated[str, Field(pattern=r"^[A-Za-z0-9_@$-]+$")] = "remitwatch"

    @property
    def flow(self) -> str:
        """The dataflow in force: `IAEG-SDGs:DF_SDG_GLC`."""
        return self.dataflow or (NATIONAL_DATAFLOW if self.reporting_type == "N" else GLOBAL_DATAFLOW)

    @model_validator(mode="after")
    def _national_dataflow_is_national(self) -> SdmxSettings:
        if self.reporting_type == "G" and self.dataflow == NATIONAL_DATAFLOW:
            raise ValueError(f"{NATIONAL_DATAFLOW} takes national figures only: expected reporting_type N with it")
        return self


class Settings(_Section):
    """All settings. `contact` (URL or e-mail) names the operator to every source that is asked."""

    contact: str | None = None
    database_url: SecretStr | None = None
    allow_private_addresses: bool = False
    collect: CollectSettings = CollectSettings()
    publish: PublishSettings = PublishSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    archive: ArchiveSettings = ArchiveSettings()
    sdmx: SdmxSettings = SdmxSettings()
    alerts: AlertSettings = AlertSettings()
    sources: dict[str, SourceSettings] = {}

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        if value is not None and "@" not in value and not value.startswith(("http://", "https://")):
            raise ValueError("expected an e-mail address or a URL at which the operator can be reached")
        return value

    def source(self, key: str) -> SourceSettings:
        """The settings of one source (defaults where nothing is set)."""
        return self.sources.get(key, SourceSettings())


class Loaded(BaseModel):
    """Settings with the origin of every value that was set (`contact` -> `environment REMITWATCH_CONTACT`)."""

    settings: Settings
    origins: dict[str, str]


def load(
    file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any], known_sources: frozenset[str]
) -> Loaded:
    """The settings in force. Raises InputError naming the file or variable, the key, the value, what was expected."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, tree in (
        *_from_file(file),
        *_from_environment(environment),
        *((f"option --{key.replace('_', '-')}", {key: value}) for key, value in flags.items() if value is not None),
    ):
        _merge(values, tree, origins, origin)
    unknown = set(values.get("sources", {})) - known_sources
    if unknown:
        key = sorted(unknown)[0]
        where = next(origin for path, origin in origins.items() if path.startswith(f"sources.{key}"))
        raise InputError(f"{where}: unknown source {key!r}: expected one of {', '.join(sorted(known_sources))}")
    try:
        return Loaded(settings=Settings.model_validate(values), origins=origins)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        where = next((origin for key, origin in origins.items() if key.startswith(path) or path.startswith(key)), "")
        given = first.get("input")
        hidden = _is_secret(path) and not isinstance(given, int | float)
        shown = "" if hidden else f", got {given!r}"
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message, shown = "unknown setting; `remitwatch config show` lists the known ones", ""
        raise InputError(f"{where}: {path}: {message}{shown}") from None


def describe(loaded: Loaded) -> list[dict[str, str]]:
    """Every setting as {setting, value, origin}, secrets masked, in a stable order."""
    rows = []
    for path, value in _leaves(loaded.settings.model_dump(), ""):
        if isinstance(value, SecretStr):
            value = "********"
        shown = json.dumps(value, default=str) if not isinstance(value, str) else value
        rows.append({"setting": path, "value": shown, "origin": _origin(path, loaded.origins)})
    return rows


def _origin(path: str, origins: Mapping[str, str]) -> str:
    return next((origin for key, origin in origins.items() if path == key or path.startswith(key + ".")), "default")


def _from_file(file: Path | None) -> list[tuple[str, dict[str, Any]]]:
    if file is None or not file.exists():
        return []
    try:
        return [(str(file), tomllib.loads(file.read_text("utf-8")))]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not readable as TOML: {error}") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in _NOT_SETTINGS:
            continue
        tree: dict[str, Any] = {}
        *parents, last = name.removeprefix(PREFIX).lower().split("__")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = environment[name]
        found.append((f"environment {name}", tree))
    return found


def _merge(
    values: dict[str, Any], tree: Mapping[str, Any], origins: dict[str, str], origin: str, path: str = ""
) -> None:
    for key, value in tree.items():
        here = f"{path}{key}"
        if isinstance(value, Mapping):
            below = values.setdefault(key, {})
            if not isinstance(below, dict):
                raise InputError(f"{origin}: {here}: expected one value, got a section")
            _merge(below, value, origins, origin, here + ".")
        else:
            values[key] = value
            origins[here] = origin


def _leaves(tree: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in tree.items():
        here = f"{path}{key}"
        if isinstance(value, Mapping) and value:
            rows += _leaves(value, here + ".")
        elif not isinstance(value, Mapping):
            rows.append((here, value))
    return rows


def _is_secret(path: str) -> bool:
    return path.startswith("sources") or path == "database_url"


TEMPLATE = """\
# remitwatch settings. A value here is overridden by the environment (REMITWATCH_...) and by options.
# `remitwatch config show` prints what is in force and where it came from.

# Who operates this monitor: a web page or an e-mail address. Every source sees it in the name we ask with.
# Nothing is asked of a live source before it is set.
# contact = "https://example.org/remittance-monitor"

# Where to keep the figures when not in this folder (PostgreSQL; put the password in REMITWATCH_DATABASE_URL instead).
# database_url = "postgresql+psycopg://remitwatch@localhost/remitwatch"

[collect]
# Corridors that are watched. Left out: a shipped list of large and costly corridors (`remitwatch corridors`).
# corridors = ["GBR-IND", "USA-MEX"]
# After so many minutes a collection asks nothing more; what is not done is asked again within the hour.
# budget_minutes = 180

[schedule]
# UTC. Sources have their own times (`remitwatch sources list`).
# observe_at = "18:30"
# check_at = "18:45"
# publish_at = "19:00"
# The edition of the month before is made on this day, that of the quarter before on this day of January, April, July
# and October; 0: none.
# monthly_day = 2
# quarterly_day = 5

[publish]
# Languages of the pages, the first at an edition's root. Left out: en, fr, es, ar and every other with a catalogue.
# languages = ["en", "fr"]
# Where the folder `editions` is served: the feed's links and ids are of it. Set it before the feed is read by others.
# base_url = "https://example.org/remittances/"
# Briefs (PDF, a second or two each) in every edition; needs the extra `pdf`. Left out: "none". "overview", "all" (the
# overview's and every country's), or the countries that have one beside the overview's.
# briefs = ["KEN", "UGA"]

[archive]
# `remitwatch archive prune` deletes answers older than this that no figure rests on. Left out: kept for ever.
# keep_days = 730

[sdmx]
# How the exports sdmx-csv and sdmx-ml report SDG 10.c.1: N as a nation does, G as the custodian does. The dataflow
# follows: IAEG-SDGs:DF_SDG_GLC for N, IAEG-SDGs:DF_SDG_GLH for G. Ask the receiver for the version in force.
# reporting_type = "N"
# dataflow = "IAEG-SDGs:DF_SDG_GLC"
# version = "1.24"
# sender = "remitwatch"  # the publisher's id in SDMX-ML

[alerts]
# `remitwatch alerts rules` lists the rules. Change one here, or write your own in the file alerts.toml of the home.
# [alerts.rules.corridor_average_above_5]
# threshold = 6
# clear = 5.5
# enabled = false

# One section a source: switch it off, ask more slowly, or ask a mirror.
# [sources.transfergo]
# enabled = false
# pause = 10
# daily_budget = 100  # requests a day
# base_url = "https://mirror.example.org"

# A source that must be asked for permission is off. It is asked once you say here who allowed it:
# [sources.western_union]
# permission = "letter of their pricing team, 2026-11-03"
"""
