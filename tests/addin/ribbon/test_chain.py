"""Every button and drop-down, all the way: the ribbon's XML, the VBA that is in the add-in, the Python that it starts, the function that is called."""

import inspect
import sys
import types
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pyopenvba.interpreter import VBARuntimeError

import addin
from addin.commands import CHOICES, COMMANDS
from addin.ribbon.build import build
from addin.ribbon.customui import NAMESPACE, control_id
from tests.addin.ribbon.office_double import HWND, Excel, arguments

NO_LIST = "There is no list to choose from yet. Press Settings once, or run: invoice-rules addin install"
LABELS = {command.name: command.label for command in COMMANDS}


def pressed(xlam: Path, tag: str) -> tuple[str, str]:
    """(callback, control's id) of the control with this tag, as the XML in the add-in has it."""
    with zipfile.ZipFile(xlam) as package:
        controls = [element for element in ET.fromstring(package.read("customUI/customUI14.xml")).iter() if element.get("tag") == tag]
    (control,) = controls
    assert control.tag.removeprefix(f"{{{NAMESPACE}}}") in ("button", "dropDown")
    return control.attrib["onAction"], control.attrib["id"]


@pytest.fixture
def called(monkeypatch):
    """Runs a command line's Python in this process with a double of addin.udfs; gives the calls made."""
    calls: list[tuple] = []
    double = types.SimpleNamespace(**{one.name: (lambda *given, name=one.name: calls.append((name, *given))) for one in (*COMMANDS, *CHOICES)})
    monkeypatch.setitem(sys.modules, "addin.udfs", double)
    monkeypatch.setattr(addin, "udfs", double, raising=False)

    def run(command: str) -> int:
        interpreter, isolated, c, code, *given = arguments(command)
        assert (interpreter, isolated, c) == (sys.executable, "-I", "-c")
        assert given[1:3] == ["--from_xl=1", f"--hwnd={HWND}"]
        monkeypatch.setattr(sys, "argv", ["-c", given[0]])  # without the log, which tests/addin/ribbon/test_starting.py looks at
        exec(code, {})  # this is what the interpreter would run
        return 0

    return calls, run


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_button_reaches_its_function(command, xlam, called):
    calls, run = called
    excel = Excel(xlam, run)
    excel.add_workbook().name = "Miller & Söhne 😀.xlsx"
    excel.click(*pressed(xlam, command.name), command.name)
    assert calls == [(command.name,)]
    assert excel.told == []
    assert excel.application.status_bar is False


@pytest.mark.parametrize(
    ("name", "index", "id_"),
    [
        ("choose_rules", 0, "spectra.invoices"),
        ("choose_rules", 1, "paystand.receivables"),
        ("choose_mapping", 0, ""),
        ("choose_mapping", 1, "Monthly list 2.1"),
        ("choose_mapping", 2, "Müller's 😀"),
        ("choose_mapping", 3, "x'); import os; os.system('calc')#"),
        ("choose_mapping", 4, "line'+\"\\"),
    ],
)
def test_a_choice_reaches_its_function_with_its_id(name, index, id_, xlam, called):
    """A line of the list file is data: whatever stands there arrives as the id, and as nothing else."""
    from addin.ribbon.ids import decoded

    calls, run = called
    excel = Excel(xlam, run)
    excel.add_workbook()
    excel.click(*pressed(xlam, name), name, f"{name}_{index}", index)
    assert excel.told == []
    ((function, given),) = calls
    assert (function, decoded(given)) == (name, id_)
    assert set(given) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.- :")


@pytest.mark.parametrize("one", [*COMMANDS, *CHOICES], ids=lambda one: one.name)
def test_the_function_is_there_and_takes_what_it_is_given(one):
    from addin import udfs

    inspect.signature(getattr(udfs, one.name)).bind(*(["an id"] if one in CHOICES else []))


def test_plain_ids_travel_as_they_are(excel):
    for id_ in ("spectra.invoices", "Monthly list 2.1", "a_b-C", ""):
        assert excel.evaluate(f'PlainId("{id_}")') == id_
    assert excel.evaluate('PlainId("hex:41")') == "hex:6865783A3431"


def test_drop_downs_show_the_list_file(excel):
    asked = "InvoiceRulesRibbon.Get"
    assert excel.ask(f"{asked}ItemCount", "choose_rules") == 2
    assert excel.ask(f"{asked}SelectedItemIndex", "choose_rules") == 1
    assert excel.ask(f"{asked}ItemCount", "choose_mapping") == 5
    assert excel.ask(f"{asked}SelectedItemIndex", "choose_mapping") == 0
    labels = [excel.ask(f"{asked}ItemLabel", "choose_mapping", str(index)) for index in range(5)]
    assert labels == ["Guess from the headings", "Monthly list", "Müller's 😀", "An odd name", "Not a command"]
    ids = [excel.ask(f"{asked}ItemID", kind, str(index)) for kind in ("choose_rules", "choose_mapping") for index in range(2)]
    assert len(set(ids)) == 4


def test_a_long_label_is_cut_and_the_choice_is_not(excel, list_file):
    kept = list_file.read_text(encoding="utf-8")
    try:
        list_file.write_text(f"mapping\t{'x' * 300}\t{'Name ' * 60}\t\n", encoding="utf-8")
        label = excel.ask("InvoiceRulesRibbon.GetItemLabel", "choose_mapping", "0")
        assert len(label) == 100
        assert label.endswith("...")
        assert excel.evaluate('EntryId("mapping", 0)') == "x" * 300
    finally:
        list_file.write_text(kept, encoding="utf-8")


