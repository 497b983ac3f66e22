"""A client's workbook is untrusted: its sheets, the files beside it and its name have no say in what the buttons run.

The decisions are those of the VBA in the add-in, run in an interpreter; the command line it makes is then carried out for real, in a folder
full of traps. Not run here: Excel itself, Windows' program loader, and xlwings' DLL for worksheet functions (its command line is looked at).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from addin.ribbon.vba import modules
from addin.ribbon.xlwings_module import installed
from tests.addin.ribbon.office_double import Excel, arguments

HOSTILE_PYTHON = "C:\\Clients\\Miller\\python.exe"
SETTINGS = {
    "INTERPRETER": HOSTILE_PYTHON,
    "INTERPRETER_WIN": HOSTILE_PYTHON,
    "INTERPRETER_MAC": "/tmp/evil/python",
    "PYTHONPATH": "C:\\Clients\\Miller",
    "ADD_WORKBOOK_TO_PYTHONPATH": "True",
    "CONDA PATH": "C:\\Clients\\Miller",
    "CONDA ENV": "base",
    "USE UDF SERVER": "True",
    "UDF MODULES": "evil",
    "LICENSE_KEY": "noncommercial",
    "SHOW CONSOLE": "True",
    "DEBUG UDFS": "True",
    "TEMP DIR": "C:\\Clients\\Miller",
    "OPTIONS": "-i",
    "SHELL": HOSTILE_PYTHON,
    "LISTS": "C:\\Clients\\Miller\\ribbon.txt",
}
SHEETS = ("invoice_rules.conf", "xlwings.conf", "_xlwings.conf", "myaddin.conf")
TRAPS = ("addin", "json", "xlwings", "invoice_rules", "pandas", "sitecustomize", "usercustomize", "encodings", "os", "evil", "udfs")
NAMES = (
    "Invoices.xlsx",
    "a^&calc&b.xlsx",
    "$(touch owned).xlsx",
    "`touch owned`.xlsx",
    "%COMSPEC%.xlsx",
    "x' or os.system('calc') or '.xlsx",
    '"; import os; os.system("calc") #.xlsx',
    "--wb=other.xlsx --hwnd=1.xlsx",
    "a|b;c<d>e.xlsx",
    "Rechnung Müller 😀 \u202exslx.exe.xlsx",
)


@pytest.fixture
def client_folder(tmp_path) -> Path:
    """A client's folder: each trap leaves a file `sprung` where it is imported or run."""
    folder = tmp_path / "Miller"
    folder.mkdir()
    for name in TRAPS:
        (folder / f"{name}.py").write_text(f"import pathlib\npathlib.Path({str(folder / 'sprung')!r}).write_text({name!r})\n", encoding="utf-8")
    for name in ("invoice_rules.conf", "xlwings.conf"):
        (folder / name).write_text("".join(f'"{key}","{value}"\n' for key, value in SETTINGS.items()), encoding="utf-8")
    (folder / "pyvenv.cfg").write_text("home = C:\\Clients\\Miller\n", encoding="utf-8")
    (folder / "Invoices.zip").write_bytes(b"PK")
    return folder


def hostile(excel: Excel, folder: Path, name: str = "Invoices.xlsx") -> Excel:
    """Excel with the client's workbook open and active."""
    book = excel.add_workbook()
    book.name, book.path = name, str(folder)
    for sheet in (*SHEETS, "evil.py", "__init__.py"):
        excel.run("AddSheet", sheet)
        view = excel.sheet(sheet)
        for row, (key, value) in enumerate(SETTINGS.items(), 1):
            view.set_value(f"A{row}", "import os" if sheet.endswith(".py") else key)
            view.set_value(f"B{row}", value)
    excel.folder = str(folder)
    return excel


@pytest.fixture
def opened(excel, client_folder) -> Excel:
    excel.add_module("Public Sub AddSheet(ByVal name As String)\n Worksheets.Add.Name = name\nEnd Sub\n", name="Building")
    return hostile(excel, client_folder)


def command_for(xlam: Path, folder: Path | None, name: str) -> str:
    excel = Excel(xlam)
    excel.add_module("Public Sub AddSheet(ByVal name As String)\n Worksheets.Add.Name = name\nEnd Sub\n", name="Building")
    if folder is not None:
        hostile(excel, folder, name)
    else:
        excel.add_workbook().name = name
    excel.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert excel.told == []
    ((command, current),) = excel.commands
    assert current == str(Path(sys.executable).parent)
    return command


