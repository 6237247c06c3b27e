"""Reads a workbook in a process of its own, because a hostile file can abort the process that reads it.

Started by `scrapers.workbook` as `python workbook_child.py MEMORY SECONDS FIRST EVERY`, the workbook on its standard
input: it reads each EVERY-th sheet from the one at the place FIRST. It limits its own memory and processor time, and
writes frames: eight bytes of length, then a pickled tuple

    ("sheet", name)                   a sheet begins
    ("part", row, count, columns)     some of its rows: for each column the codes of its cells and the new cells by code
    ("end",)                          all these sheets are read
    ("invalid", words)                it is no workbook that can be read

This file imports nothing of remitwatch: it starts in a tenth of a second and holds nothing worth having.
"""

from __future__ import annotations

import contextlib
import gc
import io
import pickle
import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import count, islice, zip_longest
from typing import Any, BinaryIO

PART_ROWS = 16_384
_AT_ONCE = 512  # rows that are turned into columns together: they are still in the processor's cache


class Factor:
    """The cells of one column as whole numbers: each distinct cell once, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: defaultdict[Hashable, int] = defaultdict(count().__next__)  # an unknown cell gets the next number
        self._told = 0
        self._part = array("i")

    def add(self, cells: Sequence[Any]) -> None:
        """Add some cells to the part."""
        keys: Sequence[Hashable] = cells
        if bool in set(map(type, cells)):  # True and 1.0 are equal and must not become one cell
            keys = [(bool, cell) if cell is True or cell is False else cell for cell in cells]
        self._part.extend(map(self._codes.__getitem__, keys))

    def fill(self, rows: int) -> None:
        """Add empty cells until the part has so many."""
        if missing := rows - len(self._part):
            self.add([""] * missing)

    def part(self) -> tuple[array[int], list[Any]]:
        """The codes of the part, and the cells among them that are new: theirs are the next codes. The next part
        begins."""
        new = list(islice(reversed(self._codes), len(self._codes) - self._told))
        codes, self._part, self._told = self._part, array("i"), len(self._codes)
        return codes, [key[1] if type(key) is tuple else key for key in reversed(new)]


def parts(
    rows: Iterator[Sequence[Any]], size: int = PART_ROWS
) -> Iterator[tuple[int, int, list[tuple[Any, list[Any]]]]]:
    """Rows by columns, part by part: (number of the first row, from 1; how many; codes and new cells of each column).

    A row that is shorter than another of its part is filled with ''.
    """
    factors: list[Factor] = []
    at = 1
    while True:
        length = width = 0
        while some := list(islice(rows, min(_AT_ONCE, size - length))):
            columns = list(zip_longest(*some, fillvalue=""))
            # a column that starts later was empty so far, but nobody asks: a table ends where its header does
            factors += [Factor() for _ in range(len(columns) - len(factors))]
            for factor, cells in zip(factors, columns, strict=False):
                factor.fill(length)
                factor.add(cells)
            length, width = length + len(some), max(width, len(columns))
        if not length:
            return
        for factor in factors[:width]:
            factor.fill(length)
        yield at, length, [factor.part() for factor in factors[:width]]
        at += length


def limit(memory: int, seconds: int) -> None:
    """Limit this process's own address space and processor time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(what, (most, most))


def read(body: bytes, out: BinaryIO, first: int = 0, every: int = 1) -> None:
    """Write the frames of a workbook's sheets, of each `every`-th from the place `first`."""
    from python_calamine import CalamineError, CalamineWorkbook

    def send(*frame: Any) -> None:
        content = pickle.dumps(frame, protocol=5)
        out.write(struct.pack(">Q", len(content)))
        out.write(content)

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        for name in book.sheet_names[first::every]:
            send("sheet", name)
            for at, length, columns in parts(book.get_sheet_by_name(name).iter_rows()):
                send("part", at, length, [(codes.tobytes(), new) for codes, new in columns])
                out.flush()
    except CalamineError as error:
        send("invalid", str(error))
    else:
        send("end")
    out.flush()


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    gc.disable()  # nothing here forms a cycle, and there are millions of cells
    read(sys.stdin.buffer.read(), sys.stdout.buffer, int(sys.argv[3]), int(sys.argv[4]))
