"""The pages of an edition as its tree shows them: whatever pages there are, in whatever languages, are checked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """A page of an edition: where it is, its language (as its `html` says) and its kind (`corridors/*`, `index`)."""

    path: str
    language: str
    kind: str


def pages(edition: Path) -> list[Page]:
    """Every page of the edition, in the order of their paths."""
    found = []
    for file in sorted(edition.rglob("*.html")):
        path = file.relative_to(edition)
        head = file.read_text("utf-8")[:300]
        language = re.search(r'<html lang="([^"]+)"', head)
        assert language, f"{path}: no lang on html"
        inner = path.parts[1:] if path.parts[0] == language[1] else path.parts
        name, *variant = inner[-1].removesuffix(".html").split(".")
        kind = "/".join([*inner[:-1], "*" if len(inner) > 1 else name])
        found.append(Page(path.as_posix(), language[1], ".".join([kind, *variant])))
    return found


def sampled(edition: Path, found: Sequence[Page]) -> list[Page]:
    """Of each kind in each language the largest page; in the first language the smallest and one between before it.

    A page of another basis (`corridors/*.standard`) is the same page with other figures: the largest in the first
    language stands for it.
    """
    groups: dict[tuple[str, str], list[Page]] = defaultdict(list)
    for page in found:
        groups[page.language, page.kind].append(page)
    first = next(page.language for page in found if page.path == "index.html")
    chosen = []
    for (language, kind), members in sorted(groups.items(), key=lambda group: (group[0][0] != first, *group[0])):
        by_size = sorted(members, key=lambda page: ((edition / page.path).stat().st_size, page.path))
        if language != first and "." in kind:
            continue
        last = len(by_size) - 1
        places = {0, last // 2, last} if language == first and "." not in kind else {last}
        chosen.extend(by_size[place] for place in sorted(places))
    return chosen
