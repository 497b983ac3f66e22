"""The branches for Excel on a Mac: what is handed to xlwings' script, and the list file read byte by byte.

The script puts what it is given into a shell's command line; here that line is made as the script makes it, and a real shell reads it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pyopenvba.interpreter._preprocess as preprocess
import pytest

from addin.commands import CHOICES
from addin.ribbon.customui import control_id
from tests.addin.ribbon.office_double import Excel

# AppleScriptTask, Environ and the file functions are Excel's and the machine's; the script's own text is xlwings'.
MACHINE = """
Public Handed As String
Public LogLength As Long
Public Function AppleScriptTask(ByVal script As String, ByVal handler As String, ByVal parameter As String) As String
    If LogLength < 0 Then Err.Raise 5, , "Invalid procedure call or argument"
    Handed = script & "|" & handler & "|" & parameter
End Function
Public Function Environ(ByVal name As String) As String
    Environ = "/Users/jo/Library/Containers/com.microsoft.Excel/Data"
End Function
Public Function Dir(ByVal path As String) As String
    If LogLength > 0 Then Dir = path
End Function
Public Function FileLen(ByVal path As String) As Long
    FileLen = LogLength
End Function
Public Sub SetLog(ByVal length As Long)
    LogLength = length
End Sub
Public Function WhatWasHanded() As String
    WhatWasHanded = Handed
End Function
"""


@pytest.fixture
def on_a_mac(monkeypatch, xlam) -> Excel:
    monkeypatch.setattr(preprocess, "DEFAULT_CONSTANTS", {**preprocess.DEFAULT_CONSTANTS, "Mac": True, "Win32": False, "Win64": False})
    excel = Excel(xlam)
    excel.add_module(MACHINE, name="Machine")
    excel.run("OnRibbonLoad", excel.ribbon)
    return excel


def shell_line(parameter: str) -> str:
    """As `VbaHandler` of xlwings' script puts it together, to its end but for the redirection and the `&`."""
    pythonpath, interpreter, command, book, app, log = parameter.split("|")
    assert log == "/Users/jo/Library/Containers/com.microsoft.Excel/Data/invoice-rules.log"
    return (
        f"{interpreter} -B -u -W ignore -c \"import xlwings.utils;xlwings.utils.prepare_sys_path('{pythonpath}');{command} \" "
        f'"--wb={book}" "--from_xl=1" "--app={app}"'
    )


def test_xlwings_script_is_still_what_is_imitated_here():
    import xlwings

    script = next(Path(xlwings.__file__).parent.glob("xlwings-*.applescript")).read_text(encoding="utf-8")
    for part in (
        "set {PYTHONPATH, PythonInterpreter, PythonCommand, WorkbookName, ApplicationFullName, LOG_FILE} to SplitString(ParameterString, \"|\")",
        'set ShellCommand to PythonInterpreter & " -B -u -W ignore -c \\"import xlwings.utils;xlwings.utils.prepare_sys_path(\'" & PYTHONPATH & "\');" & ¬',
        'PythonCommand & " \\" \\"--wb=" & WorkbookName & "\\" \\"--from_xl=1\\" \\"--app=" & ApplicationFullName & "\\" > /dev/null 2>\\"" & LOG_FILE & "\\" & "',
    ):
        assert part in script


def handed_for(excel: Excel, name: str, folder: Path) -> str:
    book = excel.add_workbook()
    book.name, book.path = name, str(folder)
    excel.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert excel.told == []
    script, handler, parameter = excel.run("WhatWasHanded").split("|", 2)
    assert script.startswith("xlwings-")
    assert script.endswith(".applescript")
    assert handler == "VbaHandler"
    return parameter


@pytest.mark.parametrize("name", ["$(touch owned).xlsx", "`touch owned`.xlsx", "a|b'c\"d\\.xlsx", "'); import os; os.system('touch owned') #.xlsx"])
def test_a_workbooks_name_is_handed_over_as_hex(name, on_a_mac, tmp_path):
    line = shell_line(handed_for(on_a_mac, name, tmp_path))
    assert line == shell_line(handed_for(on_a_mac, "Book", tmp_path)).replace("hex:" + b"Book".hex().upper(), "hex:" + name.encode().hex().upper())
    assert line.startswith(f"'{sys.executable}' -I -B ")
    assert "udfs.validate()" in line
    assert str(tmp_path) not in line


def test_a_shell_carries_out_nothing_of_the_workbooks(on_a_mac, tmp_path):
    """The line is run for real, in a folder of traps, by a workbook whose name is one."""
    for trap in ("json", "addin", "xlwings"):
        (tmp_path / f"{trap}.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w')", encoding="utf-8")
    name = "$(touch owned) `touch owned` a|b'c\"d\\'); import os; os.system('touch owned') #.xlsx"
    line = shell_line(handed_for(on_a_mac, name, tmp_path))
    called = "from addin import udfs; udfs.validate()"
    assert called in line
    looked = "import sys, json, addin; print(json.dumps([sys.path, sys.argv, json.__file__, addin.__file__]))"
    ran = subprocess.run(["sh", "-c", line.replace(called, looked)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "owned").exists()
    path, argv, *files = json.loads(ran.stdout)
    assert argv[1] == f"--wb={name}"
    assert "" not in path
    assert not [one for one in (*path, *files) if one.startswith(str(tmp_path))]


def test_without_the_script_the_user_is_told_what_to_run(on_a_mac):
    on_a_mac.add_workbook()
    on_a_mac.run("SetLog", -1)
    on_a_mac.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert on_a_mac.told == ["Excel may not start Python yet. Run once in a terminal: xlwings runpython install"]


def test_pythons_end_clears_the_status_bar_and_refreshes_the_drop_downs(on_a_mac):
    on_a_mac.add_workbook()
    on_a_mac.click("InvoiceRulesRibbon.OnAction", "irValidate", "validate")
    assert on_a_mac.application.status_bar == "Invoice Rules: Validate ..."
    assert on_a_mac.ribbon.invalidated == []
    on_a_mac.run("CleanUp")
    assert on_a_mac.application.status_bar is False
    assert on_a_mac.ribbon.invalidated == [control_id(choice.name) for choice in CHOICES]
    assert on_a_mac.told == []


def test_a_log_that_is_not_empty_is_named(on_a_mac):
    on_a_mac.run("SetLog", 12)
    on_a_mac.run("CleanUp")
    assert on_a_mac.told == [
        "Invoice Rules stopped before it was done. What happened is written in /Users/jo/Library/Containers/com.microsoft.Excel/Data/invoice-rules.log."
    ]


@pytest.mark.parametrize("text", ["plain", "Müller's €", "日本", "😀 and 𝔘", "", "rules\tx\tÄ\n"])
def test_utf8_is_decoded(text, on_a_mac):
    octets = text.encode("utf-8")
    lines = [f" bytes({at}) = {octet}" for at, octet in enumerate(octets)] or [" bytes(0) = 0"]
    on_a_mac.add_module(
        f"Public Function Decoded() As String\n Dim bytes({max(len(octets), 1) - 1}) As Byte\n" + "\n".join(lines) + "\n Decoded = DecodedUtf8(bytes)\nEnd Function\n",
        name="Decoding",
    )
    decoded = on_a_mac.run("Decoded")
    assert decoded.encode("utf-16", "surrogatepass").decode("utf-16") == (text or "\0")
