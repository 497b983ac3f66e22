"""The worksheet functions' VBA: made from `addin.udfs`, handed to xlwings' DLL with the add-in as their workbook."""

import inspect
import re

import pytest
from pyopenvba.interpreter import VBAObject, VBARuntimeError, method

from addin import udfs
from addin.ribbon.functions import LONGEST, Function, functions, functions_module

FOUND = {one.name: one for one in functions()}

SOURCE = '''
@xw.func
def ONE(first, date=None):
    """Tells one thing. “So” it is…

    More that the wizard does not show.
    """

@xw.sub
def two(): ...

@other.func
def three(): ...

@xw.func(category="Mine")
@xw.arg("x", ndim=2, doc='The "x"')
@xw.ret(expand="table")
def FOUR(x): ...

def five(): ...
'''


class Server(VBAObject):
    """The Python at the other end of xlwings' DLL."""

    vba_type_name = "Python"

    def __init__(self) -> None:
        self.calls: list[tuple] = []

    @method
    def CallUDF(self, module, function, given, workbook, caller):
        if function == "IR_STATUS":
            raise VBARuntimeError(1001, "The store is not there.")
        self.calls.append((module, function, list(given.items), workbook.vba_get("Name"), caller))
        return f"from {function}"


@pytest.fixture
def server(excel):
    """xlwings' own module needs its DLL; in its place, a server that answers here."""
    serving = "Public Sub Serve(ByVal it As Object)\n Set Server = it\nEnd Sub\n"
    asking = "Public Function XLPy() As Object\n Set XLPy = Server\nEnd Function\n"
    excel.add_module(f"Public Server As Object\n{serving}{asking}", name="xlwings")
    excel.run("Serve", made := Server())
    excel.add_workbook()
    return made


def test_functions_are_found_by_their_decorator():
    assert functions(SOURCE) == (
        Function("ONE", "Tells one thing. “So” it is…", "", (("first", "", False), ("day", "", True))),
        Function("FOUR", "", "Mine", (("x", 'The "x"', False),)),
    )


@pytest.mark.parametrize("name", FOUND)
def test_each_function_is_there_in_python_with_its_parameters(name):
    parameters = inspect.signature(getattr(udfs, name)).parameters.values()
    assert [optional for _, _, optional in FOUND[name].parameters] == [one.default is not one.empty for one in parameters]


@pytest.mark.parametrize("name", FOUND)
def test_the_wizard_can_tell_what_each_function_and_parameter_is(name):
    function = FOUND[name]
    assert function.description.endswith(".")
    assert len(function.description) <= LONGEST
    assert function.category
    assert all(said.endswith(".") for _, said, _ in function.parameters)


def test_a_cell_reaches_its_function(excel, server):
    assert excel.evaluate('IR_CHECK("the cells", "spectra.invoices")') == "from IR_CHECK"
    assert server.calls == [("addin.udfs", "IR_CHECK", ["the cells", "spectra.invoices"], "Invoice Rules.xlam", "the asking cell")]


def test_the_workbook_that_is_named_to_xlwings_is_the_add_in(excel, server):
    """xlwings looks for code in sheets of that workbook."""
    excel.add_module("Public Sub AddSheet()\n Worksheets.Add.Name = \"evil.py\"\nEnd Sub\n", name="Building")
    excel.run("AddSheet")
    excel.evaluate('IR_BALANCE("C-4711")')
    assert [call[3] for call in server.calls] == ["Invoice Rules.xlam"]
    assert "ActiveWorkbook" not in functions_module()


def test_no_answer_is_written_over_the_cells_around_its_function():
    """xlwings' `expand` sets an array formula over as many cells as the answer has, and asks nobody; Excel itself shows #SPILL! there."""
    assert "expand" not in inspect.getsource(udfs)


def test_a_parameter_may_be_left_out(excel, server):
    excel.evaluate('IR_AGING("C-4711")')
    assert len(server.calls[0][2]) == 2


def test_what_goes_wrong_stands_in_the_cell(excel, server):
    assert excel.evaluate('IR_STATUS("1001")') == "The store is not there."


def test_the_wizards_texts_are_set_once_and_tried_again_where_excel_refuses(excel):
    excel.application.refusals = 1
    excel.run("OnRibbonLoad", excel.ribbon)
    assert excel.application.wizard == {}
    excel.add_workbook()
    excel.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert set(excel.application.wizard) == set(FOUND)
    for name, (description, category, parameters) in excel.application.wizard.items():
        assert description == FOUND[name].description
        assert category == FOUND[name].category
        assert parameters == [said for _, said, _ in FOUND[name].parameters]
    excel.application.wizard.clear()
    excel.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert excel.application.wizard == {}
    assert excel.told == []


def test_the_module_is_plain_text_of_vba():
    module = functions_module()
    assert module.isascii()
    assert len(re.findall(r"^Public Function ", module, re.MULTILINE)) == len(FOUND) == len(re.findall(r"^End Function", module, re.MULTILINE))
