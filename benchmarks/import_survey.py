"""`remitwatch import` of a survey workbook against a bare read of the same file, in the same run.

`python -m benchmarks.import_survey [WORKBOOK] [--rows 254000] [--repeat 1]` makes a messy workbook of full size unless
one is given, imports it into a new sandbox home in a temporary folder, and prints seconds, memory and ratios:

- bare: python-calamine reads every cell of every sheet and does nothing with it;
- openpyxl: read_only, values only, on the first rows, scaled up to all (where it is installed);
- import: the whole command, from the start of Python to figures' observations stored;
- again: the same file once more, which must change nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import REMITWATCH, Measured, measure
from benchmarks.workbook import ROWS, write_workbook

_BARE = """
import sys, time
from python_calamine import CalamineWorkbook
started = time.perf_counter()
book = CalamineWorkbook.from_path(sys.argv[1])
rows = sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
print(rows, time.perf_counter() - started)
"""
_OPENPYXL = """
import sys, time
from openpyxl import load_workbook
most = int(sys.argv[2])
started = time.perf_counter()
book = load_workbook(sys.argv[1], read_only=True)
rows = 0
for row in book.worksheets[-1].iter_rows(values_only=True):
    rows += 1
    if rows == most:
        break
print(rows, time.perf_counter() - started)
"""
_SAMPLED = 10_000


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.import_survey", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("workbook", nargs="?", type=Path, help="a file made by benchmarks.workbook")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the workbook that is made where none is given")
    parser.add_argument("--repeat", type=int, default=1, help="so many rounds; the best of each is compared")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="remitwatch-benchmark-") as folder:
        workbook = given.workbook
        if workbook is None:
            workbook = Path(folder) / "survey.xlsx"
            print(f"making {given.rows:,} rows ...", flush=True)
            write_workbook(workbook, rows=given.rows)
        compare(workbook, Path(folder), given.repeat)


def compare(workbook: Path, folder: Path, rounds: int = 1) -> None:
    """Measure and print. Raises RuntimeError when a command fails."""
    print(f"{workbook.name}: {workbook.stat().st_size / 1e6:.1f} MB", flush=True)
    bare, brought, again = [], [], []
    rows = 0
    for number in range(rounds):
        read = measure([sys.executable, "-c", _BARE, workbook])
        rows, seconds = _told(read)
        bare.append((seconds, read.peak_bytes))
        home = folder / f"home-{number}"
        _checked(measure([*REMITWATCH, "--home", home, "init", "--sandbox"]), 0)
        done = _checked(measure([*REMITWATCH, "--home", home, "import", workbook]), 0, 3)
        print("\n".join(f"    {line}" for line in done.out.splitlines()[:6]), flush=True)
        brought.append((done.seconds, done.peak_bytes))
        once_more = _checked(measure([*REMITWATCH, "--home", home, "import", workbook]), 0)
        if "nothing changed" not in once_more.out:
            raise RuntimeError(f"the same file again changed something: {once_more.out}")
        again.append((once_more.seconds, once_more.peak_bytes))
    base = min(bare)[0]
    print(f"{'':10} {'seconds':>9} {'x bare':>7} {'peak MiB':>9}")
    _line("bare", min(bare), base)
    if importlib.util.find_spec("openpyxl") is not None:
        some, seconds = _told(measure([sys.executable, "-c", _OPENPYXL, workbook, str(_SAMPLED)]))
        _line("openpyxl", (seconds * rows / some, 0), base, f"  from {some:,} rows")
    _line("import", min(brought), base)
    _line("again", min(again), base)


def _line(name: str, measured: tuple[float, int], base: float, note: str = "") -> None:
    seconds, peak = measured
    memory = f"{peak / 2**20:9.0f}" if peak else f"{'-':>9}"
    print(f"{name:10} {seconds:9.2f} {seconds / base:7.2f} {memory}{note}", flush=True)


def _told(done: Measured) -> tuple[int, float]:
    match = re.fullmatch(r"(\d+) ([\d.]+)\n", _checked(done, 0).out)
    assert match is not None
    return int(match[1]), float(match[2])


def _checked(done: Measured, *codes: int) -> Measured:
    if done.code not in codes:
        raise RuntimeError(f"exit code {done.code}: {done.out[-500:]}{done.err[-2000:]}")
    return done


if __name__ == "__main__":
    main()
