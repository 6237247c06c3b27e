"""The demo: the whole main job against the sandbox world, day by day, through the real scrapers and real HTTP."""

from __future__ import annotations

import datetime as dt
import http.server
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from remitwatch.config import Loaded, load
from remitwatch.errors import InputError, RemitwatchError
from remitwatch.home import Home
from remitwatch.pipeline import cycle, importing, publishing, targeting, workspace
from remitwatch.pipeline.gathering.edition import chosen_languages
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import RunStatus
from scrapers import registry
from scrapers.sandbox import (
    DAILY,
    LAST_DAY,
    YEARLY,
    Event,
    SandboxServer,
    World,
    handed_in_files,
    survey_files,
)

ASKED_AT = dt.time(17, 0)
HANDED_IN_BY = "sandbox_survey_team"
FAULTS = ("down", "blocked")
TARGETS = tuple(
    {
        "code": f"made_up_{receiver.lower()}",
        "owner": "Sandbox, no real ministry",
        "name": f"Made-up target, {value}% or less on average",
        "scope": "receiver",
        "sender": None,
        "receiver": receiver,
        "indicator": "average_total_cost",
        "operator": "le",
        "value": value,
        "deadline": deadline,
        "baseline": None,
        "amount": 200,
    }
    for receiver, value, deadline in (("IND", "3.5", 2030), ("TZA", "8", 2028))
)
"""Two national targets, as `targets add` takes them: nobody has set them."""


@dataclass(frozen=True)
class DemoResult:
    """The last edition and what to tell the person who ran the demo."""

    edition: Path
    lines: list[str]


class _Clock:
    """A clock that is set day by day. Seconds pass on it as they do on the wall, so that times differ."""

    def __init__(self, day: dt.date) -> None:
        self.set(day)

    def set(self, day: dt.date) -> None:
        self._now = dt.datetime.combine(day, ASKED_AT, tzinfo=dt.UTC)
        self._ticks = 0
        self._lock = threading.Lock()

    def __call__(self) -> dt.datetime:
        with self._lock:
            self._ticks += 1
            return self._now + dt.timedelta(milliseconds=self._ticks)


