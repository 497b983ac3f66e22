"""Spectra and myStratus: clients, and invoices in one row or in several rows each (S0-2 … S0-33)."""

import csv
import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.mapping import match
from invoice_rules.marks import marks
from invoice_rules.planning import plan
from invoice_rules.problems import Fix, Severity
from invoice_rules.reading import read
from invoice_rules.results import Entity
from invoice_rules.rulesets import rule_set
from invoice_rules.store import commit, invoices, open_store
from invoice_rules.workbooks import error_workbook
from tests.rulesets.lists import Filed, Lists

INVOICES, CLIENTS = rule_set("spectra.invoices"), rule_set("spectra.clients")
TODAY = dt.date(2012, 6, 30)
HAVE = {
    "clients": [
        {"clientNumber": "1042", "lastName": "Miller", "email": "ada@miller.co; studio@miller.co", "sessionNumbers": "S-100, S-101"},
        {"clientNumber": "1043", "lastName": "Cole", "email": "home@cole.co", "sessionNumbers": "S-200"},
        {"clientNumber": "1044", "lastName": "Cole", "email": "home@cole.co", "sessionNumbers": "S-300"},
        {"clientNumber": "00123", "lastName": "Dow"},
    ],
    "invoiceStatuses": ["Ordered", "Delivered"],
    "salesReps": ["Jo Park", "Al Reed"],
    "taxCodes": [{"taxCode": "State 6.5", "rate": "6.5"}, {"taxCode": "None", "rate": "0"}],
    "priceListItems": ["8x10", "5x7"],
    "paymentMethods": ["Check", "Card"],
}
ON_FILE = Lists(**HAVE)


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "store.sqlite")


def one(number="5001", **more):
    """A right invoice in one row; cells may be replaced, None takes a column away."""
    made = {"clientNumber": "1042", "invoiceNumber": number, "invoiceDate": "01/15/2012", "invoiceType": "Initial Order", "amount": "200.00", **more}
    return {name: cell for name, cell in made.items() if cell is not None}


def line(number="5001", quantity="1", unitPrice="25.00", **more):
    """A row of an invoice of several rows, whose header stands on each."""
    return one(number, amount=None, quantity=quantity, unitPrice=unitPrice, **more)


def below(quantity="1", unitPrice="10.00", **more):
    """A further row of an invoice whose header is given once, but for its client (S0-10)."""
    return {"clientNumber": "1042", "quantity": quantity, "unitPrice": unitPrice, **more}


