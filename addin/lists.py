"""The list file: what the drop-downs of the ribbon show. Installing and every run write it anew; VBA and Calc only read it.

One line an entry, four parts with tabs between: kind (`rules` or `mapping`), id, label, `*` where it is chosen.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import invoice_rules
from addin import config as settings
from invoice_rules import folders

_FILE = "ribbon.txt"
GUESS = "Guess from the headings"


class Entry(NamedTuple):
    """One entry of a drop-down."""

    kind: str
    id: str
    label: str
    chosen: bool = False


def lists_file() -> Path:
    """Where the list file is."""
    return folders.config_folder() / _FILE


def refresh(config: settings.Config, mappings: Iterable[str] = ()) -> None:
    """Write the list file: all rule sets, and the saved mappings of the chosen one. Raises CannotRun where that cannot be done."""
    entries = [Entry("rules", name, rules.title, name == config.rules) for name, rules in invoice_rules.rule_sets().items()]
    named = sorted({name for name in mappings if name})
    entries += [Entry("mapping", "", GUESS, config.mapping not in named), *(Entry("mapping", name, name, name == config.mapping) for name in named)]
    settings.put(_FILE, "".join(f"{its.kind}\t{_plain(its.id)}\t{_plain(its.label)}\t{'*' * its.chosen}\n" for its in entries))


def entries(kind: str) -> list[Entry]:
    """The entries of a drop-down as the list file has them; none where there is no file."""
    try:
        lines = lists_file().read_text(encoding="utf-8").split("\n")
    except OSError:
        return []
    parts = [line.split("\t") for line in lines]
    return [Entry(its[0], its[1], its[2], its[3] == "*") for its in parts if len(its) == 4 and its[0] == kind]


def _plain(text: str) -> str:
    """A name on one line, without what parts the entries."""
    return " ".join(text.split())
