"""QuickBooks invoice history: what comes in as a draft, into A/R aging or closed, and what stays out (S1-3 … S1-18)."""

import datetime as dt
import json

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.problems import Severity
from invoice_rules.results import Entity
from invoice_rules.rulesets import rule_set
from tests.rulesets.lists import Filed, Lists

HISTORY = rule_set("quickbooks.history")
TODAY = dt.date(2017, 6, 30)
COMPANY = {"companyFile": "Craig's Design", "project": "Harbour Hall"}
NAMES = ["Harbour Hall", "Quay 7"]
PROJECTS = Lists(projects=NAMES)


def line(amount=50, kind="SalesItemLineDetail", **more):
    return {"Amount": amount, "DetailType": kind, "Description": "Concrete", **more}


def invoice(id="146", **more):
    """An invoice as QuickBooks Online gives it, sent and not paid; its own names may be replaced, None takes one away."""
    made = {
        "Id": id,
        "DocNumber": f"10{id}",
        "TxnDate": "2017-03-24",
        "DueDate": "2017-04-23",
        "CurrencyRef": {"value": "USD"},
        "CustomerRef": {"value": f"C{id}", "name": "Bill's Windsurf Shop"},
        "Line": [line(), line(kind="SubTotalLineDetail")],
        "TxnTaxDetail": {"TotalTax": 0},
        "TotalAmt": 50.00,
        "Balance": 50.00,
        "EmailStatus": "EmailSent",
        "PrintStatus": "NotSet",
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def checked(*invoices, settings=COMPANY, **how):
    content = json.dumps({"QueryResponse": {"Invoice": list(invoices)}}).encode()
    return examine(("history.json", content), HISTORY, settings=settings, today=TODAY, **how)


def found(report, least=Severity.WARNING):
    return [(p.field, p.rule, p.severity) for p in report.problems if p.severity >= least]


def messages(report, rule):
    return [p.message for p in report.problems if p.rule == rule]


def test_the_currency_is_one_for_the_whole_invoice():  # S0-28, X-17
    heads = "quickbooksId,customerName,project,invoiceDate,total,balance,lineAmount,currency"
    body = "146,Bill's,P-1,03/24/2017,100.00,100.00,50.00,USD\n146,Bill's,P-1,03/24/2017,,,50.00,"

    def said(code):
        report = examine(("history.csv", f"{heads}\n{body}{code}\n".encode()), HISTORY, settings={"companyFile": "Hollis"}, today=TODAY)
        return [(p.row, p.field, p.rule) for p in report.problems if p.severity is Severity.ERROR], messages(report, "header-differs")

    assert said("EUR") == ([(3, "currency", "header-differs")], ['Currency is "EUR" here and "USD" on row 2. These rows are one invoice, which has one Currency.'])
    assert said("usd") == said("") == ([], [])


def statuses(*invoices, **how):
    return checked(*invoices, **how).rows["record.status"].tolist()


def test_an_invoice_comes_in_as_a_manual_one_of_its_project():
    """S1-8"""
    report = checked(invoice(), context=PROJECTS)
    assert found(report) == [] and report.accepted == 1
    row = report.rows.iloc[0]
    assert (row["kind"], row["project"], row["quickbooksId"], row["companyFile"]) == ("manual", "Harbour Hall", "146", "Craig's Design")
    assert (row["total"], row["balance"], row["currency"]) == (5000, 5000, "USD")
    assert report.lines[["lineDescription", "lineAmount"]].to_numpy().tolist() == [["Concrete", 5000]]


@pytest.mark.parametrize("missing", ["Id", "CustomerRef", "TxnDate", "TotalAmt", "Balance"])
def test_what_an_invoice_needs(missing):
    report = checked(invoice("1"), invoice("2", **{missing: None, "Line": [line(), line(5)] if missing == "TotalAmt" else [line()]}))
    if missing == "TotalAmt":  # worked out from the lines (X-25)
        assert found(report) == [] and report.rows["total"].tolist() == [5000, 5500]
    else:
        field = {"Id": "quickbooksId", "CustomerRef": "customerName", "TxnDate": "invoiceDate", "Balance": "balance"}[missing]
        assert found(report, Severity.ERROR) == [(field, "required", Severity.ERROR)]


def test_company_file_and_project_come_from_the_file_or_the_settings():
    """S1-4, S1-12: without a project an invoice stays out."""
    assert found(checked(invoice(), settings={})) == [("companyFile", "unmapped", Severity.ERROR), ("project", "unmapped", Severity.ERROR)]
    two = (invoice("1", ProjectRef={"name": "Quay 7"}, Line=[line()]), invoice("2", ProjectRef={"name": ""}))
    by_row = checked(*two, settings={"companyFile": "C"}, context=PROJECTS)
    assert found(by_row) == [("project", "required", Severity.ERROR)] and by_row.rows["project"].tolist()[0] == "Quay 7"
    by_batch = checked(*two, context=PROJECTS)
    assert found(by_batch) == [] and by_batch.rows["project"].tolist() == ["Harbour Hall", "Harbour Hall"]
    assert messages(by_batch, "setting-overwrites") == ["The setting project=Harbour Hall replaces what 1 cell of Project said."]


NAMED = Lists(projects=[
    {"project": "P-1", "name": "Harbour Hall"}, {"project": "P-2", "name": "Quay 7"}, {"project": "P-3", "name": "Twice"},
    {"project": "P-4", "name": "twice"}, {"project": "Loft", "name": "P-1"}, {"project": "P-5"},
])  # fmt: skip


@pytest.mark.parametrize(("said", "project"), [("harbour hall", "P-1"), ("P-1", "P-1"), ("p-2", "P-2"), ("Twice", None), ("Loft", "Loft")])
def test_a_project_goes_by_its_name_where_one_alone_has_it(said, project):
    """S1-4, S1-12: QuickBooks gives the name; it is stored as the list's own code, which goes before a name."""
    report = checked(invoice(), settings={**COMPANY, "project": said}, context=NAMED)
    assert found(report) == ([] if project else [("project", "unknown", Severity.ERROR)])
    assert project is None or report.rows["project"].tolist() == [project]
    assert [fill.source for fill in report.fills if fill.field == "project"] == ["setting", *(["projects"] if said == "harbour hall" else [])]


def test_history_into_closed_books_waits_for_a_yes():
    """X-24: for the histories a hold, not an error."""
    closed = Lists(projects=NAMES)
    closed.entity = Entity(closed_until=dt.date(2017, 3, 24))
    report = checked(invoice(), context=closed)
    assert found(report) == [("invoiceDate", "closed-books", Severity.HOLD)]


def test_an_unknown_project_is_told_before_anything_is_confirmed():
    """S1-18"""
    report = checked(invoice(), settings={**COMPANY, "project": "Habour Hall"}, context=PROJECTS)
    ((field, rule, severity),) = found(report)
    assert (field, rule, severity) == ("project", "unknown", Severity.ERROR)
    assert "Did you mean" in messages(report, "unknown")[0] and "Harbour Hall" in messages(report, "unknown")[0]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("A/R aging", {}),
        ("A/R aging", {"EmailStatus": "NotSet"}),
        ("A/R aging", {"EmailStatus": "NotSet", "PrintStatus": "NeedToPrint"}),
        ("A/R aging", {"Balance": 20}),
        ("Drafts", {"EmailStatus": "NeedToSend"}),
        ("A/R aging", {"EmailStatus": "NeedToSend", "Balance": 49.99}),
        ("Closed", {"EmailStatus": "NeedToSend", "Balance": 0}),
        ("Closed", {"Balance": 0}),
        ("Drafts", {"IsPending": True}),
        ("Drafts", {"IsPending": True, "Balance": 0}),
        ("Closed", {"IsPending": False, "Balance": 0}),
        ("Drafts", {"EmailStatus": "NeedToSend", "TotalAmt": 0, "Balance": 0, "Line": [line(0)]}),
        (None, {"Balance": "?"}),
        (None, {"Balance": "?", "EmailStatus": None, "PrintStatus": None}),
    ],
)
def test_drafts_aging_and_closed(status, told):
    """S1-9: still to be sent counts only while nothing is paid; everything else with a balance is in A/R aging."""
    assert statuses(invoice(**told)) == [status] if status else checked(invoice(**told)).rows["record.status"].isna().all()