def text_of(rows, sep=","):
    written = io.StringIO()
    writer = csv.DictWriter(written, list(dict.fromkeys(name for row in rows for name in row)), delimiter=sep, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def checked(*rows, context=ON_FILE, file="sales.csv", given=None, **settings):
    """The report of these rows as one file; `mode="multi"` is short for the row mode, and __ stands for the point of a setting."""
    if "mode" in settings:
        settings["rowMode"] = settings.pop("mode")
    settings = {name.replace("__", "."): value for name, value in settings.items()}
    table = read((file, text_of(rows)), rules=INVOICES)
    mapping = match(table.headings, INVOICES.under(settings), table, given=given) if given else None
    return examine(table, INVOICES, mapping, settings, context, today=TODAY)


def multi(*rows, **how):
    return checked(*rows, mode="multi", **how)


def found(report, least=Severity.WARNING):
    return [(p.row, p.field, p.rule) for p in report.problems if p.severity >= least]


def messages(report, rule):
    return [p.message for p in report.problems if p.rule == rule]


def errors(report):
    return found(report, Severity.ERROR)


# row modes and sources


def test_a_right_invoice_is_ready_in_both_row_modes():
    """S0-4, S0-5: a lump sum in one row, or lines that add up."""
    single, several = checked(one()), multi(line(quantity="2"), line(unitPrice="10.00"))
    assert found(single) == [] and found(several) == []
    assert single.lines is None and len(several.lines) == 2
    assert (single.rows["amount"].tolist(), several.rows["amount"].tolist()) == ([20000], [6000])


def test_the_row_mode_decides_which_fields_there_are():
    """S0-4: several rows have more; the price list item belongs to the invoice where that has no lines of its own."""
    single, several = INVOICES.under({}), INVOICES.under({"rowMode": "multi"})
    assert set(several.fields) - set(single.fields) == {"lineNumber", "itemDescription", "quantity", "unitPrice", "lineAmount", "lineTaxable", "lineDiscount"}
    assert set(single.fields) < set(several.fields)
    assert (single.needed, several.needed) == (("invoiceDate", "invoiceType", "amount"), ("invoiceDate", "invoiceType", "quantity", "unitPrice"))
    assert (single.lined, single.fields["priceListItem"].level, several.fields["priceListItem"].level) == (False, "header", "line")


def test_fields_of_the_other_row_mode_are_refused_as_settings():
    """S0-4"""
    with pytest.raises(CannotRun, match="quantity"):
        checked(one(), quantity="1")
    assert found(multi(one(amount=None, unitPrice="5.00"), quantity="1")) == []


LOOKS = "The columns (quantity, unitPrice) are those of a file in which a row is one line of its invoice. Choose rowMode=multi; or rowMode=single, where each row is a whole invoice."


@pytest.mark.parametrize("more", [{}, {"amount": "", "openBalance": ""}])
def test_a_file_of_lines_is_told_as_one(more):
    """S0-4, S0-26: what to choose, and nothing of what follows from the wrong choice."""
    rows = [{**line("5001"), **more}, {**line("5001", unitPrice="-10.00"), **more}]
    report = checked(*rows)
    assert [(p.row, p.message) for p in report.problems if p.severity >= Severity.WARNING] == [(None, LOOKS)]
    assert found(multi(*rows)) == []
    assert {rule for _, _, rule in found(checked(*rows, mode="single"))} == {"duplicate", "required" if more else "unmapped"}


def test_a_file_of_whole_invoices_is_judged_as_such_whatever_else_it_has():
    """S0-4: columns that are not used do not speak against an amount; where they do not name a line's amount a number that stands twice does."""
    assert found(checked(one("5001", quantity="2", unitPrice="25.00"), one("5002"))) == []
    assert found(checked(one("5001", quantity="2", unitPrice="25.00", amount=""), one("5002"))) == [(2, "amount", "required")]
    twice = checked(one("5001", lineTaxable="yes"), one("5001"))
    assert [rule for _, _, rule in errors(twice)] == ["duplicate", "duplicate"]
    assert [p.message for p in checked(one("5001", quantity="2", unitPrice="1.00"), one("5001")).blocked] == [LOOKS]


def test_the_kinds_of_file_that_a_studio_has(tmp_path):
    """S0-2: text with commas or tabs under either ending, and workbooks."""
    rows = [one("1", description="Album, large"), one("2")]
    book = openpyxl.Workbook()
    for cells in (list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(cells)
    made = io.BytesIO()
    book.save(made)
    sources = [("a.txt", text_of(rows)), ("a.csv", text_of(rows)), ("a.txt", text_of(rows, sep="\t")), ("a.xlsx", made.getvalue()), ("a.xlsm", made.getvalue())]
    reports = [examine(source, INVOICES, context=ON_FILE, today=TODAY) for source in sources]
    assert [(report.accepted, report.rows["amount"].sum()) for report in reports] == [(2, 40000)] * 5


def test_open_balances_of_old_invoices():
    """S0-5: given, or what is not paid; never more than the invoice."""
    report = checked(one("1", openBalance="50.00"), one("2", openBalance="200.00"), one("3", openBalance="200.01"), one("4", openBalance="0"), one("5", openBalance=""))
    assert report.rows["openBalance"].tolist() == [5000, 20000, 20001, 0, 20000]
    assert found(report) == [(4, "openBalance", "open-balance")]
    assert report.rows["record.status"].tolist() == ["Open", "Open", "Open", "Paid", "Open"]


def test_columns_may_stay_without_a_field_and_fields_without_a_column():
    """S0-6, S0-7: what is not used is listed; the user decides."""
    report = checked({**one(), "Photographer": "Sue", "Memo": "x"}, given={"description": "Photographer"})
    assert report.rows["description"].tolist() == ["Sue"] and found(report) == []
    assert messages(report, "unused-columns") == ["1 column is not used: Memo."]


def test_a_file_without_headings():
    """S0-8: row 1 is data, and the columns are letters."""
    content = b"1042,9001,010112,Reorder,200.00\n1043,9002,010212,Reorder,10.00\n"
    table = read(("old.txt", content), header="none", rules=INVOICES)
    given = dict(zip(("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "amount"), "ABCDE", strict=True))
    report = examine(table, INVOICES, match(table.headings, INVOICES.under({}), table, given=given), {}, ON_FILE, today=TODAY)
    assert (table.headings, report.accepted, report.rows.index.tolist()) == (("A", "B", "C", "D", "E"), 2, [1, 2])
    assert report.rows["invoiceDate"].tolist() == [dt.date(2012, 1, 1), dt.date(2012, 1, 2)]


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Date", "invoiceDate"), ("Due", "paymentDueDate"), ("Due date", "paymentDueDate"), ("Method", "paymentMethod"), ("Invoice #", "invoiceNumber"), ("Client", "clientNumber"), ("Session", "sessionNumber")],
)
def test_headings_that_studios_write(heading, field):
    """X-13: dates without slashes are dates to the matching too."""
    cell = {"Date": "010112", "Due": "010112", "Due date": "010112"}.get(heading, "S-1")
    table = read(("a.csv", f"{heading},Amount\n{cell},5.00\n{cell},6.00\n".encode()), rules=INVOICES)
    assert match(table.headings, INVOICES.under({}), table).fields[field] == 0


# whose invoice it is


@pytest.mark.parametrize(
    ("cells", "client"),
    [
        ({"clientNumber": "1042"}, "1042"),
        ({"clientNumber": "00123"}, "00123"),
        ({"clientNumber": "", "sessionNumber": "S-101"}, "1042"),
        ({"clientNumber": "", "sessionNumber": "s-200"}, "1043"),
        ({"clientNumber": "", "clientEmail": "studio@miller.co"}, "1042"),
        ({"clientNumber": "1042", "sessionNumber": "S-100", "clientEmail": "ada@miller.co"}, "1042"),
    ],
)
def test_a_client_is_named_by_number_session_or_address(cells, client):
    """S0-9"""
    report = checked(one(**cells))
    assert found(report) == [] and report.rows["clientNumber"].tolist() == [client]


def test_a_file_in_which_nothing_names_a_client():
    """S0-9: an error of the file; of a row where all are blank."""
    nowhere = checked(one(clientNumber=None))
    assert errors(nowhere) == [(None, "", "no-identifier")] and nowhere.accepted == 0
    blank = checked(one("1"), one("2", clientNumber="", sessionNumber="S-100"), one("3", clientNumber=""))
    assert errors(blank) == [(4, "clientNumber", "unidentified")]
    assert messages(blank, "unidentified") == ["This row has no Client number, Session number or Client e-mail. Every row needs one of them."]


def test_every_row_of_an_invoice_names_its_client():
    """S0-10: also the rows below the first; an address will do."""
    assert found(multi(line(), line())) == []
    by_address = multi(line(clientNumber="", clientEmail="ada@miller.co"), line(clientNumber="", clientEmail="ada@miller.co"))
    assert found(by_address) == [] and by_address.rows["clientNumber"].tolist() == ["1042"]
    report = multi(line(), line(clientNumber=""))
    assert errors(report) == [(3, "clientNumber", "unidentified")] and (report.invoices, report.accepted) == (1, 0)


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        ({"sessionNumber": "S-200"}, "sessionNumber", "session-owner"),
        ({"clientEmail": "home@cole.co"}, "clientEmail", "email-owner"),
        ({"sessionNumber": "S-200", "clientEmail": "home@cole.co", "clientNumber": "1044"}, "sessionNumber", "session-owner"),
        ({"clientEmail": "home@cole.co", "clientNumber": ""}, "clientEmail", "email-of-two"),
    ],
)
def test_identifiers_that_disagree(cells, field, rule):
    """S0-11"""
    assert (2, field, rule) in errors(checked(one(**cells)))


def test_an_address_of_two_clients_names_both():
    """S0-11"""
    (said,) = messages(checked(one(clientNumber="", clientEmail="home@cole.co")), "email-of-two")
    assert "1043 and 1044" in said and "client number" in said


SHARED = Lists(**{**HAVE, "clients": [{"clientNumber": number, "lastName": "Cole", "email": "home@cole.co", "sessionNumbers": own} for number, own in (("C1", "S-100, S-1"), ("C2", "S-100"), ("C3", "S-3"))]})


def test_a_session_of_two_clients_names_both():
    """S0-11: it does not go to the first of them."""
    report = checked(one(clientNumber="", sessionNumber="s-100"), one("2", clientNumber=None, sessionNumber="S-1"), context=SHARED)
    assert errors(report) == [(2, "sessionNumber", "session-of-two")] and report.rows["clientNumber"].fillna("").tolist() == ["", "C1"]
    assert messages(report, "session-of-two") == ["Session number S-100 belongs to C1 and C2. Fill in the client number as well, so that it is clear which one is meant."]


@pytest.mark.parametrize(
    ("cells", "client", "rule"),
    [
        ({"clientNumber": "C1", "sessionNumber": "S-100"}, "C1", ""),
        ({"clientNumber": "c2", "sessionNumber": "S-100"}, "C2", ""),
        ({"clientNumber": "C3", "sessionNumber": "S-100"}, "C3", "session-owner"),
        ({"clientNumber": "C2", "clientEmail": "home@cole.co"}, "C2", ""),
        ({"clientNumber": "", "sessionNumber": "S-1", "clientEmail": "home@cole.co"}, "C1", ""),
        ({"clientNumber": "C2", "sessionNumber": "S-1", "clientEmail": "home@cole.co"}, "C2", "session-owner"),
        ({"clientNumber": "9999", "sessionNumber": "S-100"}, "9999", "unknown"),
    ],
)
def test_where_the_client_is_said_a_shared_session_or_address_is_right(cells, client, rule):
    """S0-11, S0-12"""
    report = checked(one(**cells), context=SHARED)
    assert [its for _, _, its in errors(report)] == ([rule] if rule else []) and report.rows["clientNumber"].tolist() == [client]


@pytest.mark.parametrize("cells", [{"clientNumber": "9999"}, {"clientNumber": "", "sessionNumber": "S-999"}, {"clientNumber": "", "clientEmail": "who@is.it"}])
def test_unknown_clients_are_errors_that_say_what_to_import(cells):
    """S0-12"""
    report = checked(one("1"), one("2", **cells))
    (problem,) = [p for p in report.problems if p.severity == Severity.ERROR]
    assert problem.row == 3 and "spectra.clients" in problem.message and report.accepted == 1


def test_sessions_are_stored_as_their_clients_have_them_and_slips_get_a_hint():
    """S0-12, X-5"""
    report = checked(one("1", sessionNumber="s-101"), one("2", sessionNumber="S-1001"), one("3", clientEmail="STUDIO@miller.co"))
    assert errors(report) == [(3, "sessionNumber", "unknown")] and report.rows["sessionNumber"].tolist()[0] == "S-101"
    ((fix, said),) = [(p.fix, p.message) for p in report.problems if p.rule == "unknown"]
    assert fix == Fix("S-100") and 'Session number "S-1001" is not among the clients on file. Did you mean "S-100"?' in said


def test_clients_come_from_an_import_of_their_own(store):
    """S0-12, S0-13: invoices make no client; sessions and addresses of the import find it."""
    rows = text_of([one(), one("5002", clientNumber="", sessionNumber="S-101"), one("5003", clientNumber="", clientEmail="ada@miller.co")])

    def invoiced():
        return examine(("sales.csv", rows), INVOICES, context=store.context(), today=TODAY)

    assert invoiced().accepted == 0
    clients = b'Client Number,First Name,Last Name,E-mail,Phone,Address,Sessions\n1042,Ada,Miller,ada@miller.co,555 0100,12 Mill Lane,"S-100, S-101"\n'
    made = examine(("clients.csv", clients), CLIENTS, context=store.context())
    assert found(made) == [] and made.mapping.missing == ()
    commit(plan(made, store, user="ada"))
    assert store.context().reference("clients")["sessionNumbers"].tolist() == ["S-100, S-101"]
    commit(plan(invoiced(), store, user="ada"))
    assert invoices(store)["customer"].tolist() == ["1042"] * 3
    assert len(store.context().reference("clients")) == 1


@pytest.mark.parametrize(("missing", "rule"), [("clientNumber", "unmapped"), ("lastName", "unmapped"), ("email", "")])
def test_what_a_client_needs(missing, rule):
    """S0-13"""
    client = {"clientNumber": "1", "lastName": "Miller", "email": "a@b.co"}
    report = examine(("c.csv", text_of([{name: cell for name, cell in client.items() if name != missing}])), CLIENTS, today=TODAY)
    assert errors(report) == ([(None, missing, rule)] if rule else [])


# settings for the whole file


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("invoiceDate", "02/23/2012", dt.date(2012, 2, 23)),
        ("invoiceType", "reorder", "Reorder"),
        ("description", "Spring sale", "Spring sale"),
        ("status", "delivered", "Delivered"),
        ("salesRep", "al reed", "Al Reed"),
        ("paymentDueDate", "020312", dt.date(2012, 2, 3)),
        ("approxDeliveryDate", "02032012", dt.date(2012, 2, 3)),
        ("custom1", "Gold", "Gold"),
        ("customDate1", "2/23/2012", dt.date(2012, 2, 23)),
        ("taxRate", "state 6.5", "State 6.5"),
        ("priceListItem", "8X10", "8x10"),
    ],
)
@pytest.mark.parametrize("mode", ["single", "multi"])
def test_a_setting_holds_for_every_invoice(mode, name, value, typed):
    """S0-14, S0-17: whatever the file says, or does not say; without the setting nothing changes (S0-16)."""
    make = one if mode == "single" else line
    rows = [make("1", **{name: None}), make("2", **{name: None})]
    report = checked(*rows, mode=mode, **{name: value})
    holder = report.lines if name == "priceListItem" and mode == "multi" else report.rows
    assert found(report) == [] and holder[name].tolist() == [typed, typed]
    assert name in INVOICES.batch


