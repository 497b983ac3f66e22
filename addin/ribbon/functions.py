"""VBA for the worksheet functions: one function each, which hands its cells to Python through xlwings' DLL (Windows alone).

xlwings would write this module into the add-in while Excel runs, which takes "Trust access to the VBA project object model". It is made
when the add-in is built instead, from the text of `addin/udfs.py`: its functions under `xw.func`, their parameters, and what `doc=` says.
"""

import ast
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MODULE = "InvoiceRulesFunctions"
PYTHON_MODULE = "addin.udfs"
SHOWN_AS = {"date": "day", "time": "clock", "string": "text", "next": "following"}  # words that VBA keeps for itself
LONGEST = 255  # what Excel takes for a description

BODY = '''\
Public Function {name}({parameters}) As Variant
    #If Mac Then
        {name} = "Worksheet functions of Invoice Rules work in Excel for Windows. Use the buttons here."
    #Else
        On Error GoTo Failed
        {name} = XLPy.CallUDF("{module}", "{name}", Array({given}), ThisWorkbook, Application.Caller)
        Exit Function
Failed:
        {name} = Err.Description
    #End If
End Function
'''

REGISTER = '''\
' What the function wizard says. Excel may refuse while no workbook is open, so it is tried again before each run.
Public Sub RegisterFunctions()
    If Registered Then Exit Sub
    On Error GoTo Later
{calls}
    Registered = True
    Exit Sub
Later:
    Registered = False
End Sub
'''


@dataclass(frozen=True)
class Function:
    """A worksheet function: `parameters` are (name, what it is, whether it may be left out)."""

    name: str
    description: str
    category: str
    parameters: tuple[tuple[str, str, bool], ...]


def functions(source: str | None = None) -> tuple[Function, ...]:
    """The worksheet functions of `addin.udfs` (or of `source`, its text), in its order."""
    tree = ast.parse(source if source is not None else _source())
    nodes = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return tuple(_function(node, call) for node in nodes if (call := _decorated(node, "func")))


def functions_module() -> str:
    """The VBA module with all of them."""
    found = functions()
    made = "' Made from addin/udfs.py when the add-in is built."
    head = [f'Attribute VB_Name = "{MODULE}"', "Option Explicit", "", made, "", "Private Registered As Boolean", ""]
    return "\n".join([*head, *(_vba(one) for one in found), REGISTER.format(calls="\n".join(_registered(one) for one in found))])


def _source() -> str:
    spec = find_spec(PYTHON_MODULE)
    assert spec is not None and spec.origin is not None, "it is part of this package"
    return Path(spec.origin).read_text(encoding="utf-8")


def _decorated(node: ast.FunctionDef, by: str) -> list[ast.expr]:
    """The decorators `xw.<by>` or `xw.<by>(…)` of a function."""
    named = [(decorator, decorator.func if isinstance(decorator, ast.Call) else decorator) for decorator in node.decorator_list]
    return [decorator for decorator, function in named if isinstance(function, ast.Attribute) and ast.unparse(function) == f"xw.{by}"]


def _function(node: ast.FunctionDef, call: list[ast.expr]) -> Function:
    said = {str(_text(one.args[0])): _keyword(one, "doc") for one in _decorated(node, "arg") if isinstance(one, ast.Call)}
    names = [argument.arg for argument in node.args.args]
    required = len(names) - len(node.args.defaults)
    parameters = tuple((SHOWN_AS.get(name, name), said.get(name, ""), at >= required) for at, name in enumerate(names))
    description = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")
    return Function(node.name, description[:LONGEST], _keyword(call[0], "category"), parameters)


def _keyword(call: ast.expr, name: str) -> str:
    """A text that is given by keyword, "" where it is not."""
    given = {keyword.arg: _text(keyword.value) for keyword in call.keywords} if isinstance(call, ast.Call) else {}
    return str(given.get(name) or "")[:LONGEST]


def _text(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _vba(function: Function) -> str:
    names = [name for name, _, _ in function.parameters]
    parameters = ", ".join(f"{'Optional ' * optional}{name} As Variant" for name, _, optional in function.parameters)
    return BODY.format(name=function.name, parameters=parameters, given=", ".join(names), module=PYTHON_MODULE)


def _registered(function: Function) -> str:
    macro = f'"\'" & ThisWorkbook.Name & "\'!{function.name}"'
    parts = [f"Macro:={macro}", f"Description:={_quoted(function.description)}", f"Category:={_quoted(function.category)}"]
    if function.parameters:
        parts.append(f"ArgumentDescriptions:=Array({', '.join(_quoted(said) for _, said, _ in function.parameters)})")
    return "    Application.MacroOptions " + ", _\n        ".join(parts)


def _quoted(text: str) -> str:
    """A text of VBA, which knows the signs of one code page alone.

    >>> _quoted('say "yes" – or no')
    '"say ""yes"" - or no"'
    """
    plain = text.replace("–", "-").replace("“", '"').replace("”", '"').replace("’", "'").replace("…", "...")
    return '"' + plain.encode("ascii", "replace").decode("ascii").replace('"', '""') + '"'
