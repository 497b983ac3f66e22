"""What is LibreOffice Calc's own: dialogs, Undo, Python inside the office, several and odd documents, and how often it is called.

The marks are tried as they are printed. `INDEX(Invoices!$L:$L,ROW())` inside a defined name finds the row of the tinted cell in Excel and in
Calc alike: it holds no relative reference, so it does not matter which cell was active when the name was made.
"""

import itertools
import re
import socket
import sysconfig
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill

from addin import surface
from addin.engines import calc
from addin.engines.calc.loading import OfficeMissing, connect, struct
from addin.engines.cells import ExcelError
from tests.addin.conftest import invoices_workbook
from tests.addin.desk import RULES, desk_with, workbook, wrong
from tests.addin.office import Office, visible_office, wait_for

TINT = (255, 199, 206)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(running_office: Office) -> Iterator[xw.App]:
    """The headless Calc of this worker, with nothing open before and after."""
    before = xw.engines.active
    calc.activate(url=running_office.url)
    found = xw.apps.active
    yield found
    found.screen_updating = True
    for book in list(found.books):
        book.close()
    xw.engines.active = before


@pytest.fixture
def book(app: xw.App, tmp_path: Path) -> xw.Book:
    """Six invoices in a table, as a file that is open."""
    file = tmp_path / "invoices.xlsx"
    invoices_workbook().save(file)
    return app.books.open(file)


# Marks