def test_the_workbook_really_is_the_active_one_and_has_the_traps(opened):
    assert opened.evaluate("ActiveWorkbook.Worksheets.Count") == 7
    assert opened.evaluate('ActiveWorkbook.Worksheets("invoice_rules.conf").Range("B1").Value') == HOSTILE_PYTHON
    assert opened.evaluate("ThisWorkbook.Worksheets.Count") == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_command_is_the_same_as_for_any_other_workbook(name, xlam, client_folder):
    """Only the workbook's name is in it, as hex, which no shell and no Python reads as anything else."""
    command = command_for(xlam, client_folder, name)
    assert command == command_for(xlam, None, "Book1").replace("--wb=hex:" + b"Book1".hex().upper(), "--wb=hex:" + name.encode().hex().upper())
    assert arguments(command)[:4] == [
        sys.executable,
        "-I",
        "-c",
        "from addin.ribbon import starting; starting.begin(); from addin import udfs; udfs.validate()",
    ]
    assert not set(command) & set("^&%$`|<>;'\\") - {";"}
    assert str(client_folder) not in command


def test_every_setting_comes_from_the_add_in(opened, list_file):
    assert opened.evaluate('Setting("INTERPRETER")') == sys.executable
    assert opened.evaluate('Setting("LISTS")') == str(list_file)
    asked = {key: opened.evaluate(f'GetConfig("{key}", "the default")') for key in SETTINGS}
    assert asked == {key: sys.executable if key == "INTERPRETER_WIN" else "the default" for key in SETTINGS}


def test_python_for_worksheet_functions_is_started_alike(opened):
    shell = opened.evaluate('Setting("SHELL")')
    assert re.fullmatch(r"[A-Za-z]:\\.*\\System32\\cmd\.exe", shell)
    assert opened.evaluate("XLPyCommand()") == f"{shell} /K \"\"{sys.executable}\" -I -c \"import xlwings; xlwings.serve('$(CLSID)')\"\""


def carried_out(arguments_: list[str], folder: Path) -> subprocess.CompletedProcess:
    """Run it as a user's Excel might: in the client's folder, with an environment that points there too."""
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONSTARTUP": str(folder / "evil.py"), "PYTHONINSPECT": ""}
    return subprocess.run(arguments_, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


WHERE = "import sys, json, addin, xlwings, invoice_rules; print(*[one.__file__ for one in (json, addin, xlwings, invoice_rules)], *sys.path, sep='\\n')"


def test_nothing_beside_the_workbook_is_imported(xlam, client_folder, tmp_path):
    given = arguments(command_for(xlam, client_folder, "Invoices.xlsx"))
    log = tmp_path / "log.txt"
    given[-1] = f"--log={log}"
    beginning, found, _ = given[3].partition("from addin import udfs")
    assert found
    ran = carried_out([*given[:3], beginning + WHERE, *given[4:]], client_folder)
    assert ran.returncode == 0, log.read_text(encoding="utf-8")
    assert not (client_folder / "sprung").exists()
    assert str(client_folder) not in ran.stdout
    assert ran.stdout.count("\n") >= 5
    assert "" not in ran.stdout.splitlines(), "the current folder is not searched"


def test_the_whole_command_springs_no_trap(xlam, client_folder, tmp_path):
    """Here it ends with a message, as there is no Excel to talk to; what counts is what it loaded on the way."""
    given = arguments(command_for(xlam, client_folder, "Invoices.xlsx"))
    given[-1] = f"--log={tmp_path / 'log.txt'}"
    given[2:3] = ["-v", "-c"]  # tells each module and where it comes from
    ran = carried_out(given, client_folder)
    assert not (client_folder / "sprung").exists()
    loaded = ran.stderr + (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "addin/udfs" in loaded.replace("\\", "/")
    assert str(client_folder) not in loaded


def test_the_traps_spring_without_isolation(client_folder):
    """What xlwings' own command line would have done in that folder: so the tests above can fail."""
    ran = carried_out([sys.executable, "-B", "-c", "import json"], client_folder)
    assert (client_folder / "sprung").exists(), ran.stderr


def test_xlwings_own_module_does_listen_to_the_workbook():
    """Why it is cut down: the day that xlwings changes this, our reasons are to be looked at again."""
    stock = installed()
    assert "GetConfigFromSheet(ActiveWorkbook)" in stock
    assert "GetDirectoryConfigFilePath()" in stock
    assert 'GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")' in stock
    assert "runpython_embedded_code" in stock


def test_the_add_in_asks_the_open_workbook_for_its_name_and_nothing_else():
    asked = [match.group() for source in modules().values() for match in re.finditer(r"ActiveWorkbook[ .]\w+(?: \w+)?", _code(source))]
    assert sorted(set(asked)) == ["ActiveWorkbook Is Nothing", "ActiveWorkbook.Name"]
    words = r"\b(ActiveSheet|ActiveCell|Workbooks|Selection|CurDir|ChDir|Shell|Evaluate|ExecuteExcel4Macro|Application\.Run|ExpandEnvironmentStrings)\s*\("
    assert not [match.group() for source in modules().values() for match in re.finditer(words, _code(source))]


def _code(source: str) -> str:
    """Without comments and texts."""
    return re.sub(r"'[^\n]*", "", re.sub(r'"[^"\n]*"', '""', source))
