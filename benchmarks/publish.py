"""Publishing at full size: an edition built whole, one more day, and the same pages by a plain program.

`python -m benchmarks.publish [--corridors 367] [--services 20] [--quarters 60] [--days 365] [--home DIR]` makes a home
of made-up prices (a survey and daily prices of the same corridors, both amounts), and then, each as a process of its
own:

1. publishes once, so that what is kept beside the database is there (cold);
2. publishes anew without any edition to take pages from, in one language (whole), told by stage;
3. adds a day of prices and publishes again (one more day);
4. builds all pages of corridors, countries and providers, and some of each kind plainly: the rows of each found by
   filtering the whole tables, every chart drawn by pyplot (of a corridor trend, spread, costs and groups; of a country
   trend and costs; of a provider costs), every page by a template of its own. The plain seconds are scaled to as many
   pages of that kind as we build. Both are CPU seconds of one process, from figures that are in memory.

It prints seconds, CPU seconds with the share of each stage, the most memory (of whole and one more day in a run of its
own, as looking at it takes time), the largest pages, and the ratio. `--home`
keeps the home there and uses it again. Nothing here is a real price; nothing is asked of any network.
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.observation_rows import CORRIDORS, DAYS, SERVICES
from benchmarks.processes import measure
from benchmarks.publish_home import LAST_DAY, QUARTERS, Home

_SAMPLE = 6
"""So many pages of a kind are built plainly, and the seconds scaled."""
KINDS = ("corridors", "countries", "providers")
"""The folders of the pages that are compared."""


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
    parser.add_argument("--stage", choices=("publish", "add-day", "pages"), help=argparse.SUPPRESS)
    parser.add_argument("--day", type=dt.date.fromisoformat, default=LAST_DAY, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage == "publish":
        publish(given.home, given.day)
    elif given.stage == "add-day":
        Home(given.home, given.corridors, given.services).add_day(given.day)
    elif given.stage == "pages":
        compare_pages(given.home, given.day)
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
    _told("whole", _published(root, given, newest))
    _sizes(root)
    following = newest + dt.timedelta(days=1)
    _step(root, given, "add-day", following)
    _told("one more day", _published(root, given, following))
    _compared(_step(root, given, "pages", following)["kinds"])


def _published(root: Path, given: argparse.Namespace, day: dt.date) -> dict[str, Any]:
    """An edition made twice: the seconds of the first time, the memory of the second, which looking at it holds up."""
    editions = root / "editions"
    held = {path.name for path in editions.glob("*")}
    timed = _step(root, given, "publish", day, memory=False)
    for path in editions.glob("*"):
        if path.name not in held and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    return {**timed, "peak": _step(root, given, "publish", day)["peak"]}


def _compared(kinds: dict[str, dict[str, float]]) -> None:
    print("the same pages by us, and plainly (scaled), in CPU seconds:")
    whole = {"ours": 0.0, "plain": 0.0}
    for kind, one in kinds.items():
        plainly = one["plain"] * one["pages"] / one["built"]
        whole = {"ours": whole["ours"] + one["ours"], "plain": whole["plain"] + plainly}
        print(
            f"    {kind:10} {one['pages']:5.0f} pages {one['ours']:7.1f} s, plainly {plainly:7.1f} s "
            f"({one['built']:.0f} built): {plainly / one['ours']:.1f} times"
        )
    ours, plainly = whole.values()
    print(f"    together {ours:.1f} s, plainly {plainly:.1f} s: {plainly / ours:.1f} times")


def _newest_day(root: Path) -> dt.date:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(root / "remitwatch.sqlite")) as connection:
        found = connection.execute("SELECT max(logical_date) FROM run WHERE kind = 'collect'").fetchone()[0]
    return dt.date.fromisoformat(found)


def _step(root: Path, given: argparse.Namespace, stage: str, day: dt.date, *, memory: bool = True) -> dict[str, Any]:
    """One stage as a process of its own; what it told, with its seconds and, where it is looked at, its memory."""
    command: list[str | Path] = [
        sys.executable, "-m", "benchmarks.publish", "--home", root, "--stage", stage, "--day", str(day),
        "--corridors", str(given.corridors), "--services", str(given.services),
    ]  # fmt: skip
    done = measure(command, memory=memory)
    if done.code:
        raise RuntimeError(done.err[-2000:])
    told: dict[str, Any] = json.loads(done.out.strip().splitlines()[-1]) if done.out.strip() else {}
    return {"wall": done.seconds, "peak": done.peak_bytes, **told}


def _told(name: str, step: dict[str, Any]) -> None:
    peak = step["peak"] / 2**20
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
        """Count the time inside a function of a module to a stage."""
        setattr(module, name, self.counted(stage, getattr(module, name)))

    def counted(self, stage: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose time is counted to a stage."""

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

        return timed

    def each(self, stage: str, real: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[Any]]:
        """A function that gives one thing after the other, the time until each of them counted to a stage."""

        def timed(*args: Any) -> Iterator[Any]:
            following, things = self.counted(stage, next), iter(real(*args))
            while (thing := following(things, None)) is not None:
                yield thing

        return timed