def test_the_status_due_date_stands_beside_a_status():
    """S0-14, S0-18"""
    assert found(checked(one(), status="Ordered", statusDueDate="02/21/2012")) == []
    assert errors(checked(one(), statusDueDate="02/21/2012")) == [(2, "statusDueDate", "status-date-alone")]
    by_row = checked(one("1", status="Ordered", statusDueDate="02/21/2012"), one("2", status="", statusDueDate="02/21/2012"), one("3", status="Ordered", statusDueDate=""))
    assert errors(by_row) == [(3, "statusDueDate", "status-date-alone")]


@pytest.mark.parametrize("kind", ["Session Fee", "Initial Order", "Reorder", "Credit Memo", "Estimate", "credit memo"])
def test_the_types_that_there_are(kind):
    """S0-15"""
    assert found(checked(one(invoiceType=kind))) == []


@pytest.mark.parametrize("kind", ["Invoice", "Credit", "Initial Orders"])
def test_other_types_are_errors(kind):
    """S0-15"""
    assert errors(checked(one(invoiceType=kind))) == [(2, "invoiceType", "choice")]


def test_a_type_or_date_may_come_from_the_settings_alone():
    """S0-15, S0-17"""
    rows = [one(invoiceType=None, invoiceDate=None)]
    assert errors(checked(*rows)) == [(None, "invoiceDate", "unmapped"), (None, "invoiceType", "unmapped")]
    assert found(checked(*rows, invoiceType="Reorder", invoiceDate="02/23/2012")) == []


def test_the_cells_that_a_setting_replaces_are_counted():
    """S0-16: blank cells and those that say the same are not replaced; rows below the header neither."""
    report = checked(one("1", description="old"), one("2", description=""), one("3", description="new"), description="new")
    assert messages(report, "setting-overwrites") == ["The setting description=new replaces what 1 cell of Description said."]
    assert report.rows["description"].tolist() == ["new"] * 3
    several = multi(line(description="old"), below(), below(), line("5002", description="other"), line("5002", description="other"), description="new")
    assert messages(several, "setting-overwrites") == ["The setting description=new replaces what 3 cells of Description said."]
    assert several.rows["description"].tolist() == ["new", "new"] and found(several) == []
    assert [(fill.field, fill.overwritten) for fill in several.fills if fill.source == "setting"] == [("description", 3)]


def replaced(report):
    return [(p.row, p.severity, p.message) for p in report.problems if p.rule == "type-replaced"]


def test_replacing_a_credit_memo_or_estimate_waits_for_a_yes():
    """S0-16: with what it does to receivables."""
    rows = [one("1"), one("2", invoiceType="Credit memo", amount="30.00"), one("3", invoiceType="Estimate", amount="500.00"), one("4", invoiceType="")]
    report = checked(*rows, invoiceType="Reorder")
    assert [(row, severity) for row, severity, _ in replaced(report)] == [(3, Severity.HOLD), (4, Severity.HOLD)]
    credit, estimate = (message for _, _, message in replaced(report))
    assert 'Type is "Credit Memo" in the file, and the setting makes it "Reorder". Open receivables rise by USD 60.00 (2 invoices together: rise by USD 560.00).' in credit
    assert "Open receivables rise by USD 500.00 (" in estimate
    assert report.ready.tolist() == [True, False, False, True]
    assert found(report) == [(3, "invoiceType", "type-replaced"), (4, "invoiceType", "type-replaced")]


