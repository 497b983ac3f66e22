"""Template workbooks: made alike each time, true tables with messages and drop-downs, known again when they come back (S3-15, X-8)."""

import io
import types
import zipfile

import openpyxl
import pytest
from openpyxl.formula import Tokenizer

from invoice_rules import examine
from invoice_rules.errors import CannotRun
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.rulesets import rule_set
from invoice_rules.workbooks import template_bytes, template_workbook
from invoice_rules.workbooks.templates.conditions import conditions
from invoice_rules.workbooks.templates.plan import Plan
from tests import documents
from tests.templates.filling import CASES, MULTI, NAMES, declare, examples, fill, made, plain, saved

PAYSTAND = rule_set("paystand.receivables")
each = pytest.mark.parametrize(("name", "settings"), CASES, ids=NAMES)


@pytest.fixture
def book():
    return made(PAYSTAND)


@each
def test_the_same_wishes_give_the_same_bytes(name, settings):
    one, other = plain(name, settings), template_bytes(rule_set(name), settings=settings)
    assert one == other
    assert {info.date_time for info in zipfile.ZipFile(io.BytesIO(one)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@each
def test_a_template_has_its_sheets_a_table_and_a_message_for_each_column(name, settings):
    rules = rule_set(name).under(settings)
    book = made(rule_set(name), settings=settings)
    states = {ws.title: (ws.sheet_state, ws.protection.sheet) for ws in book}
    cover, data, *rest = states
    assert (states[cover], states[data]) == (("visible", True), ("visible", False))
    assert {title: states[title] for title in rest} == {
        "Examples": ("visible", True), "Guide": ("visible", True), "Lists": ("hidden", True), "ir_template": ("veryHidden", True),
    }  # fmt: skip
    ws = book[data]
    headings = [str(cell.value) for cell in ws[5]]
    titles = [field.title for field in rules.offered.values() if not field.made]
    assert [heading.removesuffix(" *") for heading in headings] == titles
    assert len(set(headings)) == len(headings)
    table = ws.tables["ir_rows"]
    assert (table.ref, [column.name for column in table.tableColumns]) == (f"A5:{ws.cell(5, len(titles)).column_letter}505", headings)
    assert len(ws.data_validations.dataValidation) == len(titles)
    assert all(its.prompt and its.promptTitle and len(its.prompt) <= 255 and len(its.promptTitle) <= 32 for its in ws.data_validations.dataValidation)
    assert {heading.removesuffix(" *") for heading in headings if heading.endswith(" *")} >= {rules.fields[one].title for one in rules.needed}


def formulas(book):
    return [cell.value for ws in book for row in ws for cell in row if cell.data_type == "f"]


def test_the_name_of_a_sheet_of_two_words_stands_in_quotes(tmp_path):
    """Excel repairs a workbook with a formula such as =LEN(Fee notes!A6), and takes the formula away."""
    module = types.ModuleType("harbour")
    exec(compile(documents.python_blocks("CONTRIBUTING.md")[0], "CONTRIBUTING.md", "exec"), vars(module))
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(module.notes, rows=10)))
    assert book.sheetnames[1] == "Fee notes"
    operands = [part.value for one in formulas(book) for part in Tokenizer(one).items if "notes" in part.value.lower() and part.subtype == "RANGE"]
    assert operands
    assert {part.partition("!")[0] for part in operands} == {"'Fee notes'"}
    row = {"Note number": "N-1", "Ship": "Ada", "Date": "2026-05-01", "Total": 100}
    report = examine(saved(fill(book, [row]), tmp_path / "back.xlsx"), module.notes)
    assert (len(report.table), report.accepted) == (1, 1)


def test_a_difference_of_numbers_of_documents_is_whole(book):
    """`#,##0.##` would show 2 as `2.` in Excel."""
    (shown,) = {cell.number_format for cell in book["Cover"]["F"] if "too many" in cell.number_format}
    assert "." not in shown


