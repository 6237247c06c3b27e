"""A new source that works at once: its definition, its scraper, and one documented case that passes."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
from pathlib import Path
from typing import Any

from remitwatch.errors import InputError
from remitwatch.sources import OF_A_SPAN, SourceKind
from scrapers import cases, registry

KINDS = (SourceKind.QUOTES, SourceKind.RATES, SourceKind.BENCHMARKS, SourceKind.FLOWS)
"""What can be begun here. A survey is one workbook with a layout of its own: begin with the one that is there."""
CASE = "documented"
_HERE = Path(__file__).parent
_ON = dt.date(2026, 11, 20)  # the day of the case's made-up figures


def write_source(root: Path, key: str, kind: str, today: dt.date) -> list[Path]:
    """Write a new source under `root`, laid out like a checkout (`scrapers/<kind>/`, `tests/cases/`), and return its
    files. `today` is the day on which its terms are to be read.

    Raises InputError for a key that is none or is taken, an unknown kind, and a file that is there already: nothing is
    ever written over.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", key) or len(key) > 40:
        raise InputError(f"key {key!r}: expected a short name of a-z, 0-9 and single _, such as acme_transfer")
    if kind not in KINDS:
        raise InputError(f"--kind {kind!r}: expected one of {', '.join(KINDS)}")
    extra = [] if root.resolve() == registry.HERE.parent.resolve() else [root / "scrapers"]
    if key in registry.definitions(extra):
        raise InputError(f"source {key!r}: there is one of this key already: `remitwatch sources show {key}`")
    name = key.replace("_", " ").title()
    words = {"KEY": key, "NAME": name, "CLASS": name.replace(" ", ""), "KIND": kind, "TODAY": today.isoformat()}
    folder = root / "tests" / "cases" / key / CASE
    definition = root / "scrapers" / kind / f"{key}.toml"
    more = _filled(f"{kind}.toml.txt", words)
    contents = {
        definition: _filled("source.toml.txt", words | {"MORE": more}),
        definition.with_suffix(".py"): _filled(f"{kind}.py.txt", words),
        folder / "case.toml": _case_notes(kind, today),
        folder / "0001.meta.json": json.dumps(_exchange(key, kind), indent=1) + "\n",
        folder / "0001.body.json": _filled(f"{kind}.json.txt", words),
    }
    expected = folder / "expected.json"
    for path in (*contents, expected):
        if path.exists():
            raise InputError(f"{path}: is there already: nothing is written over")
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    importlib.invalidate_caches()  # the file is newer than what Python knows of its folder
    cases.write_expected(registry.scraper(key, extra), folder)
    return [*contents, expected]


def _filled(name: str, words: dict[str, str]) -> str:
    text = (_HERE / name).read_text("utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: words[found[1]], text)


def _case_notes(kind: str, today: dt.date) -> str:
    lines = ['origin = "documented"', f"on = {today}", 'note = "The shape of its documentation, figures of our own"']
    if kind in OF_A_SPAN:
        lines += ["", "[ask]", f"since = {_ON}", f"until = {_ON}", f"today = {_ON}"]
    return "\n".join(lines) + "\n"


def _exchange(key: str, kind: str) -> dict[str, Any]:
    queries = {
        "quotes": "prices?from=GBR&to=IND&amount=120",
        "rates": f"rates?from={_ON}&to={_ON}",
        "benchmarks": f"costs?from={_ON}&to={_ON}",
        "flows": f"flows?from={_ON.year}&to={_ON.year}",
    }
    corridor = {"sender": "GBR", "receiver": "IND", "send_currency": "GBP", "receive_currency": "INR"}
    return {
        "source": key,
        "method": "GET",
        "url": f"https://api.example.com/v1/{queries[kind]}",
        "inquiries": [{"corridor": corridor, "send_amount": "120", "tier": 200}] if kind == "quotes" else [],
        "status": 200,
        "headers": {"content-type": "application/json"},
        "fetched_at": f"{_ON}T06:20:03Z",
    }