@pytest.mark.parametrize(
    ("was", "now", "effect"),
    [
        ("Credit Memo", "Credit Memo", None),
        ("Estimate", "estimate", None),
        ("Reorder", "Credit Memo", None),
        ("Reorder", "Session Fee", None),
        ("", "Reorder", None),
        ("Estimate", "Credit Memo", "fall by USD 200.00"),
        ("Credit Memo", "Estimate", "rise by USD 200.00"),
        ("Credit Memo", "Session Fee", "rise by USD 400.00"),
    ],
)
def test_only_what_lowers_or_stays_out_of_receivables_is_guarded(was, now, effect):
    """S0-16"""
    told = replaced(checked(one(invoiceType=was), invoiceType=now))
    assert (len(told) == 1 and f"Open receivables {effect}. Confirm" in told[0][2]) if effect else told == []


def test_a_paid_credit_that_is_replaced_leaves_receivables_alone():
    """S0-16"""
    (told,) = replaced(checked(one(invoiceType="Credit Memo", amountPaid="200.00", paymentMethod="Check"), invoiceType="Reorder"))
    assert "stay as they are" in told[2]


def test_an_effect_that_cannot_be_told_says_so():
    """S0-16: the amount is wrong itself; the total is that of the others."""
    report = checked(one("1", invoiceType="Estimate", amount="lots"), one("2", invoiceType="Estimate", amount="5.00"), invoiceType="Reorder")
    first, second = (message for _, _, message in replaced(report))
    assert "change by an amount that is not known yet (2 invoices together: rise by USD 5.00)" in first and "rise by USD 5.00 (" in second


def test_effects_are_told_by_currency():
    """S0-16, X-17"""
    rows = [one("1", invoiceType="Estimate", currency="JPY", amount="500"), one("2", invoiceType="Estimate", currency="USD", amount="5.00")]
    first, _ = (message for _, _, message in replaced(checked(*rows, invoiceType="Reorder")))
    assert "rise by JPY 500 (2 invoices together: rise by JPY 500 and rise by USD 5.00)" in first


def test_a_replaced_type_is_told_once_an_invoice():
    """S0-16: however many rows it has, and where its header is given once."""
    rows = [line("1", invoiceType="Credit Memo"), line("1", invoiceType="Credit Memo"), line("2", invoiceType="Estimate"), below()]
    report = multi(*rows, invoiceType="Reorder")
    assert [(row, "USD 100.00" in message or "USD 35.00" in message) for row, _, message in replaced(report)] == [(2, True), (4, True)]
    assert report.ready.tolist() == [False, False]


# dates without slashes


def days(*dates, **settings):
    return checked(*(one(str(number), invoiceDate=date) for number, date in enumerate(dates)), **settings)


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("010112", dt.date(2012, 1, 1)), ("123111", dt.date(2011, 12, 31)), ("01012012", dt.date(2012, 1, 1)), ("1/2/12", dt.date(2012, 1, 2)),
        ("010170", dt.date(1970, 1, 1)), ("123169", dt.date(2069, 12, 31)), ("022912", dt.date(2012, 2, 29)), ("01/01/2012", dt.date(2012, 1, 1)),
    ],
)  # fmt: skip
def test_dates_without_slashes(typed, date):
    """S0-19: MMDDYY and MMDDYYYY; two-digit years are 1970 to 2069."""
    report = days(typed)
    assert errors(report) == [] and report.rows["invoiceDate"].tolist() == [date]


@pytest.mark.parametrize(
    ("typed", "says"),
    [("023012", "February 2012 has no day 30"), ("133112", "is not a date"), ("0101201", "is not a date"), ("20120131", "year first"), ("000012", "is not a date")],
)
def test_digits_that_are_no_date(typed, says):
    """S0-19: the message says what was typed, and every slot of it is filled."""
    ((row, field, rule),) = errors(days(typed))
    (message,) = messages(days(typed), "date")
    assert (row, field, rule) == (2, "invoiceDate", "date") and typed in message and says in message and "{" not in message


def test_five_digits_are_padded_where_the_column_or_the_user_says_so():
    """S0-19"""
    shown = days("10112", "120112")
    assert found(shown) == [] and shown.rows["invoiceDate"].tolist() == [dt.date(2012, 1, 1), dt.date(2012, 12, 1)]
    said = days("10112", invoiceDate__padded="yes")
    assert found(said) == [] and said.rows["invoiceDate"].tolist() == [dt.date(2012, 1, 1)]
    (message,) = messages(days("10112", "1/15/2012"), "date")
    assert '"10112" has five digits' in message and "1 Jan 2012" in message and "(invoiceDate.padded=yes)" in message and "day number" not in message
    assert errors(days("10112", "1/15/2012", invoiceDate__padded="no")) == [(2, "invoiceDate", "date")]


def test_five_digits_may_be_a_day_number_of_excel():
    """S0-19: 41275 is 1 Jan 2013 to Excel; 99999 is neither."""
    (problem,) = [p for p in days("41275").problems if p.rule == "date"]
    assert problem.message == (
        '"41275" has five digits. If a zero in front was lost, it is 12 Apr 1975: say so for the whole column (invoiceDate.padded=yes). '
        "As Excel's day number it is 1 Jan 2013. Otherwise write the date with slashes."
    )
    assert problem.fix == Fix("01/01/2013", says="01/01/2013, if it is Excel's day number")
    (message,) = messages(days("99999"), "date")
    assert "five digits" not in message and "is not a date" in message
    (message,) = messages(days("45678"), "date")
    assert "Excel's day number" in message and "21 Jan 2025" in message


def test_years_of_two_digits_leave_the_same_doubt_as_four():  # X-12, S0-19
    report = checked(one("1", invoiceDate="03/04/12"), one("2", invoiceDate="05/06/12"))
    assert [(p.rule, p.severity) for p in report.blocked] == [("date-order", Severity.HOLD)] and "a yes reads them as month/day/year" in report.blocked[0].message.lower()


@pytest.mark.parametrize(("set_to", "days", "rule", "read"), [
    ("05/11/2012", ("04/25/2012", "05/06/2012"), "date-order-of-others", dt.date(2012, 5, 11)),
    ("05/11/2012", ("25/04/2012", "05/06/2012"), "date-order-of-others", dt.date(2012, 11, 5)),
    ("05/11/12", ("05/06/2012", ""), "date-order", dt.date(2012, 5, 11)),
    ("2012-05-11", ("05/06/2012", ""), None, dt.date(2012, 5, 11)),
    ("05/25/2012", ("25/04/2012", ""), None, dt.date(2012, 5, 25)),
])  # fmt: skip
def test_a_date_that_is_set_is_read_by_itself_or_as_the_column_that_it_replaces(set_to, days, rule, read):
    """S0-16, S0-17, X-12: where neither tells how it is meant, the question names the setting."""
    report = checked(*(one(str(at), invoiceDate=day) for at, day in enumerate(days)), invoiceDate=set_to)
    (told,) = [p for p in report.problems if p.severity >= Severity.WARNING] or [None]
    assert (told and told.rule) == rule and report.rows["invoiceDate"].tolist() == [read, read]
    assert told is None or (f"The setting invoiceDate={set_to} can be read two ways" in told.message and "2012-05-11 or 2012-11-05" in told.message)


