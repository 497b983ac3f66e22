"""Spectrum invoices: what its JSON service asks of headers and lines, on both sides of each limit (S2-1 … S2-46)."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.fields import REQUIRED
from invoice_rules.problems import Fix, Severity
from invoice_rules.rulesets import rule_set
from invoice_rules.samples.references import sample_invoice
from tests.rulesets.lists import Filed, Lists

SPECTRUM = rule_set("spectrum.invoices")
TODAY = dt.date(2018, 6, 1)
ERROR, WARNING, NOTICE = Severity.ERROR, Severity.WARNING, Severity.NOTICE

RANGE = {"arFrom": "2018-05-01", "arTo": "2018-06-30"}
LISTS = {
    "companies": [
        {"company": "ABC", "costCenters": "yes", "vat": "no", "arAccount": "112000", "glAccount": "400000", **RANGE},
        {"company": "VAT", "costCenters": "no", "vat": "yes", "vatCode": "V20", "samePeriod": "yes", **RANGE},
        {"company": "NEW"},
    ],
    "customers": [
        {"customer": "007Cor", "terms": "1", "salesperson": "ANN", "salesTaxCode": "OHIO", "taxable": "Y", "costCenters": "100, 101, 102"},
        {"customer": "STRICT", "terms": "No Default", "salesperson": "no default", "salesTaxCode": "NO DEFAULT", "taxable": "No Default"},
        {"customer": "BARE"},
    ],
    "jobs": [
        {"job": "J-100", "customer": "007Cor", "taxClass": "CLASS", "vatCode": "V5"},
        {"job": "J-200", "customer": "BARE", "taxClass": "CLASS"},
        {"job": "J-STRICT", "customer": "STRICT", "taxClass": "CLASS"},
    ],
    "contracts": [
        {
            "job": "J-100", "customer": "007cor", "salesperson": "BOB", "salesTaxCode": "CITY", "retentionPercent": "10", "taxable": "N",
            "glAccount": "401000", "costCenter": "101", "terms": "2",
        },
        {"job": "J-300", "customer": "007Cor"},
        {"job": "J-STRICT", "customer": "STRICT", "glAccount": "No Default", "costCenter": "No Default", "salesTaxCode": "No Default"},
    ],
    "terms": ["1", "2", "C"],
    "salespersons": ["ANN", "BOB"],
    "taxCodes": ["OHIO", "CITY", "CLASS", {"taxCode": "FLAT", "rate": "5"}],
    "taxRates": [
        {"taxCode": "OHIO", "from": "2018-05-01", "rate": "6.5"},
        {"taxCode": "OHIO", "from": "2018-06-30", "rate": "7"},
        {"taxCode": "CITY", "from": "2018-06-01", "rate": "2"},
    ],
    "vatCodes": [{"vatCode": "V20", "rate": "20"}, {"vatCode": "V5", "rate": "5"}, {"vatCode": "V0", "rate": "0"}],
    "glAccounts": [
        {"account": "112000", "type": "asset", "costCenters": "101, 102"}, {"account": "400000", "type": "income"},
        {"account": "401000", "type": "income"}, {"account": "204200", "type": "liability", "costCenters": "100"},
        {"account": "500100", "type": "direct cost"},
    ],
    "costCenters": ["100", "101", "102", "103"],
}  # fmt: skip
BOOKS = Lists(**LISTS)
NUMBER = "081317_1"


def line(amount=100, **more):
    return {"Quantity": 1, "Detail_Description": "An Item", "Line_Extension": amount, "GL_Account": "400000", "Taxable_Flag": "N", **more}


def invoice(*lines, **more):
    """One invoice that keeps every rule; its elements may be replaced, None takes one away."""
    made = {
        "Company_Code": "ABC",
        "GL_Date": "05/24/2018",
        "Batch_Code": "20180524",
        "Customer_Code": "007Cor",
        "Invoice_Or_Transaction": NUMBER,
        "Transaction_Type": "I",
        "Invoice_Date": "05/24/2018",
        **more,
        "invoiceDetails": list(lines) or [line()],
    }
    return {name: value for name, value in made.items() if value is not None}


def checked(*invoices, context=BOOKS, **how):
    content = json.dumps({"arInvoices": list(invoices)}).encode()
    return examine(("invoices.json", content), SPECTRUM, context=context, today=TODAY, **how)


def of(*lines, **more):
    """One invoice, checked."""
    return checked(invoice(*lines, **more))


def each(*invoices, **how):
    """Many invoices checked together, under numbers of their own: what was found of each."""
    numbered = [{"Invoice_Or_Transaction": str(1001 + at), **{k: v for k, v in one.items() if v != NUMBER}} for at, one in enumerate(invoices)]
    report = checked(*numbered, **how)
    problems = list(report.problems)
    return [_part(report, problems, at) for at in range(len(invoices))]


def _part(report, problems, at):
    rows = np.flatnonzero(report.invoice == at)
    return SimpleNamespace(
        problems=[p for p in problems if p.row is not None and p.row - 1 in rows],
        rows=report.rows.iloc[[at]],
        lines=report.lines[report.line_invoice == at],
        fills=[replace(fill, at=np.searchsorted(rows, np.intersect1d(fill.at, rows))) for fill in report.fills],
        accepted=int(report.ready[at]),
    )


def found(report, least=WARNING):
    return [(p.field, p.rule, p.severity) for p in report.problems if p.severity >= least]


def errors(report):
    return [(field, rule) for field, rule, _ in found(report, ERROR)]


def messages(report, rule):
    return [p.message for p in report.problems if p.rule == rule]


def value(report, field, at=0):
    """What a field of the header or of a line ended up as, the way people write it."""
    its = (report.rows if field in report.rows else report.lines)[field].iloc[at]
    return None if pd.isna(its) else format(its.normalize(), "f") if isinstance(its, Decimal) else its


def sources(report, field):
    return [fill.source for fill in report.fills if fill.field == field and len(fill.at)]


def test_a_good_invoice_has_no_problems():
    report = of()
    assert found(report) == [] and report.accepted == 1


# ---- the sample of the service, as JSON and as rows


SAMPLE = sample_invoice()


def test_the_sample_comes_in_with_one_warning():
    """S2-1, S2-32, S2-45: six lines, 1,891.00 together; line 4 has an amount and nothing else, its account is filled in."""
    report = examine(("sample.json", SAMPLE), SPECTRUM, context=BOOKS, today=TODAY)
    assert found(report) == [("Line_Extension", "bare-line", WARNING)]
    assert [p.row for p in report.problems if p.rule == "bare-line"] == [4]
    assert report.accepted == 1 and report.totals() == {"USD": {"Invoice_Total": 1_891_00}}
    assert report.lines["Line_Extension"].tolist() == [467_75, 0, 467_75, 20_00, 467_75, 467_75]
    assert report.lines["Message"].isna().tolist() == [True, False, True, True, True, True]
    assert value(report, "GL_Account", 3) == "400000" and sources(report, "GL_Account") == ["company"]


def as_csv(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


HEADINGS = ["Company_Code", "GL_Date", "Batch_Code", "Customer_Code", "Invoice_Or_Transaction", "Transaction_Type", "Invoice_Date", "Detail_Description", "Line_Extension", "GL_Account", "Taxable_Flag"]


def header(number="1", company="ABC", **more):
    made = {"Company_Code": company, "GL_Date": "05/24/2018", "Batch_Code": "B1", "Customer_Code": "007Cor", "Invoice_Or_Transaction": number}
    made |= {"Transaction_Type": "I", "Invoice_Date": "05/24/2018", **more}
    return [made[name] for name in HEADINGS[:7]]


BLANK = [""] * 7
NO_LINE = [""] * 4


def detail(amount="100.00", what="An Item"):
    return [what, amount, "400000", "N"]


def rows_checked(*rows, headings=HEADINGS, **how):
    return examine(("invoices.csv", as_csv([headings, *rows])), SPECTRUM, context=how.pop("context", BOOKS), today=TODAY, **how)


@pytest.mark.parametrize(
    "rows",
    [
        [header() + detail("1.00"), header() + detail("2.00"), header("2") + detail("3.00")],
        [header() + detail("1.00"), BLANK + detail("2.00"), header("2") + detail("3.00")],
        [header() + NO_LINE, BLANK + detail("1.00"), BLANK + detail("2.00"), header("2") + detail("3.00")],
        [header() + detail("1.00"), header("2") + detail("3.00"), header() + detail("2.00")],
    ],
    ids=["repeated", "blank below", "given once, then lines", "apart"],
)
def test_rows_of_a_workbook_are_invoices_with_lines(rows):
    """S2-1, S2-41"""
    report = rows_checked(*rows)
    assert found(report) == [] and report.accepted == 2
    assert report.rows["Invoice_Total"].tolist() == [3_00, 3_00]
    assert sorted(report.lines["Line_Extension"].tolist()) == [1_00, 2_00, 3_00]


def test_repeated_headers_agree():
    """S2-41: blank below agrees with everything; another customer does not. One bad row keeps the whole invoice out."""
    agree = rows_checked(header() + detail(), header(Customer_Code="") + detail())
    assert found(agree) == [] and len(agree.rows) == 1
    differ = rows_checked(header() + detail(), header(Customer_Code="BARE") + detail(), header("2") + detail())
    assert found(differ) == [("Customer_Code", "header-differs", ERROR)] and differ.ready.tolist() == [False, True]
    assert messages(differ, "header-differs")[0].startswith('Customer code is "BARE" here and "007Cor" on row 2.')
    both = rows_checked(header() + detail(), header(Transaction_Type="C") + detail())
    assert found(both) == [("Transaction_Type", "header-differs", ERROR)], "invoices and credits are counted together (S2-9)"


def test_an_invoice_needs_a_line():
    """S2-41"""
    assert errors(checked(invoice(), invoice(Invoice_Or_Transaction="2") | {"invoiceDetails": []})) == [("Invoice_Or_Transaction", "no-lines")]
    assert errors(rows_checked(header() + NO_LINE, header("2") + detail())) == [("Invoice_Or_Transaction", "no-lines")]


# ---- what stays out of every file of ours


def test_a_password_of_the_connection_is_never_read():
    """S2-2: nowhere in the report, the messages, or the rows."""
    secret = "TOP-SECRET-1"
    by_json = checked(invoice(Authorization_ID=secret))
    by_rows = rows_checked([*header(), *detail(), secret], headings=[*HEADINGS, "Authorization ID"])
    for report in (by_json, by_rows):
        assert found(report) == [("", "secret", WARNING)] and report.accepted == 1
        assert secret not in str(report.to_frame().to_dict()) + str(report.table.frame.to_dict()) + str(report.rows.to_dict()) + repr(report.mapping)


# ---- the header


@pytest.mark.parametrize("name", ["Company_Code", "GL_Date", "Batch_Code", "Customer_Code", "Invoice_Or_Transaction", "Transaction_Type", "Invoice_Date"])
def test_what_a_header_needs(name):
    """S2-4, S2-5, S2-7, S2-9, S2-10"""
    assert (name, "required") in errors(of(**{name: ""}))
    assert (name, "unmapped") in errors(of(**{name: None}))


def test_what_is_required_and_nothing_else():
    """S2-4 … S2-10, S2-26"""
    needed = {"Company_Code", "GL_Date", "Batch_Code", "Customer_Code", "Invoice_Or_Transaction", "Transaction_Type", "Invoice_Date", "Line_Extension"}
    assert set(SPECTRUM.required) == needed


LENGTHS = {"GUID": 36, "Batch_Code": 10, "Invoice_Or_Transaction": 10, "Remarks": 65, "Customer_PO": 25}


def test_lengths_of_the_header():
    """S2-3, S2-7, S2-9, S2-19, S2-39: measured in characters, after trimming; nothing is cut."""
    fits = each(*(invoice(**{name: "é" * most}) for name, most in LENGTHS.items()), *(invoice(**{name: f"  {'x' * most} "}) for name, most in LENGTHS.items()))
    assert [found(one) for one in fits] == [[]] * len(fits)
    longer = each(*(invoice(**{name: "x" * (most + 1)}) for name, most in LENGTHS.items()))
    for (name, most), one in zip(LENGTHS.items(), longer, strict=True):
        assert errors(one) == [(name, "max-length")] and value(one, name) == "x" * (most + 1)


CODES = {
    "Company_Code": 3, "Customer_Code": 10, "Job_Number": 10, "Terms_Code": 1, "Salesperson_Code": 3, "Sales_Tax_Code": 15, "AR_GL_Account": 12,
    "VAT_Code": 10, "Asset_Cost_Center": 10,
}  # fmt: skip


def test_lengths_of_codes():
    """S2-4 … S2-24; a code that is not on file has that problem alone."""
    fits = each(*(invoice(**{name: "x" * most}) for name, most in CODES.items()), context=None)
    longer = each(*(invoice(**{name: "x" * (most + 1)}) for name, most in CODES.items()), context=None)
    assert [errors(one) for one in fits] == [[]] * len(CODES)
    assert [errors(one) for one in longer] == [[(name, "max-length")] for name in CODES]


UNKNOWN = {
    "Company_Code": ("ABD", "ABC"), "Customer_Code": ("007Cxr", "007Cor"), "Terms_Code": ("3", ""), "Salesperson_Code": ("ANA", "ANN"),
    "Sales_Tax_Code": ("OHIA", "OHIO"), "AR_GL_Account": ("112001", "112000"), "Asset_Cost_Center": ("104", "100"),
}  # fmt: skip


def test_codes_are_on_file():
    """S2-4, S2-7, S2-11, S2-12, S2-20, S2-24: an unknown code is told with the nearest that is known, as a hint."""
    checked_ones = each(*(invoice(**{field: code}) for field, (code, _) in UNKNOWN.items()))
    for (field, (code, near)), one in zip(UNKNOWN.items(), checked_ones, strict=True):
        assert errors(one) == [(field, "unknown")]
        (said,) = messages(one, "unknown")
        assert f'"{code}"' in said and (f'Did you mean "{near}"' in said if near else "Did you mean" not in said)
        (fix,) = [p.fix for p in one.problems if p.rule == "unknown"]
        assert (fix.value, fix.safe) == (near, False) if near else fix is None


OFFICIAL = [
    ("Company_Code", "abc", "ABC"), ("Customer_Code", "007COR", "007Cor"), ("Terms_Code", "c", "C"), ("Salesperson_Code", "bob", "BOB"),
    ("Sales_Tax_Code", "ohio", "OHIO"), ("Transaction_Type", "i", "I"), ("Print_Job_Address_Flag", "n", "N"),
]  # fmt: skip


def test_codes_are_stored_in_their_official_form():
    """S2-38"""
    for (field, _, official), one in zip(OFFICIAL, each(*(invoice(**{field: typed}) for field, typed, _ in OFFICIAL)), strict=True):
        assert found(one) == [] and value(one, field) == official
    assert [value(one, "Job_Number") for one in each(invoice(Job_Number="j-100"), invoice(Job_Number="j-300"))] == ["J-100", "J-300"]


def errors_of(*invoices, **how):
    return [errors(one) for one in each(*invoices, **how)]


def found_of(*invoices, **how):
    return [found(one) for one in each(*invoices, **how)]


def test_dates_are_real_and_month_first():
    """S2-5"""
    (short,) = each(invoice(Invoice_Date="5/4/2018", GL_Date="05-04-2018"))
    assert found(short) == [] and (value(short, "Invoice_Date"), value(short, "GL_Date")) == (dt.date(2018, 5, 4), dt.date(2018, 5, 4))
    wrong = ("24/05/2018", "02/30/2018", "05/24/18", "May 24, 2018", "43244")
    for field in ("Invoice_Date", "GL_Date"):
        assert errors_of(*(invoice(**{field: text}) for text in wrong)) == [[(field, "date")]] * len(wrong)
    (lines,) = each(invoice(line(), line(), line(), Invoice_Date="24/05/2018"))
    assert found(lines) == [("Invoice_Date", "date", ERROR)], "one cell of the file is told once, and nothing that hangs on it"


def test_dates_lie_in_the_processing_range():
    """S2-6: the first and the last day belong to it; a company without one has no limits."""
    for field in ("GL_Date", "Invoice_Date"):
        first, last, before, after, free = each(
            *(invoice(**{field: day}) for day in ("05/01/2018", "06/30/2018", "04/30/2018", "07/01/2018")),
            invoice(**{field: "07/01/2018", "Company_Code": "NEW", "AR_GL_Account": "112000"}),
        )
        assert errors(first) == errors(last) == errors(free) == []
        assert (errors(before), errors(after)) == ([(field, "before-range")], [(field, "after-range")])
        assert messages(after, "after-range")[0].endswith("which ends on 30 Jun 2018. Correct the date, or have the range opened.")


def test_both_dates_in_one_period_where_the_company_wants_it():
    """S2-6: a period is a month."""
    wants = {"Company_Code": "VAT", "AR_GL_Account": "112000", "Invoice_Date": "05/31/2018"}
    apart, together, any_month = (
        invoice(GL_Date="06/01/2018", **wants), invoice(GL_Date="05/01/2018", **wants), invoice(GL_Date="06/01/2018", Invoice_Date="05/31/2018")
    )  # fmt: skip
    assert errors_of(apart, together, any_month) == [[("Invoice_Date", "period")], [], []]


# ---- jobs


def test_a_job_is_on_file_and_belongs_to_the_customer():
    """S2-8: in both files; in one of them it is told; a contract is needed only where something comes from it."""
    wanted = {
        ("J-100", "007Cor"): [],
        ("j-200", "BARE"): [("Job_Number", "job-in-one", WARNING)],
        ("J-300", "007Cor"): [("Job_Number", "job-in-one", WARNING)],
        ("J-1000", "007Cor"): [("Job_Number", "unknown", ERROR)],
        ("J-200", "007Cor"): [("Job_Number", "job-owner", ERROR), ("Job_Number", "job-in-one", WARNING)],
        ("J-100", "BARE"): [("Job_Number", "job-owner", ERROR)],  # job and contract have one owner, which is told once
        ("J-300", "BARE"): [("Job_Number", "contract-owner", ERROR), ("Job_Number", "job-in-one", WARNING)],
    }
    cases = each(*(invoice(Job_Number=job, Customer_Code=customer) for job, customer in wanted))
    assert [found(one) for one in cases] == list(wanted.values())
    assert messages(cases[3], "unknown") == [
        'Job number "J-1000" is not among the jobs or contracts on file. Did you mean "J-100"? Correct it, or import the missing one first: reference import jobs FILE.'
    ]
    assert messages(cases[4], "job-owner") == ["Job number J-200 belongs to BARE, not to 007Cor. Correct one of them."]


# ---- numbers


def test_a_number_is_used_once_in_a_company():
    """S2-9: invoices and credits together; another company has its own numbers."""
    twice = checked(invoice(), invoice(Transaction_Type="C"))
    assert {(p.row, p.field, p.rule) for p in twice.problems if p.severity == ERROR} == {(1, "Invoice_Or_Transaction", "duplicate"), (2, "Invoice_Or_Transaction", "duplicate")}
    spelled = checked(invoice(), invoice(Company_Code="abc"))
    assert set(errors(spelled)) == {("Invoice_Or_Transaction", "duplicate")}
    assert errors(checked(invoice(), invoice(Company_Code="NEW", AR_GL_Account="112000"))) == []
    assert errors(rows_checked(header() + detail(), header(company="NEW") + detail())) == []


def test_a_number_on_file_is_never_an_update():
    """S2-9, S2-42"""
    first = of()
    books = Filed(first, **LISTS)
    assert errors(checked(invoice(line(200), Transaction_Type="C"), context=books)) == [("Invoice_Or_Transaction", "exists")]
    assert errors(checked(invoice(Company_Code="NEW"), invoice(Invoice_Or_Transaction="2"), context=books)) == []


def test_the_type_is_invoice_or_credit():
    """S2-10"""
    assert found(of(Transaction_Type="C")) == []
    assert errors(of(Transaction_Type="X")) == [("Transaction_Type", "choice")]


LONG_WORDS = [("Transaction_Type", "Invoice", "I"), ("Transaction_Type", "credit memo", "C"), ("Transaction_Type", "Credit", "C"), ("Print_Job_Address_Flag", "Yes", "Y"), ("Print_Job_Address_Flag", "false", "N")]


def test_a_long_word_for_a_letter_is_told_once_and_mended():
    """S2-10, S2-18, X-4, X-5: it is not too long besides."""
    for (field, _, letter), one in zip(LONG_WORDS, each(*(invoice(**{field: typed}) for field, typed, _ in LONG_WORDS)), strict=True):
        assert [(p.field, p.rule, p.fix) for p in one.problems if p.severity == ERROR] == [(field, "choice", Fix(letter, safe=True))]
    mended = checked(invoice(line(Taxable_Flag="yes"), Transaction_Type="Invoice"), apply_fixes=True)
    assert errors(mended) == [] and (value(mended, "Transaction_Type"), mended.lines["Taxable_Flag"].tolist()) == ("I", ["Y"])


def test_the_job_address_is_printed_or_not():
    """S2-18"""
    assert errors_of(*(invoice(Print_Job_Address_Flag=flag) for flag in ("Y", "n", "X"))) == [[], [], [("Print_Job_Address_Flag", "choice")]]


def test_credits_take_away():
    """S2-10, S0-30: stored below zero, while their lines stay above."""
    report = checked(invoice(line(100.25)), invoice(line(40), Invoice_Or_Transaction="2", Transaction_Type="C"))
    assert report.rows["Invoice_Total"].tolist() == [100_25, -40_00] and report.lines["Line_Extension"].tolist() == [100_25, 40_00]
    assert report.totals() == {"USD": {"Invoice_Total": 60_25}}


def test_what_is_entered_is_not_posted():
    """S2-43"""
    report = checked(invoice(), invoice(Invoice_Or_Transaction="2", Transaction_Type="C"))
    assert report.rows["record.status"].tolist() == ["Staged", "Staged"] and SPECTRUM.receivable == ()


# ---- what is filled in, and from where (S2-46)


FILLED = [
    ("Terms_Code", {}, "1", "customer"),
    ("Terms_Code", {"Job_Number": "J-100"}, "1", "customer"),
    ("Terms_Code", {"Terms_Code": "2"}, "2", None),
    ("Terms_Code", {"Customer_Code": "BARE"}, None, None),
    ("Salesperson_Code", {}, "ANN", "customer"),
    ("Salesperson_Code", {"Job_Number": "J-100"}, "BOB", "contract"),
    ("Salesperson_Code", {"Job_Number": "J-300"}, "ANN", "customer"),
    ("Salesperson_Code", {"Job_Number": "J-100", "Salesperson_Code": "ANN"}, "ANN", None),
    ("Sales_Tax_Code", {}, "OHIO", "customer"),
    ("Sales_Tax_Code", {"Job_Number": "J-100"}, "CITY", "contract"),
    ("Sales_Tax_Code", {"Job_Number": "J-200", "Customer_Code": "BARE"}, "CLASS", "job"),
    ("Sales_Tax_Code", {"Job_Number": "J-100", "Sales_Tax_Code": "CLASS"}, "CLASS", None),
    ("Sales_Tax_Code", {"Customer_Code": "BARE"}, None, None),
    ("Retention_Percent", {}, None, None),
    ("Retention_Percent", {"Job_Number": "J-100"}, "10", "contract"),
    ("Retention_Percent", {"Job_Number": "J-100", "Retention_Percent": 0}, "0", None),
    ("Retention_Percent", {"Job_Number": "J-100", "Retention_Amount": "5"}, "5", "computed"),
    ("Retention_Percent", {"Job_Number": "J-100", "Retention_Amount": "0"}, "0", "computed"),
    ("Print_Job_Address_Flag", {}, "Y", "rule set"),
    ("Print_Job_Address_Flag", {"Print_Job_Address_Flag": "N"}, "N", None),
    ("AR_GL_Account", {}, "112000", "company"),
    ("AR_GL_Account", {"AR_GL_Account": "400000"}, "400000", None),
    ("AR_GL_Account", {"Company_Code": "NEW"}, None, None),
    ("VAT_Code", {}, None, None),
    ("VAT_Code", {"Company_Code": "VAT"}, "V20", "company"),
    ("VAT_Code", {"Company_Code": "VAT", "Job_Number": "J-100"}, "V5", "job"),
    ("VAT_Code", {"Company_Code": "VAT", "Job_Number": "J-100", "VAT_Code": "v0"}, "V0", None),
    ("VAT_Code", {"Job_Number": "J-100"}, None, None),
    ("Asset_Cost_Center", {}, None, None),
    ("Asset_Cost_Center", {"Job_Number": "J-100"}, "101", "contract"),
    ("Asset_Cost_Center", {"Job_Number": "J-100", "Asset_Cost_Center": "102"}, "102", None),
    ("Asset_Cost_Center", {"Job_Number": "J-100", "Company_Code": "VAT"}, None, None),
]


def test_blanks_of_the_header_are_filled_from_the_nearest_place():
    """S2-11, S2-12, S2-15, S2-18, S2-20, S2-22, S2-24, S2-46"""
    for (field, given, expected, source), one in zip(FILLED, each(*(invoice(**given) for _, given, _, _ in FILLED)), strict=True):
        assert (field, given, value(one, field), sources(one, field)) == (field, given, expected, [source] if source else [])


FILLED_LINES = [
    ("GL_Account", {}, "400000", "company"),
    ("GL_Account", {"Job_Number": "J-100"}, "401000", "contract"),
    ("GL_Account", {"Job_Number": "J-300"}, "400000", "company"),
    ("GL_Account", {"Company_Code": "NEW"}, None, None),
    ("Taxable_Flag", {}, "Y", "customer"),
    ("Taxable_Flag", {"Job_Number": "J-100"}, "N", "contract"),
    ("Taxable_Flag", {"Customer_Code": "BARE"}, None, None),
]


def test_blanks_of_lines_are_filled_from_the_nearest_place():
    """S2-27, S2-28, S2-46: a remark without an amount needs neither account nor tax."""
    own = {"GL_Account": "204200", "Taxable_Flag": "N"}
    made = [
        invoice(line(**{field: ""}), line(0, Message="A remark", **{field: ""}), line(**{field: own[field]}), **given) for field, given, _, _ in FILLED_LINES
    ]
    for (field, given, expected, source), one in zip(FILLED_LINES, each(*made), strict=True):
        assert [value(one, field, at) for at in range(3)] == [expected, None, own[field]], (field, given)
        assert [(fill.source, fill.at.tolist()) for fill in one.fills if fill.field == field and len(fill.at)] == ([(source, [0])] if source else [])


STRICT = {"Customer_Code": "STRICT", "Job_Number": "J-STRICT"}
NEEDED = {"Terms_Code": ("1", "customer"), "Salesperson_Code": ("ANN", "customer"), "Sales_Tax_Code": ("OHIO", "contract"), "Asset_Cost_Center": ("102", "contract")}


def test_no_default_makes_a_field_required():
    """S2-11, S2-12, S2-24"""
    bare, *each_filled = each(invoice(**STRICT), *(invoice(**STRICT, **{field: given}) for field, (given, _) in NEEDED.items()))
    assert errors(bare) == [(field, "no-default") for field in NEEDED]
    said = messages(bare, "no-default")
    assert [f"the {place} says that it has no default" in words for words, (_, place) in zip(said, NEEDED.values(), strict=True)] == [True] * 4
    assert [errors(one) for one in each_filled] == [[(other, "no-default") for other in NEEDED if other != field] for field in NEEDED]


def test_no_default_on_lines():
    """S2-27, S2-28: told on the line itself."""
    strict = {**STRICT, **{field: given for field, (given, _) in NEEDED.items()}}
    report = of(line(), line(GL_Account="", Taxable_Flag=""), line(0, GL_Account="", Taxable_Flag="", Message="A remark"), **strict)
    assert errors(report) == [("GL_Account", "no-default"), ("Taxable_Flag", "no-default")]
    assert {p.row for p in report.problems if p.rule == "no-default"} == {2}


# ---- sales tax


RATES = [
    ("OHIO", "05/01/2018", "6.5", []),
    ("OHIO", "05/30/2018", "6.5", []),
    ("OHIO", "05/31/2018", "6.5", []),
    ("OHIO", "06/01/2018", "6.5", ["rate-nearest"]),
    ("OHIO", "06/29/2018", "6.5", ["rate-nearest"]),
    ("OHIO", "06/30/2018", "7", []),
    ("CITY", "06/01/2018", "2", []),
    ("CITY", "05/31/2018", "2", ["rate-later"]),
    ("FLAT", "05/24/2018", "5", []),
    ("CLASS", "05/24/2018", None, ["no-rate"]),
]


def test_the_rate_of_the_day():
    """S2-13: the latest on or before the date, else the earliest after; the closest is told where it differs. The code's own where it has no dated ones."""
    made = [invoice(line(1000, Taxable_Flag="Y"), Sales_Tax_Code=code, Invoice_Date=date) for code, date, _, _ in RATES]
    for (code, date, rate, rules), one in zip(RATES, each(*made), strict=True):
        assert [p.rule for p in one.problems if p.rule.startswith("rate-") or p.rule == "no-rate"] == rules, (code, date)
        assert value(one, "Sales_Tax_Amount") == (int(float(rate) * 1000) if rate else None)
        assert one.accepted == 1


