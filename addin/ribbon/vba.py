"""The VBA of the add-in: the sources beside this file, what is made from the commands and
the worksheet functions, and the part of xlwings' own.
"""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from addin.commands import CHOICES, COMMANDS
from addin.ribbon.customui import control_id
from addin.ribbon.functions import MODULE as FUNCTIONS
from addin.ribbon.functions import functions_module
from addin.ribbon.xlwings_module import xlwings_module

SETTINGS_SHEET = "invoice_rules.conf"
WRITTEN = ("InvoiceRulesRibbon", "InvoiceRulesLists", "InvoiceRulesPython")
FACTS = "InvoiceRulesFacts"


def modules() -> dict[str, str]:
    """Name -> source of every standard module, each with its `Attribute VB_Name` line and lines that end in \\n.

    Raises CannotRun where the installed xlwings is not as expected.
    """
    written = {name: Path(__file__).with_name(f"{name}.bas").read_text(encoding="utf-8") for name in WRITTEN}
    return {**written, FACTS: facts(), FUNCTIONS: functions_module(), "xlwings": xlwings_module()}


def facts() -> str:
    """The constants that the written modules read: names that may be called, labels, controls to refresh, the version."""
    constants = {
        "IR_VERSION": version("invoice-rules"),
        "IR_SETTINGS": SETTINGS_SHEET,
        "IR_COMMANDS": _list(command.name for command in COMMANDS),
        "IR_WITHOUT_BOOK": _list(command.name for command in COMMANDS if not command.needs_book),
        "IR_CHOICES": _list(f"{choice.name}={choice.kind}" for choice in CHOICES),
        "IR_LABELS": _list(f"{one.name}={one.label}" for one in (*CHOICES, *COMMANDS)),
        "IR_CONTROLS": "|".join(control_id(choice.name) for choice in CHOICES),
    }
    lines = [f'Public Const {name} As String = "{value}"' for name, value in constants.items()]
    made = "' Made from addin/commands.py when the add-in is built."
    return "\n".join([f'Attribute VB_Name = "{FACTS}"', "Option Explicit", "", made, "", *lines, ""])


def _list(values: Iterable[str]) -> str:
    return f"|{'|'.join(values)}|"
