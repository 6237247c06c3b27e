"""The version of the method, and the options that no official text settles.

An option left at its default keeps the bare version; one that is changed is recorded in it (`1+one_per_provider`,
`1+mto_presence_percent=90`), so a figure always says how it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

METHOD = "1"
"""The version of the arithmetic in costs.py and indicators/. It rises when a figure of the same data would change."""


@dataclass(frozen=True)
class Options:
    """The named options of the method.

    `one_per_provider`: a firm fills at most one of SmaRT's three slots. Default: it may fill several.
    `world_smart_assessable_only`: the world SmaRT is the mean over corridors with three qualifying services only.
    Default: over every corridor that has a SmaRT.
    `within_day_same_day_only`: "within one day" leaves out services that say "next day". Default: they are within one
    business day.
    `needs_wide_coverage`: SmaRT needs a pick-up network stated as high, medium, nationwide or in the major cities.
    Default: every service is taken as accessible.
    `joint_labels_apart`: a joint label (`cash+debit_card`) is a group of its own. Default: such a service counts in
    each of its groups.
    `digital_every_label`: of a service with several payment instruments or access points, all must be digital and
    self-assisted for the digital index. Default: one is enough.
    `digital_call_center`: ordering by telephone from a call centre is self-assisted. Default: it is not.
    `digital_card_pickup`: a card counts as an account or wallet at the receiver. Default: it does not.
    `indexes_without_russia`: the world's digital and international MTO indexes leave senders in Russia out, as the
    average does. Default: they do not, as METHODOLOGY names the average, its parts, medians and breakdowns only.
    `mto_presence_percent`: in how many of 100 corridors an operator must be for the international MTO index. Default:
    85.
    """

    one_per_provider: bool = False
    world_smart_assessable_only: bool = False
    within_day_same_day_only: bool = False
    needs_wide_coverage: bool = False
    joint_labels_apart: bool = False
    digital_every_label: bool = False
    digital_call_center: bool = False
    digital_card_pickup: bool = False
    indexes_without_russia: bool = False
    mto_presence_percent: int = 85

    @property
    def method(self) -> str:
        """The method version with the options that are not at their default: `1`, `1+one_per_provider`."""
        changed = {name: getattr(self, name) for name, default in _DEFAULTS.items() if getattr(self, name) != default}
        return "+".join([METHOD, *(name if value is True else f"{name}={value}" for name, value in changed.items())])


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Options)}
OPTIONS = tuple(_DEFAULTS)
"""The names of the options."""
_FLOWS = re.compile(r"flows_(?P<series>[a-z0-9_]+)_(?P<year>\d{4})", re.ASCII)
DEFAULT_OPTIONS = Options()


def read_options(given: Iterable[str]) -> Options:
    """The options of `name` or `name=number` each. Raises ValueError with what was expected."""
    return Options(**dict(_option(text) for text in given))


def _option(text: str) -> tuple[str, Any]:
    name, has_value, value = text.partition("=")
    if name not in _DEFAULTS:
        raise ValueError(f"option {name!r}: expected one of {', '.join(OPTIONS)}")
    if isinstance(_DEFAULTS[name], bool):
        if has_value:
            raise ValueError(f"option {text!r}: it takes no value, expected {name} alone")
        return name, True
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 100):
        raise ValueError(f"option {text!r}: expected {name}=N with a whole number from 1 to 100")
    return name, int(value)


def with_flows(method: str, series: str, year: int) -> str:
    """The method of a figure weighted by flows: it names them (`1+flows_bilateral_matrix_2017`)."""
    return f"{method}+flows_{series}_{year}"


def flows_of(method: str) -> tuple[str, int] | None:
    """Series and year of the flows that a method names, None when it names none."""
    found = [match for part in method.split("+")[1:] if (match := _FLOWS.fullmatch(part))]
    return (found[0]["series"], int(found[0]["year"])) if found else None


def options_of(method: str) -> Options:
    """The options recorded in a method version. Raises ValueError for a version that this program does not compute."""
    version, *parts = method.split("+")
    given = [part for part in parts if not _FLOWS.fullmatch(part)]  # not an option: data that the figure rests on
    try:
        if version == METHOD and (found := read_options(given)).method == "+".join([version, *given]):
            return found
    except ValueError:
        pass
    raise ValueError(
        f"method {method!r}: this program computes version {METHOD} with options {', '.join(sorted(OPTIONS))}"
    )