def test_unprinted_invoices_are_drafts_where_the_setting_says_so():
    """S1-9"""
    two = (invoice("1", PrintStatus="NeedToPrint"), invoice("2", PrintStatus="NeedToPrint", Balance=20))
    assert statuses(*two) == ["A/R aging", "A/R aging"]
    assert statuses(*two, settings={**COMPANY, "unprintedDraft": "yes"}) == ["Drafts", "A/R aging"]


def test_only_what_is_in_aging_counts_as_receivable():
    """S1-9"""
    assert HISTORY.receivable == ("A/R aging",)


VOID = {"TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided - entered twice", "Line": [line(0)]}


def test_void_invoices_are_left_out_and_counted():
    """S1-9: QuickBooks Online puts the word before the note and all amounts to zero."""
    report = checked(invoice("1"), invoice("2", **VOID), invoice("3", PrivateNote="Voided cheque came back"), invoice("4", IsVoided=True))
    assert report.rows["quickbooksId"].tolist() == ["1", "3"] and report.invoices == 2
    assert messages(report, "not-chosen") == ["2 invoices are left out: Voided says yes (include them with voids=include)."]
    assert statuses(invoice("2", **VOID), settings={**COMPANY, "voids": "include"}) == ["Void"]


def test_a_range_of_dates_includes_both_ends():
    """S1-3"""
    days = [invoice(str(at), TxnDate=f"2017-03-{day}") for at, day in enumerate((23, 24, 25, 26), 1)]
    report = checked(*days, settings={**COMPANY, "from": "2017-03-24", "to": "2017-03-25"})
    assert report.rows["quickbooksId"].tolist() == ["2", "3"]
    assert messages(report, "not-chosen") == [
        "1 invoice is left out: Invoice date is before 24 Mar 2017.",
        "1 invoice is left out: Invoice date is after 25 Mar 2017.",
    ]
    with pytest.raises(CannotRun, match="before it begins"):
        checked(*days, settings={**COMPANY, "from": "2017-03-25", "to": "2017-03-24"})


