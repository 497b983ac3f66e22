"""What an accountant does with the buttons, on each engine: validate, look, correct, import, undo, and leave no trace."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

import invoice_rules
from addin import checking, lists, marking, places, sheets
from tests.addin import cases
from tests.addin.desk import RULES, Desk, workbook, wrong

# Validate, Next problem, Clear marks


def test_validate_says_what_is_wrong_beside_each_row(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    assert desk.press("validate") == ""
    status = desk.column("Import status")
    assert status[1].startswith("2 errors: amount due is more than the amount;")
    assert status[3] == '1 error: "31/02/2026" is not a date'
    assert [status[at] for at in (0, 2, 4, 5)] == ["OK"] * 4
    assert desk.status_bar.startswith("Invoice Rules: 2 of 6 invoices have errors and stay out. 4 (USD 4,000.00) are ready")
    assert "6 rows, 6 invoices, 3 errors" in desk.status_bar


def test_the_wrong_cells_are_tinted_and_have_notes(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("validate")
    assert [(row, column) for row, column, _ in places.marked_cells(desk.sheet)] == [(3, 4), (3, 9), (5, 7)]
    note = desk.sheet["D3"].note.text
    assert note.startswith("Invoice Rules: Amount due (5,000.00) is more than the amount (1,000.00).")  # S3-10
    assert desk.sheet["D4"].note is None
    rules = [rule.formula for rule in desk.sheet["D2:D7"].conditional_formats if rule.type == "custom"]
    assert any("ir_bad_1_3" in formula for formula in rules)


def test_next_problem_goes_round(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    assert "Press Validate first" in desk.press("next_problem")
    desk.press("validate")
    desk.sheet["A1"].select()
    seen = []
    for _ in range(4):
        desk.press("next_problem")
        seen.append(desk.book.app.selection.address)
    assert seen == ["$D$3", "$I$3", "$G$5", "$D$3"]
    assert "amount due is more than the amount" in desk.status_bar


def test_validating_again_after_a_correction_replaces_the_marks(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("validate")
    desk.sheet["D3"].value, desk.sheet["I3"].value = 250.0, False
    desk.press("validate")
    assert [(row, column) for row, column, _ in places.marked_cells(desk.sheet)] == [(5, 7)]
    assert desk.sheet["D3"].note is None
    assert desk.rows()[0].count("Import status") == 1


def test_clear_marks_leaves_no_trace(open_desk, tmp_path, engine):
    path = workbook(tmp_path, change=wrong)
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    desk = open_desk(path)
    desk.book.save(str(before))
    desk.press("validate")
    desk.press("problems")
    desk.press("clear_marks")
    desk.book.save(str(after))
    assert everything(after) == everything(before)


STANDARD_WIDTH = 9


def everything(path: Path) -> dict:
    """Cells, formats, widths, notes, validations, rules, names and tables of a workbook."""
    book = openpyxl.load_workbook(path)
    told: dict = {"names": sorted(book.defined_names), "sheets": book.sheetnames}
    for sheet in book:
        cells = {
            cell.coordinate: (cell.value, cell.number_format, cell.fill.fgColor.rgb, cell.font.b, cell.font.color and cell.font.color.rgb, cell.comment and cell.comment.text)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None or cell.comment
        }
        rules = sorted((str(where.sqref), rule.type, tuple(rule.formula)) for where in sheet.conditional_formatting for rule in where.rules)
        validations = sorted(str(its.sqref) for its in sheet.data_validations.dataValidation)
        widths = {name: round(its.width) for name, its in sheet.column_dimensions.items() if its.customWidth and round(its.width) != STANDARD_WIDTH}
        hidden = [name for name, its in sheet.column_dimensions.items() if its.hidden]
        told[sheet.title] = (cells, rules, validations, widths, hidden, dict(sheet.tables.items()), str(sheet.auto_filter.ref))
    return told


def test_the_users_own_formats_notes_rules_and_formulas_stay(open_desk, tmp_path, engine):
    from openpyxl.comments import Comment
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    def own(sheet) -> None:
        wrong(sheet)
        sheet["D3"].fill = PatternFill("solid", fgColor="00FFFF00")
        sheet["D3"].comment = Comment("Ask Ada", "Bea")
        if engine == "calc":  # the double has no results of formulas that nobody saved
            sheet["N1"] = "=SUM(C2:C7)"
        sheet.conditional_formatting.add("C2:C7", CellIsRule(operator="greaterThan", formula=["900"], fill=PatternFill(bgColor="0000FF00")))
        allowed = DataValidation(type="list", formula1='"yes,no"')
        allowed.add("I2:I7")
        sheet.add_data_validation(allowed)

    path = workbook(tmp_path, change=own)
    desk = open_desk(path)
    before, marked, after = (tmp_path / f"{name}.xlsx" for name in ("before", "marked", "after"))
    desk.book.save(str(before))
    desk.press("validate")
    assert desk.sheet["D3"].note.text == "Ask Ada"
    assert desk.sheet["D3"].color == (255, 255, 0)
    assert desk.sheet["N1"].formula == ("=SUM(C2:C7)" if engine == "calc" else "")
    desk.book.save(str(marked))
    assert everything(marked)["Invoices"][2] == everything(before)["Invoices"][2]
    desk.press("clear_marks")
    desk.book.save(str(after))
    assert everything(after) == everything(before)


def test_marks_follow_their_rows(open_desk, tmp_path):
    """The hidden column goes with its row: after the rows changed places the same cells are wrong."""
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("validate")
    last = desk.sheet.used_range.shape[1]
    third, sixth = (desk.sheet.range((row, 1), (row, last)).options(ndim=2).value for row in (3, 6))
    desk.sheet.range((3, 1), (3, last)).value = sixth
    desk.sheet.range((6, 1), (6, last)).value = third
    assert [(row, column) for row, column, _ in places.marked_cells(desk.sheet)] == [(5, 7), (6, 4), (6, 9)]


def test_the_arrows_of_a_filter_reach_the_status_so_that_it_is_sorted_along(open_desk, tmp_path):
    def filtered(sheet) -> None:
        wrong(sheet)
        sheet.auto_filter.ref = sheet.dimensions

    desk = open_desk(workbook(tmp_path, change=filtered))
    before = desk.sheet.api.AutoFilter.Range.Address
    desk.press("validate")
    status = desk.rows()[0].index("Import status") + 1
    area = desk.sheet.range(desk.sheet.api.AutoFilter.Range.Address)
    assert area.column + area.shape[1] - 1 > status
    desk.press("clear_marks")
    assert desk.sheet.api.AutoFilter.Range.Address == before


APART = "Other cells stand right of the data, and the status behind them, so marks will not follow when you sort"


def headings(desk: Desk) -> list:
    return next(row for row in desk.rows() if "Import status" in row)


def test_the_status_stands_beside_the_data_where_a_column_further_right_is_only_formatted(open_desk, tmp_path):
    from openpyxl.styles import PatternFill

    def formatted(sheet) -> None:
        wrong(sheet)
        sheet.auto_filter.ref = sheet.dimensions
        sheet["AF1"].fill = PatternFill("solid", fgColor="00DDEBF7")

    desk = open_desk(workbook(tmp_path, change=formatted))
    last = len(cases.rows_of(RULES)[0])
    desk.press("validate")
    block = places.place_of(desk.sheet).block
    arrows = desk.sheet.range(desk.sheet.api.AutoFilter.Range.Address)
    assert (block.column, arrows.column + arrows.shape[1] - 1) == (last + 1, last + 4)
    assert "when you sort" not in desk.status_bar


def test_something_beside_the_table_keeps_the_status_away_and_that_is_told(open_desk, tmp_path):
    path = workbook(tmp_path, cases.in_a_table, lambda sheet: sheet.cell(3, sheet.max_column + 2, "ask Ada"))
    desk = open_desk(path)
    desk.press("validate")
    assert APART in desk.status_bar
    assert headings(desk).index("Import status") == len(cases.rows_of(RULES)[0]) + 2


def test_a_filter_that_hides_rows_does_not_reach_to_the_status_and_that_is_told(open_desk, tmp_path):
    def filtered(sheet) -> None:
        from openpyxl.worksheet.filters import FilterColumn, Filters

        sheet.auto_filter.ref = sheet.dimensions
        sheet.auto_filter.filterColumn.append(FilterColumn(colId=0, filters=Filters(filter=[sheet["A2"].value])))
        for row in range(3, 8):
            sheet.row_dimensions[row].hidden = True

    desk = open_desk(workbook(tmp_path, change=filtered))
    desk.press("validate")
    assert "The filter does not reach to the status, so marks will not follow when you sort" in desk.status_bar


def test_no_cell_of_the_users_is_hidden_with_the_marks(open_desk, tmp_path):
    width = len(cases.rows_of(RULES)[0])

    def summed(sheet) -> None:
        sheet.insert_rows(1, 4)
        sheet.cell(1, width + 2, "Total of the sender")
        from openpyxl.worksheet.table import Table

        sheet.add_table(Table(displayName="Sent", ref=f"A5:{sheet.cell(11, width).coordinate}"))

    desk = open_desk(workbook(tmp_path, change=summed))
    desk.press("validate")
    assert desk.sheet.range((1, width + 2)).columns.hidden is False
    assert APART in desk.status_bar


def test_columns_that_were_hidden_are_hidden_again(open_desk, tmp_path):
    width = len(cases.rows_of(RULES)[0])

    def hide(sheet) -> None:
        for at in range(1, 6):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(width + at)].hidden = True

    desk = open_desk(workbook(tmp_path, change=hide))

    def shown() -> list[bool]:
        return [desk.sheet.range((1, width + at)).columns.hidden is False for at in range(1, 6)]

    desk.press("validate")
    assert shown() == [True, False, False, False, False]
    desk.press("import_invoices", answers=[{}, True])
    assert shown() == [True, False, True, True, False]
    desk.press("clear_marks")
    assert shown() == [False] * 5


def test_a_column_added_to_the_table_behind_the_marks_stays_in_it(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, cases.in_a_table))
    width = len(cases.rows_of(RULES)[0])

    def add_column(at: int) -> None:
        desk.sheet.tables[0].resize(desk.sheet.range((1, 1), (7, at)))
        desk.sheet.range((1, at)).value = "Checked by"
        desk.sheet.range((2, at)).value = "Ada"

    desk.press("validate")
    add_column(width + 3)
    desk.press("validate")
    assert headings(desk)[width:] == ["Checked by", "Import status", "Marks"]
    assert desk.sheet.tables[0].range.shape == (7, width + 3)
    desk.press("clear_marks")
    assert desk.sheet.tables[0].range.shape == (7, width + 1)
    assert desk.sheet.range((1, width + 1), (2, width + 1)).value == ["Checked by", "Ada"]


# A marked sheet that was copied


def copied(path: Path, named: bool = True) -> Path:
    """A copy of the sheet, as Excel makes it: names of the workbook that mean cells of the sheet become names of the copy."""
    import copy

    from openpyxl.workbook.defined_name import DefinedName

    book = openpyxl.load_workbook(path)
    sheet = book["Invoices"]
    twin = book.copy_worksheet(sheet)
    twin.title = "Copy"
    twin.conditional_formatting = copy.deepcopy(sheet.conditional_formatting)
    twin.column_dimensions = copy.deepcopy(sheet.column_dimensions)
    for name, its in book.defined_names.items() if named else ():
        if "Invoices" in its.attr_text:
            twin.defined_names[name] = DefinedName(name, attr_text=its.attr_text.replace("'Invoices'", "Copy").replace("Invoices!", "Copy!"))
    book.save(path.with_name("copied.xlsx"))
    return path.with_name("copied.xlsx")


@pytest.fixture
def open_copied(open_desk, tmp_path):
    """A desk with a marked sheet and its copy."""

    def open_(named: bool = True) -> Desk:
        desk = open_desk(workbook(tmp_path, change=wrong))
        desk.press("validate")
        path = tmp_path / "marked.xlsx"
        desk.book.save(str(path))
        return open_desk(copied(path, named))

    return open_


WRONG = [(3, 4), (3, 9), (5, 7)]


def marked(desk: Desk, sheet: str) -> list:
    return [cell[:2] for cell in places.marked_cells(desk.book.sheets[sheet])]


def test_clearing_a_copy_leaves_the_original_marked(open_copied):
    desk = open_copied()
    assert marked(desk, "Invoices") == marked(desk, "Copy") == WRONG
    desk.book.sheets["Copy"].activate()
    desk.press("clear_marks")
    assert "Import status" not in desk.rows()[0]
    assert (marked(desk, "Copy"), marked(desk, "Invoices")) == ([], WRONG)
    assert places.state_of(desk.book, places.place_of(desk.book.sheets["Invoices"])).widths
    desk.book.sheets["Invoices"].activate()
    desk.press("clear_marks")
    assert "Import status" not in desk.rows()[0]
    assert not [name.name for name in desk.book.names if "ir_" in name.name]


def test_clearing_the_original_leaves_the_copy_marked(open_copied):
    desk = open_copied()
    desk.book.sheets["Invoices"].activate()
    desk.press("clear_marks")
    assert (marked(desk, "Copy"), marked(desk, "Invoices")) == (WRONG, [])
    desk.book.sheets["Copy"].activate()
    width = len(cases.rows_of(RULES)[0])
    desk.press("clear_marks")
    assert desk.sheet.range((1, width + 2)).columns.hidden is False
    assert not [name.name for name in desk.book.names if "ir_" in name.name]


def test_validating_a_copy_marks_it_alone(open_copied):
    desk = open_copied()
    copy = desk.book.sheets["Copy"]
    copy.activate()
    copy["D3"].value = 250.0
    desk.press("validate")
    assert (marked(desk, "Copy"), marked(desk, "Invoices")) == (WRONG[1:], WRONG)
    assert desk.rows()[0].count("Import status") == 1
    assert {rule.formula for rule in copy["I2:I7"].conditional_formats} == {"=ir_bad_2_8"}


def test_a_copy_without_names_is_known_by_its_headings(open_copied):
    desk = open_copied(named=False)
    copy = desk.book.sheets["Copy"]
    copy.activate()
    desk.press("clear_marks")
    assert "Import status" not in desk.rows()[0]
    assert not list(copy["A1:Z9"].conditional_formats)
    assert marked(desk, "Invoices") == WRONG
    desk.press("validate")
    assert (desk.rows()[0].count("Import status"), marked(desk, "Copy")) == (1, WRONG)


@pytest.mark.parametrize("layout", [cases.in_a_table, cases.titled, cases.filtered, cases.formatted, cases.from_1904, cases.error_cells])
def test_every_layout_is_marked_and_cleared(open_desk, tmp_path, layout):
    desk = open_desk(workbook(tmp_path, layout))
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    desk.book.save(str(before))
    desk.press("validate")
    status = [text for text in desk.column("Import status") if text]
    assert len(status) == 6
    rows = {row for row, column, _ in places.marked_cells(desk.sheet)}
    assert len(rows) == sum(not text.startswith("OK") or "warning" in text for text in status)
    desk.press("clear_marks")
    desk.book.save(str(after))
    assert everything(after) == everything(before)


def test_a_protected_sheet_is_refused_with_a_way_out(open_desk, tmp_path):
    def protect(sheet) -> None:
        wrong(sheet)
        sheet.protection.sheet = True

    desk = open_desk(workbook(tmp_path, change=protect))
    assert "is protected" in desk.press("validate")
    desk.press("problems")
    assert "Amount due (5,000.00) is more than the amount" in str(desk.rows())


def test_a_workbook_that_takes_no_sheets_says_so(open_desk, tmp_path, engine):
    path = workbook(tmp_path, change=wrong)
    book = openpyxl.load_workbook(path)
    book.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    book.save(path)
    desk = open_desk(path)
    if engine == "calc":  # which takes no notice of a protection without a password
        desk.book.api.doc.protect("")
    desk.press("validate")
    assert "2 errors" in desk.column("Import status")[1]
    assert "The structure of October.xlsx is protected" in desk.press("problems")


def test_a_sheet_without_cells_says_so(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    desk.book.sheets.add("Empty").activate()
    assert desk.press("validate") == 'Sheet "Empty" has no cells with content. Go to the sheet with the invoices first.'


def test_without_a_rule_set_nothing_is_done(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path), rules="")
    assert desk.press("validate").startswith("No rule set is chosen yet.")
    desk.press("choose_rules", RULES)
    assert lists.entries("rules")[2] == ("rules", RULES, "Paystand receivables", True)
    desk.press("validate")
    assert "Import status" in desk.rows()[0]


# Problems, fixes, columns


def test_problems_are_listed_with_links(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("problems")
    listing = desk.sheet
    assert listing.name == sheets.TITLES["problems"]
    rows = desk.rows()
    heads = next(at for at, row in enumerate(rows) if row[0] == "Cell")
    assert [row[0] for row in rows[heads + 1 :]] == ["D3", "I3", "G5"]
    assert "D3" in listing.range((heads + 2, 1)).hyperlink
    desk.press("validate")  # from our sheet it works on the one it was made for
    assert "Import status" in desk.rows(desk.book.sheets["Invoices"])[0]


def test_of_very_many_problems_the_first_are_listed_and_the_others_counted(open_desk, tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST", 2)
    monkeypatch.setattr(checking, "_MOST_LINKS", 2)
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("problems")
    rows = desk.rows()
    heads = next(at for at, row in enumerate(rows) if row[0] == "Cell")
    assert [row[0] for row in rows[heads + 1 :]] == ["D3", "I3", "… and 1 more"]
    desk.press("preview_import")
    assert [row[0] for row in desk.rows()[-2:]] == ["3", "… and 4 more"]


def test_fixes_are_shown_before_they_are_made(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("apply_fixes", answers=[False])
    assert desk.asked == ['I3: "Y" becomes "yes"\n\nPut 1 correction into the cells?']
    assert desk.sheet["I3"].value == "Y"
    desk.press("apply_fixes", answers=[True])
    assert desk.sheet["I3"].value == "yes"
    assert (3, 9) not in [cell[:2] for cell in places.marked_cells(desk.sheet)]
    assert "nothing that can be corrected" in desk.press("apply_fixes")


def test_columns_are_mapped_on_a_sheet(open_desk, tmp_path):
    def unknown(sheet) -> None:
        sheet["D1"] = "Zzz"

    desk = open_desk(workbook(tmp_path, change=unknown))
    assert desk.press("validate").startswith("Amount due has no column on this sheet. Press Map columns")
    desk.press("map_columns")
    assert desk.sheet.name == sheets.TITLES["columns"]
    assert "Still to map: Amount due." in str(desk.rows())
    row = next(at for at, row in enumerate(desk.rows(), 1) if row[1] == "Zzz")
    desk.sheet.range((row, 4)).value = "Amount due *"
    desk.press("map_columns", answers=[{"name": "monthly"}])
    assert lists.entries("mapping")[1] == ("mapping", "monthly", "monthly", True)
    desk.press("clear_marks")
    desk.press("validate")
    assert "OK" in desk.column("Import status")[0]


# Import, history, undo


def test_an_import_from_the_question_to_the_record(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, change=wrong))
    told = desk.press("import_invoices", answers=[{"expect-count": "", "expect-total": ""}, True])
    assert "Import 4 invoices (USD 4,000.00) into main?" in desk.asked[-1]
    assert "2 invoices stayed out" in told
    assert [text.split(":")[0] for text in desk.column("Import status")] == ["Created", "Not imported", "Created", "Not imported", "Created", "Created"]
    assert desk.column("Record")[0] == desk.sheet["A2"].value
    assert desk.column("Batch")[:2] == [1.0, None]
    store = invoice_rules.open_store(str(tmp_path / "store.sqlite"))
    assert len(store.invoices(RULES)) == 4
    desk.press("clear_marks")
    assert "Import status" not in str(desk.rows())


def test_saying_no_imports_nothing(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    desk.press("import_invoices", answers=[None])
    desk.press("import_invoices", answers=[{}, False])
    assert "nothing was imported" in desk.status_bar
    assert not len(invoice_rules.open_store(str(tmp_path / "store.sqlite")).invoices(RULES))


def test_control_totals_that_do_not_agree_keep_all_out(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    told = desk.press("import_invoices", answers=[{"expect-count": "7", "expect-total": "6,000.00"}])
    assert "Nothing was imported" in told
    assert "declare" in told


def test_rows_that_a_filter_hides_are_told_apart(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path, cases.filtered))
    desk.press("import_invoices", answers=[{"rows": "only the 3 visible rows"}, {}, True])
    assert desk.asked[0].startswith("3 rows of this sheet are hidden by a filter.")
    assert "Import 3 invoices" in desk.asked[-1]


def test_preview_writes_nothing_to_the_books(open_desk, tmp_path):  # S3-19
    desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("preview_import")
    assert desk.sheet.name == sheets.TITLES["preview"]
    text = str(desk.rows())
    assert "Nothing was written to the books" in text
    assert "Not imported: 2 errors" in text
    assert not len(invoice_rules.open_store(str(tmp_path / "store.sqlite")).invoices(RULES))


def test_history_and_undo(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path), user="Ada Lovelace")
    assert "Nothing was imported yet" in desk.press("import_history")
    desk.press("import_invoices", answers=[{}, True])
    desk.press("undo_last_import", answers=[True])
    assert "Undo this import?" in desk.asked[0]
    assert not len(invoice_rules.open_store(str(tmp_path / "store.sqlite")).invoices(RULES))
    desk.press("import_history")
    rows = [row[:5] for row in desk.rows() if row[0] in ("1", "2")]
    assert [row[2] for row in rows] == ["undo", "import"]
    assert [row[3] for row in rows] == ["finished", "undone"]
    assert [row[4] for row in rows] == ["Ada Lovelace"] * 2
    assert "no import" in desk.press("undo_last_import")


def test_settings_are_kept_once_they_work(open_desk, tmp_path):
    desk = open_desk(workbook(tmp_path))
    other = tmp_path / "other.sqlite"
    desk.press("settings", answers=[{"store": str(other), "entity": "Acme", "user": "Bea"}, True])
    from addin import config

    assert (config.load().store, config.load().entity, config.load().user) == (str(other), "Acme", "Bea")
    told = desk.press("settings", answers=[{"store": "mysql://host/db", "entity": "Acme", "user": ""}])
    assert "A store can be a SQLite file or a PostgreSQL database" in told
    assert config.load().store == str(other)


@pytest.mark.parametrize("said", ["mine.sqlite", "books/mine.sqlite", "sqlite:///mine.sqlite"])
def test_a_store_without_its_folder_is_refused(open_desk, tmp_path, monkeypatch, said):
    """It would be another one as soon as a click starts in another folder, and the same invoices would go in twice (X-5)."""
    from addin import config

    monkeypatch.chdir(tmp_path)
    told = open_desk(workbook(tmp_path)).press("settings", answers=[{"store": said}])
    assert told.startswith(f'"{said}" does not say which folder it is in. Give the whole path, such as ')
    assert config.load().store == ""
    assert not list(tmp_path.rglob("mine.sqlite"))


def test_the_answer_names_the_whole_path_of_the_store(open_desk, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    desk = open_desk(workbook(tmp_path))
    desk.press("settings", answers=[{"store": "~/mine.sqlite"}])
    assert desk.status_bar == f"Invoice Rules: invoices of main are kept in {tmp_path / 'mine.sqlite'}."


def test_formulas_from_the_file_never_run(open_desk, tmp_path):
    def attack(sheet) -> None:
        sheet["A2"] = "@SUM(A1)"
        sheet["A3"] = "+cmd|' /C calc'!A0"
        sheet["J4"] = "-2+3+cmd"
        for cell in ("A2", "A3", "J4"):
            sheet[cell].data_type = "s"

    desk = open_desk(workbook(tmp_path, change=attack))
    desk.press("import_invoices", answers=[{}, True])
    assert desk.column("Import status")[1].startswith('Not imported: 1 error: invoice ID starts with "+"')
    desk.press("problems")
    desk.press("preview_import")
    desk.press("import_history")
    for sheet in desk.book.sheets:
        formulas = sheet.used_range.formula
        found = [cell for row in formulas for cell in (row if isinstance(row, tuple | list) else [row]) if str(cell).startswith("=")]
        assert not found, (sheet.name, found)


def test_dates_of_messages_are_those_of_the_cells(open_desk, tmp_path):
    def late(sheet) -> None:
        sheet["H2"] = dt.datetime(2020, 1, 1)

    desk = open_desk(workbook(tmp_path, change=late))
    desk.press("validate")
    assert "warning: due date is before the invoice date" in desk.column("Import status")[0]


def test_notes_only_where_they_are_few(open_desk, tmp_path, monkeypatch):
    monkeypatch.setattr(marking, "MOST_NOTES", 2)
    desk: Desk = open_desk(workbook(tmp_path, change=wrong))
    desk.press("validate")
    assert desk.sheet["D3"].note is None
    assert len(places.marked_cells(desk.sheet)) == 3
