"""Quality of runs: is what a source brought what is expected of it, and is every source still bringing it.

Measuring a run (the harvest), judging it (here) and telling people (issues, `check`) are three things. What is found
about single prices is in plausibility.py. Nothing here drops a value: a held run is stored, and out of every figure
until a person accepts it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from remitwatch.fields import Key, Value
from remitwatch.identity import identity_off
from remitwatch.runs import CollectionRun, Harvest, Issue, IssueLevel, RunStatus, Verdict
from remitwatch.sources import OF_A_SPAN, SourceDefinition, SourceKind

RECENT_RUNS = 7
"""How many accepted runs the usual yield is taken from; fewer than three say nothing."""
_FEWEST_RUNS = 3
DROP_HELD = Fraction(4, 10)
IDENTITY_OFF_HELD = Fraction(1, 100)
_STALE_CADENCES = 2
_FAILING_RUNS = 2


def judge(harvest: Harvest, definition: SourceDefinition, recent: Sequence[CollectionRun] = ()) -> Verdict:
    """How a run is judged, from what it brought and what is usual.

    `recent` are earlier runs of the source, newest first (any status; only accepted ones are used). In order:

    - no value at all: `ok` (`nothing_new`) when the source answered and what it publishes is held already; `empty` when
      it answered, but without a price; else `failed` with the most frequent failure class (`refused_record` when
      records came and none was readable);
    - fewer values than `min_quotes`, fewer requests answered than the `answered` share, 40 % fewer values a request
      than the median of recent runs, or over 1 % of survey rows whose parts miss their total: `held`;
    - any failure, or any issue of the harvest: `partial`; else `ok`.

    More values than `max_quotes` warns. Every finding comes as an issue of the verdict.
    """
    values = _values(harvest, definition)
    if values == 0:
        return _without_values(harvest, definition)
    issues = _bounds(harvest, definition, values)
    held = [*_shortfalls(harvest, definition, values, recent), *_identity(harvest)]
    if held:
        return Verdict(RunStatus.HELD, held[0].code, (*held, *issues))
    if harvest.failures:
        return Verdict(RunStatus.PARTIAL, _most_frequent(harvest.failures), tuple(issues))
    if harvest.issues:
        return Verdict(
            RunStatus.PARTIAL, _most_frequent(Counter(issue.code for issue in harvest.issues)), tuple(issues)
        )
    return Verdict(RunStatus.OK, "", tuple(issues))


def judge_import(harvest: Harvest, definition: SourceDefinition) -> Verdict:
    """How the run of an imported file is judged: as any run, but never against earlier files."""
    return judge(harvest, definition, ())


def _values(harvest: Harvest, definition: SourceDefinition) -> int:
    """How many of the values that the source is read for."""
    if definition.kind is SourceKind.RATES:
        return len(harvest.rates)
    if definition.kind is SourceKind.BENCHMARKS:
        return len(harvest.benchmarks)
    if definition.kind is SourceKind.FLOWS:
        return len(harvest.flows)
    return harvest.prices


def _without_values(harvest: Harvest, definition: SourceDefinition) -> Verdict:
    answered = harvest.requests > 0 and _answered_share(harvest) >= _share(definition)
    if harvest.known and answered:
        return Verdict(RunStatus.OK, "nothing_new")
    if harvest.not_offered and answered:
        message = f"{harvest.source}: answered {len(harvest.not_offered)} times, never with a price"
        return Verdict(RunStatus.EMPTY, "no_price", (_issue(harvest, "no_price", message, level="warning"),))
    if harvest.failures:
        reason = _most_frequent(harvest.failures)
        number = harvest.failures[reason]
        message = f"{harvest.source}: nothing came; {number} of {harvest.requests} requests failed: {reason}"
    elif harvest.refused:
        reason, message = "refused_record", f"{harvest.source}: none of {harvest.refused} records could be read"
    elif harvest.answered or harvest.not_offered:
        message = f"{harvest.source}: answered, but without a value"
        return Verdict(RunStatus.EMPTY, "no_price", (_issue(harvest, "no_price", message, level="warning"),))
    else:
        reason, message = "nothing_asked", f"{harvest.source}: nothing was asked, so nothing came"
    return Verdict(RunStatus.FAILED, reason, (_issue(harvest, "failed_run", message),))


def _bounds(harvest: Harvest, definition: SourceDefinition, values: int) -> list[Issue]:
    most = definition.expect.max_quotes
    if most is None or values <= most:
        return []
    message = f"{harvest.source}: {values} values, more than the {most} expected: doubled, or the source grew"
    return [_issue(harvest, "above_maximum", message, level="warning")]


def _shortfalls(
    harvest: Harvest, definition: SourceDefinition, values: int, recent: Sequence[CollectionRun]
) -> list[Issue]:
    found = []
    if values < definition.expect.min_quotes:
        message = f"{harvest.source}: {values} values, fewer than the {definition.expect.min_quotes} expected"
        found.append(_issue(harvest, "below_minimum", message))
    if harvest.requests and _answered_share(harvest) < _share(definition):
        message = (
            f"{harvest.source}: {harvest.answered} of {harvest.requests} requests answered, "
            f"expected {definition.expect.answered:.0%}"
        )
        found.append(_issue(harvest, "few_answers", message))
    usual = _usual_yield(definition, recent)
    if usual is not None and harvest.requests and Fraction(values, harvest.requests) <= usual * (1 - DROP_HELD):
        expected = round(usual * harvest.requests)
        message = f"{harvest.source}: {values} values where recent runs would give {expected}: 40 % fewer or worse"
        found.append(_issue(harvest, "below_recent", message))
    return found


def _usual_yield(definition: SourceDefinition, recent: Sequence[CollectionRun]) -> Fraction | None:
    """The median of values a request over recent accepted runs, so that a run over fewer corridors is compared fairly.

    None for rates, benchmarks and flows, whose spans differ from run to run, for files, and where few runs are known.
    """
    if definition.kind in OF_A_SPAN or definition.method == "file":
        return None
    yields = [
        Fraction(run.quotes, run.requests)
        for run in sorted(recent, key=lambda run: (run.logical_date, run.attempt), reverse=True)
        if run.accepted and not run.trial and run.kind == "collect" and run.requests
    ][:RECENT_RUNS]
    return median(yields) if len(yields) >= _FEWEST_RUNS else None


def _identity(harvest: Harvest) -> list[Issue]:
    """Survey rows whose fee and margin miss the published total: over 1 % of rows means that a column was misread."""
    seen: dict[tuple[str, str], bool] = {}
    for one in harvest.quotes:
        row = one.value.survey
        if row is not None and one.value.transparent:
            key = (row.period, row.row)
            seen[key] = seen.get(key, False) or identity_off(one.value)
    off, rows = sum(seen.values()), len(seen)
    if (of_file := harvest.reconciliation) is not None:
        off += of_file.total.checked - of_file.total.within_0_01
        rows += of_file.stored - of_file.undisclosed
    if not off or Fraction(off, rows) <= IDENTITY_OFF_HELD:
        return []
    message = f"{harvest.source}: in {off} of {rows} survey rows fee and margin miss the total by over 0.01 points"
    return [Issue(level="error", code="identity_off", source=harvest.source, message=message)]


def _answered_share(harvest: Harvest) -> Fraction:
    return Fraction(harvest.answered, harvest.requests)


def _share(definition: SourceDefinition) -> Fraction:
    return Fraction(str(definition.expect.answered))


def _most_frequent(counts: Mapping[str, int]) -> str:
    """The name counted most; of equals the first in the alphabet."""
    return min(counts, key=lambda name: (-counts[name], name))


def _issue(harvest: Harvest, code: str, message: str, *, level: IssueLevel = "error") -> Issue:
    return Issue(level=level, code=code, source=harvest.source, message=message)


class Finding(Value):
    """What a check found, in one line. `code` names the kind; `source` and `quote_id` say what it is about.

    Of sources: `never` (no accepted run yet), `stale`, `held`, `failing`, `partial`; `last_ok` is the logical date of
    the newest accepted run and `age_days` its age. Of prices: see plausibility. Of reference rates: see rate_checks;
    `pairs` are those concerned (`USD/KES`) and `day` is the date of the rates.
    """

    code: Key
    level: IssueLevel = "warning"
    message: str
    source: Key | None = None
    last_ok: dt.date | None = None
    age_days: int | None = None
    quote_id: int | None = None
    pairs: tuple[str, ...] = ()
    day: dt.date | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding for a machine."""
        return self.model_dump(mode="json")