def test_nothing_chosen_is_nothing_to_import_and_no_failure():
    """S1-17"""
    report = checked(invoice(), settings={**COMPANY, "from": "2017-03-25"})
    assert (report.invoices, report.blocked, found(report)) == (0, [], []) and report.summary().startswith("Nothing to import")


def test_what_is_left_out_is_not_judged():
    """S1-3: the errors of other years are nobody's business."""
    report = checked(invoice("1"), invoice("2", TxnDate="2016-01-01", Balance=99), settings={**COMPANY, "from": "2017-01-01"})
    assert found(report) == [] and report.accepted == 1


def test_an_invoice_is_imported_once():
    """S1-11, S1-14: the id decides; in the file, too."""
    first = checked(invoice("1"))
    again = checked(invoice("1"), invoice("2"), context=Filed(first, projects=NAMES))
    assert found(again) == [("quickbooksId", "exists", Severity.ERROR)] and again.accepted == 1
    other_company = checked(invoice("1"), context=Filed(first, projects=NAMES), settings={**COMPANY, "companyFile": "Harbour Cafe"})
    assert ("quickbooksId", "exists") not in [(field, rule) for field, rule, _ in found(other_company)]
    twice = checked(invoice("1"), invoice("1", DocNumber="77"))
    assert {(field, rule) for field, rule, _ in found(twice)} == {("quickbooksId", "duplicate")} and twice.accepted == 0


