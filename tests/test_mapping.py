"""Headings find their fields (X-13, S3-15, S3-17, S0-6, S0-7, S0-8)."""

import importlib.util
import json
import sys
import time
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from invoice_rules.errors import CannotRun
from invoice_rules.mapping import from_saved, match, saved_form
from invoice_rules.mapping.assigning import assign
from invoice_rules.mapping.words import apart, plain, readings
from invoice_rules.rulesets import rule_set
from invoice_rules.table import TEXT, Kind, Origin, Table

RULES = rule_set("paystand.receivables")
TITLES = ("Invoice ID", "Invoice number", "Amount", "Amount due", "Customer name", "Customer ID", "Date", "Due date", "Canceled", "Contact e-mail")


def table(**columns: list[str]) -> Table:
    """A small table; `_` in a name stands for a space."""
    headings = tuple(name.replace("_", " ") for name in columns)
    frame = pd.DataFrame({at: pd.array(cells, dtype=TEXT) for at, cells in enumerate(columns.values())})
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return Table(frame, headings, Origin("a.csv"))


def found(*headings: str, rules=RULES, **options) -> dict[str, str]:
    """Field -> heading of the fields that have a column."""
    mapping = match(headings, rules, **options)
    return {field: headings[column] for field, column in mapping.fields.items() if column is not None}


def sampled(given: Table) -> dict[str, str]:
    return found(*given.headings, sample=given)


# How a column is found


@pytest.mark.parametrize("headings", [tuple(RULES.fields), TITLES, tuple(name.upper() for name in RULES.fields), tuple(f"*{title} " for title in TITLES)])
def test_names_and_titles_are_certain_without_regard_to_case(headings):  # X-13, S3-17
    mapping = match(headings, RULES)
    assert [mapping.fields[field] for field in RULES.required] == list(range(10))
    assert {mapping.matches[field].how for field in RULES.required} <= {"exact", "title"}
    assert not mapping.missing


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Inv #", "invoiceNumber"),
        ("Inv. No.", "invoiceNumber"),
        ("InvoiceNbr", "invoiceNumber"),
        ("Rechnungsnr.", "invoiceNumber"),
        ("Numéro de facture", "invoiceNumber"),
        ("Doc Number", "invoiceNumber"),
        ("INVOICE_TOTAL", "amount"),
        ("Grand Total", "amount"),
        ("Amount Including VAT", "amount"),
        ("Montant TTC", "amount"),
        ("totaldue", "amountDue"),
        ("Open Balance", "amountDue"),
        ("Still Owed", "amountDue"),
        ("Outstanding Amt", "amountDue"),
        ("Saldo pendiente", "amountDue"),
        ("Client", "customerName"),
        ("name_customer", "customerName"),
        ("Bill-to Name", "customerName"),
        ("Vendor Name", "customerName"),
        ("Cust No", "extCustomerId"),
        ("Kundennummer", "extCustomerId"),
        ("Debtor: Code", "extCustomerId"),
        ("Bill date", "date"),
        ("Issue Date (mm/dd/yy)", "date"),
        ("created_at", "date"),
        ("Billed on", "date"),
        ("whendue", "dateDue"),
        ("Pay by", "dateDue"),
        ("Duedate", "dateDue"),
        ("Fälligkeitsdatum", "dateDue"),
        ("Void?", "isCanceled"),
        ("Cancelled (Y/N)", "isCanceled"),
        ("Storniert", "isCanceled"),
        ("E-mail", "contactEmail"),
        ("Contact EmailID", "contactEmail"),
        ("Currency Code", "currency"),
    ],
)
def test_other_systems_words_are_known(heading, field):
    match_ = match([heading], RULES).matches[field]
    assert (match_.column, match_.how) == (0, "synonym")
    assert 0.55 <= match_.score < 0.99
    assert match_.why.startswith("synonym: ")