def fills(file: Path, color: tuple[int, int, int]) -> int:
    """How many times a PDF fills something with this colour."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file.read_bytes(), re.DOTALL)
    text = b"".join(zlib.decompress(each) for each in streams if each[:1] == b"\x78").decode("latin-1")
    found = [tuple(round(float(part) * 255) for part in parts) for parts in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) rg", text)]
    return found.count(color)


def mark(book: xw.Book) -> None:
    """Tint the amounts of rows 3 and 5 by a name and a rule, as Validate does."""
    sheet = book.sheets["Invoices"]
    sheet["L1"].value = [["ir_errors"], [""], ["|amountDue|"], ["|email|"], ["|email|amountDue|"]]
    book.names.add("ir_bad_amountDue", '=ISNUMBER(SEARCH("|amountDue|",INDEX(Invoices!$L:$L,ROW())))')
    sheet["D2:D7"].conditional_formats.add_custom("=ir_bad_amountDue", fill_color=TINT)


def test_a_name_without_a_sheet_means_the_sheet_that_is_shown(book):
    book.sheets.add("Other", after="Invoices")
    book.names.add("shown", "=$B$2")
    book.names.add("first", "=Invoices!$B$2")
    book.sheets["Invoices"].activate()
    assert [book.names[name].refers_to_range.sheet.name for name in ("shown", "first")] == ["Other", "Invoices"]


def test_marks_by_name_tint_their_rows_and_survive_saving(book, app, tmp_path):
    mark(book)
    book.impl.to_pdf(tmp_path / "marked.pdf")
    book.save(tmp_path / "marked.xlsx")
    book.close()
    app.books.open(tmp_path / "marked.xlsx").impl.to_pdf(tmp_path / "again.pdf")
    assert fills(tmp_path / "marked.pdf", TINT) == fills(tmp_path / "again.pdf", TINT) > 0


def test_rows_without_a_code_are_not_tinted(book, tmp_path):
    mark(book)
    book.sheets["Invoices"]["L2:L7"].clear_contents()
    book.impl.to_pdf(tmp_path / "clean.pdf")
    assert fills(tmp_path / "clean.pdf", TINT) == 0


def users_rules(book: xw.Book) -> list[tuple[Any, ...]]:
    found = book.sheets["Invoices"].impl.sh.ConditionalFormats.getConditionalFormats()
    return [(one.Range.RangeAddressesAsString, [(e.Formula1, e.StyleName) for e in map(one.getByIndex, range(one.getCount()))]) for one in found]


def test_rules_of_the_user_on_the_same_cells_stay_as_they_are(app, tmp_path):
    workbook = invoices_workbook()
    fill = PatternFill("solid", bgColor="FF0000FF")
    workbook.active.conditional_formatting.add("C1:D4", FormulaRule(formula=["C1=7"], fill=fill))
    workbook.active.conditional_formatting.add("D6:E7", FormulaRule(formula=["D6=7"], fill=fill))
    workbook.save(tmp_path / "users.xlsx")
    book = app.books.open(tmp_path / "users.xlsx")
    before = users_rules(book)
    mark(book)
    cells = book.sheets["Invoices"]["D2:D7"]
    assert [rule.formula for rule in cells.conditional_formats] == ["=ir_bad_amountDue", "=C1=7", "=D6=7"]
    book.impl.to_pdf(tmp_path / "marked.pdf")
    assert fills(tmp_path / "marked.pdf", TINT) > 0
    cells.conditional_formats[0].delete()
    assert sorted(users_rules(book)) == sorted(before)


def test_a_rule_leaves_no_style_behind(book):
    styles = book.impl.doc.StyleFamilies.getByName("CellStyles")
    before = styles.ElementNames
    mark(book)
    assert set(styles.ElementNames) - set(before) == {"Invoice Rules FFC7CE"}
    book.sheets["Invoices"]["D2:D7"].conditional_formats[0].delete()
    assert styles.ElementNames == before


def test_rules_are_cut_where_cells_lose_theirs(book):
    sheet = book.sheets["Invoices"]
    mark(book)
    sheet["D4:D5"].conditional_formats.clear()
    assert [len(sheet[cell].conditional_formats) for cell in ("D3", "D4", "D5", "D6")] == [1, 0, 0, 1]


# Undo


def undo_list(book: xw.Book) -> tuple[str, ...]:
    return book.impl.doc.UndoManager.getAllUndoActionTitles()


def test_ctrl_z_takes_nothing_of_ours_back_by_halves(book, app):
    sheet = book.sheets[0]
    sheet.impl.sh.getCellByPosition(6, 0).setString("typed by the user")
    assert undo_list(book)
    app.screen_updating = False
    sheet["F1"].value = [["Import Status"], ["Ready"]]
    sheet["F2"].color = TINT
    sheet["F2"].add_note("Amount is missing.")
    assert book.impl.doc.hasControllersLocked()
    app.screen_updating = True
    assert undo_list(book) == ()
    assert not book.impl.doc.UndoManager.isLocked()
    assert not book.impl.doc.hasControllersLocked()
    assert sheet["G1"].value == "typed by the user"


def test_a_stretch_without_writes_keeps_the_undo_list(book, app):
    book.sheets[0].impl.sh.getCellByPosition(6, 0).setString("typed by the user")
    before = undo_list(book)
    app.screen_updating = False
    assert book.sheets[0]["A1"].value == "Number"
    app.screen_updating = True
    assert undo_list(book) == before != ()


def test_a_book_may_be_closed_within_a_stretch(book, app):
    app.screen_updating = False
    book.sheets[0]["F1"].value = "x"
    book.close()
    app.screen_updating = True
    assert app.screen_updating is True


# Documents


def test_the_book_that_is_not_in_front_is_written_too(book, app):
    other = app.books.add()
    assert app.books.active == other
    app.screen_updating = False
    book.sheets[0]["F1"].value = "Import Status"
    other.sheets[0]["A1"].value = "Other"
    app.screen_updating = True
    assert (book.sheets[0]["F1"].value, other.sheets[0]["F1"].value, other.sheets[0]["A1"].value) == ("Import Status", None, "Other")
    book.activate()
    assert app.books.active == book
    assert sorted(one.name for one in app.books) == sorted([book.name, other.name])


def test_a_document_of_calcs_own_format(app, tmp_path):
    made = app.books.add()
    made.sheets[0]["A1"].value = [["Number", "Amount"], ["00123", 10.5]]
    made.save(tmp_path / "own.ods")
    made.close()
    book = app.books.open(tmp_path / "own.ods")
    book.sheets[0]["C1"].value = [["Import Status"], ["Ready"]]
    book.sheets[0]["B2"].add_note("Check this.")
    book.save()
    book.close()
    sheet = app.books.open(tmp_path / "own.ods").sheets[0]
    assert sheet["A1:C2"].value == [["Number", "Amount", "Import Status"], ["00123", 10.5, "Ready"]]
    assert sheet["B2"].note.text == "Check this."


def test_a_document_open_for_reading_is_read_and_not_written(app, tmp_path):
    invoices_workbook().save(tmp_path / "locked.xlsx")
    book = app.books.open(tmp_path / "locked.xlsx", read_only=True)
    sheet = book.sheets[0]
    assert sheet["A2"].value == "00001"
    for write in (lambda: setattr(sheet["F1"], "value", "x"), lambda: setattr(sheet["A1"], "color", TINT), lambda: book.names.add("ir_x", "=Invoices!$A$1")):
        with pytest.raises(ExcelError, match=r"locked\.xlsx is open for reading only"):
            write()


def test_macros_of_a_workbook_never_run(book):
    modes = {each.Name: each.Value for each in book.impl.doc.getArgs()}
    assert modes["MacroExecutionMode"] == 0
    assert modes["UpdateDocMode"] == 0


def test_cells_right_of_the_last_column_in_use_are_empty(book):
    book.sheets[0]["E1"].formula = "=1=1"
    assert book.sheets[0]["Z1"].value is None
    assert book.sheets[0]["Z1"].end("down").row == 1_048_576
    assert book.sheets[0]["Z1:Z3"].get_special_cells("constants") == []


def test_errors_that_only_calc_has_read_as_excels(book):
    sheet = book.sheets[0]
    sheet["G1"].value = [["=SQRT(-1)"], ["=1/0"], ["=nothing_here"], ['=VLOOKUP("x",A1:B2,2,FALSE)']]
    assert sheet["G1:G4"].options(err_to_str=True).value == ["#VALUE!", "#DIV/0!", "#NAME?", "#N/A"]


def test_nothing_listens(running_office):
    with pytest.raises(OfficeMissing, match="No LibreOffice answers"):
        connect("socket,host=127.0.0.1,port=1")
    with pytest.raises(ValueError, match="Say which Calc"):
        calc.activate()


@contextmanager
def dropping(port: int, times: int) -> Iterator[int]:
    """A port that ends the first `times` connections as soon as something is asked, and hands the others on to `port`."""
    ends: list[socket.socket] = []

    def relay(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)

    def serve() -> None:
        with suppress(OSError):
            for turn in itertools.count():
                caller, _ = listening.accept()
                if turn < times:
                    caller.recv(1)
                    caller.close()
                    continue
                office = socket.create_connection(("127.0.0.1", port))
                ends.extend((caller, office))
                for pair in ((caller, office), (office, caller)):
                    threading.Thread(target=relay, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for end in ends:
                end.close()


def test_a_connection_that_drops_while_it_is_made_is_made_anew(running_office):
    own = int(running_office.url.rpartition("=")[2])
    with dropping(own, 2) as port:
        assert connect(f"socket,host=127.0.0.1,port={port}").ServiceManager is not None
    with dropping(own, 3) as port, pytest.raises(OfficeMissing, match="ends every connection"):
        connect(f"socket,host=127.0.0.1,port={port}")


# How often Calc is called: each call costs about a millisecond from another process


class Counted:
    """A UNO object that counts the calls of itself and of what it gives."""

    def __init__(self, inner: Any, seen: list[str]) -> None:
        self.__dict__.update(_inner=inner, _seen=seen)

    def __getattr__(self, name: str) -> Any:
        self._seen.append(name)
        return self._wrapped(getattr(self._inner, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._seen.append(name)
        setattr(self._inner, name, value)

    def __call__(self, *arguments: Any) -> Any:
        return self._wrapped(self._inner(*arguments))

    def _wrapped(self, found: Any) -> Any:
        return Counted(found, self._seen) if callable(found) or hasattr(found, "queryInterface") else found


@pytest.fixture
def calls(book: xw.Book) -> Callable[[Callable[[xw.Sheet], Any]], int]:
    """How many calls of a sheet and its book something makes."""

    def count(work: Callable[[xw.Sheet], Any]) -> int:
        seen: list[str] = []
        sheet = book.sheets.add()
        inner, doc = sheet.impl.sh, book.impl.doc
        sheet.impl.sh, sheet.impl.book.doc = Counted(inner, seen), Counted(doc, seen)
        work(sheet)
        sheet.impl.sh, sheet.impl.book.doc = inner, doc
        return len(seen)

    return count


def rows(number: int) -> list[list[Any]]:
    return [[f"INV-{row}", row + 0.5, row % 2 == 0, "=1/0", None] for row in range(number)]


def test_a_block_takes_as_many_calls_whatever_its_size(calls):
    def both(number: int) -> Callable[[xw.Sheet], None]:
        def work(sheet: xw.Sheet) -> None:
            sheet["A1"].value = rows(number)
            assert len(sheet["A1"].resize(number, 5).options(err_to_str=True).value) == number

        return work

    few, many = calls(both(20)), calls(both(2_000))
    assert many <= few + 2_000 / 2 * 0.01
    assert many < 120


def test_notes_take_few_calls_each(calls, app):
    app.screen_updating = False

    def work(sheet: xw.Sheet) -> None:
        for row in range(1, 101):
            sheet[f"A{row}"].add_note("Amount is missing.")
        assert len(sheet.notes) == 100

    assert calls(work) < 100 * 8


# Inside the office


JOB = """
import sys
sys.path[:0] = {paths!r}
import unohelper
from com.sun.star.task import XJob