def test_the_same_customer_and_number_under_another_id_stays_out():
    """S1-11"""
    same = {"CustomerRef": {"value": "7", "name": "Miller"}, "DocNumber": "1039"}
    again = checked(invoice("2", **same), context=Filed(checked(invoice("1", **same)), projects=NAMES))
    assert again.accepted == 0 and ("invoiceNumber", "number-again") in [(field, rule) for field, rule, _ in found(again)]
    (told,) = messages(again, "number-again")
    assert told.endswith("under another invoice ID. A number comes in once: leave this invoice out, or correct its number.")


def csv_of(*rows: str, heads: str = "Company file,Id,Num,Customer,Project,Date,Total,Balance,Amount"):
    return ("h.csv", "\n".join([heads, *rows]).encode())


MILLER = "C,146,1039,Miller,Quay 7,2017-03-24,80.00,30.00,80.00"


def again_in(*rows: str, heads: str = "") -> list[tuple[int | None, str]]:
    """(row, rule) of the errors of a file of these rows."""
    report = examine(csv_of(*rows, **({"heads": heads} if heads else {})), HISTORY, today=TODAY, context=PROJECTS)
    return [(p.row, p.rule) for p in report.problems if p.severity == Severity.ERROR]


def test_customers_without_an_id_are_the_same_by_name():
    """S1-11: the same customer and number twice in a file, and once with an id of the customer."""
    other = MILLER.replace("146", "147")
    assert again_in(MILLER, other.replace("Miller", "MILLER ")) == [(2, "number-again"), (3, "number-again")]
    assert again_in(MILLER, other.replace("Miller", "Crane")) == []
    heads = "Company file,Id,Num,Customer,Project,Date,Total,Balance,Amount,Customer ID"
    assert again_in(f"{MILLER},", f"{other},7", heads=heads) == [(2, "number-again"), (3, "number-again")]
    assert again_in(f"{MILLER},6", f"{other},7", heads=heads) == []


def test_each_company_file_has_ids_and_numbers_of_its_own():
    """S1-11: the same id in another company file is another invoice."""
    report = examine(csv_of(MILLER, MILLER.replace("C,", "D,")), HISTORY, today=TODAY, context=PROJECTS)
    assert (report.invoices, found(report)) == (2, []) and report.totals()["USD"]["total"] == 160_00
    assert again_in(MILLER, MILLER.replace("80.00,30", "90.00,30")) != []


def test_a_column_called_company_name_is_not_taken_for_the_company_file():
    """X-13: in QuickBooks' reports it is the company of the customer."""
    report = examine(csv_of(MILLER, heads="Company name,Id,Num,Customer,Project,Date,Total,Balance,Amount"), HISTORY, today=TODAY, context=PROJECTS)
    assert report.mapping.matches["companyFile"].column is None


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        ("BigTime invoice 4711", "from-bigtime"),
        ("Thanks! [BigTime #4711]", "from-bigtime"),
        ("created in BigTime on 3 March", "from-bigtime"),
        ("Exported from BigTime", "from-bigtime"),
        ("Not created in BigTime", "mentions-bigtime"),
        ("Ask Ann whether it was sent from BigTime", "mentions-bigtime"),
        ("see the hours in BigTime", "mentions-bigtime"),
        ("It was a big time for us", "mentions-bigtime"),
        ("Front yard, hedges, and sidewalks", ""),
        (None, ""),
    ],
)
def test_what_was_made_in_bigtime_does_not_come_back(note, rule):
    """S1-13: sure where the note carries the mark, told where it only speaks of BigTime."""
    report = checked(invoice("1"), invoice("2", PrivateNote=note))
    assert [name for _, name, _ in found(report)] == ([rule] if rule else [])
    assert report.accepted == (1 if rule == "from-bigtime" else 2)


def test_a_balance_may_be_the_total_and_not_a_cent_more():
    """S1-9"""
    assert found(checked(invoice(Balance=50))) == []
    assert found(checked(invoice(Balance=50.01))) == [("balance", "within-total", Severity.ERROR)]


