"""Junk at every field: problems, never a crash, and every message in whole words."""

import json

import pytest

from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.rulesets import rule_sets
from tests.making import GOOD_CUSTOMER, mapped, receivable, table

OWN = [
    "", " ", "\u00a0", "None", "nan", "NULL", "N/A", "#REF!", "😀", "🏴\u200d☠️", "x" * 1_000_000, "9" * 5_000, "1e400", "-1e-400", "=1+1", "=cmd|' /C calc'!A0",
    "+1", "-1", "@SUM(1)", "\t=1", "{value}", "{title}{rows}", "%s%n", "\x00", "\x01\x7f", "\u202egnp.exe", "\ufeff", "a\nb", "'; DROP TABLE invoices; --",
    "<script>alert(1)</script>", "00123", "007Cor", "12345678901234567890", "4.72E+15", "1.000,00", "(5", "٣", "1_000", "31/12/2026", "2026-02-30", "12/31/99",
    "a@b", "@", ";;;", ",".join(["a@b.co"] * 500), "Ünïcödé", "ΙNV1", "\U0010ffff", "e\u0301" * 100, "0" * 41, "yes\n", "TRUE ", "½", "−5", "５",
]  # fmt: skip


def good_row(name: str, number: int) -> dict[str, str]:
    rows = {"paystand.receivables": receivable(number, currency="USD"), "paystand.customers": {**GOOD_CUSTOMER, "extCustomerId": f"C-{number}"}}
    rules = rule_sets()[name]
    return rows.get(name) or {**{field: known.example for field, known in rules.offered.items()}, rules.key: f"K-{number}"}


def examined(name: str, field: str, junk: list[str]):
    rules = rule_sets()[name]
    made = table([good_row(name, n) | {field: text} for n, text in enumerate(junk)])
    return examine(made, rules, mapped(made.headings, rules), settings=WIDEST.get(name))


WIDEST = {"spectra.invoices": {"rowMode": "multi"}, "quickbooks.history": {"voids": "include"}, "autotask.invoices": {"processed": "include"}}
"""Settings that leave no row and no field out."""
CASES = [(name, field) for name, rules in rule_sets().items() for field in rules.offered]


@pytest.mark.parametrize(("name", "field"), CASES)
def test_our_own_junk(name, field):
    report = examined(name, field, OWN)
    for problem in report.problems:
        assert problem.message and "{" not in problem.message.replace(problem.value, "").replace("{value}", "").replace("{title}{rows}", "")
        assert len(problem.message) < 2_000
    assert report.accepted + report.rejected == report.invoices == len(set(report.invoice.tolist()))
    assert len(report.invoice) == len(OWN)
    blank = [p.row for p in report.problems if p.rule == "required" and p.field == field]
    known = report.rules.fields[field]
    if known.required and not known.default and field not in {made.fills for made in report.rules.computed}:
        assert blank[:3] == [2, 3, 4]  # blank is the business of required alone


@pytest.mark.parametrize(("name", "field"), CASES)
def test_the_naughty_strings(name, field, shared_data):
    junk = [text for text in json.loads((shared_data / "strings" / "blns.json").read_text()) if "\ud800" not in text]
    report = examined(name, field, junk)
    assert len(report.problems.to_frame()) == len(report.problems)
    assert len(report.invoice) == len(junk)


@pytest.mark.parametrize("field", ["invoiceId", "customerName"])
def test_formula_payloads_are_refused_in_text(field, shared_data):  # S3-5, X-16
    payloads = [line for line in (shared_data / "strings" / "csv-payload.txt").read_text().splitlines() if line.strip(" \"'")]
    report = examined("paystand.receivables", field, payloads)
    lead = [n for n, text in enumerate(payloads, 2) if text.strip(" \"'\t")[:1] in "=+-@"]
    refused = {p.row for p in report.problems if p.severity is Severity.ERROR}
    assert set(lead) <= refused and lead
