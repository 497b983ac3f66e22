"""Properties of the receivables' rules: valid stays valid, one broken cell breaks one rule, order does not matter (S3)."""

import datetime as dt
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from tests.making import RECEIVABLES, mapped, table

TODAY = dt.date(2026, 11, 21)
WORDS = "Acme Harbor Cedar Summit O'Brien Müller & Sons Ltd. Co-operative Nº5 Pioneer".split()


def valid_rows(seed: int, count: int) -> list[dict[str, str]]:
    """Rows that keep every rule, in all the ways that the rules allow."""
    r = random.Random(seed)
    return [_valid_row(r, n) for n in range(count)]


def _valid_row(r: random.Random, n: int) -> dict[str, str]:
    cents = r.randrange(1, 10**9)
    due = r.choice([0, cents, r.randrange(cents + 1)])
    day = dt.date(2024, 1, 1) + dt.timedelta(days=r.randrange(1000))
    name = " ".join(r.choice(WORDS) for _ in range(r.randint(1, 3)))
    mail = r.choice([", ", ";", " ; ", ";;"]).join(f"ap{k}.{n}@mail{k}.acme.co" for k in range(r.randint(1, 6)))
    return {
        "invoiceId": f"ID-{n:06d}",
        "invoiceNumber": f"{r.choice(['INV', '2026', 'A/R'])} {n:06d}",
        "amount": _money(r, cents),
        "amountDue": _money(r, due),
        "customerName": r.choice(["", " ", '"']).join(["", name, ""]) if r.random() < 0.2 else name,
        "extCustomerId": f"C{n:06d}",
        "date": _date(r, day),
        "dateDue": _date(r, day + dt.timedelta(days=r.randrange(60))),
        "isCanceled": r.choice(["yes", "no", "true", "false", "YES", "No", "False"]),
        "contactEmail": mail,
    }


def _money(r: random.Random, cents: int) -> str:
    text = f"{cents / 100:,.2f}" if r.random() < 0.5 else f"{cents // 100}.{cents % 100:02d}"
    return r.choice(["", "$", "$ "]) + text


def _date(r: random.Random, day: dt.date) -> str:
    mark = r.choice("-/.")
    return f"{day.month}{mark}{day.day}{mark}{day.year}" if r.random() < 0.3 else day.strftime(f"%m{mark}%d{mark}%Y")


def examined(rows):
    made = table(rows)
    return examine(made, RECEIVABLES, mapped(made.headings), today=TODAY)


def errors(report):
    return [(p.row, p.field, p.rule) for p in report.problems.at_least(Severity.HOLD)]


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_valid_rows_stay_valid(seed):
    report = examined(valid_rows(seed, 300))
    assert errors(report) == []
    assert report.accepted == 300


MUTATIONS = {
    ("invoiceId", "required"): lambda r, row: {"invoiceId": r.choice(["", "  ", '""', "\t"])},
    ("contactEmail", "required"): lambda r, row: {"contactEmail": r.choice(["", "' '"])},
    ("invoiceNumber", "max-length"): lambda r, row: {"invoiceNumber": "N" * r.randint(41, 90)},
    ("customerName", "max-length"): lambda r, row: {"customerName": "é" * r.randint(51, 90)},
    ("customerName", "content"): lambda r, row: {"customerName": r.choice("=+-@") + row["customerName"].strip(' "')},
    ("invoiceId", "content"): lambda r, row: {"invoiceId": row["invoiceId"] + r.choice(["--", "=cmd", "=SUM", "=vLookup"])},
    ("amount", "money"): lambda r, row: {"amount": r.choice(["abc", "1,00", "1.000,00", "£5", "1e3", "5 5", "12,34,567"])},
    ("amount", "not-negative"): lambda r, row: {"amount": r.choice(["-1", "(1)", "1-"]), "amountDue": "-2"},
    ("amountDue", "within-amount"): lambda r, row: {"amountDue": f"{r.randrange(10**9, 10**10) / 100:.2f}"},
    ("amountDue", "decimals"): lambda r, row: {"amountDue": "0.001"},
    ("date", "date"): lambda r, row: {"date": r.choice(["2026-01-31", "02/30/2026", "1/1/26", "31 Jan 2026", "1/1-2026", "n/a"])},
    ("isCanceled", "yes-no"): lambda r, row: {"isCanceled": r.choice(["Y", "0", "maybe", "yes!", "ja"])},
    ("contactEmail", "email"): lambda r, row: {"contactEmail": r.choice(["x", "a@b", "a b@c.co", "a@@b.co", "a@b..co", row["contactEmail"] + ";x"][:5])},
    ("contactEmail", "email-count"): lambda r, row: {"contactEmail": ";".join(f"a{n}@b.co" for n in range(r.randint(7, 12)))},
}


@pytest.mark.parametrize(("field", "rule"), MUTATIONS)
def test_one_broken_cell_breaks_exactly_its_rule(field, rule):
    r = random.Random(f"{field}{rule}")
    rows = valid_rows(5, 200)
    broken = sorted(r.sample(range(200), 40))
    for n in broken:
        rows[n] |= MUTATIONS[field, rule](r, rows[n])
    extra = {("amount", "not-negative"): [("amountDue", "not-negative")]}.get((field, rule), [])
    expected = [(n + 2, *cell) for n in broken for cell in [(field, rule), *extra]]
    assert errors(examined(rows)) == expected


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_the_order_of_the_rows_does_not_matter(seed):
    rows = valid_rows(seed, 60)
    r = random.Random(seed)
    for n in r.sample(range(60), 12):
        field, rule = r.choice(list(MUTATIONS))
        rows[n] |= MUTATIONS[field, rule](r, rows[n])
    rows[7]["invoiceId"] = rows[8]["invoiceId"]
    order = r.sample(range(60), 60)
    straight = {(row - 2, field, rule) for row, field, rule in errors(examined(rows))}
    shuffled = {(order[row - 2], field, rule) for row, field, rule in errors(examined([rows[n] for n in order]))}
    assert straight == shuffled


def test_rows_and_totals_always_tie():
    rows = valid_rows(11, 500)
    report = examined(rows)
    assert report.accepted + report.rejected == len(rows)
    parts = [report.totals(report.ready), report.totals(~report.ready)]
    whole = report.totals()["USD"]["amount"]
    assert whole == sum(part.get("USD", {}).get("amount", 0) for part in parts) == int(np.sum(report.rows["amount"].to_numpy(dtype=np.int64)))