def test_what_is_said_of_rates():
    """S2-13: both rates are named."""
    near = of(line(Taxable_Flag="Y"), Sales_Tax_Code="OHIO", Invoice_Date="06/29/2018")
    assert messages(near, "rate-nearest") == ["Tax code OHIO is 6.5 % on 29 Jun 2018; the rate of the closest date is 7 %. The rate that holds on the day is used."]
    later = of(line(Taxable_Flag="Y"), Sales_Tax_Code="CITY")
    assert messages(later, "rate-later") == ["Tax code CITY has no rate yet on 24 May 2018; the first one, 2 % from 1 Jun 2018, is used."]


def test_tax_is_on_the_taxable_lines():
    """S2-14: rounded once an invoice, halves up; a given amount stays and is told where it differs by more than a cent a line."""
    lines = (line(10.05, Taxable_Flag="Y"), line(20, Taxable_Flag="N"), line(0.51, Taxable_Flag="Y"))
    ohio = {"Sales_Tax_Code": "OHIO"}
    worked, half, none, near, far, zero, below = each(
        invoice(*lines, **ohio),
        invoice(line(100, Taxable_Flag="Y"), line(30.70, Taxable_Flag="Y"), line(0.07, Taxable_Flag="Y"), **ohio),
        invoice(line(20, Taxable_Flag="N"), **ohio),
        *(invoice(*lines, **ohio, Sales_Tax_Amount=given) for given in (0.72, 0.73, 0, -0.01)),
    )
    assert value(worked, "Sales_Tax_Amount") == 69  # 6.5 % of 10.56 is 0.6864
    assert value(half, "Sales_Tax_Amount") == 8_50  # 8.50005
    assert value(none, "Sales_Tax_Amount") == 0
    assert found(near) == [] and value(near, "Sales_Tax_Amount") == 72
    assert found(far) == [("Sales_Tax_Amount", "computed", WARNING)] and value(far, "Sales_Tax_Amount") == 73
    assert value(zero, "Sales_Tax_Amount") == 0 and errors(below) == [("Sales_Tax_Amount", "not-negative")]