def test_a_due_date_before_the_invoice_is_told():
    assert found(checked(invoice(DueDate="2017-03-24"))) == []
    assert found(checked(invoice(DueDate="2017-03-23"))) == [("dueDate", "due-before-date", Severity.WARNING)]


@pytest.mark.parametrize(("length", "rules"), [(21, []), (22, [("invoiceNumber", "max-length", Severity.ERROR)])])
def test_a_number_has_up_to_21_characters(length, rules):
    assert found(checked(invoice(DocNumber="9" * length))) == rules


def test_subtotals_are_no_lines_and_discounts_take_away():
    """A discount line has a positive amount; the total is that of the lines with the tax (X-25)."""
    lines = [line(100), line(kind="SubTotalLineDetail", amount=100), line(10, "DiscountLineDetail"), line(kind="DescriptionOnly", amount=0)]
    report = checked(invoice(Line=lines, TotalAmt=97.2, Balance=97.2, TxnTaxDetail={"TotalTax": 7.2}))
    assert found(report) == [] and report.lines["lineAmount"].tolist() == [10000, 1000, 0]
    assert messages(report, "lines-left-out") == ["1 row with Kind of line SubTotalLineDetail is not imported."]
    off = checked(invoice(Line=lines, TotalAmt=97.3, Balance=97.2, TxnTaxDetail={"TotalTax": 7.2}))
    assert found(off) == [("total", "computed", Severity.WARNING)] and off.rows["total"].tolist() == [9730]