@pytest.mark.parametrize(
    ("heading", "field"), [("Custmer Name", "customerName"), ("Invioce Number", "invoiceNumber"), ("Invoice Ammount", "amount"), ("Ballance", "amountDue")]
)
def test_slips_are_mended_and_shown_as_guesses(heading, field):
    match_ = match([heading], RULES).matches[field]
    assert (match_.column, match_.how) == (0, "similar")
    assert match_.why.startswith("spelled almost like ")
    assert found("Qyantity", "Untit Price") == {}


@pytest.mark.parametrize(
    "heading",
    "Unit Price|Tax Amount|VAT Registration Number|Discount|Freight|Amount Paid|Total Paid|SubTotal|Line Total|Item Amount|Order Qty|Line No.|PO Number|Customer PO|"
    "Ship Date|Service Date|Last Payment Date|Expected Payment Date|Date Modified|Period End|Days Overdue|Days Outstanding|Ship-to Name|Item Name|Sales Rep Email|Email Status|"
    "Seller Name|Employee|Status|Disputed|Exchange Rate|Line Item ID|Invoice Type|Invoice Status|Payment Terms|Phone|Notes| |😀".split("|"),
)
def test_other_things_are_left_alone(heading):  # a wrong guess costs more than a missing one
    assert found(heading) == {}


@pytest.mark.parametrize("heading", ["Amount (in cents)", "Amount (thousands)", "Amount (k)", "Amount ($000)", "Total (TEUR)", "Total k€", "amount_cents", "Invoice amount ($mm)", "Amount in mio."])
def test_amounts_of_another_size_are_not_guessed(heading):  # 120050 cents are no 120,050.00
    assert found(heading) == {}
    assert found(heading, given={"amount": heading}) == {"amount": heading}


def test_a_heading_may_name_its_currency():
    for heading in ("Amount (EUR)", "Amount €", "Total in EUR", "amount_usd", "Amount ($)"):
        assert found(heading) == {"amount": heading}


def test_a_likeness_is_shown_as_a_guess():
    match_ = match(["Invoice Due Date Value", "Official Customer Name"], RULES).matches
    assert (match_["dateDue"].how, match_["customerName"].how) == ("similar", "similar")
    assert match_["customerName"].why == "similar to Customer name"
    assert match_["customerName"].score < match(["Customer name"], RULES).matches["customerName"].score


def test_own_names_come_before_titles_before_synonyms():
    assert found("Total", "amount", "Amount")["amount"] == "amount"
    assert found("Grand total", "Amount:")["amount"] == "Amount:"


def test_no_column_feeds_two_fields_and_no_field_has_two_columns():
    fed = found("Invoice", "Invoice number", "Invoice No", "Inv #", "Total", "Grand total", "Balance", "Customer", "Customer code")
    assert len(set(fed.values())) == len(fed)
    assert (fed["amount"], fed["amountDue"], fed["customerName"], fed["extCustomerId"]) == ("Grand total", "Balance", "Customer", "Customer code")


def test_the_better_sum_wins_over_the_better_pair():
    assert found("Customer", "Name 1") == {"customerName": "Name 1", "extCustomerId": "Customer"}
    assert found("Customer", "Contact person") == {"customerName": "Customer"}


def test_the_only_identifier_is_the_number():
    assert found("Record ID") == {"invoiceId": "Record ID"}
    assert found("ID", "Total") == {"invoiceNumber": "ID", "amount": "Total"}
    assert found("ID", "Number") == {"invoiceId": "ID", "invoiceNumber": "Number"}
    assert found("Transaction number", "Invoice number") == {"invoiceId": "Transaction number", "invoiceNumber": "Invoice number"}
    assert found("invoiceId") == {"invoiceId": "invoiceId"}


def test_a_vendor_is_the_party_only_where_no_customer_is_named():
    assert found("Vendor", "Vendor #") == {"customerName": "Vendor", "extCustomerId": "Vendor #"}
    assert found("Customer", "Vendor #") == {"customerName": "Customer"}


def test_an_account_is_the_ledgers_where_there_are_lines():
    assert found("Account code", "Account name")["extCustomerId"] == "Account code"
    assert found("Contact name", "Account code", "Quantity", "Unit price") == {"customerName": "Contact name"}