@each
def test_a_filled_template_is_read_without_a_mapping(name, settings, tmp_path):
    book = made(rule_set(name), settings=settings)
    report = examine(saved(fill(book, [examples(book, 6)]), tmp_path / "back.xlsx"), name)
    assert (len(report.table), report.invoices) == (1, 1)
    assert report.table.origin.sheet == book.sheetnames[1]
    columns = [field for field in report.rules.offered.values() if not field.made]
    assert [report.mapping.fields[field.name] for field in columns] == list(range(len(columns)))
    assert [found.rule for found in report.problems if found.severity > 1] == []
    assert [found.message for found in report.problems if found.rule == "template"] == [
        f"This is our template for {report.rules.title}: its columns are known without a mapping."
    ]


def rules_in_guide(name, settings=None) -> dict[str, str]:
    """What each rule wants -> when it is checked."""
    rows = list(made(rule_set(name), settings=settings or {})["Guide"].iter_rows(values_only=True))
    start = next(at for at, row in enumerate(rows) if row[1] == "Rule about")
    return {row[3]: row[4] for row in rows[start + 1 :] if row[1]}


def test_the_guide_says_at_once_of_nothing_but_what_the_sheet_shows():
    credit = rule_of("autotask.invoices", "credit-note")
    assert rules_in_guide("autotask.invoices")[credit] == "when it comes back", "it is only told, and no cell turns amber"
    lines = rule_of("spectra.invoices", "lines-total")
    assert lines not in rules_in_guide("spectra.invoices"), "a row is a whole invoice and has no lines"
    assert rules_in_guide("spectra.invoices", MULTI)[lines] in ("at once", "partly at once")


def rule_of(name: str, rule_id: str) -> str:
    return next(rule.says for _, rule in rule_set(name).rules if rule.id == rule_id)


def test_identifiers_stay_text(book):
    ws = book.worksheets[1]
    assert ws.column_dimensions["A"].number_format == "@"
    assert ws.column_dimensions["C"].number_format == "#,##0.00#"


def test_declared_totals_block_on_a_mismatch(book, tmp_path):
    """The cover declares two invoices and the file holds one (X-8)."""
    fill(book, [examples(book)])
    report = examine(saved(declare(book, 2, {"USD": 1500}), tmp_path / "less.xlsx"), PAYSTAND)
    told = report.problems.about_file()
    assert [found.rule for found in told] == ["control-totals"]
    assert told[0].message == "2 invoices, USD 1,500.00 declared; the file holds 1 invoice, USD 1,000.00: 1 invoice and USD 500.00 missing. Find the difference, or correct the declared figures; nothing goes in until they agree."
    assert not examine(saved(declare(book, 1, {"USD": "1,000.00"}), tmp_path / "right.xlsx"), PAYSTAND).problems.about_file()


def test_a_declared_total_is_read_whichever_sheet_is_asked_for(book, tmp_path):
    path = saved(declare(fill(book, [examples(book)]), 3), tmp_path / "asked.xlsx")
    assert dict(read(path, sheet="Invoices").declared) == {"count": "3"} == dict(read(path).declared)


@pytest.mark.parametrize(
    ("count", "totals"),
    [("many", {}), (1.5, {}), (-1, {}), ("3,0", {}), (None, {"USD": "all of it"}), (None, {"USD": "300,30"}), (None, {"USD": 1.234}), (None, {"XYW": 5})],
)
def test_what_is_declared_and_cannot_be_read_is_told(book, tmp_path, count, totals):
    report = examine(saved(declare(fill(book, [examples(book)]), count, totals), tmp_path / "odd.xlsx"), PAYSTAND)
    assert [(found.rule, found.severity) for found in report.problems if found.severity > 1] == [("template-declared", Severity.HOLD)]
    assert [found.rule for found in report.blocked] == ["template-declared"]


@pytest.mark.parametrize(
    ("count", "total", "told"),
    [
        (1, "#REF!", '"#REF!" as the total in USD'),
        ("#N/A", 1000, '"#N/A" as the number of documents'),
        (1, "=500+500", 'whose result was not saved" as the total in USD'),
    ],
)
def test_what_a_cover_declares_by_an_error_or_an_uncomputed_formula_is_told(book, tmp_path, count, total, told):
    """Both are read as blank cells, so the file went in as if nothing had been declared (X-8)."""
    report = examine(saved(declare(fill(book, [examples(book)]), count, {"USD": total}), tmp_path / "back.xlsx"), PAYSTAND)
    assert [found.rule for found in report.blocked if found.rule == "template-declared"]
    assert told in str([found.message for found in report.blocked])


