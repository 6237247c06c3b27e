"""The blocks of the documentation that are marked `run` are run, page by page, in a folder of their own, and what they
print is held against what the page shows."""

import contextlib
import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, blocks

WALKS = [one for one in PAGES if any(block.mark == "run" for block in blocks(one))]
_EXIT = re.compile(r"# exit (\d+)")


@pytest.mark.parametrize("page", WALKS, ids=lambda one: str(one.relative_to(ROOT)))
def test_the_blocks_marked_run_do_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "prices-example.csv").write_bytes((ROOT / "docs" / "prices-example.csv").read_bytes())
    found = blocks(page)
    for at, block in enumerate(found):
        if block.mark != "run":
            continue
        said = "".join(_run(statement, block) for statement in _statements(block.text))
        if at + 1 < len(found) and found[at + 1].language == "text":
            shown = found[at + 1]
            assert re.fullmatch(_pattern(shown.text), said, re.DOTALL), f"line {shown.line}: it said\n{said}"


@pytest.mark.slow
def test_the_first_walk_without_asking_anyone(tmp_path: Path) -> None:
    """The block `sandbox` of the first week, as it stands there, in a shell: programs, loopback and clock are real."""
    (block,) = (one for one in blocks(ROOT / "docs" / "first-week.md") if one.mark == "sandbox")
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-euc", f"trap 'kill %1' EXIT\n{block.text}"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "var" / "trial" / "editions" / "latest" / "index.html").read_text("utf-8")
    assert '<meta name="remitwatch-data" content="sandbox">' in page


def _statements(text: str) -> Iterator[str]:
    """The commands of a block: a line each, with the lines that a backslash or a here-document adds."""
    lines = iter(text.splitlines())
    for line in lines:
        while line.endswith("\\"):
            line += "\n" + next(lines)
        if "<<'END'" in line:
            for more in lines:
                line += "\n" + more
                if more == "END":
                    break
        yield line


def _run(statement: str, block: Block) -> str:
    """What one command prints. Its exit code must be the one that a comment states, else 0."""
    expected = int(match[1]) if (match := _EXIT.search(statement)) else 0
    words = shlex.split(statement, comments=True)
    if words and words[0] == "remitwatch" and not any(word in ("|", ">", "<", "&&", ";") for word in words):
        code, said = _in_this_process(words)
    else:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", statement], stdout=-1, stderr=subprocess.STDOUT, text=True, check=False
        )
        code, said = done.returncode, done.stdout
    assert code == expected, f"line {block.line}: {statement}\n{said}"
    return said


def _in_this_process(words: list[str]) -> tuple[int, str]:
    from remitwatch.cli import main

    out = io.StringIO()
    before, handler = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = words
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = before
        signal.signal(signal.SIGTERM, handler)
    return int(end.value.code or 0), out.getvalue()


def _pattern(shown: str) -> str:
    """A shown output as a pattern: a line `...` is any lines, `...` within one is any text."""
    lines = []
    for line in shown.splitlines():
        lines.append("(?:[^\n]*\n)*" if line == "..." else "[^\n]*".join(map(re.escape, line.split("..."))) + " *\n")
    return "".join(lines)
