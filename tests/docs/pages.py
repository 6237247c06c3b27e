"""What the documentation shows: blocks, commands, links, names of settings; and the commands that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy" / "README.md")
_FENCE = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|(?<=^))((?:    .*\n)+)", re.MULTILINE)
_BREAKS = re.compile(r"&&|\|\||[|;()`]|(?<!\d)[<>]|(?<![<>&])&(?!&)")


@dataclass(frozen=True)
class Block:
    """A fenced block: `run` marks one that is run. `line` is where it stands."""

    language: str
    mark: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [Block(m[1], m[2], m[3], text.count("\n", 0, m.start()) + 1) for m in _FENCE.finditer(text)]


def shell_texts(page: Path) -> Iterator[str]:
    """Everything on a page that is to be typed or names a command: sh blocks, indented blocks, code in a line."""
    yield from (block.text for block in blocks(page) if block.language == "sh")
    rest = _FENCE.sub("", page.read_text("utf-8"))
    yield from (match[1] for match in _INDENTED.finditer(rest))
    for span in re.findall(r"`([^`]+)`", rest):
        yield " ".join(span.split())


def commands(text: str) -> Iterator[list[str]]:
    """The words after `remitwatch` of every call of it in a shell text."""
    text = re.sub(r"<<'END'\n.*?^END$", "", text, flags=re.MULTILINE | re.DOTALL).replace("\\\n", " ")
    for line in text.splitlines():
        words = shlex.split(_spaced(line), comments=True)
        starts = [
            at for at, word in enumerate(words) if re.fullmatch(r"([^=:]*/)?remitwatch", word) and _is_call(words, at)
        ]
        for at in starts:
            call = words[at + 1 :]
            end = next((place for place, word in enumerate(call) if _BREAKS.fullmatch(word)), len(call))
            yield call[:end]


def _spaced(line: str) -> str:
    """The line with what separates commands apart from the words, outside quotation marks."""
    parts = re.split(r"(\"[^\"]*\"|'[^']*'|\$\([^)]*\))", line)
    return "".join(part if at % 2 else re.sub(_BREAKS, lambda m: f" {m[0]} ", part) for at, part in enumerate(parts))


_BEFORE = re.compile(r"[A-Z_]+=.*|--|-u|exec|&&|\|\||[|;(]|run|root|remitwatch")


def _is_call(words: list[str], at: int) -> bool:
    """Whether a word `remitwatch` is the program, not a user, a folder or a service of that name."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "remitwatch" and after in ("remitwatch", "--", "") and at:
        return False
    return not before or _BEFORE.fullmatch(before) is not None


def wrong_with(call: list[str]) -> str:
    """What is wrong with a call: an unknown command or option, too many arguments. Empty when it could be typed."""
    command = _program()
    place = "remitwatch"
    words = list(call)
    while True:
        options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
        options |= dict.fromkeys(("-h", "--help", "--install-completion", "--show-completion"))
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        given = 0
        while words and ((words[0].startswith("-") and words[0] != "-") or not hasattr(command, "commands")):
            word = words.pop(0)
            if not word.startswith("-") or word == "-":
                given += 1
                continue
            name, has_value, _ = word.partition("=")
            if name not in options:
                return f"{place}: no option {name}"
            if _takes_a_value(options[name]) and not has_value:
                if not words:
                    return ""  # named in a sentence, without a value
                words.pop(0)
        most = sum(one.nargs for one in arguments) if all(one.nargs > 0 for one in arguments) else 99
        if given > most:
            return f"{place}: {given} arguments, it takes {most}"
        if not words:
            return ""
        name = words.pop(0)
        if name == "COMMAND":
            return ""
        if name not in command.commands:
            return f"{place}: no command {name!r}"
        command, place = command.commands[name], f"{place} {name}"


def _takes_a_value(option: Any) -> bool:
    return option is not None and not getattr(option, "is_flag", False) and not getattr(option, "count", False)


@cache
def _program() -> Any:
    import typer.main

    from remitwatch.cli.main import app

    return typer.main.get_command(app)


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")
