"""Failure classes: each named once, explained, and treated as it says."""

import re
from pathlib import Path

from remitwatch import failures
from remitwatch.failures import FAILURES, OTHERS, STOPS_HOST, explain, tries_again

ROOT = Path(failures.__file__).parents[1]


def test_each_class_is_named_once_and_explained() -> None:
    codes = [one.code for one in (*FAILURES, *OTHERS)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)
    assert all(one.means and one.do and "\n" not in one.means + one.do for one in (*FAILURES, *OTHERS))
    assert explain("blocked") is next(one for one in FAILURES if one.code == "blocked")
    assert explain("no such class") is None


def test_what_is_hammered_and_what_is_left_alone() -> None:
    assert {"unreachable", "slow", "blocked", "refused", "robots"} == STOPS_HOST
    assert tries_again("unreachable") > tries_again("slow") == 1
    for code in ("blocked", "refused", "changed", "invalid", "empty", "robots", "address", "never heard of"):
        assert tries_again(code) == 0


def test_every_class_that_the_code_gives_is_explained() -> None:
    given: set[str] = set()
    for path in (ROOT / "scrapers").rglob("*.py"):
        text = path.read_text("utf-8")
        given |= set(re.findall(r"(?:FetchError|AnswerError|_refused|RefusedAnswer)\(\s*\"([a-z_]+)\"", text))
        given |= set(re.findall(r"\.fail\(\s*\"([a-z_]+)\"", text))
    assert given >= {"changed", "truncated", "too_large", "slow", "empty", "sandbox"}
    assert {code for code in given if explain(code) is None} == set()