SIZES = [
    ("Sales_Tax_Amount", "9999999999.99", "10000000000.01"),
    ("Retention_Amount", "9999999999.99", "10000000000.01"),
    ("Total_VAT_Amount", "999999999.99", "1000000000.01"),
    ("Line_Extension", "9999999999.99", "10000000000.01"),
    ("Retention_Percent", "10.125", "10.1255"),
]


def test_sizes_are_characters_of_the_plain_number():
    """S2-14, S2-15, S2-17, S2-23, S2-26, S2-36: the decimal point counts, thousands commas and a dollar sign do not."""
    dressed = {"9999999999.99": "$9,999,999,999.99"}
    for of_them, fits in ((lambda most, _: most, True), (lambda most, _: dressed.get(most, f" {most} "), True), (lambda _, beyond: beyond, False)):
        for (field, *ends), one in zip(SIZES, each(*(amounts(field, of_them(*ends)) for field, *ends in SIZES)), strict=True):
            assert ((field, "size") not in errors(one)) == fits, (field, ends)


def amounts(field, text):
    """An invoice with this in one of the fields of its header, or as the amount of its line."""
    return invoice(line(text)) if field == "Line_Extension" else invoice(**{field: text})


def test_money_has_two_decimals():
    """S2-37: never rounded."""
    fields = ("Sales_Tax_Amount", "Retention_Amount", "Total_VAT_Amount", "Line_Extension")
    for text, fits in (("1.25", True), ("1.250", True), ("1.255", False)):
        for field, one in zip(fields, each(*(amounts(field, text) for field in fields)), strict=True):
            assert ((field, "decimals") not in errors(one)) == fits, (field, text)


