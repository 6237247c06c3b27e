"""The readme that lies beside the tables: what they are, how they were made, whose data they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reports import names, numbers, wording
from reports.exports.columns import TABLES, Table
from reports.exports.inputs import ExportInput
from reports.inputs import SourceLine

SANDBOX_WARNING = "Sandbox data, not real prices: everything here is made up."


def title(export: ExportInput) -> str:
    """What is exported, in a line."""
    what = "all periods" if export.label == "all" else export.label
    about = "" if export.country is None else f", {names.country(export.country)}"
    return f"Costs of sending remittances{about}, {what}"


def facts(export: ExportInput) -> list[tuple[str, str]]:
    """What a reader must know before using a figure, as pairs of a name and a sentence."""
    data = export.data
    return [
        ("Periods", "; ".join(_periods(export))),
        ("As of", f"{data.as_of:%Y-%m-%d %H:%M} UTC"),
        ("Method", f"version {data.method} of remitwatch {data.version}; the indicators of SDG 10.c"),
        ("Unit", "per cent of the amount sent, for sending the local equivalent of USD 200 (or 500, where it is said)"),
        ("Total cost", "fee + margin of the exchange rate against the mid-market rate, both on the amount sent"),
        ("Averages", "simple means over services; services that do not disclose their rate are in none"),
        ("Bases", "survey, standard and estimate are kept apart and must not be pooled"),
        ("Missing", "an empty cell is no figure; it is never zero and never filled in"),
    ]


def _periods(export: ExportInput) -> Iterable[str]:
    for basis in dict.fromkeys(view.basis for view in export.views):
        periods = [view.data.period for view in export.views if view.basis == basis]
        yield f"{basis}: {periods[0]}" if len(periods) == 1 else f"{basis}: {periods[0]} to {periods[-1]}"


def credits(sources: Iterable[SourceLine]) -> list[tuple[str, str, str]]:
    """How each source is named, its licence and where its terms are; those shown nowhere are left out."""
    named = sorted((line for line in sources if line.redistribution != "none"), key=lambda line: line.key)
    return [(wording.clean_text(line.attribution), wording.clean_text(line.licence), line.terms_url) for line in named]


def readme(export: ExportInput, beside: Mapping[str, Table]) -> str:
    """The text, in Markdown. `beside`: tables that lie beside those of every export, by where they are found."""
    lines = [f"# {title(export)}", ""]
    if export.sandbox:
        lines += [f"**{SANDBOX_WARNING}**", ""]
    lines += [f"- {name}: {text}" for name, text in facts(export)]
    lines += ["", "## Tables", ""]
    lines += [f"- `{table.name}.csv`: {table.meaning}" for table in TABLES]
    lines += [f"- `{path}`: {table.meaning}" for path, table in beside.items()]
    lines += [
        "",
        "`columns.csv` explains every column. UTF-8, commas, decimal points, ISO 8601 dates, times in UTC. Lists are",
        "joined by `+`. A text that a spreadsheet would run as a formula begins with an apostrophe.",
        "",
        "## Missing",
        "",
        *([f"- {wording.clean_text(sentence, 2000)}" for sentence in export.data.missing] or ["- nothing is known"]),
        "",
        "## Sources",
        "",
        *(f"- {' - '.join(filter(None, line))}" for line in credits(export.data.sources)),
        "",
        f"Open issues when this was made: {numbers.count(export.data.issues_open)}.",
    ]
    return "\n".join(lines) + "\n"
