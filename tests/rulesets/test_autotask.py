"""Autotask invoices on their way to Xero: which are meant, whose they are, and what the maps make of them (S4-1 … S4-4, S4-13, S4-18, S4-20, S4-21)."""

import dataclasses
import datetime as dt
import json

import pytest

from invoice_rules.examining import examine
from invoice_rules.mapping import match
from invoice_rules.planning import plan
from invoice_rules.problems import Severity
from invoice_rules.references import kind
from invoice_rules.results import Outcome
from invoice_rules.rulesets import rule_set
from invoice_rules.store import commit, open_store, preview_list, save_lists, undo
from tests.rulesets.lists import Lists

INVOICES = rule_set("autotask.invoices")
TODAY = dt.date(2026, 11, 21)
MAPS = {"accountMap": {"Services": "200", "Hardware": "260"}, "taxMap": {"Standard": "OUTPUT2", "Exempt": "NONE"}, "currencyMap": {"USD": "USD", "EUR": "EUR"}}
MAPPED = Lists(**MAPS)


def item(id=1, **more):
    """A billing item as Autotask gives it; None takes a name away."""
    made = {
        "id": id,
        "itemName": "Managed server",
        "description": "Monitoring in October",
        "quantity": 10,
        "rate": 100.0,
        "extendedPrice": 1000.0,
        "taxDollars": 200.0,
        "accountCode": "Services",
        "taxType": "Standard",
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def invoice(id=1187, items=None, **more):
    """An invoice as Autotask gives it, its billing items with it."""
    return {
        "id": id,
        "invoiceNumber": f"20261031.{id}",
        "companyID": 29683,
        "companyName": "Stonebridge Partners",
        "lineOfBusiness": "Managed Services",
        "invoiceDateTime": "2026-10-31T00:00:00Z",
        "dueDate": "2026-11-30T00:00:00",
        "invoiceTotal": 1200.0,
        "totalTaxValue": 200.0,
        "currency": "USD",
        "webServiceDate": None,
        "orderNumber": "PO-7713",
        "isVoided": False,
        "billingItems": [item()] if items is None else items,
        **more,
    }


def checked(*invoices, **how):
    content = json.dumps({"items": list(invoices), "pageDetails": {"count": len(invoices), "nextPageUrl": None}}).encode()
    return examine(("invoices.json", content), INVOICES, today=TODAY, **{"context": MAPPED, **how})


def found(report, least=Severity.WARNING):
    return [(p.field, p.rule, p.severity) for p in report.problems if p.severity >= least]


def messages(report, rule):
    return [p.message for p in report.problems if p.rule == rule]


def ids(*invoices, **settings):
    return checked(*invoices, settings=settings).rows["invoiceId"].tolist()


def test_an_invoice_with_its_billing_items():
    report = checked(invoice(items=[item(1), item(2, quantity=2, rate=50, extendedPrice=100, taxDollars=0, taxType="exempt", accountCode="hardware")], invoiceTotal=1300))
    assert found(report) == [] and report.accepted == 1
    row = report.rows.iloc[0]
    assert (row["invoiceId"], row["invoiceNumber"], row["companyId"], row["total"]) == ("1187", "20261031.1187", "29683", 130000)
    assert (row["invoiceDate"], row["dueDate"], row["poNumber"]) == (dt.date(2026, 10, 31), dt.date(2026, 11, 30), "PO-7713")
    assert report.lines["lineId"].tolist() == ["1", "2"] and report.lines["lineAmount"].tolist() == [100000, 10000]
    assert (row["record.status"], row["xeroStatus"]) == ("To send", "DRAFT")


def test_accounts_tax_types_and_currencies_go_through_their_maps():
    """S4-20: what the maps do not know is an error; upper and lower case do not matter."""
    good = checked(invoice(items=[item(accountCode="SERVICES", taxType="exempt")]))
    assert (good.lines["accountCode"].tolist(), good.lines["taxType"].tolist()) == (["200"], ["NONE"]) and found(good) == []
    bad = checked(invoice(items=[item(accountCode="Servces"), item(2, taxType="Reduced")], invoiceTotal=2400, totalTaxValue=400, currency="GBP"))
    assert sorted(found(bad)) == [(name, "unknown", Severity.ERROR) for name in ("accountCode", "currency", "taxType")]
    (account,) = [p for p in bad.problems if p.field == "accountCode"]
    assert account.cell == "/items/0/billingItems/0/accountCode" and 'Did you mean "Services"' in account.message
    empty = checked(invoice(), context=Lists())
    assert {field for field, rule, _ in found(empty) if rule == "none-on-file"} == {"accountCode", "taxType", "currency"}


def test_a_currency_that_is_not_mapped_says_how_it_is_added():  # S4-20
    bad = checked(invoice(currency="US Dollar"))
    assert found(bad) == [("currency", "currency-unmapped", Severity.ERROR)]
    (message,) = [problem.message for problem in bad.problems if problem.rule == "currency-unmapped"]
    assert "US Dollar" in message and "currency map on file" in message and "reference import currencyMap FILE" in message


def test_the_map_says_which_currency_a_word_stands_for():
    """S4-20: what Autotask calls it is looked up before it is taken for a code; a word that neither is stays an error, told once."""
    named = Lists(**{**MAPS, "currencyMap": {"US Dollar": "USD", "Yen": "jpy"}})
    report = checked(invoice(1, currency="us dollar"), invoice(2, currency=None), context=named)
    assert found(report) == [] and report.rows["currency"].tolist() == ["USD", "USD"]
    yen = checked(invoice(currency="Yen"), context=named)
    assert yen.rows["total"].tolist() == [1200] and yen.rows["currency"].tolist() == ["JPY"] and found(yen) == []
    assert found(checked(invoice(currency="Kroner"), context=named)) == [("currency", "currency-unmapped", Severity.ERROR)]
    assert found(checked(invoice(currency="USD"), context=named)) == [("currency", "unknown", Severity.ERROR)]


THREE = (
    invoice(1, lineOfBusiness="Managed Services", invoiceDateTime="2026-10-30"),
    invoice(2, lineOfBusiness="Projects", invoiceDateTime="2026-10-31"),
    invoice(3, lineOfBusiness="Projects", invoiceDateTime="2026-11-01", webServiceDate="2026-11-02T09:30:00.123Z"),
)


def test_no_criteria_choose_all_that_is_not_processed():
    """S4-3, S4-4: the others are left out and counted."""
    report = checked(*THREE)
    assert report.rows["invoiceId"].tolist() == ["1", "2"]
    assert messages(report, "not-chosen") == ["1 invoice is left out: Web service date is filled in (include them with processed=include)."]
    assert set(report.rows["record.status"]) == {"To send"}


def test_processed_ones_come_along_when_they_are_asked_for():
    """S4-1, S4-3"""
    report = checked(*THREE, settings={"processed": "include"})
    assert report.rows["record.status"].tolist() == ["To send", "To send", "Processed"]


def test_a_file_that_does_not_say_what_is_processed_has_nothing_that_is():
    """S4-3: not even what cannot be read."""
    heads = "Invoice id,Company id,Company name,Invoice date,Total,Quantity,Rate,Line amount"
    rows = [f"{number},9,Stone,10/31/2026,{total},1,{total},{total}" for number, total in ((1, "10.00"), (2, "ten"))]
    report = examine(("invoices.csv", "\n".join([heads, *rows]).encode()), INVOICES, context=MAPPED, today=TODAY)
    assert report.rows["total"].isna().tolist() == [False, True] and report.rows["record.status"].tolist() == ["To send"] * 2


def test_criteria_are_combined_with_and():
    """S4-1, S4-4: dates include both ends."""
    assert ids(*THREE, divisions="projects") == ["2"]
    assert ids(*THREE, divisions="Projects", processed="include") == ["2", "3"]
    assert ids(*THREE, **{"from": "2026-10-31", "to": "2026-11-01", "processed": "include"}) == ["2", "3"]
    assert ids(*THREE, invoiceIds="1,3", divisions="Projects", processed="include") == ["3"]
    assert ids(*THREE, invoiceIds="20261031.1") == []


def test_an_invoice_number_is_no_invoice_id():
    """S4-2: neither field takes the other's column."""
    headings = ["Invoice Number", "Company ID", "Company Name", "Invoice Date", "Total"]
    assert match(headings, INVOICES).fields["invoiceId"] is None
    named = match(["Invoice ID", *headings[1:]], INVOICES)
    assert (named.fields["invoiceId"], named.fields["invoiceNumber"]) == (0, None)
    both = match(["Inv No", "Id"], INVOICES)
    assert (both.fields["invoiceNumber"], both.fields["invoiceId"]) == (0, 1)
    names = {field: {*map(str.casefold, INVOICES.fields[field].synonyms)} for field in ("invoiceId", "invoiceNumber")}
    assert not names["invoiceId"] & names["invoiceNumber"]


def test_one_company_has_one_name():
    """S4-13: one company under two names is an error; one name of two companies is told."""
    two_names = checked(invoice(1), invoice(2, companyName="Other Ltd"))
    assert {(field, rule, severity) for field, rule, severity in found(two_names)} == {("companyName", "two-names", Severity.ERROR)}
    two_companies = checked(invoice(1), invoice(2, companyID=7, companyName=" stonebridge partners"), invoice(3, companyID=8, companyName="Alder"))
    assert [(p.row, p.rule, p.severity) for p in two_companies.problems if p.severity >= Severity.WARNING] == [
        (1, "one-company", Severity.WARNING),
        (2, "one-company", Severity.WARNING),
    ]


@pytest.fixture
def books(tmp_path):
    """A store with the value maps."""
    store = open_store(f"sqlite:///{tmp_path / 'books.db'}")
    kinds = {name: examine((f"{name}.csv", "\n".join(["From,To", *map(",".join, pairs.items())]).encode()), kind(name), context=store.context()) for name, pairs in MAPS.items()}
    save_lists([preview_list(report, store) for report in kinds.values()], store)
    return store


def planned(store, *records):
    return plan(checked(*records, context=store.context()), store)


def counts(made):
    return {str(outcome): made.count(outcome) for outcome in Outcome if made.count(outcome)}


def test_what_is_on_file_is_neither_doubled_nor_changed_by_the_same_again(books):
    """S4-18"""
    assert commit(planned(books, invoice(1))).counts["created"] == 1
    assert counts(planned(books, invoice(1), invoice(2))) == {"unchanged": 1, "created": 1}


@pytest.mark.parametrize("silent", [{"currency": None}, {"currency": ""}])
def test_an_invoice_that_names_no_currency_any_more_keeps_its_own(books, silent):
    """X-17, S4-18: also beside invoices that are not meant, and new ones in the currency of the books."""
    commit(planned(books, invoice(2, currency="EUR", invoiceTotal=1200)))
    given = (invoice(1, webServiceDate="2026-11-02T09:30:00Z", **silent), invoice(2, **silent), invoice(3, **silent))
    later = planned(books, *given)
    assert counts(later) == {"unchanged": 1, "created": 1} and later.report.rows["currency"].tolist() == ["EUR", "USD"]


def test_what_was_corrected_in_autotask_is_corrected_on_file_with_its_lines(books):
    """S4-18, S4-19: the lines are replaced as a whole; the ledger of sending decides whether anything of it goes again."""
    two = [item(), item(id=5002, description="Support", quantity=2, extendedPrice=200, taxDollars=40)]
    commit(planned(books, invoice(1, items=two, invoiceTotal=1440, totalTaxValue=240)))
    before = books.invoices("autotask.invoices")["amount"].tolist()
    changed = [two[0], {**two[1], "quantity": 3, "extendedPrice": 300, "taxDollars": 60}]
    later = planned(books, invoice(1, items=changed, invoiceTotal=1560, totalTaxValue=260))
    assert counts(later) == {"updated": 1}
    told = {its.title: (its.before, its.after) for its in later.differences().itertuples()}
    assert told["Total"] == ("1,440.00", "1,560.00")
    assert [side.partition(":")[0] for side in told["Lines"]] == ["line 2", "line 2"]
    assert ("Support, 2, 100, 200.00" in told["Lines"][0], "Support, 3, 100, 300.00" in told["Lines"][1]) == (True, True), told["Lines"]
    receipt = commit(later)
    assert counts(planned(books, invoice(1, items=changed, invoiceTotal=1560, totalTaxValue=260))) == {"unchanged": 1}
    undo(receipt.number, books)
    assert books.invoices("autotask.invoices")["amount"].tolist() == before
    assert counts(planned(books, invoice(1, items=two, invoiceTotal=1440, totalTaxValue=240))) == {"unchanged": 1}


def test_a_line_that_came_or_went_or_changed_alone_is_a_change(books):
    """S4-18"""
    two = [item(), item(id=5002, description="Support", quantity=0, extendedPrice=0, taxDollars=0)]
    commit(planned(books, invoice(1, items=two)))
    for items, line in ((two[:1], ("line 2", "")), ([*two, {**two[1], "id": 5003}], ("", "line 3")), ([two[0], {**two[1], "description": "Support, free"}], ("line 2", "line 2"))):
        (change,) = planned(books, invoice(1, items=items)).differences().itertuples()
        assert (change.title, change.before.partition(":")[0], change.after.partition(":")[0]) == ("Lines", *line)


@pytest.mark.parametrize(("count", "many"), [(3, 3), (8, 5)])
def test_all_lines_that_changed_are_told_before_and_after_the_import(books, count, many):
    """S3-22, X-7: several at once, and of very many how many more."""
    several = [item(n, itemName=f"Item {n}", rate=100, quantity=1, extendedPrice=100, taxDollars=0) for n in range(1, count + 1)]
    dearer = [{**one, "rate": 101, "extendedPrice": 101} for one in several]
    amounts = [{"invoiceTotal": each * count, "totalTaxValue": 0} for each in (100, 101)]
    commit(planned(books, invoice(1, items=several, **amounts[0])))
    later = planned(books, invoice(1, items=dearer, **amounts[1]))
    (change,) = [its for its in later.differences().itertuples() if its.title == "Lines"]
    for side, amount in ((change.before, "100.00"), (change.after, "101.00")):
        assert [f"line {n}: " in side for n in range(1, count + 1)] == [n <= many for n in range(1, count + 1)]
        assert side.count(amount) >= many and side.endswith("and 3 more lines") == (count > many)
    (told,) = commit(later).to_frame()["changes"]
    assert f"Lines {change.before} → {change.after}" in told


def test_the_receipt_tells_lines_that_came_and_went(books):
    """S3-22, X-7"""
    two = [item(1), item(2, description="Support", quantity=0, extendedPrice=0, taxDollars=0)]
    commit(planned(books, invoice(1, items=two)))
    (told,) = commit(planned(books, invoice(1, items=two[:1]))).to_frame()["changes"]
    assert "Lines line 2: " in told and told.partition("Lines ")[2].split(" → ")[1].startswith("none"), told
    (back,) = undo(2, books).to_frame()["changes"]
    assert "Lines none → line 2: " in back


def test_where_a_rule_set_skips_what_is_on_file_it_is_told_and_left(books):
    skipping = dataclasses.replace(INVOICES, existing="skip")
    commit(planned(books, invoice(1)))
    report = examine(("again.json", json.dumps([invoice(1, comments="new"), invoice(2)]).encode()), skipping, context=books.context(), today=TODAY)
    assert ("invoiceId", "skipped", Severity.NOTICE) in found(report, Severity.NOTICE)
    assert counts(plan(report, books)) == {"skipped": 1, "created": 1}


def test_a_total_below_zero_becomes_a_credit_note():
    """S4-21"""
    credit = invoice(items=[item(quantity=-10, extendedPrice=-1000, taxDollars=-200)], invoiceTotal=-1200, totalTaxValue=-200)
    report = checked(credit)
    assert found(report) == [] and report.rows["total"].tolist() == [-120000]
    assert messages(report, "credit-note") == ["Total -1,200.00 is below zero: Xero gets a credit note instead of an invoice."]
    for total, told in ((0, 0), (-0.01, 1)):
        small = invoice(items=[item(quantity=1, rate=total, extendedPrice=total, taxDollars=0)], invoiceTotal=total, totalTaxValue=0)
        assert len(messages(checked(small), "credit-note")) == told


def test_invoices_become_drafts_unless_the_setting_says_approved():
    """S4-21"""
    assert checked(invoice()).rows["xeroStatus"].tolist() == ["DRAFT"]
    assert checked(invoice(), settings={"xeroStatus": "AUTHORISED"}).rows["xeroStatus"].tolist() == ["AUTHORISED"]
    assert found(checked(invoice(), settings={"xeroStatus": "PAID"})) == [("xeroStatus", "choice", Severity.ERROR)]


def test_a_void_invoice_waits_for_a_yes():
    assert found(checked(invoice(isVoided=True))) == [("voided", "voided", Severity.HOLD)]


@pytest.mark.parametrize(
    ("total", "tax", "told"),
    [
        (1200, 200, False), (1000, 200, False), (1000, None, False), (1200.01, 200, False), (1200.02, 200, True),
        (1000.01, 200, False), (999.99, 200, False), (999.98, 200, True),
    ],
)
def test_the_total_is_that_of_the_lines_with_or_without_the_tax(total, tax, told):
    """X-25: a cent a line is rounding."""
    report = checked(invoice(invoiceTotal=total, totalTaxValue=tax))
    assert [rule for _, rule, _ in found(report)] == (["lines-differ"] if told else [])
    assert report.rows["taxTotal"].tolist() == [20000]


def test_where_neither_invoice_nor_lines_name_a_tax_none_is_made_up():
    """X-25"""
    report = checked(*(invoice(number, items=[item(taxDollars=None)], invoiceTotal=total, totalTaxValue=None) for number, total in enumerate((1000, 1000.02, 999.98))))
    assert report.rows["taxTotal"].isna().all() and found(report) == [("total", "lines-differ", Severity.WARNING)] * 2


def test_amounts_of_lines_are_worked_out_where_they_are_blank():
    """X-25"""
    report = checked(invoice(items=[item(extendedPrice=None), item(2, quantity=0.5, rate=0.33, extendedPrice=None, taxDollars=0)], invoiceTotal=1200.17))
    assert report.lines["lineAmount"].tolist() == [100000, 17] and found(report) == []


@pytest.mark.parametrize("missing", ["quantity", "rate"])
def test_what_a_line_needs(missing):
    report = checked(invoice(items=[item(1), item(2, **{missing: None})], invoiceTotal=2400, totalTaxValue=400))
    assert found(report) == [(missing, "required", Severity.ERROR)] and report.accepted == 0


def test_the_same_as_csv():
    """Header cells on every row, as Autotask's exports have them."""
    rows = [
        "Invoice ID,Invoice Number,Company ID,Company Name,Division,Invoice Date,Due Date,Invoice Total,Web Service Date,Item Name,Quantity,Rate,Extended Price,Tax Amount",
        "11,A-1,7,Alder,North,2026-10-31,2026-11-30,150.00,,Server,1,100,100.00,0",
        "11,A-1,7,Alder,North,2026-10-31,2026-11-30,150.00,,Hours,2,25,50.00,0",
        "12,A-2,8,Birch,South,2026-10-31,2026-11-30,10.00,2026-11-01,Hours,1,10,10.00,0",
    ]
    report = examine(("a.csv", "\n".join(rows).encode()), INVOICES, today=TODAY, context=MAPPED)
    assert found(report) == [] and report.rows["invoiceNumber"].tolist() == ["A-1"] and len(report.lines) == 2
    assert report.totals() == {"USD": {"total": 15000}}