# ---- retention


RETAINED = [
    ({}, None, None, []),
    ({"Retention_Percent": "10.5"}, "10.5", 10_50, []),
    ({"Retention_Percent": "10.5 %"}, "10.5", 10_50, []),
    ({"Retention_Percent": 0}, "0", 0, []),
    ({"Retention_Percent": "100"}, "100", 100_00, []),
    ({"Retention_Percent": "100.1"}, "100.1", None, [("Retention_Percent", "percent-100")]),
    ({"Retention_Percent": "-1"}, "-1", None, [("Retention_Percent", "not-negative")]),
    ({"Retention_Amount": "33.33"}, "33.33", 33_33, []),
    ({"Retention_Amount": "0"}, "0", 0, []),
    ({"Retention_Amount": "100"}, "100", 100_00, []),
    ({"Retention_Amount": "100.01"}, None, 100_01, [("Retention_Amount", "retention-above")]),
    ({"Retention_Amount": "-1"}, None, -1_00, [("Retention_Amount", "negative-retention")]),
    ({"Retention_Amount": "-0.01"}, None, -1, [("Retention_Amount", "negative-retention")]),
    ({"Retention_Percent": "10", "Retention_Amount": "10.50"}, "10", 10_50, []),
    ({"Retention_Percent": "10", "Retention_Amount": "10.51"}, "10", 10_51, [("Retention_Amount", "retention-differs")]),
    ({"Retention_Percent": "10.5", "Retention_Amount": "10.55"}, "10.5", 10_55, []),
    ({"Retention_Percent": "10.5", "Retention_Amount": "10.56"}, "10.5", 10_56, [("Retention_Amount", "retention-differs")]),
    ({"Retention_Percent": "10.555", "Retention_Amount": "10.57"}, "10.555", 10_57, []),
    ({"Retention_Percent": "10.555", "Retention_Amount": "10.58"}, "10.555", 10_58, [("Retention_Amount", "retention-differs")]),
    ({"Retention_Percent": "100", "Retention_Amount": "99.99"}, "100", 99_99, [("Retention_Amount", "retention-only")]),
    ({"Retention_Percent": "100", "Retention_Amount": "5"}, "100", 5_00, [("Retention_Amount", "retention-only")]),
    ({"Retention_Percent": "50", "Retention_Amount": "100"}, "50", 100_00, [("Retention_Percent", "retention-percent")]),
    ({"Retention_Percent": "99.999", "Retention_Amount": "100"}, "99.999", 100_00, [("Retention_Percent", "retention-percent")]),
    ({"Retention_Percent": "0", "Retention_Amount": "0"}, "0", 0, []),
]


