"""Publishing at full size: an edition built whole, one more day, and the same pages by a plain program.

`python -m benchmarks.publish [--corridors 367] [--services 20] [--quarters 60] [--days 365] [--home DIR]` makes a home
of made-up prices (a survey and daily prices of the same corridors, both amounts), and then, each as a process of its
own:

1. publishes once, so that what is kept beside the database is there (cold);
2. publishes anew without any edition to take pages from, in one language (whole), told by stage;
3. adds a day of prices and publishes again (one more day);
4. builds the pages of some corridors plainly: the rows of each found by filtering the whole tables, every chart drawn
   by pyplot, every page by a template of its own; the seconds are scaled to all corridors.

It prints seconds, CPU seconds, the most memory, the largest pages, and the ratio. `--home` keeps the home there and
uses it again. Nothing here is a real price; nothing is asked of any network.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.observation_rows import CORRIDORS, DAYS, SERVICES
from benchmarks.processes import measure
from benchmarks.publish_home import LAST_DAY, QUARTERS, Home

_SAMPLE = 6
"""So many corridors are built plainly, and the seconds scaled."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.publish", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corridors", type=int, default=CORRIDORS)
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--quarters", type=int, default=QUARTERS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--home", type=Path, help="keep the home here, and use it again")
    parser.add_argument("--stage", choices=("publish", "add-day", "plain"), help=argparse.SUPPRESS)
    parser.add_argument("--day", type=dt.date.fromisoformat, default=LAST_DAY, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage == "publish":
        publish(given.home, given.day)
    elif given.stage == "add-day":
        Home(given.home, given.corridors, given.services).add_day(given.day)
    elif given.stage == "plain":
        plain(given.home)
    else:
        with _home(given.home) as root:
            run(root, given)


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="remitwatch-benchmark-") as folder:
        yield Path(folder) / "home"


def run(root: Path, given: argparse.Namespace) -> None:
    """All of it, told as it goes."""
    if not root.exists():
        started = time.perf_counter()
        quotes = Home(root, given.corridors, given.services).make(given.quarters, given.days)
        print(f"{quotes:,} quotes written in {time.perf_counter() - started:.0f} s", flush=True)
    shutil.rmtree(root / "editions", ignore_errors=True)
    newest = _newest_day(root)
    _told("cold", _step(root, given, "publish", newest))
    shutil.rmtree(root / "editions")
    whole = _step(root, given, "publish", newest)
    _told("whole", whole)
    _sizes(root)
    following = newest + dt.timedelta(days=1)
    _step(root, given, "add-day", following)
    _told("one more day", _step(root, given, "publish", following))
    plainly = _step(root, given, "plain", following)
    seconds = plainly["seconds"] * plainly["pages"] / plainly["built"]
    # What the copy did besides pages is not told apart: all of it counts, so the ratio is at least this.
    ours = whole["stages"]["pages"]["cpu"] + whole["stages"]["copy"]["cpu"]
    ratio = seconds / ours
    print(
        f"plain build of {plainly['built']} of {plainly['pages']} corridor pages: {plainly['seconds']:.1f} CPU s, "
        f"scaled to all {seconds:.0f} s; our pages take {ours:.1f} CPU s at most: {ratio:.0f} times"
    )


def _newest_day(root: Path) -> dt.date:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(root / "remitwatch.sqlite")) as connection:
        found = connection.execute("SELECT max(logical_date) FROM run WHERE kind = 'collect'").fetchone()[0]
    return dt.date.fromisoformat(found)


def _step(root: Path, given: argparse.Namespace, stage: str, day: dt.date) -> dict[str, Any]:
    """One stage as a process of its own; what it told, with its seconds and memory."""
    command: list[str | Path] = [
        sys.executable, "-m", "benchmarks.publish", "--home", root, "--stage", stage, "--day", str(day),
        "--corridors", str(given.corridors), "--services", str(given.services),
    ]  # fmt: skip
    done = measure(command)
    if done.code:
        raise RuntimeError(done.err[-2000:])
    told: dict[str, Any] = json.loads(done.out.strip().splitlines()[-1]) if done.out.strip() else {}
    return {"wall": done.seconds, "peak": done.peak_bytes, **told}


def _told(name: str, step: dict[str, Any]) -> None:
    peak = max(step["peak"], step["peak_kib"] * 1024) / 2**20
    print(f"{name}: {step['wall']:.1f} s, {step['cpu']:.1f} CPU s, {peak:.0f} MiB, {step['files']} files", flush=True)
    for stage, taken in step["stages"].items():
        share = 100 * taken["cpu"] / step["cpu"]
        print(f"    {stage:10} {taken['wall']:7.1f} s {taken['cpu']:7.1f} CPU s {share:4.0f} %", flush=True)


def _sizes(root: Path) -> None:
    edition = root / "editions" / "latest"
    for name, pattern in (("corridor page", "corridors/*.html"), ("overview", "index.html"), ("all", "**/*")):
        sizes = [path.stat().st_size for path in edition.glob(pattern) if path.is_file()]
        print(f"    {name:14} largest {max(sizes) / 1000:,.0f} kB, together {sum(sizes) / 1e6:,.1f} MB", flush=True)