def test_a_rule_sets_own_word_for_the_customer_stays_where_there_are_lines():  # X-13, S4-8
    lines = ("Account ID", "Account Name", "Quantity", "Rate", "GL Account")
    fed = found(*lines, rules=rule_set("autotask.invoices"))
    assert (fed["companyId"], fed["companyName"], fed["accountCode"]) == ("Account ID", "Account Name", "GL Account")
    told = match(lines, rule_set("autotask.invoices")).matches["companyId"]
    assert told.how == "synonym" and told.why == "synonym: account id, unless it is an account of the ledger"
    assert "companyId" not in found("Account code", "Quantity", rules=rule_set("autotask.invoices"))


def test_what_is_spelled_like_a_synonym_comes_before_what_is_translated():  # X-13, S2-12, S2-14
    rules = rule_set("spectrum.invoices")
    assert found("Tax Code", "Tax Amount", rules=rules) == {"Sales_Tax_Code": "Tax Code", "Sales_Tax_Amount": "Tax Amount"}
    assert found("VAT Code", "VAT Amount", rules=rules) == {"VAT_Code": "VAT Code", "Total_VAT_Amount": "VAT Amount"}
    both = found("Sales tax code", "Tax Code", "GST Amount", rules=rules)
    assert both == {"Sales_Tax_Code": "Sales tax code", "VAT_Code": "Tax Code", "Total_VAT_Amount": "GST Amount"}


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Retainage %", "Retention_Percent"), ("Retention (%)", "Retention_Percent"), ("Holdback percent", "Retention_Percent"), ("Retainage Amount", "Retention_Amount"), ("Retention", "Retention_Amount")],
)
def test_a_percentage_is_not_an_amount(heading, field):  # X-13, S2-15, S2-17
    assert found(heading, rules=rule_set("spectrum.invoices")) == {field: heading}


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("amount", ("Amount (old)", "Amount (corrected)")),
        ("amount", ("Amount (EUR)", "Amount (USD)")),
        ("amountDue", ("Balance (prior year)", "Balance (this year)")),
        ("extCustomerId", ("Customer ID (legacy)", "Customer ID (ERP)")),
        ("contactEmail", ("Email (old)", "Email (new)", "Email (2026)")),
    ],
)
def test_of_columns_that_fit_equally_well_none_is_taken(field, headings):
    for order in permutations(headings):
        match_ = match(order, RULES).matches[field]
        named = [f'"{heading}"' for heading in order]
        assert (match_.column, match_.how) == (None, "")
        assert match_.why == f"{', '.join(named[:-1])} and {named[-1]} fit equally well"
    assert found(*headings, given={field: headings[1]}) == {field: headings[1]}


def test_a_heading_that_stands_twice_is_told():
    match_ = match(["Balance", "Balance"], RULES).matches["amountDue"]
    assert (match_.column, match_.why) == (None, 'several columns called "Balance" fit equally well')
    assert found("Amount", "Amount") == {}


def test_columns_that_feed_other_fields_are_no_rivals():
    assert found("ID", "Number") == {"invoiceId": "ID", "invoiceNumber": "Number"}
    assert found("Amount", "Amount (old)") == {"amount": "Amount"}
    assert found("Total (old)", "Total") == {"amount": "Total"}


def test_other_words_that_fit_equally_well_make_a_guess_that_is_shown():
    match_ = match(["Sell-to Customer No.", "Bill-to Customer No."], RULES).matches["extCustomerId"]
    assert (match_.column, match_.how) == (0, "similar")
    assert match_.why == 'synonym: customer number; "Bill-to Customer No." fits equally well'


def test_a_price_comes_before_a_cost():  # X-13, S4-8
    rules = rule_set("autotask.invoices")
    for headings in (("Unit Cost", "Unit Price"), ("Unit Price", "Unit Cost"), ("Unit Cost", "Price"), ("Unit Cost", "Line Price")):
        assert found(*headings, "Quantity", rules=rules)["rate"] == next(heading for heading in headings if heading != "Unit Cost")
    assert found("Total Cost", "Total Price", rules=rules)["total"] == "Total Price"