def test_without_a_list_file_the_drop_down_says_so(xlam, list_file, tmp_path):
    kept = list_file.rename(tmp_path / "away.txt")
    try:
        excel = Excel(xlam)
        assert excel.ask("InvoiceRulesRibbon.GetItemCount", "choose_rules") == 1
        assert excel.ask("InvoiceRulesRibbon.GetItemLabel", "choose_rules", "0") == "(no list yet)"
        assert excel.ask("InvoiceRulesRibbon.GetSelectedItemIndex", "choose_rules") == 0
        excel.click(*pressed(xlam, "choose_rules"), "choose_rules", "choose_rules_0", 0)
        assert excel.commands == []
        assert excel.told == [NO_LIST]
    finally:
        kept.rename(list_file)


def test_an_empty_list_is_told(xlam, list_file):
    kept = list_file.read_text(encoding="utf-8")
    try:
        list_file.write_text("", encoding="utf-8")
        excel = Excel(xlam)
        assert excel.ask("InvoiceRulesRibbon.GetItemCount", "choose_rules") == 1
        excel.click(*pressed(xlam, "choose_rules"), "choose_rules", "choose_rules_0", 0)
        assert excel.told == [NO_LIST]
    finally:
        list_file.write_text(kept, encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_without_a_workbook_only_what_needs_none_is_run(command, xlam):
    excel = Excel(xlam)
    excel.click(*pressed(xlam, command.name), command.name)
    assert len(excel.commands) == (0 if command.needs_book else 1)
    assert [text[:17] for text in excel.told] == (["Open the workbook"] if command.needs_book else [])


def test_the_drop_downs_are_refreshed_after_each_run(excel, xlam):
    excel.run("OnRibbonLoad", excel.ribbon)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.ribbon.invalidated == [control_id(choice.name) for choice in CHOICES]


def test_the_status_bar_says_what_runs_and_keeps_what_python_wrote(xlam):
    seen = []

    def run(command: str) -> int:
        seen.append(excel.application.status_bar)
        excel.application.status_bar = "Invoice Rules: 3 of 40 invoices have errors."
        return 0

    excel = Excel(xlam, run)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert seen == [f"Invoice Rules: {LABELS['validate']} ..."]
    assert excel.application.status_bar == "Invoice Rules: 3 of 40 invoices have errors."


@pytest.mark.parametrize("tag", ["", "validate|problems", "IR_CHECK", "check_range", "__import__('os').abort", "validate(); import os; os.abort"])
def test_only_listed_names_are_called(tag, excel):
    excel.add_workbook()
    excel.click("InvoiceRulesRibbon.OnAction", "irValidate", tag)
    excel.click("InvoiceRulesRibbon.OnChoice", "irChooseRules", tag, "any", 0)
    assert excel.commands == []
    assert len(excel.told) == 2
    assert all(text.startswith("There is no ") and text.endswith("Run: invoice-rules addin install") for text in excel.told)


def test_a_run_that_breaks_off_names_the_log(xlam, tmp_path):
    def run(command: str) -> int:
        log = Path(arguments(command)[-1].removeprefix("--log="))
        log.write_text("Traceback …", encoding="utf-8")
        logs.append(log)
        return 1

    logs: list[Path] = []
    excel = Excel(xlam, run)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.told == [f"Invoice Rules stopped before it was done. What happened is written in {logs[0]}."]
    assert excel.application.status_bar is False
    logs[0].unlink()


def test_a_run_that_never_began_names_the_doctor(xlam):
    excel = Excel(xlam, lambda command: 1)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.told == ["Invoice Rules could not be started. Run: invoice-rules addin doctor"]


def test_what_windows_refuses_is_told_in_a_sentence(xlam):
    def run(command: str) -> int:
        raise VBARuntimeError(70, "Permission denied")

    excel = Excel(xlam, run)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.told == ["Python could not be started (Permission denied). Run: invoice-rules addin doctor"]
    assert excel.folder == "C:\\Clients\\Miller"
    assert excel.application.status_bar is False


def test_an_error_of_vbas_own_gets_a_sentence(excel, xlam):
    excel.add_workbook()
    excel.add_module('Public Sub RegisterFunctions()\n Err.Raise 1004, , "Method of object failed"\nEnd Sub\n', name="InvoiceRulesFunctions")
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.told == ["Excel could not do this: Method of object failed. Run: invoice-rules addin doctor"]
    assert excel.commands == []


def test_a_python_that_was_moved_is_named(xlam, tmp_path, list_file):
    moved = build(tmp_path, python="C:\\Gone\\python.exe", lists=list_file)
    excel = Excel(moved)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert excel.told == ["Python is no longer at C:\\Gone\\python.exe. Run: invoice-rules addin install"]
    assert excel.commands == []


def test_a_good_run_leaves_no_log(xlam):
    logs: list[Path] = []

    def run(command: str) -> int:
        logs.append(Path(arguments(command)[-1].removeprefix("--log=")))
        logs[0].touch()
        return 0

    excel = Excel(xlam, run)
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert not logs[0].exists()
    assert excel.told == []


def test_the_current_folder_is_pythons_while_it_runs_and_the_users_again_after(excel, xlam):
    excel.add_workbook()
    excel.click(*pressed(xlam, "validate"), "validate")
    assert [folder for _, folder in excel.commands] == [str(Path(sys.executable).parent)]
    assert excel.folder == "C:\\Clients\\Miller"


def test_the_version_is_shown(excel):
    from importlib.metadata import version

    assert excel.ask("InvoiceRulesRibbon.GetVersion", "") == f"Version {version('invoice-rules')}"