def freshness(
    definitions: Iterable[SourceDefinition] | Mapping[str, SourceDefinition],
    runs: Iterable[CollectionRun],
    today: dt.date,
    verified: Mapping[str, dt.date] | None = None,
) -> list[Finding]:
    """What is stale, held or failing, by source key. Empty when all is well.

    Sources with a schedule are judged; files come when they come, so they are only ever `held`. Stale: the newest
    accepted run is more than two cadences old and two scheduled days have passed since. Held: the newest run is held.
    Failing: the last two runs brought nothing. Partial: the newest run did without some of its answers. Never: no run
    was ever accepted, though there are runs, or a scheduled day has passed since the source was verified (`verified`:
    on which day, by source key). Trial runs (of unverified sources) are left out.
    """
    listed = definitions.values() if isinstance(definitions, Mapping) else definitions
    by_source: dict[str, list[CollectionRun]] = {}
    for run in runs:
        if not run.trial and run.status is not RunStatus.RUNNING and run.logical_date <= today:
            by_source.setdefault(run.source, []).append(run)
    found: list[Finding] = []
    for definition in sorted(listed, key=lambda one: one.key):
        verified_on = (verified or {}).get(definition.key)
        found += _findings(definition, by_source.get(definition.key, []), today, verified_on)
    return found


