"""Evaluation: the rules of a home against what is in force now, and what becomes of it, in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from db.alerts import Addressed, StoredMessage, nobody
from remitwatch.alerts import life
from remitwatch.alerts.alert import Alert, Step
from remitwatch.alerts.readings import Reading, as_text
from remitwatch.alerts.rules import Rule, load
from remitwatch.pipeline.alerting.corrections import corrections, told_now
from remitwatch.pipeline.alerting.kinds import look_back, readings
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.workspace import Workspace


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation did: the step that was kept and the messages made."""

    step: Step
    messages: tuple[StoredMessage, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Of how many alerts is told what."""
        told = Counter(one.kind for one in self.messages for _ in one.content["alert_ids"])
        return {kind: told[kind] for kind in ("opened", "closed", "corrected")}

    @property
    def line(self) -> str:
        """In one line for a person."""
        return "alerts: " + ", ".join(f"{number} {kind}" for kind, number in self.counts.items())


@dataclass(frozen=True)
class Mark:
    """What was evaluated last: the day, what the data and the rules were known by, and the told days (corrections)."""

    day: dt.date | None = None
    state: str = ""
    told: Mapping[str, str] | None = None

    @classmethod
    def read(cls, text: str | None) -> Mark:
        """From the text that is kept."""
        if text is None:
            return cls()
        content = json.loads(text)
        return cls(dt.date.fromisoformat(content["day"]), content["state"], content["told"])

    def __str__(self) -> str:
        return as_text({"day": str(self.day), "state": self.state, "told": dict(self.told or {})})


def rules_of(workspace: Workspace) -> tuple[Rule, ...]:
    """The rules of a home, disabled ones too. Raises InputError."""
    changes = {
        key: {name: value for name, value in changed.model_dump().items() if value is not None}
        for key, changed in workspace.settings.alerts.rules.items()
    }
    return load(workspace.home.alert_rules, changes)


def evaluate(workspace: Workspace, *, addressed: Addressed = nobody) -> Evaluated:
    """Evaluate the rules for today, and for days since the last evaluation as far as their `runs` count them. What
    changes, its messages and their deliveries are kept in one transaction. Where nothing has changed since the last
    evaluation, only the home itself is looked at again. Raises InputError for a rule that is none."""
    if not workspace.settings.alerts.enabled:
        return Evaluated(Step(), ())
    rules = [rule for rule in rules_of(workspace) if rule.enabled]
    today, now = workspace.today, workspace.now()
    earlier = workspace.queries.alerts(states=("pending", "open"))
    before = Mark.read(workspace.queries.alerts_evaluated())
    state = _state(workspace, rules, now)
    told = before.told or {}
    if (before.day, before.state) == (today, state):
        found = [one for rule in rules if not _rests_on_data(rule) for one in _read(workspace, [rule], earlier, before)]
        corrected = None
    else:
        found = _read(workspace, rules, earlier, before)
        corrected = corrections(workspace, rules, told)
        told = corrected.known_by
    step = life.step(
        rules,
        earlier,
        found,
        silences=workspace.queries.silences(),
        corrections=() if corrected is None else corrected.found,
        now=now,
        today=today,
        world=workspace.world,
    )
    mark = Mark(today, state, {**told, **told_now(workspace, step.messages, today)})
    if not step and mark == before:
        return Evaluated(step, ())
    made = workspace.store.alert_step(step, now, evaluated=str(mark), addressed=addressed)
    return Evaluated(step, tuple(made))


def _rests_on_data(rule: Rule) -> bool:
    return rule.what.replays or rule.what.figure


def _read(workspace: Workspace, rules: Iterable[Rule], earlier: Iterable[Alert], before: Mark) -> list[Reading]:
    """The readings of every rule, of the days that count for it: rules that count the same days share what is read."""
    today = workspace.today
    by_first: dict[dt.date, list[Rule]] = {}
    for rule in rules:
        by_first.setdefault(_first_day(rule, before.day, today), []).append(rule)
    standing = [alert.name for alert in earlier]
    found: list[Reading] = []
    for first, some in by_first.items():
        span = Span(workspace, first, today, standing=standing, look_back=look_back(some))
        found += [reading for rule in some for reading in readings(rule, span)]
    return found


def _first_day(rule: Rule, last: dt.date | None, today: dt.date) -> dt.date:
    """The first day to look at: after a pause, or at first, as many as make an alert open; else today."""
    if not rule.what.replays:
        return today
    least = today - dt.timedelta(days=rule.runs - 1)
    return least if last is None else min(max(least, last + dt.timedelta(days=1)), today)


def _state(workspace: Workspace, rules: Iterable[Rule], now: dt.datetime) -> str:
    """What all that rules look at is known by, but for the disk: the rules, the data in force, runs, targets, sources,
    and what an operator set."""
    parts: list[Any] = [
        [rule.as_json() for rule in rules],
        workspace.queries.state_of_alerts_data(),
        sorted(workspace.settings.collect.corridors or ()),
        sorted((key, one.enabled, one.permission) for key, one in workspace.settings.sources.items()),
    ]
    return hashlib.sha256(as_text(parts).encode()).hexdigest()[:32]