def publish(root: Path, day: dt.date) -> None:
    """Publish on the evening of a day, and print what it took as JSON."""
    started = time.perf_counter()
    from remitwatch.config import load
    from remitwatch.home import Home as Place
    from remitwatch.memory import end_without_search
    from remitwatch.pipeline import publishing
    from remitwatch.pipeline.gathering import edition as gathering
    from remitwatch.pipeline.workspace import writing
    from reports import edition as pages
    from scrapers import registry

    end_without_search()  # as a command does
    stages = Stages()
    stages.taken["start"] = [time.perf_counter() - started, time.process_time()]
    stages.wrap("load", gathering, "hold")
    stages.wrap("figures", publishing, "gather")
    stages.wrap("lookups", pages, "make_site")
    stages.wrap("charts", pages, "_figures")
    stages.wrap("pages", pages, "_rendered")
    stages.wrap("exports", pages, "search_index")
    exports: Any = pages
    exports.EDITION_EXPORTS = tuple(stages.each("exports", make) for make in exports.EDITION_EXPORTS)
    stages.wrap("write", pages, "_write")
    stages.wrap("write", pages, "_sync")
    stages.wrap("rest", publishing, "publish")
    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    place = Place(root, root / "remitwatch.toml")
    with writing(place, loaded, lambda: dt.datetime.combine(day, dt.time(19), tzinfo=dt.UTC)) as workspace:
        made = publishing.publish(workspace, languages=("en",))
    # A part of the work is done by a copy of this process: its seconds count.
    copy = resource.getrusage(resource.RUSAGE_CHILDREN)
    stages.taken["copy"] = [0.0, copy.ru_utime + copy.ru_stime]
    print(
        json.dumps(
            {
                "cpu": time.process_time() + copy.ru_utime + copy.ru_stime,
                "files": sum(path.is_file() for path in made.path.rglob("*")),
                "stages": {name: {"wall": wall, "cpu": cpu} for name, (wall, cpu) in stages.taken.items()},
            }
        )
    )


def compare_pages(root: Path, day: dt.date) -> None:
    """Build the pages of each kind by us and some of them plainly, and print what it took as JSON."""
    pages, ours = _our_pages(root, day)
    kinds = {
        kind: {"pages": pages[kind], "ours": ours[kind], **_plain_pages(root / "editions" / "latest", kind)}
        for kind in KINDS
    }
    print(json.dumps({"kinds": kinds}))


def _our_pages(root: Path, day: dt.date) -> tuple[dict[str, int], dict[str, float]]:
    """How many pages of each kind there are, and the CPU seconds of building them all; what all of them look up is
    counted to the first kind."""
    from remitwatch.config import load
    from remitwatch.home import Home as Place
    from remitwatch.pipeline.gathering.edition import gather
    from remitwatch.pipeline.workspace import reading
    from reports.language import speaking
    from reports.registry import pages_of
    from reports.site import make_site
    from scrapers import registry

    loaded = load(None, {}, {}, frozenset(registry.definitions()))
    now = dt.datetime.combine(day, dt.time(19), tzinfo=dt.UTC)
    with reading(Place(root, root / "remitwatch.toml"), loaded, lambda: now) as workspace:
        data = gather(workspace, "latest", languages=("en",)).numbered(1, now)
    pages, taken = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0.0)
    started = time.process_time()
    site = make_site(data)
    with speaking("en"):
        for page in pages_of(site):
            kind = page.path.split("/")[0]
            if kind not in KINDS:
                started = time.process_time()
                continue
            page.render()
            pages[kind] += 1
            taken[kind] += time.process_time() - started
            started = time.process_time()
    return pages, taken