def test_retention():
    """S2-15, S2-16, S2-17, S2-35 on one line of 100.00."""
    for (given, percent, amount, rules), one in zip(RETAINED, each(*(invoice(line(100), **given) for given, *_ in RETAINED)), strict=True):
        assert (given, errors(one)) == (given, rules)
        assert (value(one, "Retention_Percent"), value(one, "Retention_Amount")) == (percent, amount), given


def test_one_cent_above_zero_makes_no_credit_memo():
    """S2-34"""
    told = {cents: [rule for _, rule in errors(of(line(-5), line(cents)))] for cents in (-0.01, 0.01)}
    assert ("all-negative" in told[-0.01], "all-negative" in told[0.01]) == (True, False)


def test_retention_of_a_third_agrees_with_itself():
    """S2-17: an amount alone yields the percentage, to three decimals."""
    report = of(line(99.97), line(0.01), Retention_Amount=33.33)
    assert errors(report) == [] and value(report, "Retention_Percent") == "33.337"


def test_a_percent_cell_of_a_sheet(tmp_path):
    """S2-15: 0.105 shown as 10.5 % is read as 10.5, and told."""
    frame = [[*HEADINGS, "Retention %"], [*header(), *detail(), 0.105], [*header("2"), *detail(), 10.5]]
    book = openpyxl.Workbook()
    for row in frame:
        book.active.append(row)
    book.active["L2"].number_format = "0.0%"
    book.save(tmp_path / "percent.xlsx")
    report = examine(tmp_path / "percent.xlsx", SPECTRUM, context=BOOKS, today=TODAY)
    assert found(report) == [] and [str(rate.normalize()) for rate in report.rows["Retention_Percent"]] == ["10.5", "10.5"]
    assert report.rows["Retention_Amount"].tolist() == [10_50, 10_50]
    assert [(p.row, p.field, p.severity) for p in report.problems if p.rule == "percent-cell"] == [(2, "Retention_Percent", NOTICE)]