def test_a_line_that_is_text_alone_needs_no_amount():
    """As QuickBooks gives it; other lines need theirs (X-4)."""
    alone = {"Description": "Thank you", "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    report = checked(invoice(Line=[line(), alone, line(kind="SubTotalLineDetail")]))
    assert found(report) == [] and report.accepted == 1 and report.lines["lineAmount"].tolist() == [5000, 0]
    wrong = checked(invoice(Line=[line(), {**alone, "DetailType": "SalesItemLineDetail"}]))
    assert found(wrong, Severity.ERROR) == [("lineAmount", "required", Severity.ERROR)]
    unsaid = checked(invoice(Line=[line(), {"Description": "Thank you"}]))
    assert found(unsaid, Severity.ERROR) == [("lineAmount", "required", Severity.ERROR)]
    in_words = checked(invoice(Line=[line(), {**alone, "Amount": "ten"}]))
    assert [rule for _, rule, _ in found(in_words, Severity.ERROR)] == ["money"]


def test_an_invoice_of_which_only_the_subtotal_is_shown_comes_in():
    report = checked(invoice("1"), invoice("2", Line=[line(kind="SubTotalLineDetail")]))
    assert found(report) == [("quickbooksId", "no-lines", Severity.WARNING)]
    assert report.accepted == 2 and len(report.lines) == 1


def test_a_bad_line_keeps_its_invoice_out():
    """X-2"""
    report = checked(invoice("1"), invoice("2", Line=[line(), line("x")]))
    assert found(report, Severity.ERROR) == [("lineAmount", "money", Severity.ERROR)]
    assert [p.cell for p in report.problems if p.severity == Severity.ERROR] == ["/QueryResponse/Invoice/1/Line/1/Amount"]
    assert report.ready.tolist() == [True, False]


def test_what_is_declared():
    """S1-1, S1-11, S1-15: for administrators; a second import is refused; all or nothing unless asked otherwise."""
    assert (HISTORY.key, HISTORY.keyed_by) == ("quickbooksId", ("companyFile", "quickbooksId"))
    assert (HISTORY.existing, HISTORY.all_or_nothing, HISTORY.needs) == ("error", True, "administrator")


def test_the_same_history_as_csv():
    """Cells of the header stand on the first row of an invoice, or on all of them."""
    rows = [
        "Id,Num,Customer,Project,Date,Due Date,Total,Balance,Email Status,Item,Description,Qty,Rate,Amount",
        "146,1039,Miller,Quay 7,2017-03-24,2017-04-23,80.00,30.00,EmailSent,Concrete,Fountain,1,50,50.00",
        "146,,,,,,,,,Hours,,2,15,30.00",
        "147,1040,Crane,Quay 7,2017-03-25,,20.00,0.00,EmailSent,Hours,,1,20,20.00",
    ]
    report = examine(("h.csv", "\n".join(rows).encode()), HISTORY, settings={"companyFile": "C"}, today=TODAY, context=PROJECTS)
    assert found(report) == [] and report.rows["record.status"].tolist() == ["A/R aging", "Closed"]
    assert report.lines["lineAmount"].tolist() == [5000, 3000, 2000] and report.totals() == {"USD": {"total": 10000, "balance": 3000}}


def test_the_invoices_that_quickbooks_sent(shared_data):
    """33 invoices, 97 elements of Line of which 33 are subtotals, 22 open; one shows nothing but its subtotal."""
    path = shared_data / "invoices/quickbooks/qbo_GetAllInvoiceResponse.json"
    report = examine(path, HISTORY, settings=COMPANY, today=TODAY, context=PROJECTS)
    assert (len(report.table), report.invoices, report.accepted, len(report.lines)) == (97, 33, 33, 64)
    assert report.totals() == {"USD": {"total": 10_346_14, "balance": 5_493_52}}
    assert report.rows["record.status"].value_counts().to_dict() == {"A/R aging": 18, "Closed": 11, "Drafts": 4}
    assert report.rows["customerId"].nunique() == 19
    assert messages(report, "lines-left-out") == ["33 rows with Kind of line SubTotalLineDetail are not imported."]
    assert found(report) == [("quickbooksId", "no-lines", Severity.WARNING)]
    assert report.mapping.missing == ("companyFile", "project")


def test_the_sample_of_quickbooks_own_import(shared_data):
    """4 invoices over 10 rows; day first, as 23/05/2026 among the due dates proves (X-12)."""
    path = shared_data / "invoices/quickbooks/sample_invoice_import.csv"
    settings = {**COMPANY, "quickbooksId": "{invoiceNumber}", "balance": "0"}
    asked = examine(path, HISTORY, settings=settings, today=dt.date(2026, 6, 30), context=PROJECTS)
    assert messages(asked, "left-out") == [
        'Row 13 is a note and is left out: "All data is for sample purposes only".',
        'Row 14 is a note and is left out: "* denotes a mandatory column".',
    ]
    assert messages(asked, "blank-rows") == ["1 blank row is left out."]
    report = examine(path, HISTORY, settings={**settings, "invoiceDate.order": "day-first"}, today=dt.date(2026, 6, 30), context=PROJECTS)
    assert found(report) == [] and report.summary() == "All 4 invoices are ready."
    assert report.rows["total"].tolist() == [1_568_00, 710_00, 188_00, 979_00] and sum(report.rows["total"]) == 3_445_00
    assert report.rows["invoiceDate"].tolist() == [dt.date(2026, 5, day) for day in (8, 7, 6, 8)]
    assert report.rows["dueDate"].tolist()[3] == dt.date(2026, 5, 23)
    assert len(report.lines) == 10


def test_the_due_dates_prove_how_the_invoice_dates_are_written(shared_data):
    """X-12: a column that proves nothing is read as another one of the file proves, which is told."""
    path = shared_data / "invoices/quickbooks/sample_invoice_import.csv"
    report = examine(path, HISTORY, settings={**COMPANY, "quickbooksId": "{invoiceNumber}", "balance": "0"}, today=dt.date(2026, 6, 30), context=PROJECTS)
    assert found(report) == [("invoiceDate", "date-order-of-others", Severity.WARNING)] and report.accepted == 4
    assert report.rows["invoiceDate"].iloc[0] == dt.date(2026, 5, 8)