def _findings(
    definition: SourceDefinition, runs: list[CollectionRun], today: dt.date, verified_on: dt.date | None
) -> list[Finding]:
    newest_first = sorted(runs, key=lambda run: (run.logical_date, run.attempt), reverse=True)
    accepted = next((run for run in newest_first if run.accepted), None)
    last_ok = accepted.logical_date if accepted else None
    age = (today - last_ok).days if last_ok else None
    known: dict[str, Any] = {"source": definition.key, "last_ok": last_ok, "age_days": age}
    found = []
    if newest_first and newest_first[0].status is RunStatus.HELD and not newest_first[0].accepted:
        reason = newest_first[0].reason
        words = f"{definition.key}: run {newest_first[0].id} is held ({reason}): look, then accept or reject it"
        found.append(Finding(**known, code="held", level="error", message=words))
    if definition.schedule is None:
        return found
    if newest_first and newest_first[0].status is RunStatus.PARTIAL and newest_first[0].accepted:
        newest = newest_first[0]
        words = f"{definition.key}: only a part of run {newest.id} came ({newest.reason}): the rest is missing"
        found.append(Finding(**known, code="partial", message=words))
    last = newest_first[:_FAILING_RUNS]
    brought_nothing = (RunStatus.FAILED, RunStatus.EMPTY, RunStatus.MISSED)
    if len(last) == _FAILING_RUNS and all(run.status in brought_nothing and not run.accepted for run in last):
        reasons = ", ".join(dict.fromkeys(run.reason or run.status.value for run in last))
        words = f"{definition.key}: the last {_FAILING_RUNS} runs brought nothing ({reasons})"
        found.append(Finding(**known, code="failing", level="error", message=words))
    if last_ok is None or age is None:
        if newest_first or (verified_on is not None and _scheduled_since(definition, verified_on, today)):
            words = f"{definition.key}: no accepted run yet"
            found.append(Finding(**known, code="never", level="error", message=words))
    elif age > _STALE_CADENCES * definition.schedule.cadence_days and _scheduled_since(definition, last_ok, today) >= 2:
        words = f"{definition.key}: no accepted run for {age} days (expected every {definition.schedule.cadence_days})"
        found.append(Finding(**known, code="stale", level="error", message=words))
    return found


def _scheduled_since(definition: SourceDefinition, day: dt.date, today: dt.date) -> int:
    """On how many scheduled days after `day` and before `today` the source should have been asked."""
    assert definition.schedule is not None
    between = range(day.toordinal() + 1, today.toordinal())
    return sum(definition.schedule.falls_on(dt.date.fromordinal(number)) for number in between)