def test_a_negative_retention_is_a_credit_memo():
    """S2-35"""
    assert errors(of(Transaction_Type="C", Retention_Amount="10")) == []
    assert errors(of(Transaction_Type="C", Retention_Amount="-10")) == [("Retention_Amount", "negative-retention")]
    assert "credit memo (type C)" in messages(of(Retention_Amount="-10"), "negative-retention")[0]


# ---- accounts, VAT, cost centers


ON = {"Company_Code": "VAT", "AR_GL_Account": "112000"}
"""A company with VAT."""


def test_accounts():
    """S2-20, S2-26: on file, no direct-cost account, no dashes."""
    for field, id in (("AR_GL_Account", "direct-cost-araccount"), ("GL_Account", "direct-cost-account")):
        made = [invoice(line(GL_Account=text)) if field == "GL_Account" else invoice(AR_GL_Account=text) for text in ("401000", "500100", "401001", "401-000")]
        cases = each(*made)
        assert [errors(one) for one in cases] == [[], [(field, id)], [(field, "unknown")], [(field, "dashes")]]
        (fix,) = [p.fix for p in cases[3].problems if p.rule == "dashes"]
        assert (fix.value, fix.safe) == ("401000", True)


def test_dashes_are_taken_out_where_safe_fixes_are_wanted():
    """S2-20"""
    report = checked(invoice(line(GL_Account="401-000"), AR_GL_Account="112-000"), apply_fixes=True)
    assert errors(report) == [] and (value(report, "GL_Account"), value(report, "AR_GL_Account")) == ("401000", "112000")


