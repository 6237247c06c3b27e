"""Rules: shipped, changed by key, one's own; and every fault in one line."""

from decimal import Decimal
from pathlib import Path

import pytest

from remitwatch.alerts.kinds import KINDS
from remitwatch.alerts.rules import load, shipped
from remitwatch.errors import InputError
from remitwatch.pipeline.alerting.kinds import READ


def test_every_kind_has_a_rule_that_is_on_and_a_reader() -> None:
    assert {rule.kind for rule in shipped().values() if rule.enabled} == {kind.code for kind in KINDS} == set(READ)
    for rule in shipped().values():
        assert rule.audience in ("readers", "operators")


def test_a_home_changes_rules_by_key_and_adds_its_own(tmp_path: Path) -> None:
    own = tmp_path / "alerts.toml"
    own.write_text(
        """
[rules.corridor_average_above_5]
threshold = 6.1
clear = 5.9
corridors = ["gbr-*", "USA-MEX"]

[rules.kenya_dear]
kind = "cost_above"
title = "Sending to Kenya above 7 %"
scope = "receiver"
countries = ["KEN"]
indicator = "average_total_cost"
threshold = 7
"""
    )
    rules = {rule.key: rule for rule in load(own, {"source_stale": {"enabled": False}})}
    changed = rules["corridor_average_above_5"]
    assert (changed.threshold, changed.clear, changed.runs) == (Decimal("6.1"), Decimal("5.9"), 2)
    assert [changed.wants_corridor(one) for one in ("GBR-IND", "USA-MEX", "USA-PHL")] == [True, True, False]
    assert list(rules)[-1] == "kenya_dear"
    assert [rules["kenya_dear"].wants_country(one) for one in ("KEN", "UGA")] == [True, False]
    assert not rules["source_stale"].enabled


FAULTS = {
    "[rules.x]\ntitle = 'T'": "rules.x.kind: expected a value: there is no shipped rule of this key to take it from",
    "[rules.source_stale]\ncolour = 'red'": "rules.source_stale.colour: unknown field: expected one of key, kind",
    "[rules.source_stale]\nkind = 'odd'": "rules.source_stale.kind: expected one of cost_above",
    "[rules.source_stale]\nthreshold = 3": "rules.source_stale: threshold: source_stale has none",
    "[rules.corridor_average_above_5]\nclear = 6": "clear 6: expected a value at or below the threshold 5",
    "[rules.corridor_average_above_5]\nruns = 0": "rules.corridor_average_above_5.runs: Input should be greater",
    "[rules.corridor_average_above_5]\ncorridors = ['GBR']": "rules.corridor_average_above_5.corridors: ",
    "[rules.corridor_average_above_5]\nscope = 'home'": "scope 'home': cost_above looks at world or sender",
    "[rules.coverage_below_60]\nclear = 50": "clear 50: expected a value at or above the threshold 60",
    "[rules.corridor_average_above_5]\ninhibited_by = ['rain']": "'rain': expected kinds of rules: cost_above",
    "colour = 1": "colour: expected tables [rules.KEY] only",
    "[rules": "not readable as TOML: ",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_one_line_that_names_file_rule_and_field(text: str, tmp_path: Path) -> None:
    own = tmp_path / "alerts.toml"
    own.write_text(text)
    with pytest.raises(InputError) as fault:
        load(own)
    line = str(fault.value)
    assert line.startswith(f"{own}: ")
    assert FAULTS[text] in line
    assert "\n" not in line


def test_settings_may_change_known_rules_only(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"alerts\.rules\.mine: no rule has this key: expected one of corridor_average"
    ):
        load(tmp_path / "alerts.toml", {"mine": {"enabled": False}})