def test_of_two_columns_the_one_that_is_spelled_as_declared_comes_first():
    headings = ("Invoice ID", "Company ID", "Company name", "Invoice date", "Billed Amount", "Invoice Total", "Rate", "Quantity")
    assert found(*headings, rules=rule_set("autotask.invoices"))["total"] == "Invoice Total"
    assert found("Billed Amount") == {"amount": "Billed Amount"}
    assert found("Inv No", "Invoice")["invoiceNumber"] == "Inv No"
    assert found("Inv Amt", "Value")["amount"] == "Inv Amt"


# What the cells say


def test_the_cells_veto():  # a column of dates is no amount
    assert sampled(table(Total=["2026-01-31", "2026-02-28"], Balance=["a", "b"])) == {}
    assert sampled(table(Due=["1,200.00", "$ -", "(3.50)"], Bill_date=["12.00", "13.00", "14.00"])) == {}
    assert sampled(table(Email=["Ada", "Grace"], Void=["1000", "2000"], Client_no=["01/31/2026", "02/28/2026"])) == {}
    mixed = table(Total=["$1,200.00", "1.200,00 EUR"], Due=["31.1.2026", "Feb 28, 2026"], Email=["a@b.co; c@d.co", ""], Void=["Y", "no"], Client=["Ada Ltd", "Grace"])
    assert sampled(mixed) == {"amount": "Total", "dateDue": "Due", "contactEmail": "Email", "isCanceled": "Void", "customerName": "Client"}


@pytest.mark.parametrize(
    ("cells", "field"), [(["13.00", "6.50"], "taxAmount"), (["State 6.5", "None"], "taxRate"), (["", ""], "taxAmount")]
)
def test_a_column_of_amounts_is_no_code(cells, field):  # X-13, S0-31
    given = table(Sales_Tax=cells)
    assert found(*given.headings, rules=rule_set("spectra.invoices"), sample=given) == {field: "Sales Tax"}


def test_excels_own_dates_and_day_numbers_are_dates():
    packed = table(Bill_date=["20260131", "20260228"], Pay_by=["46053", "46081"])
    assert sampled(packed) == {"date": "Bill date", "dateDue": "Pay by"}
    stamps = table(Bill_date=["31. Januar", "x"])
    typed = Table(stamps.frame, stamps.headings, stamps.origin, kinds={0: pd.array([Kind.DATE] * 2, dtype="int8").to_numpy()})
    assert sampled(typed) == {"date": "Bill date"}


def test_the_cells_break_ties():
    empty_first = table(Total=["", ""], Total_=["1.00", "2.00"])
    assert match(empty_first.headings, RULES, empty_first).fields["amount"] == 1
    assert sampled(table(Customer=["1001", "1002"], Name=["Ada Ltd", "Grace Inc"])) == {"extCustomerId": "Customer", "customerName": "Name"}


def test_an_id_column_of_names_is_no_id():
    assert sampled(table(Supplier_Code=["Ada Lovelace Ltd", "Hopper and Sons"])) == {}
    assert sampled(table(Supplier_Code=["ADA", "HOPPER"])) == {"extCustomerId": "Supplier Code"}


def test_the_gross_amount_comes_before_the_net_one():
    assert found("Net total amount", "Gross total amount", "Tax amount")["amount"] == "Gross total amount"
    assert found("Net amount", "Tax amount")["amount"] == "Net amount"


def test_what_the_column_holds_is_told():
    given = table(Pay_by=["2026-01-31"], Balance=["10"])
    matches = match(given.headings, RULES, given).matches
    assert matches["dateDue"].why == "synonym: Due date; the column holds dates"
    assert matches["amountDue"].why == "synonym: balance; the column holds numbers"


