"""What became of the rows of a survey file, for a person."""

from __future__ import annotations

import typer

from remitwatch.cli.output import print_table, shown
from remitwatch.reconciliation import Apart, Quarter, Reconciliation, Rows
from remitwatch.survey_identity import Agreement

_NEWEST, _STRIKING = 8, 12
_EXAMPLES = 5
_NUMBERS = 20
_PAIRS = 10
_COUNTS = (
    *("read", "stored", "refused", "no price", "repaired", "undisclosed"),
    *("total 0.01", "0.05", "apart", "margin 0.01", "0.05 ", "apart "),
)


def print_reconciliation(found: Reconciliation, run_id: int | None, *, whole: bool = False) -> None:
    """The account in lines and a table: the newest quarters and those with something to look at (refused rows, over 1 %
    of totals apart), or with `whole` all of them. `run_id` says where the whole is kept."""
    partly = f" ({found.partly_refused} of them at one amount only, and stored at the other)"
    partly = partly if found.partly_refused else ""
    repeated = f", {found.id_repeated} under an id that their quarter had already" if found.id_repeated else ""
    typer.echo(
        f"rows: {found.read} read = {found.stored} stored, {found.refused} refused{partly}, "
        f"{found.without_price} without a price{repeated}; {found.undisclosed} do not disclose their rate"
    )
    for sheet, numbers in found.refused_rows.items():
        first = "the first of them are " if sum(map(len, found.refused_rows.values())) < found.refused else ""
        some = ", ".join(map(str, numbers[:_NUMBERS])) + (" ..." if len(numbers) > _NUMBERS else "")
        typer.echo(shown(f"refused in {sheet}: {first}rows {some}"))
    for label in found.unknown_labels[:_PAIRS]:
        rows = ", ".join(map(str, label.first_rows)) + (" ..." if label.count > len(label.first_rows) else "")
        where = f"{label.sheet}: column {label.column}: {label.label!r}"
        typer.echo(shown(f"unknown label in {where}: {label.count} rows ({rows})"))
    if len(found.unknown_labels) > _PAIRS:
        typer.echo(f"... and {len(found.unknown_labels) - _PAIRS} more unknown labels")
    _print_identity("fee + margin = total", found.total, found.total_apart)
    _print_identity("margin from the rates", found.margin, found.margin_apart)
    quarters = list(found.quarters) if whole else _chosen(found.quarters)
    print_table(
        [[one.period or "(none)", *_cells(one)] for one in quarters] + [["all", *_cells(found)]],
        ("quarter", *_COUNTS),
        numbers=_COUNTS,
    )
    if len(quarters) < len(found.quarters):
        where = "import --json" if run_id is None else f"runs show {run_id}"
        typer.echo(f"{len(found.quarters) - len(quarters)} more quarters: remitwatch {where}")
    listed = found.near_matches if whole else found.near_matches[:_PAIRS]
    for match in listed:
        where = "held already" if match.held else "also in the file"
        typer.echo(shown(f"perhaps one firm under two names: {match.name!r} and {match.like_name!r} ({where})"))
    if len(listed) < len(found.near_matches):
        typer.echo(f"... and {len(found.near_matches) - len(listed)} more such pairs")
    if listed:
        typer.echo("nothing was joined: what is one firm belongs into reference/firm_aliases.csv")


def _print_identity(name: str, agreed: Agreement, apart: tuple[Apart, ...]) -> None:
    missed = [f"{one.period} {one.row} (by {one.gap})" for one in apart]
    typer.echo(
        f"{name}: of {agreed.checked} rows {agreed.within_0_01} agree within 0.01 points, {agreed.within_0_05} within "
        f"0.05, {agreed.apart} are apart" + (f": {_some(missed, _EXAMPLES, agreed)}" if missed else "")
    )


def _some(texts: list[str], most: int, agreed: Agreement | None = None) -> str:
    count = len(texts) if agreed is None else agreed.checked - agreed.within_0_01
    return ", ".join(texts[:most]) + (f" ... ({count} in all)" if count > most else "")


def _cells(rows: Rows) -> list[int]:
    total, margin = rows.total, rows.margin
    return [
        *(rows.read, rows.stored, rows.refused, rows.without_price, sum(rows.repaired.values()), rows.undisclosed),
        *(total.within_0_01, total.within_0_05, total.apart, margin.within_0_01, margin.within_0_05, margin.apart),
    ]


def _chosen(quarters: tuple[Quarter, ...]) -> list[Quarter]:
    """The newest quarters, and of the others those with refused rows or over 1 % of totals apart."""
    older, newest = quarters[:-_NEWEST], quarters[-_NEWEST:]
    striking = [one for one in older if one.refused or one.total.apart * 100 > one.total.checked]
    return [*striking[-_STRIKING:], *newest]