_TEMPLATE = (
    "<h1>{{ title }}</h1>{% for rows in tables %}<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}"
    "</td>{% endfor %}</tr>{% endfor %}</table>{% endfor %}"
)


def _plain_pages(edition: Path, kind: str) -> dict[str, float]:
    """Build some pages of a kind as a plain program does, from the csv tables of an edition: how many, and the CPU
    seconds it took."""
    import matplotlib as mpl
    import pandas as pd
    from jinja2 import Environment

    mpl.use("svg")
    from matplotlib import pyplot

    tables = {name: pd.read_csv(edition / "csv" / f"{name}.csv") for name in ("indicators", "history", "services")}
    wanted = sorted((edition / kind).glob("*.html"))
    chosen = wanted[:: max(1, len(wanted) // _SAMPLE)][:_SAMPLE]
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for page in chosen:
            of_page = {name: frame[_PLAIN_ROWS[kind](frame, page.stem)] for name, frame in tables.items()}
            for name, draw in _plain_charts(kind, of_page).items():
                figure, axes = pyplot.subplots(figsize=(8.4, 4.6))
                draw(axes)
                axes.set_title(f"{page.stem} {name}")
                figure.savefig(Path(folder) / f"{page.stem}-{name}.svg")
                pyplot.close(figure)
            template = Environment(autoescape=True).from_string(_TEMPLATE)
            rows = [frame.values.tolist() for frame in of_page.values()]
            (Path(folder) / page.name).write_text(template.render(title=page.stem, tables=rows))
    return {"built": len(chosen), "plain": time.process_time() - started}


def _of_corridor(frame: Any, name: str) -> Any:
    """The rows of the page `GBR-IND`, or `GBR-IND.standard` of a basis that is not the lead one."""
    key, _, basis = name.partition(".")
    rows = frame["basis"] == (basis or "survey")
    if "corridor" in frame:
        return rows & (frame["corridor"] == key)
    sender, receiver = key.split("-")
    return rows & (frame["sender"] == sender) & (frame["receiver"] == receiver)


def _of_country(frame: Any, name: str) -> Any:
    key, _, basis = name.partition(".")
    rows = frame["basis"] == (basis or "survey")
    if "corridor" in frame:
        return rows & (frame["corridor"].str.startswith(key) | frame["corridor"].str.endswith(key))
    return rows & ((frame["sender"] == key) | (frame["receiver"] == key)) & (frame["scope"] != "corridor")


def _of_provider(frame: Any, name: str) -> Any:
    """Services only: the figures name no provider."""
    if "provider" not in frame:
        return frame["basis"].isna()
    return frame["provider"].str.replace("_", "-") == name


_PLAIN_ROWS: dict[str, Callable[[Any, str], Any]] = dict(
    zip(KINDS, (_of_corridor, _of_country, _of_provider), strict=True)
)


def _plain_charts(kind: str, rows: dict[str, Any]) -> dict[str, Callable[[Any], Any]]:
    """What draws each chart of a page on the axes it is given."""
    now, past, listed = rows["indicators"], rows["history"], rows["services"]

    def trend(axes: Any) -> None:
        for code, series in past.groupby("indicator"):
            axes.plot(series["period"].tolist(), series["value"].tolist(), label=code)

    def spread(axes: Any) -> None:
        axes.scatter(listed["total_cost_pct"], range(len(listed)))

    def costs(axes: Any) -> None:
        axes.barh(range(len(listed)), listed["total_cost_pct"])

    def groups(axes: Any) -> None:
        axes.barh(now["group"].fillna("all").tolist(), now["value"].tolist())

    charts = {"trend": trend, "spread": spread, "costs": costs, "groups": groups}
    drawn = {"corridors": tuple(charts), "countries": ("trend", "costs"), "providers": ("costs",)}
    return {name: charts[name] for name in drawn[kind]}


if __name__ == "__main__":
    main()
