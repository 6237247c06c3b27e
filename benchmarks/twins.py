"""The messy survey workbook against its clean twin: `python -m benchmarks.twins [--rows 254000]`.

Imports both, each into a sandbox home of its own, asks for every figure of every quarter (world, by each breakdown, by
corridor, both amounts) and compares them. Exits 1 when one differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import REMITWATCH, measure
from benchmarks.workbook import ROWS, write_workbook

_BREAKDOWNS = ("provider_type", "payment_instrument", "access_point", "pickup_method", "speed")
_ASKED = (
    (),
    ("--scope", "corridor"),
    *(("--by", name) for name in _BREAKDOWNS),
)
_MADE_FROM = ("id", "as_of")  # when, and from which rows, differs


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.twins", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="remitwatch-benchmark-") as folder:
        messy, clean = (_figures(Path(folder), given.rows, clean) for clean in (False, True))
    apart = [(one, other) for one, other in zip(messy, clean, strict=False) if one != other]
    print(f"{len(messy):,} figures of the messy workbook, {len(clean):,} of its clean twin, {len(apart):,} differ")
    for one, other in apart[:10]:
        print(f"  {one}\n  {other}")
    raise SystemExit(int(bool(apart) or len(messy) != len(clean) or not messy))


def _figures(folder: Path, rows: int, clean: bool) -> list[dict[str, Any]]:
    name = "clean" if clean else "messy"
    workbook, home = folder / f"{name}.xlsx", folder / name
    written = write_workbook(workbook, rows=rows, clean=clean)
    _run("--home", home, "init", "--sandbox")
    account = json.loads(_run("--home", home, "import", workbook, "--json"))["reconciliation"]
    print(
        f"{name}: {account['read']:,} rows read, {account['stored']:,} stored, {account['refused']} refused,", end=" "
    )
    print(f"{sum(account['repaired'].values()):,} repairs; {written.broken} unusable rows were put in", flush=True)
    asked = ("indicators", "--period", "2011-Q1..2025-Q3", "--json")
    found: list[dict[str, Any]] = []
    for more in _ASKED:
        for amount in ("200", "500"):
            found += json.loads(_run("--home", home, *asked, "--amount", amount, *more))
    return [{key: value for key, value in row.items() if key not in _MADE_FROM} for row in found]


def _run(*arguments: str | Path) -> str:
    done = measure([*REMITWATCH, *arguments])
    if done.code not in (0, 3):
        sys.exit(f"{arguments}: exit code {done.code}: {done.err[-2000:]}")
    return done.out


if __name__ == "__main__":
    main()
