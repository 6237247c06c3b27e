"""Failure classes: every way in which asking a source can end without its values, what each means and what to do.

The one place that names them: the client and the runner treat a failure by its class, and `issues`, `runs show` and
`status` explain it with these words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FailureClass:
    """One class. `code` stands in runs and issues; `means` and `do` are for the operator.

    `tries_again`: how often a GET is asked again at once (never a POST), whatever the setting `retries` allows beyond.
    `stops_host`: three in a row and the host is left alone for the rest of the run.
    """

    code: str
    means: str
    do: str
    tries_again: int = 0
    stops_host: bool = False

    @property
    def treatment(self) -> str:
        """How it is treated, in a few words."""
        again = {0: "not asked again", 1: "asked once more"}.get(self.tries_again, "asked again with growing waits")
        return again + ("; three in a row stop the host for this run" if self.stops_host else "")


ALWAYS = 5
"""As often as the setting `retries` allows."""

FAILURES = (
    FailureClass(
        "unreachable",
        "no connection, or the server says that it is broken (5xx)",
        "nothing, if it passes by itself; else look whether the source has moved",
        tries_again=ALWAYS,
        stops_host=True,
    ),
    FailureClass(
        "slow",
        "no complete answer within the time for one request, or the time for the run is used up",
        "nothing, if it passes by itself; else raise collect.deadline_seconds or watch fewer corridors",
        tries_again=1,
        stops_host=True,
    ),
    FailureClass(
        "blocked",
        "a challenge, block, login or consent page came in place of the answer, with whatever status",
        "ask the owner for access; never disguise who asks. Until then: remitwatch sources off KEY",
        stops_host=True,
    ),
    FailureClass(
        "refused",
        "the source does not want to answer: 401, 403, or 429 that stays after the waits it asked for",
        "check the token, slow down (sources.KEY.pause), or ask the owner; until then: remitwatch sources off KEY",
        stops_host=True,
    ),
    FailureClass(
        "robots",
        "robots.txt of the host forbids the question, or is kept from us",
        "respect it: ask the owner, or switch the source off",
        stops_host=True,
    ),
    FailureClass(
        "status",
        "a status that carries no answer (404, 400 ...)",
        "look whether the address or its parameters have changed; mend the scraper",
    ),
    FailureClass(
        "changed",
        "the answer has another shape than documented: layout, field names, encoding, an unknown category",
        "look at the archived answer, mend the scraper, then: remitwatch reparse SOURCE",
    ),
    FailureClass(
        "invalid",
        "the shape is right and a number, date or code in it cannot be",
        "look at the archived answer; if the source is right mend the scraper, then: remitwatch reparse SOURCE",
    ),
    FailureClass(
        "empty",
        "an answer without any content or without any value",
        "look whether the source still serves what is asked",
    ),
    FailureClass(
        "refused_record",
        "every record of an answer was refused; each has its own issue",
        "look at the records, mend the scraper, then: remitwatch reparse SOURCE",
    ),
    FailureClass(
        "truncated",
        "the answer ends early",
        "nothing, if it passes by itself",
        tries_again=ALWAYS,
    ),
    FailureClass(
        "too_large",
        "the answer is larger than allowed, or its headers are; it was not read to its end",
        "look what came; raise collect.max_megabytes only when it is right",
    ),
    FailureClass(
        "redirect",
        "a redirect to another host, to something less safe than https, or too many of them",
        "look whether the source has moved; name its new host in the definition",
    ),
    FailureClass(
        "address",
        "an address that may not be asked: not one of the source's hosts, or not a public one",
        "mend the scraper or the base URL; allow private addresses only for a server of your own",
    ),
    FailureClass(
        "budget",
        "the number of requests that the source may be asked on one day is used up",
        "nothing: the rest is asked tomorrow; watch fewer corridors if it happens daily",
    ),
    FailureClass(
        "sandbox",
        "the sandbox answered in a home of real figures, or a live source in a sandbox home: the run is emptied",
        "check the base URL of the source",
    ),
    FailureClass(
        "too_many_requests",
        "answers led to ever more requests",
        "mend the scraper: it follows pages without an end",
    ),
    FailureClass("bad_request", "the scraper made a request that cannot be sent", "mend the scraper"),
    FailureClass(
        "archive",
        "an archived answer is missing or damaged; what was read from it stays as it is",
        "restore it from a backup",
    ),
)

OTHERS = (
    FailureClass("not_offered", "the source answered that it has no price for this corridor and amount", "nothing"),
    FailureClass("over_limit", "the source answered that the amount is outside its limits", "nothing"),
    FailureClass(
        "no_price", "the source answered everything, never with a price", "look whether it has left the market"
    ),
    FailureClass(
        "gave_up",
        "a host failed three times in a row and was left alone for the rest of the run",
        "see the failures before it",
    ),
    FailureClass("failed_run", "a run brought nothing", "see the other issues of this run"),
    FailureClass("nothing_asked", "the source had nothing to ask", "watch corridors that it serves"),
    FailureClass(
        "conflict",
        "two answers, or two records, state different values of one thing; the first is kept",
        "look at both",
    ),
    FailureClass(
        "below_minimum",
        "fewer values than the source must bring: the run is held",
        "look, then: remitwatch runs accept|reject",
    ),
    FailureClass(
        "few_answers",
        "fewer requests answered than expected: the run is held",
        "look, then: remitwatch runs accept|reject",
    ),
    FailureClass(
        "below_recent", "40 % fewer values than usual: the run is held", "look, then: remitwatch runs accept|reject"
    ),
    FailureClass(
        "identity_off",
        "survey rows whose parts miss their total: the run is held",
        "look, then: remitwatch runs accept|reject",
    ),
    FailureClass(
        "replaces_most",
        "a release that would put over half of a quarter's rows, or of a year's flows, out of force: the run is held",
        "look, then: remitwatch runs accept|reject",
    ),
    FailureClass(
        "release_held",
        "nothing was downloaded: the newest release is an earlier run, which is held",
        "look at that run, then: remitwatch runs accept|reject",
    ),
    FailureClass("nothing_new", "the newest release is held already: an answer, and a good run", "nothing"),
    FailureClass("above_maximum", "more values than expected", "look whether they are doubled"),
    FailureClass("interrupted", "the run was stopped by a signal", "run it again"),
    FailureClass(
        "out_of_time",
        "the time for the whole collection was used up before the source was asked to its end",
        "nothing, if it passes by itself; else raise collect.budget_minutes or watch fewer corridors",
    ),
    FailureClass(
        "overlap",
        "the source was not asked at its time: the run before it, or another process, still went on",
        "nothing, if a later run of the day is good; else end the other process, or watch fewer corridors",
    ),
    FailureClass(
        "clock_apart",
        "this machine's clock and the source's are more than five minutes apart",
        "set the clock of this machine (NTP); if it is right, the source's is wrong and nothing is to be done",
    ),
    FailureClass("aborted", "the run was killed; seen at the next start", "run it again"),
    FailureClass(
        "gap", "nobody asked on a scheduled day; prices cannot be collected for the past", "keep the clock running"
    ),
    FailureClass(
        "storage", "the disk or the database could not be used", "free space, check permissions, then run it again"
    ),
    FailureClass("broke", "an error of this program ended the run", "report it with the log"),
)
"""What else can stand as the reason of a run or the code of an issue: answers, judgements, and faults on our side."""

_BY_CODE = {one.code: one for one in (*FAILURES, *OTHERS)}


def explain(code: str) -> FailureClass | None:
    """The class of this code; None where the code speaks for itself."""
    return _BY_CODE.get(code)


def tries_again(code: str) -> int:
    """How often a request that failed with this class may be asked again at once; 0 for an unknown one."""
    found = _BY_CODE.get(code)
    return found.tries_again if found else 0


STOPS_HOST = frozenset(one.code for one in FAILURES if one.stops_host)
"""The classes of which three in a row stop a host for the rest of a run."""