@pytest.mark.parametrize("total", [1000.0, "$1,000.00", " 1000 "])
def test_declared_totals_are_written_as_amounts_are(book, tmp_path, total):
    """A comma is one of thousands alone; 300,30 was taken for 30,030.00 (X-8, S3-8)."""
    report = examine(saved(declare(fill(book, [examples(book)]), "1", {"USD": total}), tmp_path / "said.xlsx"), PAYSTAND)
    assert [found.rule for found in report.problems if found.severity > 1] == []


def copied(book, title="Invoices (2)"):
    """Somebody copied the sheet of data and filled in the copy as well."""
    ws = book.copy_worksheet(book["Invoices"])
    ws.title, ws["A6"] = title, "INV-77"
    return ws


def test_rows_on_a_copy_of_the_sheet_are_not_passed_over(book, tmp_path):
    """Only the sheet that the template names was read, and the other's rows were lost without a word (S0-2, X-8)."""
    copied(fill(book, [examples(book)]))
    path = saved(book, tmp_path / "copy.xlsx")
    with pytest.raises(CannotRun) as refused:
        examine(path, PAYSTAND)
    assert str(refused.value) == (
        'copy.xlsx is our template and has rows on several sheets: "Invoices" (1 row) and "Invoices (2)" (1 row). '
        'Bring them together on "Invoices", or choose one with --sheet.'
    )
    assert [cells[0] for cells in read(path, sheet="Invoices (2)").frame.itertuples(index=False)] == ["INV-77"]


def test_of_a_copied_sheet_the_one_with_rows_is_read(book, tmp_path):
    copied(book, "November")["B6"] = "78"
    report = examine(saved(book, tmp_path / "copy.xlsx"), PAYSTAND)
    assert (report.invoices, report.table.origin.sheet) == (1, "November")


def test_a_copied_sheet_without_rows_and_notes_of_their_own_do_not_matter(book, tmp_path):
    copied(book, "Spare")["A6"] = None
    notes = fill(book, [examples(book)]).create_sheet("Notes")
    notes.append(["Invoice ID", "What we did"])
    notes.append(["INV-1001", "Called"])
    assert examine(saved(book, tmp_path / "spare.xlsx"), PAYSTAND).table.origin.sheet == "Invoices"


def test_a_template_of_lines_says_what_its_rows_are(tmp_path):
    """One of many lines a row is read as such without a setting (S0-4)."""
    book = made(rule_set("spectra.invoices"), settings=MULTI)
    assert examine(saved(fill(book, [examples(book, 6)]), tmp_path / "lines.xlsx"), "spectra.invoices").rules.lined


def test_the_client_s_own_lists_are_in_the_drop_downs():
    references = {"customers": ["=CMD()", "00123", "Acme"], "terms": ["1"]}
    book = made(rule_set("spectrum.invoices"), references=references)
    name = book.defined_names["ir_list_Customer_Code"]
    (title, cells), = name.destinations
    values = [(cell.value, cell.data_type) for (cell,) in book[title][cells.replace("$", "")]]
    assert values == [("=CMD()", "s"), ("00123", "s"), ("Acme", "s")]


