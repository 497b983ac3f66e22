"""A spreadsheet for tests of the add-in: the strict double of Excel, live LibreOffice Calc, or Excel itself.

`engine` runs a test with each of them; `double` with the double alone. `open_book(workbook)` opens a workbook made by openpyxl in the engine
at hand; `engine_book` is an empty one, `invoices` one with a few invoices in a table.
"""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw
from openpyxl.worksheet.table import Table, TableStyleInfo

from addin.engines import calc
from addin.engines import double as double_engine
from tests.addin.desk import RULES, Desk, desk_with
from tests.addin.office import Office, office

ENGINES = ("double", "calc")
OpenBook = Callable[[openpyxl.Workbook], xw.Book]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes `engine` with the double and with Calc; with Excel where `-m` asks for it."""
    if "engine" in metafunc.fixturenames:
        asked = "excel" in (metafunc.config.option.markexpr or "")
        excel = [pytest.param("excel", marks=pytest.mark.excel)] if asked else []
        metafunc.parametrize("engine", [*ENGINES, *excel], indirect=True)


@pytest.fixture(scope="session")
def running_office() -> Iterator[Office]:
    """The LibreOffice of this worker."""
    with office() as running:
        yield running


@pytest.fixture
def double() -> Iterator[xw.App]:
    """The double of Excel, with nothing open."""
    before = xw.engines.active
    engine = double_engine.activate()
    app = xw.App(impl=engine.impl.apps.add(add_book=False))
    yield app
    app.quit()
    xw.engines.active = before


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the engine that is active while the test runs."""
    if request.param == "double":
        request.getfixturevalue("double")
        yield "double"
    elif request.param == "calc":
        yield from _calc(request.getfixturevalue("running_office"))
    else:
        yield from _excel()


def _calc(running: Office) -> Iterator[str]:
    before = xw.engines.active
    app = calc.activate(url=running.url).impl.apps
    yield "calc"
    for one in app:
        one.answers = None
        one.log.clear()
    xw.engines.active = before


def _excel() -> Iterator[str]:
    if sys.platform not in ("win32", "darwin"):
        pytest.skip("Microsoft Excel runs on Windows and macOS only")
    before = xw.engines.active
    xw.engines["excel"].activate()
    yield "excel"
    xw.engines.active = before


@pytest.fixture
def open_book(engine: str, tmp_path: Path) -> Iterator[OpenBook]:
    """Opens a workbook of openpyxl in the engine; all are closed, unsaved, at the end."""
    opened: list[xw.Book] = []

    def open_(workbook: openpyxl.Workbook) -> xw.Book:
        file = tmp_path / f"{tmp_path.name} {len(opened) + 1}.xlsx"
        workbook.save(file)
        opened.append(xw.Book(str(file)))
        opened[-1].activate()
        return opened[-1]

    yield open_
    for book in reversed(opened):
        book.close()


@pytest.fixture
def open_desk(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """Opens desks, and closes them at the end."""
    with ExitStack() as stack:
        yield lambda path, **settings: stack.enter_context(desk_with(path, monkeypatch, **{"rules": RULES, **settings}))


@pytest.fixture
def engine_book(open_book: OpenBook) -> xw.Book:
    """A workbook with one empty sheet, `Sheet`."""
    return open_book(openpyxl.Workbook())


@pytest.fixture
def sheet(engine_book: xw.Book) -> xw.Sheet:
    """The sheet of `engine_book`."""
    return engine_book.sheets[0]


HEADINGS = ["Number", "Customer", "Date", "Amount", "Paid"]


def invoices_workbook() -> openpyxl.Workbook:
    """Six invoices on the sheet `Invoices`, A1:E7, in the table `tblInvoices`; `inv_data` names its rows."""
    workbook = openpyxl.Workbook()
    cells = workbook.active
    cells.title = "Invoices"
    cells.append(HEADINGS)
    for row in range(1, 7):
        cells.append([f"{row:05d}", f"Customer {row}", dt.datetime(2026, 1, row), row * 100.5, row % 2 == 0])
        cells.cell(row + 1, 1).number_format = "@"
        cells.cell(row + 1, 3).number_format = "yyyy-mm-dd"
    table = Table(displayName="tblInvoices", ref="A1:E7")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    cells.add_table(table)
    workbook.defined_names["inv_data"] = openpyxl.workbook.defined_name.DefinedName("inv_data", attr_text="Invoices!$A$2:$E$7")
    return workbook


@pytest.fixture
def invoices(open_book: OpenBook) -> xw.Book:
    """The workbook of `invoices_workbook`, open."""
    return open_book(invoices_workbook())