UNSAID = {"Company_Code": "NEW", "AR_GL_Account": "400000"}
"""Of a company whose flags are blank."""


def test_vat_only_where_the_company_has_it():
    """S2-21: an amount of 0 says nothing, and a blank flag is no yes."""
    off = invoice(VAT_Code="V20"), invoice(Total_VAT_Amount="20"), invoice(Total_VAT_Amount="0")
    assert errors_of(*off) == [[("VAT_Code", "vat-off-vat-code")], [("Total_VAT_Amount", "vat-off-total-vat-amount")], []]
    assert errors_of(*({**one, **UNSAID} for one in off)) == errors_of(*off)
    assert errors_of(invoice(VAT_Code="V20", Total_VAT_Amount="20", **ON), invoice(VAT_Code="V9", **ON)) == [[], [("VAT_Code", "unknown")]]


def test_vat_is_on_the_whole_invoice():
    """S2-23: worked out on taxable and other lines; a given amount counts and is told where it differs."""
    lines = (line(100, Taxable_Flag="Y"), line(0.13, Taxable_Flag="N"))
    own, reduced, given, below = each(
        invoice(*lines, **ON, Sales_Tax_Amount=6.5), invoice(*lines, **ON, VAT_Code="V5", Sales_Tax_Amount=6.5),
        invoice(*lines, **ON, Total_VAT_Amount="19", Sales_Tax_Amount=6.5), invoice(**ON, Total_VAT_Amount="-1"),
    )  # fmt: skip
    assert [value(one, "Total_VAT_Amount") for one in (own, reduced, given)] == [20_03, 5_01, 19_00]
    assert found(given) == [("Total_VAT_Amount", "computed", WARNING)] and errors(below) == [("Total_VAT_Amount", "not-negative")]


def test_of_lines_that_come_to_nothing_nothing_is_retained_or_taxed():
    """S2-17, S2-23"""
    report = of(line(100), line(-100), **ON, Retention_Percent="10")
    assert (value(report, "Retention_Amount"), value(report, "Total_VAT_Amount")) == (0, 0)
    assert [rule for field, rule in errors(report) if field.startswith("Retention")] == []


def test_where_there_is_vat_tax_and_retention_have_other_names():
    """S2-21"""
    assert messages(of(**ON, Retention_Percent="101"), "percent-100") == ["Holdback % is 101 %, above 100 %. Correct it."]
    assert messages(of(**ON, Sales_Tax_Code="NONE"), "unknown")[0].startswith('PST code "NONE" is not among the tax codes on file.')
    assert messages(of(Retention_Percent="101"), "percent-100") == ["Retention % is 101 %, above 100 %. Correct it."]


@pytest.mark.parametrize(("alias", "field"), [("Total_VAT_Amt", "Total_VAT_Amount"), ("Rentention_Amount", "Retention_Amount")])
def test_spellings_of_the_service(alias, field):
    """S2-23"""
    report = of(**ON, **{alias: "20.00"})
    assert found(report) == [] and value(report, field) == 20_00


def test_cost_centers_go_with_account_and_customer():
    """S2-24, S2-26: an account or a customer without a list takes all of them."""
    asset, income = "Asset_Cost_Center", "Income_Cost_Center"
    wanted = [
        (invoice(Asset_Cost_Center="101"), []),
        (invoice(Asset_Cost_Center="100"), [(asset, "asset-cost-center-araccount")]),
        (invoice(Asset_Cost_Center="103", AR_GL_Account="400000"), [(asset, "asset-cost-center-customer")]),
        (invoice(Asset_Cost_Center="103", AR_GL_Account="400000", Customer_Code="BARE"), []),
        (invoice(line(GL_Account="204200", Income_Cost_Center="100")), []),
        (invoice(line(GL_Account="204200", Income_Cost_Center="101")), [(income, "income-cost-center-account")]),
        (invoice(line(Income_Cost_Center="103")), [(income, "income-cost-center-customer")]),
        (invoice(line(Income_Cost_Center="999")), [(income, "unknown")]),
    ]
    cases = each(*(one for one, _ in wanted))
    assert [errors(one) for one in cases] == [expected for _, expected in wanted]
    said = messages(cases[1], "asset-cost-center-araccount")
    assert said == ["Asset cost center 100 does not go with the A/R account, which allows 101, 102 alone. Correct one of them."]


