"""Excel for the add-in's VBA, without Excel: pyOpenVBA's interpreter, and the few objects of Windows and Office that our modules ask for.

What is faked: WScript.Shell (a command is recorded, or given to `runs`), the file system object, ADODB.Stream, ribbon controls, the window's handle.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path, PurePath, PureWindowsPath
from typing import ClassVar

from pyopenvba.apps.excel import Application, ExcelApplication
from pyopenvba.apps.excel._bridge import ExcelBridge
from pyopenvba.apps.excel._io import load_workbook
from pyopenvba.interpreter import Interpreter, VBAArray, VBAInt, VBAObject, VBARuntimeError, member, method, setter

HWND = 4711


class Control(VBAObject):
    """IRibbonControl."""

    vba_type_name, vba_library = "IRibbonControl", "Office"

    def __init__(self, id_: str, tag: str = "") -> None:
        self._id, self._tag = id_, tag

    @member(name="Id")
    def id(self) -> str:
        return self._id

    @member(name="Tag")
    def tag(self) -> str:
        return self._tag


class Ribbon(VBAObject):
    """IRibbonUI: remembers what was invalidated."""

    vba_type_name, vba_library = "IRibbonUI", "Office"

    def __init__(self) -> None:
        self.invalidated: list[str] = []

    @method
    def InvalidateControl(self, ControlID):
        self.invalidated.append(ControlID)


class Shell(VBAObject):
    """WScript.Shell: a command line is recorded instead of run."""

    vba_type_name = "WshShell"

    def __init__(self, excel: "Excel") -> None:
        self.excel = excel

    @member
    def CurrentDirectory(self):
        return self.excel.folder

    @setter("CurrentDirectory")
    def _go(self, value):
        self.excel.folder = value

    @method
    def Run(self, strCommand, intWindowStyle=None, bWaitOnReturn=None):
        assert (int(intWindowStyle), bWaitOnReturn) == (0, True), "hidden, and waited for"
        self.excel.commands.append((strCommand, self.excel.folder))
        return VBAInt(self.excel.runs(strCommand), "Long")


class Files(VBAObject):
    """Scripting.FileSystemObject."""

    vba_type_name = "FileSystemObject"

    @method
    def FileExists(self, FileSpec):
        return Path(FileSpec).is_file()

    @method
    def DeleteFile(self, FileSpec):
        Path(FileSpec).unlink()

    @method
    def BuildPath(self, folder, name):
        return str(Path(folder) / name)

    @method
    def GetSpecialFolder(self, which):
        assert int(which) == 2, "the temporary folder"
        return Folder()

    @method
    def GetTempName(self):
        return "rad12345.tmp"

    @method
    def GetParentFolderName(self, path):
        return str(_parent(path))


class Folder(VBAObject):
    vba_type_name = "Folder"

    @member
    def Path(self):
        return tempfile.gettempdir()


class Stream(VBAObject):
    """ADODB.Stream, as far as a text in UTF-8 is read."""

    vba_type_name = "Stream"
    wanted: ClassVar[dict[str, object]] = {"Type": 2, "Charset": "utf-8"}

    def __init__(self) -> None:
        self.set: dict[str, object] = {}

    @member
    def Type(self):
        return self.set["Type"]

    @setter("Type")
    def _type(self, value):
        self.set["Type"] = int(value)

    @member
    def Charset(self):
        return self.set["Charset"]

    @setter("Charset")
    def _charset(self, value):
        self.set["Charset"] = value

    @method
    def Open(self):
        assert self.set == self.wanted

    @method
    def LoadFromFile(self, FileName):
        try:
            self.text = Path(FileName).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise VBARuntimeError(3002, "File could not be opened.") from error

    @method
    def ReadText(self):
        return self.text

    @method
    def Close(self):
        del self.text


class Bridge(ExcelBridge):
    def __init__(self, application, excel):
        super().__init__(application)
        self.excel = excel

    def create(self, type_name_):
        made = {"WScript.Shell": lambda: Shell(self.excel), "Scripting.FileSystemObject": Files, "ADODB.Stream": Stream}
        return made[type_name_]() if type_name_ in made else super().create(type_name_)


class ApplicationWithWindow(Application):
    """The application, with what the interpreter's own lacks: a window, the cell that asks, the function wizard."""

    def __init__(self) -> None:
        super().__init__()
        self.wizard: dict[str, tuple] = {}
        self.refusals = 0

    @member
    def Hwnd(self):
        return VBAInt(HWND, "Long")

    @member
    def Caller(self):
        return "the asking cell"

    @method
    def MacroOptions(self, Macro=None, Description=None, Category=None, ArgumentDescriptions=None):
        if self.refusals:
            self.refusals -= 1
            raise VBARuntimeError(1004, "Cannot edit a macro on a hidden workbook.")
        arguments_ = list(ArgumentDescriptions.items) if isinstance(ArgumentDescriptions, VBAArray) else []
        self.wizard[Macro.partition("!")[2]] = (Description, Category, arguments_)


class Excel(ExcelApplication):
    """An Excel with the add-in loaded and no workbook open. `commands` are (command line, current folder) in the order they were run."""

    def __init__(self, addin: Path, runs: Callable[[str], int] = lambda command: 0) -> None:
        self.application = ApplicationWithWindow()
        self.interpreter = Interpreter(Bridge(self.application, self))
        self.application.interpreter = self.interpreter
        self.runs, self.folder, self.commands, self.ribbon = runs, "C:\\Clients\\Miller", [], Ribbon()
        book = load_workbook(self.application, addin)
        self.application.workbooks_.books.append(book)
        self.application.activate_book(book)
        names = self.load_vba(addin)
        assert names[-1] == "xlwings", "every module compiles"
        self.application._this_workbook = book
        self.application.active_book = None

    def click(self, callback: str, control: str, tag: str, *more: object) -> None:
        self.run(callback.partition(".")[2], Control(control, tag), *more)

    def ask(self, callback: str, tag: str, *more: str) -> object:
        """What a Get… callback answers in its ByRef argument; `more` are VBA expressions."""
        self.add_module(
            "Public Asked As Object\nPublic Sub Keep(ByVal control As Object)\n Set Asked = control\nEnd Sub\n"
            "Public Function Answered() As Variant\n Dim answer As Variant\n"
            f" {callback.partition('.')[2]} Asked, {''.join(part + ', ' for part in more)}answer\n Answered = answer\nEnd Function\n",
            name="Asking",
        )
        self.run("Keep", Control("any", tag))
        return self.run("Answered")

    @property
    def told(self) -> list[str]:
        """The texts of the message boxes so far."""
        return [text for kind, text, *_ in self.dialogs if kind == "MsgBox"]


def arguments(command: str) -> list[str]:
    """A command line of Windows as the started program sees it (no backslash stands before a quote in ours)."""
    found, word, quoted = [], "", False
    for sign in command + " ":
        if sign == '"':
            quoted = not quoted
        elif sign == " " and not quoted:
            found += [word] if word else []
            word = ""
        else:
            word += sign
    assert not quoted, "quotes are balanced"
    return found


def _parent(path: str) -> PurePath:
    return (PureWindowsPath if PureWindowsPath(path).drive else PurePath)(path).parent