def test_a_date_that_is_set_wants_no_order_and_proves_none():
    """S0-16, X-12: the order of a column is not that of a setting with one reading; a setting is no evidence for the file's columns."""
    given = checked(one(invoiceDate=None), invoiceDate="2012-05-11", invoiceDate__order="day-first")
    assert found(given) == [] and given.rows["invoiceDate"].tolist() == [dt.date(2012, 5, 11)]
    other = checked(one("1", invoiceDate="03/04/2012"), one("2", invoiceDate="05/06/2012"), paymentDueDate="06/25/2012")
    assert [(p.rule, p.severity) for p in other.blocked] == [("date-order", Severity.HOLD)]


@pytest.mark.parametrize("day", ["05/05/2012", "05/05/12", "06/30/12", "3-Jun-12"])
def test_a_date_with_one_reading_is_not_asked_about(day):
    assert found(checked(one("1", invoiceDate=day), one("2", invoiceDate=day, amount="7.00"))) == []


def test_the_order_of_a_column_holds_without_slashes_too():
    """S0-19, X-12"""
    assert days("010212", "26/03/2012").rows["invoiceDate"].tolist() == [dt.date(2012, 2, 1), dt.date(2012, 3, 26)]
    assert days("010212", invoiceDate__order="day-first").rows["invoiceDate"].tolist() == [dt.date(2012, 2, 1)]


# lists


@pytest.mark.parametrize(
    ("field", "value", "near"),
    [("salesRep", "Jo Prak", "Jo Park"), ("status", "Orderd", "Ordered"), ("taxRate", "State 6", "State 6.5"), ("priceListItem", "8x11", "8x10"), ("paymentMethod", "Crd", "Card")],
)
@pytest.mark.parametrize("mode", ["single", "multi"])
def test_what_is_on_no_list_is_an_error_with_the_nearest(mode, field, value, near):
    """S0-20"""
    make = one if mode == "single" else line
    paid = {"amountPaid": "5.00", "paymentMethod": "Check"}
    report = checked(make("1", **paid), make("2", **{**paid, field: value}), mode=mode)
    assert errors(report) == [(3, field, "unknown")]
    (message,) = messages(report, "unknown")
    assert f'Did you mean "{near}"?' in message


def test_a_list_that_was_never_imported():
    """S0-20: without it nothing goes in; columns that are not there need none."""
    books = Lists(**{name: list for name, list in HAVE.items() if name != "salesReps"})
    assert found(checked(one(), context=books)) == []
    report = checked(one(salesRep="Jo Park"), context=books)
    assert errors(report) == [(None, "salesRep", "none-on-file")] and report.accepted == 0


# titles of the studio's own