class Stages:
    """How long each stage takes: the time inside the functions that it wraps, less that of other stages inside."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self._running: list[list[float]] = []

    def wrap(self, stage: str, module: Any, name: str) -> None:
        """Count the time inside a function to a stage."""
        real: Callable[..., Any] = getattr(module, name)

        def timed(*args: Any, **named: Any) -> Any:
            inside, started = [0.0, 0.0], (time.perf_counter(), time.process_time())
            self._running.append(inside)
            try:
                return real(*args, **named)
            finally:
                self._running.pop()
                spent = [time.perf_counter() - started[0], time.process_time() - started[1]]
                own = self.taken.setdefault(stage, [0.0, 0.0])
                for at in (0, 1):
                    own[at] += spent[at] - inside[at]
                    if self._running:
                        self._running[-1][at] += spent[at]

        setattr(module, name, timed)


def publish(root: Path, day: dt.date) -> None:
    """Publish on the evening of a day, and print what it took as JSON."""
    started = time.perf_counter()
    from remitwatch.config import load
    from remitwatch.home import Home as Place
    from remitwatch.pipeline import publishing
    from remitwatch.pipeline.gathering import edition as gathering
    from remitwatch.pipeline.workspace import writing
    from reports import edition as pages
    from scrapers import registry

    stages = Stages()
    stages.taken["start"] = [time.perf_counter() - started, time.process_time()]
    stages.wrap("load", gathering, "hold")
    stages.wrap("figures", publishing, "gather")
    stages.wrap("lookups", pages, "make_site")
    stages.wrap("charts", pages, "draw_figures")
    stages.wrap("pages", pages, "_rendered")
    stages.wrap("exports", pages, "_exported")
    stages.wrap("exports", pages, "country_tables")
    stages.wrap("exports", pages, "search_index")
    stages.wrap("exports", pages, "figures_file")
    stages.wrap("exports", pages, "published_figures")
    stages.wrap("write", pages, "_write")
    stages.wrap("write", pages, "_sync")
    stages.wrap("rest", publishing, "publish")
    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    place = Place(root, root / "remitwatch.toml")
    with writing(place, loaded, lambda: dt.datetime.combine(day, dt.time(19), tzinfo=dt.UTC)) as workspace:
        made = publishing.publish(workspace, languages=("en",))
    # A part of the work is done by a copy of this process: its seconds count, and what both hold is at most the sum.
    copy = resource.getrusage(resource.RUSAGE_CHILDREN)
    stages.taken["copy"] = [0.0, copy.ru_utime + copy.ru_stime]
    print(
        json.dumps(
            {
                "cpu": time.process_time() + copy.ru_utime + copy.ru_stime,
                "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + copy.ru_maxrss,
                "files": sum(path.is_file() for path in made.path.rglob("*")),
                "stages": {name: {"wall": wall, "cpu": cpu} for name, (wall, cpu) in stages.taken.items()},
            }
        )
    )


def _charts(past: Any, now: Any, listed: Any) -> dict[str, Callable[[Any], Any]]:
    """What draws each chart of a corridor's page on the axes it is given."""

    def trend(axes: Any) -> None:
        for code, rows in past.groupby("indicator"):
            axes.plot(rows["period"].tolist(), rows["value"].tolist(), label=code)

    def spread(axes: Any) -> None:
        axes.scatter(listed["total_cost_pct"], range(len(listed)))

    def bars(axes: Any) -> None:
        axes.barh(range(len(listed)), listed["total_cost_pct"])

    def groups(axes: Any) -> None:
        axes.barh(now["group"].fillna("all").tolist(), now["value"].tolist())

    return {"trend": trend, "spread": spread, "bars": bars, "groups": groups}


def plain(root: Path) -> None:
    """Build the pages of a few corridors as a plain program does, from the csv tables of the newest edition."""
    import matplotlib as mpl
    import pandas as pd
    from jinja2 import Environment

    mpl.use("svg")
    from matplotlib import pyplot

    tables = root / "editions" / "latest" / "csv"
    frames = {name: pd.read_csv(tables / f"{name}.csv") for name in ("indicators", "history", "services")}
    figures, history, services = frames.values()
    corridors = services[["basis", "corridor"]].drop_duplicates()
    started = time.process_time()
    chosen = corridors.iloc[:: max(1, len(corridors) // _SAMPLE)].head(_SAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        for basis, corridor in chosen.itertuples(index=False):
            sender, receiver = corridor.split("-")
            of_corridor = {
                name: frame[(frame["basis"] == basis) & (frame["sender"] == sender) & (frame["receiver"] == receiver)]
                for name, frame in (("figures", figures), ("history", history))
            }
            listed = services[(services["basis"] == basis) & (services["corridor"] == corridor)]
            charts = _charts(of_corridor["history"], of_corridor["figures"], listed)
            for name, draw in charts.items():
                figure, axes = pyplot.subplots(figsize=(8.4, 4.6))
                draw(axes)
                axes.set_title(f"{corridor} {name}")
                figure.savefig(Path(folder) / f"{corridor}-{basis}-{name}.svg")
                pyplot.close(figure)
            page = Environment(autoescape=True).from_string(
                "<h1>{{ corridor }}</h1>{% for rows in tables %}<table>{% for row in rows %}<tr>{% for cell in row %}"
                "<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>{% endfor %}"
            )
            rows = [frame.values.tolist() for frame in (*of_corridor.values(), listed)]
            (Path(folder) / f"{corridor}-{basis}.html").write_text(page.render(corridor=corridor, tables=rows))
    print(json.dumps({"seconds": time.process_time() - started, "built": len(chosen), "pages": len(corridors)}))


if __name__ == "__main__":
    main()