def test_cost_centers_only_where_the_company_has_them():
    """S2-25: a blank flag is no yes; of a company that is not on file nothing is known."""
    off = {"Company_Code": "VAT", "AR_GL_Account": "400000"}
    header_and_line = errors_of(invoice(Asset_Cost_Center="101", **off), invoice(line(Income_Cost_Center="101"), **off))
    assert header_and_line == [[("Asset_Cost_Center", "cost-centers-off-asset")], [("Income_Cost_Center", "cost-centers-off-income")]]
    assert errors_of(invoice(Asset_Cost_Center="101", **UNSAID), invoice(line(Income_Cost_Center="101"), **UNSAID)) == header_and_line
    assert errors(of(line(Income_Cost_Center="101"), Asset_Cost_Center="101", Company_Code="XXX")) == [("Company_Code", "unknown")]
    assert messages(of(Asset_Cost_Center="101", **UNSAID), "cost-centers-off-asset") == [
        "Asset cost center is filled, but the company does not use cost centers. Clear it, or say yes to cost centers in the list of companies."
    ]


# ---- lines


def test_lengths_of_lines():
    """S2-26, S2-39"""
    lengths = {"Detail_Description": 30, "Message": 250, "GL_Account": 12, "Income_Cost_Center": 10}
    fits, longer = ([invoice(line(**{name: "x" * (most + more)})) for name, most in lengths.items()] for more in (0, 1))
    assert errors_of(*fits, context=None) == [[]] * len(lengths)
    assert errors_of(*longer, context=None) == [[(name, "max-length")] for name in lengths]


def test_what_a_line_says():
    """S2-26, S2-28, S2-29"""
    wanted = [
        (line(""), [("Line_Extension", "required", ERROR)]),
        (line(Quantity=""), []),
        (line(Quantity="-2.5"), []),
        (line(Quantity="a few"), [("Quantity", "number", ERROR)]),
        (line(Taxable_Flag="y"), []),
        (line(Taxable_Flag="Q"), [("Taxable_Flag", "choice", ERROR)]),
        (line(Unit_Of_Measure="HRS"), []),
        (line(Unit_Of_Measure="HOUR"), [("Unit_Of_Measure", "unit-length", WARNING)]),
    ]
    assert found_of(*(invoice(its) for its, _ in wanted)) == [expected for _, expected in wanted]


BARE = {"Quantity": "", "Detail_Description": ""}


SAYS = [
    (line(0, Message="A remark", **BARE), []),
    (line(0, Message="A remark"), []),
    (line(0), [("Line_Extension", "zero-line", WARNING)]),
    (line(0, **BARE | {"Quantity": 2}), [("Line_Extension", "zero-line", WARNING)]),
    (line(0, **BARE | {"Detail_Description": "An Item"}), [("Line_Extension", "zero-line", WARNING)]),
    (line(0, **BARE), [("Line_Extension", "empty-line", ERROR)]),
    (line(0, **BARE | {"Quantity": 0}), [("Line_Extension", "empty-line", ERROR)]),
    (line(0.01, **BARE), [("Line_Extension", "bare-line", WARNING)]),
    (line(0.01, **BARE, Message="A remark"), []),
    (line(-0.01), [("Transaction_Type", "all-negative", ERROR), ("Line_Extension", "negative-line", ERROR)]),
]


def test_lines_say_something():
    """S2-30, S2-32, S2-34"""
    assert [found(one) for one in each(*(invoice(its) for its, _ in SAYS))] == [expected for _, expected in SAYS]


def test_all_lines_below_zero_are_a_credit_memo():
    """S2-34: offered as a hint, never done in bulk; mixed signs are no credit memo."""
    all_of_them, mixed, credit = each(
        invoice(line(-5, Taxable_Flag="Y"), line(-7.5), line(0, Message="A remark")), invoice(line(-5), line(7.5)), invoice(line(-5), Transaction_Type="C")
    )
    negative = ("Line_Extension", "negative-line")
    assert errors(all_of_them) == [("Transaction_Type", "all-negative"), negative, negative]
    (fix,) = [p.fix for p in all_of_them.problems if p.rule == "all-negative"]
    assert (fix.value, fix.safe, fix.says) == ("C", False, "C, with the amounts of the lines above zero")
    assert errors(mixed) == errors(credit) == [negative]


def test_identical_lines_stay_and_so_does_their_order():
    """S2-31, S2-33"""
    report = of(line(5), line(7, Detail_Description="Other"), line(5), line(5))
    assert found(report) == [] and report.lines["Line_Extension"].tolist() == [5_00, 7_00, 5_00, 5_00]


# ---- lists that are missing


def test_without_lists_it_is_told_once_what_to_import():
    """S2-4 … S2-28: one sentence a list, not one a cell."""
    report = checked(invoice(), invoice(Invoice_Or_Transaction="2"), context=Lists())
    missing = [p for p in report.problems if p.rule == "none-on-file"]
    assert [p.field for p in missing] == ["Company_Code", "Customer_Code", "GL_Account"] and {p.row for p in missing} == {None}
    assert missing[0].message == "No companies are on file yet, so Company code cannot be looked up. Import them first: reference import companies FILE."


def test_without_a_store_nothing_is_looked_up():
    """S2-46: neither codes nor defaults; what the file itself says is judged."""
    report = checked(invoice(line(GL_Account="4-1")), context=None)
    assert errors(report) == [("GL_Account", "dashes")] and [fill.source for fill in report.fills] == ["rule set", "computed"]


def test_every_message_is_a_sentence():
    for _, rule in SPECTRUM.rules:
        assert rule.message.endswith((".", "?")) and (rule.spec.startswith(("S2-", "X-", "S3-", "S0-")) or rule == REQUIRED)
