"""The part of xlwings' VBA that the add-in takes along, without all that listens to the open workbook.

xlwings' own module asks a sheet of the *active* workbook, a file in that workbook's folder and the user's folder which Python to run and
where it finds its code. Taken along are only the procedures that reach a running Python for worksheet functions (its DLL); the settings
they ask for come from the add-in's sheet, and the command that starts Python is ours.
"""

import re
from importlib.metadata import distribution
from pathlib import Path

from invoice_rules import CannotRun

KEPT = ("XLPyLoadDLL", "NDims", "XLPy", "KillPy", "ParentFolder")
ASSIGNED = 'Public Const PROJECT_NAME As String = "myaddin"'
FORBIDDEN = re.compile(r"ActiveWorkbook|Environ|\.conf|PYTHONPATH|prepare_sys_path|SheetExists|FileExists|WScript|cmd\.exe|LICENSE_KEY", re.IGNORECASE)
EXPECTED = {
    "XLPyLoadDLL": ('GetConfig("INTERPRETER_WIN", "")', "LoadLibrary(ParentFolder("),
    "XLPy": ("XLPyLoadDLL", "XLPyDLLActivateAuto(XLPy, XLPyCommand, 1)"),
    "KillPy": ("XLPyCommand",),
    "NDims": ("XLPyDLLNDims(",),
    "ParentFolder": ("InStrRev",),
}
PROCEDURE = r"^(?:Public |Private )?(Sub|Function) {name}\b.*?^End \1$"

OURS = """
' What follows here until the end is Invoice Rules' own.

' Only the interpreter is a matter of settings, and it stands in this add-in's sheet.
Function GetConfig(configKey As String, Optional default As String = "", Optional source As String = "") As Variant
    GetConfig = default
    If configKey = "INTERPRETER_WIN" Then GetConfig = Setting("INTERPRETER")
End Function

' The shell is named in full: Windows would look for cmd.exe in the current folder first.
Function XLPyCommand() As String
    XLPyCommand = Setting("SHELL") & " /K " & Chr(34) & Chr(34) & Setting("INTERPRETER") & Chr(34) & " " & Setting("OPTIONS") & _
        " -c " & Chr(34) & "import xlwings; xlwings.serve('$(CLSID)')" & Chr(34) & Chr(34)
End Function

' On a Mac Python calls this when it is done.
Public Sub CleanUp()
    #If Mac Then
        Application.StatusBar = False
        RefreshRibbon
        If Len(Dir(LogOnMac())) > 0 Then
            If FileLen(LogOnMac()) > 0 Then Tell WhatStopped(True, LogOnMac()), vbExclamation
        End If
    #End If
End Sub
"""


def xlwings_module(source: str | None = None, project: str = "invoice_rules") -> str:
    """VBA for the module `xlwings`, from the installed wheel's `xlwings_custom_addin.bas` (or `source`, its text).

    Raises CannotRun where this version of xlwings does not hold what is taken from it, or where that would listen to a workbook.
    """
    text = (source if source is not None else installed()).replace("\r\n", "\n")
    head, found, _ = text.partition("\nPublic Function RunPython(")
    if not found or ASSIGNED not in head:
        raise _another("its beginning")
    head = re.sub(r"^#Const App = .*\n", "", head, flags=re.MULTILINE)  # nothing that is taken along asks for it
    head = head.replace(ASSIGNED, f'Public Const PROJECT_NAME As String = "{project}"')
    module = "\n\n".join([head.rstrip(), *(_procedure(text, name) for name in KEPT)])
    listens = FORBIDDEN.search(module)
    if listens:
        raise _another(f"{listens.group()} in a part that is taken along")
    return module + "\n" + OURS


def _procedure(text: str, name: str) -> str:
    match = re.search(PROCEDURE.format(name=name), text, re.DOTALL | re.MULTILINE)
    if match is None or not all(part in match.group() for part in EXPECTED[name]):
        raise _another(f"the procedure {name}")
    return match.group()


def _another(what: str) -> CannotRun:
    version = distribution("xlwings").version
    return CannotRun(
        f"The add-in cannot be built with xlwings {version}: {what} is not as expected. Install the version that Invoice Rules was made with: pip install 'xlwings==0.37.8'"
    )


def installed() -> str:
    """xlwings' own module, as its wheel brings it."""
    return Path(str(distribution("xlwings").locate_file("xlwings/xlwings_custom_addin.bas"))).read_text(encoding="latin-1")