def test_custom_fields_are_called_as_the_studio_calls_them(tmp_path):
    """S0-21: in matching, messages, marks and the workbook of errors."""
    titles = {"custom1.title": "Frame", "customDate1.title": "Hang by"}
    rows = [{**one("1"), "Frame": "Oak", "Hang by": "02/21/2012"}, {**one("2"), "Frame": "x" * 256, "Hang by": "soon"}]
    path = tmp_path / "frames.csv"
    path.write_bytes(text_of(rows))
    report = examine(path, INVOICES, settings=titles, context=ON_FILE, today=TODAY)
    assert [report.mapping.matches[name].heading for name in ("custom1", "customDate1")] == ["Frame", "Hang by"]
    assert report.rows["custom1"].tolist()[0] == "Oak"
    assert errors(report) == [(3, "custom1", "max-length"), (3, "customDate1", "date")]
    (long,) = messages(report, "max-length")
    assert long.startswith("Frame") and "Custom" not in long
    assert not any("Custom" in message for message in marks(report)["message"])
    shown = openpyxl.load_workbook(error_workbook(plan_of(report)))
    said = [str(cell.value) for sheet in shown for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("Frame" in text for text in said) and not any("Custom" in text for text in said)
    assert INVOICES.fields["custom1"].title == "Custom 1"


def plan_of(report):
    """A plan without a store."""
    from types import SimpleNamespace

    return plan(report, SimpleNamespace(revision=0, entity=report.entity))


# invoices of several rows


def test_rows_of_a_number_are_one_invoice_wherever_they_stand():
    """S0-28: the others are left apart; a header given once counts for all its rows."""
    report = multi(line("1"), line("2"), line("1"), line("2", unitPrice="5.00"))
    assert found(report) == [] and report.invoice.tolist() == [0, 1, 0, 1] and report.rows["amount"].tolist() == [5000, 3000]
    once = multi(line("1", description="Album"), below(), line("2"), below())
    assert found(once) == [] and once.invoice.tolist() == [0, 0, 1, 1] and once.rows["description"].isna().tolist() == [False, True]


def test_without_numbers_neighbours_of_a_client_are_one_invoice():
    """S0-28: or of a session; the same client further down is another invoice."""
    row = {"invoiceNumber": None}
    report = multi(line(**row), line(**row), line(**row, clientNumber="1043"), line(**row, unitPrice="9.00"))
    assert report.invoice.tolist() == [0, 0, 1, 2] and errors(report) == []
    row = {**row, "clientNumber": None}
    by_session = multi(line(**row, sessionNumber="S-100"), line(**row, sessionNumber="S-100"), line(**row, sessionNumber="S-101"))
    assert by_session.invoice.tolist() == [0, 0, 1] and by_session.rows["clientNumber"].tolist() == ["1042", "1042"]


def test_headers_agree_inside_an_invoice():
    """S0-28"""
    report = multi(line("1", invoiceDate="01/15/2012"), line("1", invoiceDate="01/16/2012"), line("2"), line("2", invoiceDate="1/15/2012"), line("3"), line("3", clientNumber="1043"))
    assert errors(report) == [(3, "invoiceDate", "header-differs"), (7, "clientNumber", "header-differs")]
    assert report.ready.tolist() == [False, True, False]
    assert "row 2" in messages(report, "header-differs")[0]


def test_one_bad_line_keeps_its_invoice_out_alone():
    """S0-27, X-2"""
    report = multi(line("1"), line("1", quantity="many"), line("2"), line("1"))
    assert errors(report) == [(3, "quantity", "number")] and report.ready.tolist() == [False, True]


def test_the_workbook_of_errors_holds_all_lines_of_a_rejected_invoice(tmp_path):
    """S0-25, S0-26: and once they are right it goes in."""
    path = tmp_path / "sales.csv"
    path.write_bytes(text_of([line("1"), line("2"), line("1", quantity="many")]))
    report = examine(path, INVOICES, settings={"rowMode": "multi"}, context=ON_FILE, today=TODAY)
    made = error_workbook(plan_of(report))
    assert made.parent == tmp_path
    book = openpyxl.load_workbook(made)
    sheet = book["To fix"]
    headings = [cell.value for cell in sheet[1]]
    column = headings.index("quantity")
    assert [row[column].value for row in sheet.iter_rows(min_row=2)] == ["1", "many"]
    sheet.cell(3, column + 1).value = 3
    book.save(made)
    again = examine(made, INVOICES, settings={"rowMode": "multi"}, context=ON_FILE, today=TODAY)
    assert found(again) == [] and again.rows["amount"].tolist() == [10000]


def test_a_column_called_status_is_the_studios_own(tmp_path):
    """S0-26: the workbook of errors adds one beside it, and a second round keeps both apart."""
    path = tmp_path / "sales.csv"
    path.write_bytes(text_of([{**one("1", amount="x"), "Status": "Ordered"}]))
    for _ in range(2):
        report = examine(path, INVOICES, context=ON_FILE, today=TODAY)
        assert errors(report) == [(2, "amount", "money")] and report.rows["status"].tolist() == ["Ordered"]
        path = error_workbook(plan_of(report))
    headings = [cell.value for cell in openpyxl.load_workbook(path)["To fix"][1]]
    assert headings == [*one(), "Status", "Source row", "Status (check)", "Reasons"]


def test_amounts_of_lines_and_of_the_invoice():
    """S0-28, X-25: quantity times price less discount; a given amount is the sum, a given line may differ by a cent."""
    report = multi(line("1", quantity="3", unitPrice="0.335"), line("1", quantity="-1", unitPrice="0.50"), line("2", quantity="2", lineDiscount="5.00"))
    assert report.lines["lineAmount"].tolist() == [101, -50, 4500] and report.rows["amount"].tolist() == [51, 4500]
    assert found(report) == []
    given = multi(line("1", lineAmount="25.01"), line("2", lineAmount="25.02"), line("3", lineAmount=""))
    assert found(given) == [(3, "lineAmount", "computed")] and given.rows["amount"].tolist() == [2501, 2502, 2500]


def test_a_given_amount_is_the_sum_of_the_lines():
    """S0-28"""
    report = multi({**line("1"), "amount": "25.00"}, {**line("2"), "amount": "25.01"}, {**line("3"), "amount": "50.00"}, {**line("3"), "amount": "50.00"})
    assert errors(report) == [(3, "amount", "lines-total")]
    assert messages(report, "lines-total") == ["Amount is 25.01, but the lines add up to 25.00. Correct one of them."]


def test_an_invoice_of_several_rows_has_lines():
    """S0-28"""
    assert errors(multi(line("1"), one("2", amount=""))) == [(3, "invoiceNumber", "no-lines")]
    assert errors(multi(line("1"), line("1", unitPrice=""))) == [(3, "unitPrice", "required")]


# numbers


def test_a_number_stands_once_in_a_file_of_single_rows():
    """S0-28, X-9"""
    assert errors(checked(one("1"), one("1"), one("2"))) == [(2, "invoiceNumber", "duplicate"), (3, "invoiceNumber", "duplicate")]


@pytest.mark.parametrize("mode", ["single", "multi"])
def test_a_number_that_is_on_file_is_a_duplicate(mode):
    """S0-29"""
    make = one if mode == "single" else line
    again = checked(make("1"), make("2"), mode=mode, context=Filed(checked(make("1"), mode=mode), **HAVE))
    assert [problem[:2] for problem in errors(again)] == [(2, "invoiceNumber")] and again.ready.tolist() == [False, True]


def test_invoices_without_numbers_are_known_again():
    """S0-29: by client, date and amount."""
    rows = [one(invoiceNumber=None), one(invoiceNumber=None, amount="50.00"), one(invoiceNumber=None, clientNumber="1043")]
    first = checked(*rows)
    assert found(first) == [] and first.rows["invoiceNumber"].is_unique
    assert checked(*rows, one(invoiceNumber=None, amount="7.00"), context=Filed(first, **HAVE)).ready.tolist() == [False, False, False, True]


def test_an_invoice_without_a_number_that_is_on_file_may_be_another_one(store):
    """S0-29, X-9: of two alike rows the second was wrong; corrected and alone, it waits for a yes and goes in beside the first."""

    def put(*rows, accept=()):
        return commit(plan(examine(("a.csv", text_of(rows)), INVOICES, context=store.context(), today=TODAY), store, accept=accept, user="ada"))

    commit(plan(examine(("clients.csv", b"Client number,Last name\n1042,Miller\n"), CLIENTS, context=store.context()), store, user="ada"))
    alike = one(invoiceNumber=None)
    put(alike, {**alike, "invoiceType": "Reordr"})
    assert len(invoices(store)) == 1
    report = examine(("b.csv", text_of([alike])), INVOICES, context=store.context(), today=TODAY)
    assert found(report) == [(2, "invoiceNumber", "same-contents")] and report.accepted == 0
    (said,) = messages(report, "same-contents")
    assert said == 'Invoice number is blank, and the books hold the same invoice already, as "1042/2012-01-15/20000". Confirm that this is another one, or leave it out.'
    put(alike)
    assert len(invoices(store)) == 1
    put(alike, alike, accept=("same-contents",))
    assert sorted(invoices(store)["key"]) == ["1042/2012-01-15/20000", "1042/2012-01-15/20000/2", "1042/2012-01-15/20000/3"]


def test_the_key_is_shown_where_the_cell_is_blank():
    """S0-29: in a rule set that leaves out what is on file."""
    skipping = replace(INVOICES, existing="skip")
    again = examine(("a.csv", text_of([one(invoiceNumber=None)])), skipping, context=Filed(checked(one(invoiceNumber=None)), **HAVE), today=TODAY)
    assert messages(again, "skipped") == ['Invoice number "1042/2012-01-15/20000" was imported before. It is left as it is.']


def test_a_credit_memo_entered_twice_is_told():
    """X-9, S0-30: in the file and against the books, where its amount is below zero; an invoice of that amount is none."""
    memo = one("CM-1O1", invoiceType="Credit Memo", amount="30.00")
    again = [one("CM-101", invoiceType="Credit Memo", amount="30.00"), one("CM-lO1", amount="30.00")]
    assert found(checked(*again, context=Filed(checked(memo), **HAVE))) == [(2, "invoiceNumber", "near-duplicate")]
    assert found(checked(memo, *again)) == [(2, "invoiceNumber", "near-duplicate"), (3, "invoiceNumber", "near-duplicate")]


def test_equal_invoices_without_numbers_are_told():
    """X-9: in one file they may be two sales."""
    report = checked(one(invoiceNumber=None), one(invoiceNumber=None))
    assert found(report) == [(3, "invoiceNumber", "same-again")] and report.accepted == 2


# credits, estimates, taxes, payments


def test_credits_are_negative_and_estimates_stay_out_of_receivables():
    """S0-30: totals are positive, and the type carries the sign."""
    report = checked(one("1"), one("2", invoiceType="Credit Memo", amount="30.00"), one("3", invoiceType="Estimate"), one("4", invoiceType="Credit Memo", amount="30.00", openBalance="10.00"))
    assert found(report) == []
    assert report.rows["amount"].tolist() == [20000, -3000, 20000, -3000] and report.rows["openBalance"].tolist() == [20000, -3000, 20000, -1000]
    assert report.rows["record.status"].tolist() == ["Open", "Open", "Estimate", "Open"]
    assert "Estimate" not in INVOICES.receivable and "Open" in INVOICES.receivable


@pytest.mark.parametrize(("kind", "amount", "right"), [("Reorder", "0.00", True), ("Reorder", "-0.01", False), ("Credit Memo", "-30.00", False), ("Credit Memo", "0.01", True)])
def test_totals_are_not_negative(kind, amount, right):
    """S0-30: with the hint Credit Memo."""
    report = checked(one(invoiceType=kind, amount=amount))
    assert errors(report) == ([] if right else [(2, "amount", "negative-total")])
    assert right or "Credit Memo" in messages(report, "negative-total")[0]


def test_lines_may_be_negative_where_the_total_is_not():
    """S0-30: discounts."""
    report = multi(line("1"), line("1", quantity="-1", unitPrice="25.00"), line("2"), line("2", quantity="-1", unitPrice="25.01"))
    assert errors(report) == [(4, "amount", "negative-total")] and report.rows["amount"].tolist() == [0, -1]


def test_no_tax_is_worked_out_below_zero():
    """S0-30, S0-31, X-4: a taxable discount makes no negative tax, which nobody typed; what is wrong with a negative total is told once."""
    coupon = {"taxRate": "State 6.5", "quantity": "-1", "unitPrice": "15.00"}
    report = multi(line("1", taxRate="State 6.5", unitPrice="150.00", lineTaxable="no"), line("1", **coupon), line("2", **coupon))
    assert found(report) == [(4, "amount", "negative-total")]
    assert report.rows[["amount", "taxAmount", "openBalance"]].iloc[0].tolist() == [13500, 0, 13500] and report.rows["taxAmount"].isna().tolist() == [False, True]
    single = checked(one("1", amount="-10.00", taxRate="State 6.5"), one("2", invoiceType="Credit Memo", amount="10.00", taxRate="State 6.5"))
    assert found(single) == [(2, "amount", "negative-total")] and single.rows["taxAmount"].isna().tolist() == [True, False]
    assert single.rows["openBalance"].isna().tolist() == [True, False] and single.rows["openBalance"].iat[1] == -1065
    typed = checked(one("1", taxRate="State 6.5", taxAmount="-0.98"))
    assert (2, "taxAmount", "not-negative") in errors(typed)


def test_what_is_stored_of_credits_and_estimates(store):
    """S0-30, S0-33: status and description are listed and found again."""
    put = examine(("clients.csv", b"Client number,Last name\n1042,Miller\n"), CLIENTS, context=store.context())
    commit(plan(put, store, user="ada"))
    rows = [one("1", description="Album"), one("2", invoiceType="Credit Memo", amount="30.00"), one("3", invoiceType="Estimate")]
    commit(plan(examine(("a.csv", text_of(rows)), INVOICES, context=store.context(), today=TODAY), store, user="ada"))
    kept = invoices(store, fields={"description": None, "invoiceType": None}, rules="spectra.invoices")
    assert kept["field.description"].tolist() == ["Album", "", ""]
    assert dict(zip(kept["key"], kept["amount"], strict=True)) == {"1": 20000, "2": -3000, "3": 20000}
    assert invoices(store, status="Estimate")["key"].tolist() == ["3"]
    assert invoices(store, fields={"description": "album"}, rules="spectra.invoices")["key"].tolist() == ["1"]
    assert invoices(store, customer="1042")["key"].tolist() == ["1", "2", "3"]


def test_tax_is_worked_out_on_amounts_without_tax():
    """S0-31, X-25: once an invoice, halves up; a given amount wins, and a difference of more than a cent is told."""
    rows = [one("1", taxRate="State 6.5"), one("2", amount="10.00", taxRate="state 6.5"), one("3", taxRate="None"), one("4")]
    report = checked(*rows)
    assert found(report) == [] and report.rows["taxAmount"].tolist()[:3] == [1300, 65, 0] and report.rows["taxAmount"].isna().tolist()[3]
    given = [one(str(number), taxRate="State 6.5", taxAmount=tax) for number, tax in enumerate(("13.00", "13.01", "12.99", "13.02", "12.98", ""))]
    report = checked(*given)
    assert found(report) == [(5, "taxAmount", "computed"), (6, "taxAmount", "computed")] and report.accepted == 6
    assert report.rows["taxAmount"].tolist() == [1300, 1301, 1299, 1302, 1298, 1300]


def test_tax_is_rounded_once_and_only_on_taxable_lines():
    """S0-31, X-25: 2 × 0.08 at 6.5 % are 0.01, not twice 0.01."""
    taxed, untaxed = line("1", unitPrice="0.08", taxRate="State 6.5"), line("2", unitPrice="50.00", taxRate="State 6.5", lineTaxable="no")
    report = multi(taxed, taxed, line("2", unitPrice="100.00", taxRate="State 6.5"), *[untaxed] * 8)
    assert found(report) == [] and report.rows["taxAmount"].tolist() == [1, 650]


@pytest.mark.parametrize(("paid", "rule"), [("0", ""), ("0.01", ""), ("200.00", ""), ("200.01", "paid-above-total"), ("-0.01", "not-negative")])
def test_what_is_paid_lies_between_nothing_and_the_total(paid, rule):
    """S0-32"""
    report = checked(one(amountPaid=paid, paymentMethod="Check"))
    assert errors(report) == ([(2, "amountPaid", rule)] if rule else [])
    assert rule or report.rows["openBalance"].tolist() == [20000 - round(float(paid) * 100)]


SIXTY = Lists(**{**HAVE, "taxCodes": [{"taxCode": "Sixty", "rate": "60"}, "Bare"]})
"""A rate that makes a cent of a cent."""


@pytest.mark.parametrize(("amount", "tax", "left"), [("0.00", 0, 0), ("-0.01", None, None), ("0.01", 1, 2)])
def test_tax_around_an_amount_of_nothing(amount, tax, left):
    """S0-31, S0-16"""
    rows = checked(one(amount=amount, taxRate="Sixty"), context=SIXTY).rows
    assert [None if rows[name].isna().iloc[0] else int(rows[name].iloc[0]) for name in ("taxAmount", "openBalance")] == [tax, left]


def test_lines_that_are_not_taxed_have_no_tax_and_never_less():
    """S0-31"""
    coupon = {"taxRate": "Sixty", "quantity": "-1", "unitPrice": "15.00"}
    report = multi(line("1", taxRate="Sixty", lineTaxable="no"), line("2", unitPrice="150.00", taxRate="Sixty", lineTaxable="no"), line("2", **coupon), context=SIXTY)
    assert report.rows["taxAmount"].tolist() == [0, 0]


def test_what_is_paid_is_not_held_against_a_total_that_nobody_knows():
    """S0-31, S0-32: not even where the amount is 0."""
    paid = {"amount": "0.00", "amountPaid": "0.01", "paymentMethod": "Check"}
    told = {rate: [rule for *_, rule in errors(checked(one(**paid, taxRate=rate), context=SIXTY))] for rate in ("Bare", "Sixty")}
    assert told == {"Bare": [], "Sixty": ["paid-above-total"]}


def test_invoices_without_numbers_that_are_alike_are_counted():
    """S0-29"""
    report = checked(one(""), one("", amount="1.00"), one(""), one(""))
    assert report.rows["invoiceNumber"].tolist() == [f"1042/2012-01-15/{end}" for end in ("20000", "100", "20000/2", "20000/3")]


def test_an_invoice_whose_lines_are_missing_is_told_that_alone():
    """S0-28"""
    report = multi(line("1"), {**one("2"), "quantity": "", "unitPrice": ""})
    assert [rule for row, _, rule in errors(report) if row == 3] == ["no-lines"]


TAXED = {"taxRate": "State 6.5", "amountPaid": "213.00", "paymentMethod": "Check"}


@pytest.mark.parametrize("tax", ["13.00", ""])
@pytest.mark.parametrize(("paid", "left", "status"), [("213.00", 0, "Paid"), ("200.00", 1300, "Open"), ("", 21300, "Open"), ("0.01", 21299, "Open")])
def test_tax_is_owed_too(tax, paid, left, status):
    """S0-31, S0-32: what is open is the amount with its tax less what is paid, whether the tax is given or worked out."""
    report = checked(one(**{**TAXED, "taxAmount": tax, "amountPaid": paid}))
    assert found(report) == [] and report.rows["openBalance"].tolist() == [left] and report.rows["record.status"].tolist() == [status]


def test_no_more_is_owed_or_paid_than_the_total_with_tax():
    """S0-5, S0-32"""
    rows = [one("1", **{**TAXED, "amountPaid": "213.01"}), one("2", taxAmount="13.00", openBalance="213.00"), one("3", taxAmount="13.00", openBalance="213.01")]
    told = one("4", taxAmount="13.00", openBalance="100.00", amountPaid="113.00", paymentMethod="Check"), one("5", taxAmount="13.00", openBalance="100.00", amountPaid="100.00", paymentMethod="Check")
    report = checked(*rows, *told)
    assert found(report) == [(2, "amountPaid", "paid-above-total"), (4, "openBalance", "open-balance"), (6, "openBalance", "balance-after-payment")]
    assert messages(report, "paid-above-total") == ["Amount paid (213.01) is more than the invoice with its tax (213.00). Lower it, or correct the amount."]
    assert messages(report, "open-balance") == ["Open balance (213.01) is more than the invoice with its tax (213.00). Correct one of them."]
    assert messages(report, "balance-after-payment") == ["Open balance is 100.00, but 100.00 of 213.00 is paid. What the file says counts."]


DATED = [{"taxCode": "Ohio", "from": "2012-01-01", "rate": "5.75"}, {"taxCode": "Ohio", "from": "2012-02-01", "rate": "6"}, {"taxCode": "None", "from": "2012-03-01", "rate": "1"}]
RATES_BY_DAY = [
    ("Ohio", "01/15/2012", 1150, []),
    ("ohio", "02/15/2012", 1200, []),
    ("None", "01/15/2012", 200, ["rate-later"]),
    ("State 6.5", "01/15/2012", 1300, []),
    ("Bare", "01/15/2012", 0, ["no-rate"]),
]


@pytest.mark.parametrize(("code", "day", "tax", "told"), RATES_BY_DAY)
def test_the_rate_of_the_day_is_taken_where_rates_are_dated(code, day, tax, told):
    """S0-31, S0-20: the dated rate, else the code's own; a code without any is told, for nothing of its tax is in the balance."""
    dated = Lists(**{**HAVE, "taxCodes": [*HAVE["taxCodes"], "Ohio", "Bare"], "taxRates": DATED})
    report = checked(one(taxRate=code, invoiceDate=day), context=dated)
    assert [p.rule for p in report.problems] == told and report.rows["openBalance"].tolist() == [20000 + tax]


def test_a_code_without_a_rate_is_told_where_it_matters():
    """S0-31: not where the tax is given, and once where the date was not understood."""
    bare = Lists(**{**HAVE, "taxCodes": ["Bare"]})
    report = checked(one("1", taxRate="Bare"), one("2", taxRate="Bare", taxAmount="13.00"), one("3", taxRate="Bare", invoiceDate="02/30/2012"), context=bare)
    assert found(report) == [(2, "taxRate", "no-rate"), (4, "invoiceDate", "date")]
    assert messages(report, "no-rate") == ["Tax code Bare has no rate on file, so that no tax is worked out on the amount. Fill in the tax, or import the rate."]


def test_tax_that_nobody_knows_refuses_no_payment():
    """S0-31, S0-32: where the percentage of a rate is not known, more may be paid than the amount; tax that was not understood is told once."""
    unknown = Lists(**{**HAVE, "taxCodes": [{"taxCode": "State 6.5"}]})
    for context in (None, unknown):
        report = checked(one("1", **TAXED), one("2", **{**TAXED, "amountPaid": "150.00"}), context=context)
        assert errors(report) == [] and report.rows["openBalance"].tolist() == [0, 5000]
    assert errors(checked(one(**{**TAXED, "taxAmount": "x"}))) == [(2, "taxAmount", "money")]


def test_the_tax_of_a_credit_is_given_back():
    """S0-30, S0-31"""
    report = checked(one(invoiceType="Credit Memo", taxAmount="13.00"), one("2", invoiceType="Credit Memo", taxAmount="13.00", amountPaid="213.00", paymentMethod="Check"))
    assert found(report) == [] and report.rows["amount"].tolist() == [-20000, -20000] and report.rows["openBalance"].tolist() == [-21300, 0]


def test_a_balance_and_a_payment_make_the_amount():
    """S0-5: told where both are given; the file counts."""
    rows = [one("1", amountPaid="50.00", openBalance="150.00"), one("2", amountPaid="50.00", openBalance="149.99"), one("3", amountPaid="", openBalance="1.00")]
    report = checked(*rows, paymentMethod="Check")
    assert found(report) == [(3, "openBalance", "balance-after-payment")] and report.rows["openBalance"].tolist() == [15000, 14999, 100]


def test_what_is_paid_has_a_method():
    """S0-32"""
    report = checked(one("1", amountPaid="5.00", paymentMethod=""), one("2", amountPaid="0", paymentMethod=""), one("3", amountPaid="", paymentMethod=""))
    assert errors(report) == [(2, "amountPaid", "paid-without-method")]


@pytest.mark.parametrize("mode", ["single", "multi"])
def test_the_payment_method_of_the_file_is_that_of_paid_invoices(mode):
    """S0-32: counted; the others keep what they say."""
    make = one if mode == "single" else line
    rows = [make("1", amountPaid="5.00", paymentMethod=""), make("2", amountPaid="", paymentMethod=""), make("3", amountPaid="0.00", paymentMethod="Check"), make("4", amountPaid="5.00", paymentMethod="Check")]
    report = checked(*rows, mode=mode, paymentMethod="card")
    assert found(report) == [] and report.rows["paymentMethod"].fillna("").tolist() == ["Card", "", "Check", "Card"]
    (fill,) = [fill for fill in report.fills if fill.field == "paymentMethod"]
    assert (len(fill.at), fill.overwritten) == (2, 1)
    unmapped = checked(*({k: v for k, v in row.items() if k not in ("amountPaid", "paymentMethod")} for row in rows), mode=mode, paymentMethod="card")
    assert found(unmapped) == [] and unmapped.rows["paymentMethod"].isna().all()


def test_a_paid_amount_given_once_has_its_method():
    """S0-32: on the first row of several."""
    report = multi(line(amountPaid="35.00"), below(), paymentMethod="Card")
    assert found(report) == [] and report.rows["paymentMethod"].tolist() == ["Card"] and report.rows["record.status"].tolist() == ["Paid"]


def test_histories_into_closed_books_wait_for_a_yes():
    """X-24: for Spectra a hold, not an error; the day after is open."""
    closed = Lists(**HAVE)
    closed.entity = replace(Entity(), closed_until=dt.date(2012, 1, 15))
    report = checked(one("1", invoiceDate="01/15/2012"), one("2", invoiceDate="01/16/2012"), context=closed)
    ((row, _, _),) = found(report, Severity.HOLD)
    assert row == 2 and errors(report) == [] and report.ready.tolist() == [False, True]
    assert messages(report, "closed-books") == [
        "The books are closed until 15 Jan 2012; this would create an invoice dated 15 Jan 2012. Confirm that it may still come in, or leave it out."
    ]


def test_without_books_nothing_is_looked_up():
    """X-11: what the lists would say is left open; what the file says is checked."""
    assert errors(checked(one(salesRep="Nobody"), context=None)) == []
    assert errors(checked(one(amount="x"), context=None)) == [(2, "amount", "money")]