class Job(unohelper.Base, XJob):
    def __init__(self, context):
        self.context = context

    def execute(self, arguments):
        import xlwings
        from addin.engines import calc
        calc.activate(ctx=self.context)
        book = xlwings.books[arguments[0].Value]
        sheet = book.sheets["Invoices"]
        sheet["F1"].value = [["Import Status"], ["Ready"]]
        sheet["F2"].add_note("From inside")
        return repr((sheet["A1:F2"].value[1][:2], sheet["F2"].note.text, book.app.engine.name))


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Job, "org.invoicerules.test.Job", ("com.sun.star.task.Job",))
"""


def test_the_engine_works_inside_the_office(book, app, running_office, tmp_path):
    file = tmp_path / "job.py"
    file.write_text(JOB.format(paths=[str(ROOT), sysconfig.get_path("purelib")]))
    context = running_office.context()
    loader = context.ServiceManager.createInstanceWithContext("com.sun.star.loader.Python", context)
    job = loader.activate("org.invoicerules.test.Job", "", file.as_uri(), None).createInstanceWithContext(context)
    answer = job.execute((struct("beans.NamedValue", "book", book.name),))
    assert answer == "(['00001', 'Customer 1'], 'From inside', 'calc')"
    assert book.sheets["Invoices"]["F1:F2"].value == ["Import Status", "Ready"]


# Dialogs, on a screen


FIELDS = [
    ("store", "Store", "books", ()),
    ("entity", "Company", "Harbour Ltd", ("Harbour Ltd", "Spectra Inc")),
    ("user", "Your name", "Ada", ()),
    ("note", "A note that the receipt of the import shows later", "", ()),
]


@pytest.fixture(scope="module")
def screen() -> Iterator[Office]:
    """A Calc on a screen, with an empty workbook in front."""
    with visible_office("1200x800") as shown:
        before = xw.engines.active
        calc.activate(url=shown.url)
        xw.apps.active.books.add().activate()
        yield shown
        calc.activate(url=shown.url).impl.apps.forget(next(iter(xw.engines["calc"].impl.apps)))
        xw.engines.active = before


def asked(screen: Office, title: str, ask: Callable[[xw.App], Any], *keys: tuple[str, ...]) -> Any:
    """What a dialog gives when these keys are pressed in it: ("type", text) or ("key", name)."""
    calc.activate(url=screen.url)
    app, answers = xw.apps.active, []
    asking = threading.Thread(target=lambda: answers.append(ask(app)), daemon=True)
    asking.start()
    windows = ("search", "--onlyvisible", "--name", f"^{title}$")
    wait_for(lambda: _quietly(screen, *windows), f"no dialog {title!r}", 30)
    screen.xdotool(*windows, "windowfocus", "--sync")
    for key in keys:
        screen.xdotool(*key)
    asking.join(30)
    assert answers, f"the dialog {title!r} was not answered"
    return answers[0]


def _quietly(screen: Office, *arguments: str) -> str:
    try:
        return screen.xdotool(*arguments)
    except OSError:
        return ""
    except Exception as error:  # noqa: BLE001 # xdotool ends with 1 while no window has that name
        return "" if getattr(error, "returncode", 0) == 1 else str(error)


def test_a_form_is_filled_in_by_keyboard(screen):
    keys = [("type", "archive"), ("key", "Tab"), ("key", "Down"), ("key", "Tab"), ("type", "Bob"), ("key", "Tab"), ("type", "May"), ("key", "Return")]
    answer = asked(screen, "Settings", lambda app: app.impl.form("Settings", "Where the books are kept, and who you are.", FIELDS), *keys)
    assert answer == {"store": "archive", "entity": "Spectra Inc", "user": "Bob", "note": "May"}


def test_escape_cancels_a_form(screen):
    assert asked(screen, "Settings", lambda app: app.impl.form("Settings", "", FIELDS), ("key", "Escape")) is None


@pytest.mark.parametrize(("buttons", "key", "answer"), [("yes_no", "Return", "yes"), ("ok_cancel", "Escape", "cancel"), ("ok", "Return", "ok")])
def test_a_question_is_answered_by_keyboard(screen, buttons, key, answer):
    assert asked(screen, "Import", lambda app: app.alert("Import 12 invoices?", "Import", buttons), ("key", key)) == answer


def test_a_form_of_many_fields_fits_the_screen(screen):
    many = [(f"f{number}", f"Heading {number}", "", ("", "Amount due")) for number in range(40)]
    sizes: list[Any] = []

    def ask(app: xw.App) -> Any:
        from addin.engines.calc import dialogs

        model = dialogs._Layout(app.impl, "Map columns", "Which field does each column feed?", [dialogs.Field(*field) for field in many]).model
        sizes.append((model.Width, model.Height))
        return app.impl.form("Map columns", "Which field does each column feed?", many)

    assert asked(screen, "Map columns", ask, ("key", "Escape")) is None
    width, height = sizes[0]
    assert width < 800
    assert height < 400


def test_an_empty_workbook_has_one_cell_in_use(app, tmp_path):
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    assert app.books.open(tmp_path / "empty.xlsx").sheets[0].used_range.address == "$A$1"


def test_each_book_keeps_its_own_way_of_calculating(app):
    second, first = app.books.add(), app.books.add()
    second.impl.doc.enableAutomaticCalculation(False)
    first.activate()
    with surface.quiet(app):
        assert not first.impl.doc.isAutomaticCalculationEnabled()
    assert [book.impl.doc.isAutomaticCalculationEnabled() for book in (first, second)] == [True, False]


def test_text_cells_become_general_ones_again(app):
    cells = app.books.add().sheets[0]["A1:A2"]
    cells.options(ndim=2).value = [["'00123"], ["'1E5"]]
    assert cells.number_format == "@"  # so that they stay texts
    cells.number_format = "General"
    assert (cells.number_format, cells.value) == ("General", ["00123", "1E5"])


def test_buttons_say_that_a_workbook_is_open_for_reading_only(app, tmp_path, monkeypatch):
    with desk_with(workbook(tmp_path, change=wrong), monkeypatch, rules=RULES) as desk:
        desk.book.close()
        desk.book = app.books.open(tmp_path / "October.xlsx", read_only=True)
        before = desk.rows()
        for button in ("validate", "apply_fixes", "import_invoices", "problems", "preview_import", "map_columns"):
            assert desk.press(button) == "October.xlsx is open for reading only. Save it under another name (File, Save As), then try again."
        assert desk.rows() == before


def test_a_form_has_room_for_every_line_of_its_labels(app):
    from addin.engines.calc.dialogs import LINE, Field, _Layout

    names = "Company (known: main, Harbour Pilots LLC, Miller Studio Ltd, Brightwater Accounting, North Street Dental)"
    fields = [Field("short", "Name"), Field("entity", names), Field("user", "Your name in the history; blank for your login")]
    model = _Layout(app.impl, "Settings", "", fields).model
    labels = [model.getByName(f"{field.name}.label") for field in fields]
    assert labels[1].Height >= len(names) / 24 * LINE
    for above, below in itertools.pairwise(labels):
        assert above.PositionY + above.Height <= below.PositionY
    bottom = labels[2].PositionY + labels[2].Height
    assert bottom <= model.getByName("ok").PositionY
    assert model.getByName("ok").PositionY + model.getByName("ok").Height < model.Height