def test_the_sender_is_text_whatever_it_begins_with():
    book = made(PAYSTAND, sender="=1+1")
    cells = [cell for row in book["Cover"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


@pytest.mark.parametrize("rows", [0, -1, 100_001])
def test_more_rows_than_can_be_are_refused(rows, tmp_path):
    with pytest.raises(CannotRun, match="open rows"):
        template_workbook(PAYSTAND, tmp_path / "many.xlsx", rows=rows)


@pytest.mark.parametrize("wish", [{"currency": "BHD"}, {"settings": {"currency": "bhd"}}, {"currency": "EUR", "settings": {"currency": "BHD"}}])
def test_amounts_are_in_the_currency_of_the_books(wish, tmp_path):
    """The cover named USD, so that whoever declared a total in it was told of two currencies (X-8, X-17, X-18)."""
    file = template_bytes(PAYSTAND, **wish)
    assert openpyxl.load_workbook(io.BytesIO(file), data_only=True)["Invoices"]["A3"].value == "0 invoices on this sheet.  Total BHD 0.000"
    book = openpyxl.load_workbook(io.BytesIO(file))
    (code,) = (row[2].value for row in book["Cover"].iter_rows() if row[0].value == "ir_total" and row[2].value)
    assert code == "BHD"
    row = {**examples(book), "Amount": 1000.125, "Amount due": 1000.125, "Currency": None}
    report = examine(saved(declare(fill(book, [row]), 1, {"BHD": 1000.125}), tmp_path / "back.xlsx"), PAYSTAND)
    assert ([found.message for found in report.problems if found.severity > 1], report.accepted) == ([], 1)
    assert set(report.rows["currency"]) == {"BHD"}


def test_the_sheet_knows_the_decimals_of_its_currency():
    """1000.125 was red although amounts in BHD have three decimals (X-17)."""
    plans = {code: Plan(PAYSTAND, settings={"currency": code}) for code in ("USD", "BHD")}
    told = {code: {one.formula for one in conditions(plan) if one.field == "amount"} for code, plan in plans.items()}
    assert [any("ROUND($C6,IF(LEN($K6)=0,3," in formula for formula in told[code]) for code in ("USD", "BHD")] == [False, True]
    assert plans["USD"].id != plans["BHD"].id


FIXED = {"invoiceType": "Reorder", "invoiceDate": "2026-11-01"}


@pytest.mark.parametrize("mode", [{}, MULTI])
def test_what_a_setting_fills_in_is_not_asked_for(mode, tmp_path):
    """Its cells were red and starred although every row had the setting's value, and what was typed there was overwritten (S0-16)."""
    rules = rule_set("spectra.invoices")
    book = made(rules, settings={**FIXED, **mode})
    titles = [str(cell.value).removesuffix(" *") for cell in book.worksheets[1][5]]
    assert {"Type", "Invoice date"}.isdisjoint(titles)
    shown = [{(one.field, one.rule) for one in conditions(Plan(rules.under(mode), settings={**mode, **more}))} for more in ({}, FIXED)]
    assert shown[1] == {(field, rule) for field, rule in shown[0] if field not in FIXED and rule != "due-before-date"}, "the others are checked as before"
    told = {cell for row in book["Guide"].iter_rows(values_only=True) for cell in row}
    assert {"Fixed for this workbook: Reorder", "Fixed for this workbook: 2026-11-01"} <= told
    assert any("not asked for: Type Reorder, Invoice date 2026-11-01." in str(row[1].value) for row in book["Cover"].iter_rows())
    report = examine(saved(fill(book, [examples(book, 6)]), tmp_path / "back.xlsx"), rules)
    assert ([found.message for found in report.problems if found.severity > 1], report.accepted) == ([], 1)
    assert list(report.rows["invoiceType"]) == ["Reorder"]


@each
def test_whatever_a_setting_fills_in_the_other_fields_are_checked(name, settings):
    rules = rule_set(name).under(settings)
    plain_plan = Plan(rules, settings=settings)
    shown = {(one.field, one.rule) for one in conditions(plain_plan)}
    for field in [one for one in plain_plan.columns if one.required or one.choices or one.kind == "money"]:
        plan = Plan(rules, settings={**settings, field.name: field.example or "1"})
        now = {(one.field, one.rule) for one in conditions(plan)}
        assert now <= shown
        assert {its for its, rule in now if rule == "required"} >= {its for its, rule in shown if rule == "required"} - plan.fixed.keys()


@pytest.mark.parametrize(
    ("name", "settings", "asked"),
    [
        ("paystand.receivables", {"currency": "EUR"}, "currency"),  # for rows that name none
        ("spectra.invoices", {"invoiceNumber": "INV-{invoiceNumber}"}, "invoiceNumber"),
        ("paystand.receivables", {"extCustomerId": "{customerName}", "customerName": "Acme"}, "customerName"),
        ("quickbooks.history", {"quickbooksId": "1"}, "quickbooksId"),  # it tells them apart
    ],
)
def test_what_is_still_taken_from_the_file_is_asked_for(name, settings, asked):
    assert asked in Plan(rule_set(name).under(settings), settings=settings).letters


def test_credits_that_a_setting_fixes_count_below_zero():
    """S0-30."""
    for kind, below in (("Credit Memo", True), ("Reorder", False)):
        cover = made(rule_set("spectra.invoices"), settings={"invoiceType": kind})["Cover"]
        sums = [row[4].value for row in cover.iter_rows() if row[0].value == "ir_total"]
        assert [("*(1-2*(Invoices!" in one) is below for one in sums] == [True] * len(sums) != []


@pytest.mark.parametrize(("name", "value"), [("nosuch", "banana"), ("content", "banana"), ("currency", "EURO"), ("customerName", "{nosuch}")])
def test_settings_that_cannot_be_are_refused_when_a_template_is_made(name, value):
    with pytest.raises(CannotRun, match=f'"{name}"|{value}'):
        template_bytes(PAYSTAND, settings={name: value})


def test_formulas_above_the_rows_are_ours_and_not_told(book, tmp_path):
    """A program that saves no results leaves A3 without one; so is a formula among the rows, which is theirs (X-3)."""
    ws = fill(book, [examples(book)])["Invoices"]
    assert "uncomputed" not in [found.rule for found in examine(saved(book, tmp_path / "ours.xlsx"), PAYSTAND).problems]
    ws["C6"] = "=500+500"
    told = [found.message for found in examine(saved(book, tmp_path / "theirs.xlsx"), PAYSTAND).problems if found.rule == "uncomputed"]
    assert [message.split(" whose")[0] for message in told] == ["Cell C6 holds a formula"]


@each
def test_on_every_page_of_the_print_stand_the_headings_alone(name, settings):
    """A column repeated beside them cut the title and the totals above it in the middle of a word."""
    ws = made(rule_set(name), settings=settings).worksheets[1]
    assert (ws.print_title_rows, ws.print_title_cols) == ("$5:$5", None)


@pytest.mark.parametrize(
    ("sender", "wrapped"), [("Hollis & Crane", False), ("The Society for the Preservation of Harbours, Lighthouses and Landing Stages of the Northern Coast", True)]
)
def test_a_long_sender_is_not_cut_on_the_cover(sender, wrapped):
    cover = openpyxl.load_workbook(io.BytesIO(template_bytes(PAYSTAND, sender=sender)))["Cover"]
    (cell,) = (row[2] for row in cover.iter_rows() if row[2].value == sender)
    assert (bool(cell.alignment.wrap_text), bool(cell.alignment.shrink_to_fit)) == (wrapped, not wrapped)
    assert cover.row_dimensions[cell.row].height == (42 if wrapped else 18)


def test_formulas_have_their_results_saved():
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(PAYSTAND)), data_only=True)
    assert book["Invoices"]["A3"].value == "0 invoices on this sheet.  Total USD 0.00"
    assert [cell.value for (cell,) in book["Cover"]["E18:E19"]] == [0, 0]


def test_headings_that_were_translated_are_told_as_called_otherwise(book, tmp_path):
    """Their columns are read by another name of theirs, so they are not lost (X-13, S3-15)."""
    ws = fill(book, [examples(book)])["Invoices"]
    ws["C5"], ws["G5"] = "Invoice amount", "Invoice date"
    report = examine(saved(book, tmp_path / "back.xlsx"), PAYSTAND)
    assert [report.mapping.fields[name] for name in ("amount", "date")] == [2, 6]
    assert [found.rule for found in report.problems if found.severity > 1] == []
    told = [found.message for found in report.problems if found.rule == "template"]
    assert told[1:] == [f'In the template "Amount" is called "Invoice amount" now and "{report.rules.fields["date"].title}" is called "Invoice date" now. It is read all the same.']


def test_a_template_s_sheet_under_another_name_leaves_none_alone(book, tmp_path):
    fill(book, [examples(book)])["Invoices"].title = "What we sold"
    report = examine(saved(book, tmp_path / "back.xlsx"), PAYSTAND)
    assert report.table.origin.sheet == "What we sold"
    assert "Left alone" not in str([found.message for found in report.problems])
