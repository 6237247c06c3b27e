"""Reads a workbook in a process of its own, because a hostile file can abort the process that reads it.

Started by `scrapers.workbook` as `python workbook_child.py MEMORY SECONDS`, the workbook on its standard input. It
limits its own memory and processor time, and writes frames: eight bytes of length, then a pickled tuple

    ("sheet", name)                   a sheet begins
    ("part", row, count, columns)     some of its rows: for each column the codes of its cells and the new cells by code
    ("end",)                          everything is read
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
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, BinaryIO

PART_ROWS = 16_384


class Factor:
    """The cells of one column as whole numbers: each distinct cell once, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}

    def add(self, cells: Sequence[Any]) -> tuple[array[int], list[Any]]:
        """The codes of some cells, and the cells among them that are new: theirs are the next codes."""
        keys: Sequence[Hashable] = cells
        if bool in set(map(type, cells)):  # True and 1.0 are equal and must not become one cell
            keys = [(bool, cell) if cell is True or cell is False else cell for cell in cells]
        known, new = self._codes, []
        for key in dict.fromkeys(keys):
            if key not in known:
                known[key] = len(known)
                new.append(key[1] if type(key) is tuple else key)
        return array("i", map(known.__getitem__, keys)), new


def parts(
    rows: Iterator[Sequence[Any]], size: int = PART_ROWS
) -> Iterator[tuple[int, int, list[tuple[Any, list[Any]]]]]:
    """Rows by columns, part by part: (number of the first row, from 1; how many; codes and new cells of each column).

    A row that is shorter than another of its part is filled with ''.
    """
    factors: list[Factor] = []
    at = 1
    while some := list(islice(rows, size)):
        columns = list(zip_longest(*some, fillvalue=""))
        # a column that starts later was empty so far, but nobody asks: a table ends where its header does
        factors += [Factor() for _ in range(len(columns) - len(factors))]
        yield at, len(some), [factor.add(cells) for factor, cells in zip(factors, columns, strict=False)]
        at += len(some)


def limit(memory: int, seconds: int) -> None:
    """Limit this process's own address space and processor time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(what, (most, most))


def read(body: bytes, out: BinaryIO) -> None:
    """Write the frames of a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    def send(*frame: Any) -> None:
        content = pickle.dumps(frame, protocol=5)
        out.write(struct.pack(">Q", len(content)))
        out.write(content)

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        for name in book.sheet_names:
            send("sheet", name)
            for first, count, columns in parts(book.get_sheet_by_name(name).iter_rows()):
                send("part", first, count, [(codes.tobytes(), new) for codes, new in columns])
                out.flush()
    except CalamineError as error:
        send("invalid", str(error))
    else:
        send("end")
    out.flush()


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    gc.disable()  # nothing here forms a cycle, and there are millions of cells
    read(sys.stdin.buffer.read(), sys.stdout.buffer)