def run(
    home: Home,
    *,
    days: int,
    out: Path | None = None,
    languages: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> DemoResult:
    """Simulate the last `days` days up to a fixed last day in `<home>/demo`, and publish.

    `languages`: those of the pages, the first at the root; all when it is None. A day that is done is left alone, so a
    second run adds nothing. Raises InputError when `out` exists or a language has no catalogue, and RemitwatchError
    when the world's scripted faults did not come out as they should.
    """
    if out is not None and out.exists():
        raise InputError(f"--out {out}: it is already there; name a new folder")
    if languages is not None:
        chosen_languages(languages)  # an unknown one is refused before the days are simulated
    world = World()
    clock = _Clock(LAST_DAY)
    home = Home(home.root / "demo", home.root / "demo" / "remitwatch.toml")
    first = LAST_DAY - dt.timedelta(days=days - 1)
    with SandboxServer(world, clock, sources=(*DAILY, *YEARLY)) as server:
        loaded = _settings(server, world, languages)
        with workspace.writing(home, loaded, clock, sandbox=True) as open_home:
            _add_targets(open_home)
            for number in range(days):
                day = first + dt.timedelta(days=number)
                clock.set(day)
                _one_day(open_home, world, day, since=first)
                if progress is not None:
                    progress(f"{day}")
            clock.set(LAST_DAY)
            edition = publishing.publish(open_home, out=out)
            lines = [
                *_script_lines(open_home, world, first),
                *publishing.headline(open_home),
                _alerts_line(open_home),
                *_where(edition),
            ]
    return DemoResult(edition.path, lines)


def _settings(server: SandboxServer, world: World, languages: Sequence[str] | None) -> Loaded:
    environment = {
        "REMITWATCH_ALLOW_PRIVATE_ADDRESSES": "true",
        "REMITWATCH_COLLECT__CORRIDORS": ",".join(world.corridors),
    }
    if languages is not None:
        environment["REMITWATCH_PUBLISH__LANGUAGES"] = ",".join(languages)
    for key, url in server.base_urls.items():
        environment[f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL"] = url
        environment[f"REMITWATCH_SOURCES__{key.upper()}__PAUSE"] = "0"
    return load(None, environment, {}, frozenset(registry.definitions()))


def _add_targets(open_home: Workspace) -> None:
    """Set the made-up national targets, unless they are set."""
    held = {row["code"] for row in targeting.listed(open_home)}
    for given in TARGETS:
        if given["code"] not in held:
            targeting.add(open_home, given, corridor=None, who=HANDED_IN_BY)


def _one_day(open_home: Workspace, world: World, day: dt.date, *, since: dt.date) -> None:
    with tempfile.TemporaryDirectory(prefix="remitwatch-demo-") as folder:
        for name, content, source in _files_of(world, day, since):
            path = Path(folder) / name
            path.write_bytes(content)
            importing.import_file(open_home, path, source=source)
    runs = open_home.queries.runs(since=day, until=day)
    cut_short = ("aborted", "interrupted")  # a killed demo goes on where it was
    done = {run.source for run in runs if run.kind == "collect" and run.reason not in cut_short}
    if not set(DAILY) <= done:
        cycle.run_day(open_home, publish=False)


def _files_of(world: World, day: dt.date, since: dt.date) -> list[tuple[str, bytes, str | None]]:
    """The files that come in on a day; what was issued before the first day comes in on the first day."""
    start = dt.date.min if day == since else day
    return [
        *((name, content, None) for issued, name, content in survey_files(world, day) if start <= issued <= day),
        *((name, content, HANDED_IN_BY) for issued, name, content in handed_in_files(world, day) if issued == day),
    ]


def _script_lines(open_home: Workspace, world: World, first: dt.date) -> list[str]:
    """One line a scripted fault. Raises RemitwatchError when one did not come out as scripted."""
    lines = []
    for fault in (event for event in world.script if event.kind in FAULTS):
        for day in _days(fault, first, LAST_DAY):
            runs = open_home.queries.runs(source=fault.source, since=day, until=day)
            statuses = {run.status for run in runs}
            if not statuses or statuses & {RunStatus.OK, RunStatus.PARTIAL}:
                raise RemitwatchError(
                    f"{fault.source} {day}: scripted as {fault.reason}, but the run was "
                    f"{', '.join(sorted(statuses)) or 'missing'}"
                )
            lines.append(
                f"{day}  {fault.source} {fault.reason}, as scripted: run {runs[0].status.value}, no price made up"
            )
    return lines


def _days(fault: Event, first: dt.date, last: dt.date) -> list[dt.date]:
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if fault.on(day)]


def _alerts_line(open_home: Workspace) -> str:
    held, told = open_home.queries.alerts(states=("open", "closed")), len(open_home.queries.alert_messages())
    stand = sum(one.state == "open" for one in held)
    feeds = open_home.home.root / "alerts"
    return f"alerts: {len(held)} in {told} messages, {stand} open at the end (`remitwatch alerts list`; {feeds})"


def _where(edition: publishing.Edition) -> list[str]:
    return [f"edition {edition.name}{'' if edition.new else ' (unchanged)'}", f"report: {edition.path / 'index.html'}"]


def serve(edition: Path, *, announce: Callable[[str], None], stop: threading.Event | None = None) -> None:
    """Show an edition on this machine's own address until interrupted, or until `stop`."""
    handler = partial(_QuietHandler, directory=str(edition))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        serving.start()
        announce(f"http://127.0.0.1:{server.server_port}/index.html")
        try:
            (stop or threading.Event()).wait()
        finally:
            server.shutdown()
            serving.join()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: the reader is the operator."""
