"""What the notebooks use, in one import: the import wizard, batches, the history, receivables, the rules lab, connections, sending and new templates.

    from invoice_rules.notebook import ImportWizard
    ImportWizard()

Everything is loaded when it is first asked for; a batch needs no widgets.
"""

import importlib
from typing import Any

_HOMES = {
    "ImportWizard": "wizard",
    "Batch": "batch",
    "History": "history",
    "Receivables": "receivables",
    "RulesLab": "lab",
    "rule": "lab",
    "Connections": "connections",
    "Sending": "sending",
    "TemplateMaker": "templates",
}

__all__ = ["Batch", "Connections", "History", "ImportWizard", "Receivables", "RulesLab", "Sending", "TemplateMaker", "rule"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"invoice_rules.notebook.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'invoice_rules.notebook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
