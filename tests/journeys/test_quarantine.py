"""A price that cannot be right is kept out of the figures, a person decides on it, and the figures follow."""

from pathlib import Path
from typing import Any

import pytest

ROW = "{when},GBR,IND,{name},money_transfer_operator,cash,agent,cash,within_hour,high,120,GBP,{fee},GBP,added,{rate},,INR,{mid},true,false,{private},\n"  # noqa: E501


@pytest.fixture
def bring(remitwatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    header = remitwatch("import", "--template").out.splitlines()[0] + "\n"

    def brought(name: str, *rows: dict[str, Any]) -> Any:
        plain = {"when": "2026-10-29", "name": "Example", "fee": "1.2", "rate": "112", "mid": "115", "private": "false"}
        path = tmp_path / f"{name}.csv"
        path.write_text(header + "".join(ROW.format(**plain | row) for row in rows), "utf-8")
        return remitwatch("import", path, "--source", "team", "--json").json["run"]

    return brought


def average(remitwatch) -> tuple[str | None, int]:  # type: ignore[no-untyped-def]
    """The corridor's average and how many services are behind it."""
    found = remitwatch("indicators", "--corridor", "GBR-IND", "--indicator", "average_total_cost", "--json").json
    return (found[0]["value"], found[0]["services"]) if found else (None, 0)


def prices(remitwatch) -> dict[str, list[str]]:  # type: ignore[no-untyped-def]
    rows = remitwatch("quotes", "--corridor", "GBR-IND", "--json").json
    return {row["provider"]: row["flags"] for row in rows}


def quarantined(remitwatch, *, all_: bool = False) -> list[dict[str, Any]]:  # type: ignore[no-untyped-def]
    remitwatch("check")
    found = remitwatch("issues", "list", "--json", *(["--all"] if all_ else [])).json
    return [one for one in found if one["code"] == "quarantined"]


def test_an_impossible_rate_waits_for_a_person_and_figures_follow(remitwatch, bring, today) -> None:  # type: ignore[no-untyped-def]
    bring("a", {"name": "Good"}, {"name": "Slip", "rate": "11.2"})
    assert average(remitwatch) == ("3.6087", 1)
    assert prices(remitwatch)["slip"] == ["decimal_slip", "extreme", "rate_far_from_mid", "quarantined"]
    (issue,) = quarantined(remitwatch)
    assert issue["level"] == "error"
    assert issue["message"].startswith(
        "slip:GBR-IND:GBP-INR:cash:agent:cash: (standard, 200) is out of the figures: its"
    )
    assert quarantined(remitwatch)[0]["seen"] == 2  # one trouble, one issue
    before = remitwatch("indicators", "--corridor", "GBR-IND", "--indicator", "average_total_cost", "--json").json[0]
    today.move(1)
    done = remitwatch("issues", "release", str(issue["id"]), "--why", "they really charge that", "--who", "ann")
    assert done.out.startswith(f"issue {issue['id']}: 1 quotes released")
    assert average(remitwatch) == ("47.4348", 2)
    assert prices(remitwatch)["slip"] == ["decimal_slip", "extreme", "rate_far_from_mid", "released"]
    assert quarantined(remitwatch) == []
    (closed,) = quarantined(remitwatch, all_=True)
    assert (closed["closed_by"], closed["closed_why"]) == ("ann", "released: they really charge that")
    quote = closed["record"].removeprefix("quote ")
    (evidence,) = remitwatch("trace", quote, "--json").json["evidence"]
    assert evidence["decisions"] == ["released by ann on 2026-10-31: they really charge that"]
    assert len(evidence["reasons"]) == 2
    # a figure of before the decision is what it was
    assert remitwatch("trace", before["id"], "--json").json["figure"]["value"] == "3.6087"
    then = remitwatch("indicators", "--corridor", "GBR-IND", "--as-of", before["as_of"], "--json").json
    assert {row["value"] for row in then if row["indicator"] == "average_total_cost"} == {"3.6087"}
    # and neither a new pricing nor a new reading forgets it
    remitwatch("observe", "--rebuild")
    assert average(remitwatch) == ("47.4348", 2)
    remitwatch("reparse", "quotes_csv")
    assert average(remitwatch) == ("47.4348", 2)


def test_a_rejected_price_stays_out_for_good(remitwatch, bring, today) -> None:  # type: ignore[no-untyped-def]
    bring("a", {"name": "Good"}, {"name": "Slip", "rate": "11.2"})
    (issue,) = quarantined(remitwatch)
    remitwatch("issues", "reject", str(issue["id"]), "--why", "a typing error")
    assert average(remitwatch) == ("3.6087", 1)
    assert "rejected" in prices(remitwatch)["slip"]
    remitwatch("observe", "--rebuild")
    assert average(remitwatch) == ("3.6087", 1)
    wrong = remitwatch("issues", "release", str(issue["id"]), "--why", "no", code=2)
    assert wrong.err.strip() == f"remitwatch: issue {issue['id']}: it is closed already"


def test_a_jump_far_away_is_confirmed_by_the_next_price(remitwatch, bring, today) -> None:  # type: ignore[no-untyped-def]
    market = [{"name": f"Firm {n}", "fee": f"{1 + n / 10}"} for n in range(6)]
    bring("a", *market, {"name": "Mover", "when": "2026-10-22"})
    bring("b", {"name": "Mover", "fee": "24"})
    assert average(remitwatch)[1] == 7  # the newest accepted price of the service is still young enough
    (issue,) = quarantined(remitwatch)
    assert "jumped far away" in issue["message"]
    today.move(1)
    bring("c", {"name": "Mover", "fee": "24.1", "when": "2026-10-31"})
    assert prices(remitwatch)["mover"] == []
    assert quarantined(remitwatch) == []
    (closed,) = quarantined(remitwatch, all_=True)
    assert (closed["closed_by"], closed["closed_why"]) == ("remitwatch", "no longer in quarantine")


def test_a_private_price_in_quarantine_is_not_named(remitwatch, bring, today) -> None:  # type: ignore[no-untyped-def]
    bring("a", {"name": "Secret", "rate": "11.2", "private": "true"})
    (issue,) = quarantined(remitwatch)
    assert issue["message"] == (
        "a private service of team in GBR-IND (standard, 200) is out of the figures: a person should look"
    )


def test_issues_about_no_price_are_not_decided_so(remitwatch, bring, today, tmp_path) -> None:  # type: ignore[no-untyped-def]
    bring("a", {"name": "Good", "mid": ""})  # no reference rate: an issue about a day and a pair
    (issue,) = remitwatch("issues", "list", "--json").json
    wrong = remitwatch("issues", "release", str(issue["id"]), "--why", "x", code=2)
    assert "it is about no single price" in wrong.err