def test_own_names_stay_whatever_the_cells_say():
    assert sampled(table(amount=["x"], Due_date=["y"])) == {"amount": "amount", "dateDue": "Due date"}


# What the user says


@pytest.mark.parametrize("column", ["inv #", " Inv # ", "B", "b", "2"])
def test_given_by_heading_letter_or_number(column):  # S0-7
    match_ = match(["Date", "Inv #"], RULES, given={"INVOICEID": column}).matches["invoiceId"]
    assert (match_.column, match_.how, match_.score) == (1, "given", 1.0)


def test_a_user_may_put_one_column_on_two_fields():
    mapping = match(["Inv #"], RULES, given={"invoiceId": "Inv #", "invoiceNumber": "Inv #"})
    assert (mapping.fields["invoiceId"], mapping.fields["invoiceNumber"]) == (0, 0)
    assert found("Inv #", given={"invoiceId": "A"}) == {"invoiceId": "Inv #"}


def test_letters_are_those_of_the_sheet():
    given = table(Total=["1"], Balance=["2"])
    shifted = Table(given.frame, given.headings, Origin("a.xlsx", "sheet", first_column=2))
    assert match(shifted.headings, RULES, shifted, given={"amount": "D"}).fields["amount"] == 1


def test_a_field_may_be_left_without_a_column():  # S0-6
    mapping = match(["Amount", "Balance"], RULES, given={"amount": ""})
    assert mapping.matches["amount"].how == "given"
    assert mapping.fields["amount"] is None
    assert mapping.unused == (0,)


def test_unknown_columns_and_fields_are_told_with_those_there_are():  # S3-17
    with pytest.raises(CannotRun, match=r"no column 'Sum' for amount. The file's columns are: A Total, B Balance\."):
        match(["Total", "Balance"], RULES, given={"amount": "Sum"})
    with pytest.raises(CannotRun, match=r"Paystand receivables has no field 'sum'. Its fields are: invoiceId, "):
        match(["Total"], RULES, given={"sum": "Total"})


# What was saved


def test_a_saved_mapping_wins():  # X-13, S3-15
    first = match(["Total", "Value", "Client", "Notes"], RULES, given={"amount": "Value", "customerName": "", "extCustomerId": ""})
    form = json.loads(json.dumps(saved_form(first)))
    assert form["fields"]["amount"] == "Value"
    again = match(["NOTES ", " value", "Total", "Client"], RULES, saved=form)
    assert (again.fields["amount"], again.matches["amount"].how) == (1, "saved")
    assert again.fields["customerName"] is None
    assert again.unused == (0, 2, 3)


def test_a_saved_column_that_is_absent_is_named_and_not_guessed():  # S3-17
    mapping = match(["Total", "Balance"], RULES, saved={"fields": {"amount": "Value"}, "settings": {"isCanceled": "no"}})
    match_ = mapping.matches["amount"]
    assert (match_.column, match_.how, match_.heading) == (None, "saved", "Value")
    assert match_.why == "the saved mapping wants the column 'Value', which this file does not have"
    assert mapping.fields["amountDue"] == 1
    assert "amount" in mapping.missing
    assert "isCanceled" not in mapping.missing
    assert saved_form(mapping)["fields"]["amount"] == "Value"


def test_given_wins_over_saved():
    mapping = match(["Total", "Value"], RULES, saved={"amount": "Value"}, given={"amount": "Total"})
    assert (mapping.fields["amount"], mapping.matches["amount"].how) == (0, "given")


def test_saved_headings_that_repeat_or_are_blank_come_back():
    headings = ("Amount", "Amount", "", "Inv #")
    mapping = match(headings, RULES, given={"amount": "2", "customerName": "C", "invoiceId": "Inv #", "invoiceNumber": "Inv #"})
    form = saved_form(mapping)
    assert form["fields"]["amount"] == "Amount [2]"
    assert form["fields"]["customerName"] == "C"
    back = from_saved(form, headings, RULES)
    assert back.fields == mapping.fields
    assert saved_form(back) == form


