"""Whole imports of files that nobody here wrote, with the figures that their descriptions state."""

import pytest

from invoice_rules import commit, examine, history, match, open_store, plan, read, rule_set

RULES = rule_set("paystand.receivables")


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "store.sqlite")


def imported(path, given, settings, store):
    table = read(path, rules=RULES)
    report = examine(table, RULES, match(table.headings, RULES, table, given=given), settings, store.context())
    return report, commit(plan(report, store))


def test_ibm_receivables_come_in_once(shared_data, store):  # S3-21, S3-22, X-3, X-8, X-12, X-13
    given = {"invoiceId": "invoiceNumber", "invoiceNumber": "invoiceNumber"}
    settings = {"customerName": "{extCustomerId}", "isCanceled": "no", "contactEmail": "ar@acme.co", "amountDue": "{amount}"}
    path = shared_data / "invoices" / "ibm_ar" / "WA_Fn-UseC_-Accounts-Receivable.csv"
    report, receipt = imported(path, given, settings, store)
    assert report.totals() == {"USD": {"amount": 14770318, "amountDue": 14770318}}
    assert (report.invoices, report.accepted) == (2466, 2466)
    assert receipt.counts["created"] == 2466
    assert report.rows["invoiceNumber"].str.startswith("0").sum() == 266
    assert len(report.new_customers) == 100
    again, second = imported(path, given, settings, store)
    assert again.known is not None
    assert not again.known.differs.any()
    assert (second.counts["created"], second.counts["unchanged"]) == (0, 2466)
    assert len(history(store)) == 2


def test_netcompanys_noisy_amounts_come_in_rounded(shared_data, store):
    given = {"invoiceId": "INV_ID", "invoiceNumber": "INV_ID", "amount": "INVOICE_GROSS_TOTAL_AMOUNT", "date": "INV_DATE", "dateDue": "INV_DATE"}
    settings = {"isCanceled": "no", "contactEmail": "ar@acme.co", "amountDue": "{amount}", "date.order": "day-first", "dateDue.order": "day-first"}
    path = shared_data / "invoices" / "netcompany" / "invoices.csv"
    report, receipt = imported(path, given, settings, store)
    noisy = sum(len(found) for found in report.problems.findings if found.rule.id == "binary-noise" and found.field == "amount")
    assert noisy == 1180
    assert report.totals()["USD"]["amount"] == 14975751120
    refused = {(p.field, p.rule) for p in report.problems if p.severity >= 3}
    assert receipt.counts["created"] == report.accepted
    assert refused <= {("customerName", "max-length"), ("customerName", "two-names"), ("customerName", "content"), ("customerName", "required")}


def test_day_first_dates_are_never_read_month_first(shared_data):  # X-12, S3-11
    table = read(shared_data / "invoices" / "netcompany" / "invoices.csv", rules=RULES)
    mapping = match(table.headings, RULES, table, given={"date": "INV_DATE"})
    report = examine(table, RULES, mapping)
    wrong = {int(at) for found in report.problems.findings if found.field == "date" and found.weight == 4 and found.at is not None for at in found.at}
    both_equal = {n for n, text in enumerate(table.frame[1]) if len(set(text.split("/")[:2])) == 1}
    assert len(table) == 3563
    assert wrong == set(range(3563)) - both_equal


def test_number_words_and_twice_the_same_id(shared_data):  # S3-8, S3-28
    table = read(shared_data / "invoices" / "misc" / "zzz_invoices_bad.csv", rules=RULES)
    report = examine(table, RULES, match(table.headings, RULES, table, given={"invoiceId": "invoice_no"}))
    found = {(p.row, p.field, p.rule) for p in report.problems if p.row}
    assert {rule for _, _, rule in found} >= {"money", "duplicate"}
    assert sum(rule == "duplicate" for _, _, rule in found) == 2