def test_a_saved_mapping_brings_its_settings_name_and_version():  # S3-16
    saved = match(["Total"], RULES)
    named = type(saved)(saved.rules, saved.matches, saved.headings, saved.required, {"isCanceled": "no"}, "monthly", 3)
    mapping = match(["Total"], RULES, saved=named)
    assert (mapping.settings, mapping.name, mapping.version) == ({"isCanceled": "no"}, "monthly", 3)


def test_required_fields_and_unused_columns_are_listed():  # S3-15, S3-17, S0-6
    mapping = match(["Total", "Colour"], RULES)
    assert mapping.required == RULES.required
    assert set(mapping.missing) == set(RULES.required) - {"amount"}
    assert mapping.unused == (1,)


def test_a_file_without_headings_has_letters_to_give():  # S0-8
    assert found("A", "B", "C") == {}
    assert found("A", "B", "C", given={"amount": "c"}) == {"amount": "C"}


def test_customers_have_their_own_fields():  # S3-14
    fed = found("Client ID", "Client", "Email", "Contact person", rules=rule_set("paystand.customers"))
    assert fed == {"extCustomerId": "Client ID", "customerName": "Client", "contactEmail": "Email", "contactFullName": "Contact person"}


# The parts


def test_words():
    assert plain("*InvoiceNumber") == ("invoice", "number")
    assert plain("HTMLName Nº2") == ("html", "name", "no", "2")
    assert readings("Due Date/Receive By")[1] == {"due", "date"}
    assert readings("Send To (email)")[0] == {"send", "email"}
    assert readings("Amount (tax)")[0] == {"amount", "tax"}
    assert apart("billtopaytokey") == ("billtopaytokey",)
    assert apart("xyzzy") == ("xyzzy",)


@drawn(st.dictionaries(st.tuples(st.sampled_from("abcd"), st.integers(0, 4)), st.floats(0.01, 1), max_size=12))
def test_the_assignment_is_the_best_one(worth):
    made = assign(worth)
    fields = sorted({field for field, _ in worth})
    columns = [*range(5), *([None] * len(fields))]
    best = max((sum(worth.get(pair, 0) for pair in zip(fields, chosen, strict=True)) for chosen in permutations(columns, len(fields))), default=0)
    assert sum(worth[pair] for pair in made.items()) == pytest.approx(best)
    assert len(set(made.values())) == len(made)


@drawn(st.lists(st.text(max_size=30), max_size=8))
def test_any_headings_will_do(headings):
    mapping = match(headings, RULES)
    used = [column for column in mapping.fields.values() if column is not None]
    assert len(set(used)) == len(used)
    assert from_saved(saved_form(mapping), headings, RULES).fields == mapping.fields


def test_headings_that_are_much_too_long_or_many_end():
    """Seconds where each heading is looked at alone; hours where a long one were tried in every way."""
    mapping = match(["totaldue" * 50_000, "x" * 1_000_000, "due " * 100_000, *(["no"] * 4_000)], RULES)
    assert 1 not in mapping.fields.values()


# How good it is


def _benchmark():
    """The script, which also runs by itself, as a module."""
    spec = importlib.util.spec_from_file_location("column_matching", Path(__file__).parent / "benchmarks" / "column_matching.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCHMARK = _benchmark()


def _good_enough(path: Path) -> None:
    result = BENCHMARK.measure(BENCHMARK.read_rows(path))
    assert result.rows > 40
    assert result.all.precision >= 0.95, "\n".join(result.misses)
    assert result.all.recall >= 0.80, "\n".join(result.misses)


def test_headings_of_real_files_find_their_fields(shared_data):
    _good_enough(shared_data / "headers.jsonl")


def test_headings_of_other_systems_find_their_fields():
    _good_enough(BENCHMARK.OTHERS)


def test_thirty_headings_are_matched_at_once():
    headings = max((row["headers"] for row in BENCHMARK.read_rows(BENCHMARK.OTHERS)), key=len)[:30]
    match(headings, RULES)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        match(headings, RULES)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.02
