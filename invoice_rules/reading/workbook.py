"""Workbooks (.xlsx .xlsm .xls .xlsb .ods): the pre-check, then calamine in a limited child process, then cells as the user sees them.

Numbers are plain with up to 15 digits, dates read 2026-11-21, yes/no TRUE or FALSE, errors `#N/A`; percentages keep the stored
number; a number shown with zeros before it keeps them. Formulas give the values that were saved with them. Macros are never run.
"""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, listed, plural, quoted
from invoice_rules.reading import templates
from invoice_rules.reading.assembling import under_headings
from invoice_rules.reading.cellfacts import styled, with_errors
from invoice_rules.reading.errorcells import readable
from invoice_rules.reading.facts import NAMED, SheetFacts
from invoice_rules.reading.formats import OLE, ZIP
from invoice_rules.reading.grid import Grid
from invoice_rules.reading.guards import MEGABYTE, Parts, checked
from invoice_rules.reading.headings import Telling
from invoice_rules.reading.limited import MEMORY, Child, locked
from invoice_rules.reading.returned import is_ours, returned
from invoice_rules.reading.sentcells import BUFFERS, column_of
from invoice_rules.reading.sheetchoice import Peek, chosen, of_template
from invoice_rules.reading.sheets import of_sheet, scanned
from invoice_rules.reading.source import Source
from invoice_rules.reading.templates import Seen
from invoice_rules.table import Origin, Table

UNCOMPUTED = Rule(
    "uncomputed",
    "{cells} {hold} a formula whose result was not saved, so {it} {read} blank. Open the workbook in Excel, save it, then read it again.",
    "X-3",
    "Formulas have their results saved with them.",
    Severity.WARNING,
)
UNSEEN = Rule(
    "unseen-in-format",
    "Percentages, currencies and hidden rows cannot be seen in {format} files: 10.5 % is read as 0.105, €5 as 5, and hidden rows are read like the others. Save the workbook as .xlsx and read that to be sure.",
    "S2-15",
    "Files whose percentages, currencies and hidden rows cannot be seen are named.",
    Severity.WARNING,
)
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_SMALL = 8 * MEGABYTE
_MEMORY, _MEMORY_FOR_OLD = 300 * MEGABYTE, 25


def read_workbook(file: Source, origin: Origin, sheet: str | None, header: str | int, known: frozenset[str], telling: Telling) -> Table:
    """The table on one sheet. Raises CannotRun where the workbook is refused or damaged, or the sheet has to be named."""
    parts = _parts(file)
    size = parts.size if parts else len(file.data)
    with ExitStack() as begun:
        child = begun.enter_context(_child(file.name, size))
        # a large file is read while its sheets are still being checked: the child is limited, and nothing is taken from it before
        at_once = size > _SMALL and sys.platform != "darwin"
        said = templates.properties(parts)
        look = bool(said) or _may_hold(file, parts, templates.META_MARK)  # where it says more of itself, all sheets are looked at
        first = None if look else sheet
        if at_once:
            _send(child, file, parts, first)
        facts = scanned(parts) if parts else {}
        whole = readable(file, parts, facts)
        if at_once and whole is not file:
            child = begun.enter_context(_child(file.name, size))
        if not at_once or whole is not file:
            _send(child, whole, parts, first)
        abouts = _abouts(parts, facts)
        read = _sheet(child, origin, sheet, known, said, abouts, look)
    origin = replace(read.origin, from_1904=bool(parts and parts.from_1904))
    about = of_sheet(abouts, origin.sheet, parts)
    grid = _grid(read.answer, read.buffers, about, parts)
    if read.seen is None:
        return returned(under_headings(grid, origin, header, known, [*read.told, *_uncomputed(about), *_unseen(parts)], telling), read.file)
    table = under_headings(grid, origin, header, read.seen.known or known, [], telling)
    told = (*read.told, *table.findings, *_uncomputed(_below(about, table.origin.header_row or 0)))
    return templates.table_of(read.seen, replace(table, findings=told))


def _abouts(parts: Parts | None, facts: Mapping[str, SheetFacts]) -> Mapping[str, SheetFacts]:
    """Sheet -> what is known of it besides its cells."""
    return {} if parts is None else {**{name: facts[path] for name, path in parts.paths.items() if path in facts}, **parts.facts}


def _below(about: SheetFacts, row: int) -> SheetFacts:
    """What is known of a template's sheet without the formulas above its rows, which are ours."""
    theirs = [cell for cell in about.uncomputed if int("".join(filter(str.isdigit, cell)) or row + 1) > row]
    return replace(about, uncomputed=theirs, uncomputed_cells=about.uncomputed_cells - len(about.uncomputed) + len(theirs))


def sheets_of(file: Source) -> tuple[str, ...]:
    """The names of a workbook's sheets, in their order. Raises CannotRun where it is refused or damaged."""
    parts = _parts(file)
    with _child(file.name, len(file.data)) as child:
        _send(child, file, parts, None)
        return tuple(name for name, _ in child.answer()[0]["sheets"])


def template_rules_of(file: Source) -> str:
    """The rule set of which a workbook says that it is a template: in its properties, or where these are lost on its hidden sheet. Raises CannotRun where it is refused."""
    parts = _parts(file)
    said = templates.properties(parts).get("rules", "")
    if said or not _may_hold(file, parts, templates.META_MARK):
        return said
    with _child(file.name, len(file.data)) as child:
        _send(child, file, parts, templates.META_MARK)
        if templates.META_MARK not in {name for name, _ in child.answer()[0]["sheets"]}:
            return ""
        child.send(templates.META_MARK)
        answer, buffers = child.answer()
    seen = templates.seen({templates.META_MARK: _grid(answer, buffers, SheetFacts(), None).head(1_000)}, {})
    return seen.template.rules if seen else ""


def _may_hold(file: Source, parts: Parts | None, sheet: str) -> bool:
    """Whether a workbook may have a sheet of this name: told before anything of it is unpacked."""
    if parts is None:
        return sheet.encode() in file.data or sheet.encode("utf-16-le") in file.data
    return sheet in parts.paths or sheet in parts.facts


def _parts(file: Source) -> Parts | None:
    if file.data.startswith(OLE) and _PROTECTED in file.data:
        raise locked(file.name)
    return checked(file.data, file.name) if file.data.startswith(ZIP) else None


def _child(name: str, size: int) -> Child:
    """A process that reads a workbook of this size."""
    return Child(Path(__file__).with_name("child.py"), name, seconds=4 + size // (8 * MEGABYTE))


def _send(child: Child, file: Source, parts: Parts | None, sheet: str | None) -> None:
    found = importlib.util.find_spec("python_calamine")
    if found is None or found.origin is None:
        raise CannotRun("Reading workbooks needs the package python-calamine. Install it, or save the sheet as CSV.")
    options = {
        "memory": min(MEMORY, _MEMORY + (10 * parts.size if parts else _MEMORY_FOR_OLD * len(file.data))),
        "seconds": child.seconds,
        "calamine": str(Path(found.origin).parent.parent),
        "size": len(file.data),
        "from_1904": bool(parts and parts.from_1904),
        "sheet": sheet,
        "suffix": f".{parts.kind}" if parts else ".xls",
    }
    child.send(options, file.data)


@dataclass(frozen=True)
class _Read:
    """A sheet that was read: the answer with its cells and their buffers, what is to be told, the template that it belongs to, what is said of its file."""

    origin: Origin
    answer: dict
    buffers: list[bytes]
    told: Sequence[Finding]
    seen: Seen | None
    file: Sequence[Sequence[str]] = ()


def _sheet(
    child: Child, origin: Origin, sheet: str | None, known: frozenset[str], said: Mapping[str, str], abouts: Mapping[str, SheetFacts], look: bool
) -> _Read:
    """The sheet that is asked for, or that fits; `look`: at the others too. Raises CannotRun where it cannot be told which one that is."""
    sheets = [(name, visible) for name, visible in child.answer()[0]["sheets"]]
    origin = replace(origin, kind="workbook", sheets=tuple(name for name, _ in sheets))
    if not sheets:
        raise CannotRun(f"{origin.name} has no sheet with cells, only charts or dialogs. Choose the workbook that holds the rows.")
    told: list[Finding] = []
    peeks = []
    if (sheet is None or look) and len(sheets) > 1:
        heads = [child.answer()[0] for _ in sheets]
        peeks = [Peek(its["name"], visible, its["rows"], its["head"]) for its, (_, visible) in zip(heads, sheets, strict=True)]
    its_file = next((peek for peek in peeks if is_ours(peek.head)), None)
    peeks = [peek for peek in peeks if peek is not its_file]
    ours = templates.seen({peek.name: templates.with_unread(peek.head, abouts.get(peek.name)) for peek in peeks}, said)
    if sheet is not None:
        name = _named([its for its, _ in sheets], sheet, origin.name)
    elif len(sheets) == 1:
        name = sheets[0][0]
    else:
        rest = [peek for peek in peeks if ours is None or peek.name not in ours.own] or peeks
        named = ours is not None and ours.template.sheet in {peek.name for peek in rest}
        name = of_template(rest, ours.template.sheet, ours.known, origin.name) if ours and named else ""
        if not name:
            name, told = chosen(rest, known, origin.name)
    if len(sheets) > 1 or (sheet is not None and not look):
        child.send(name)
    answer, buffers = child.answer()
    return _Read(replace(origin, sheet=name, first_column=answer["left"]), answer, buffers, told, ours, its_file.head if its_file else ())


def _named(sheets: Sequence[str], asked: str, name: str) -> str:
    """The sheet that is called so, in any case. Raises CannotRun naming those that there are."""
    found = next((its for its in sheets if its == asked), None) or next((its for its in sheets if its.casefold() == asked.casefold()), "")
    if not found:
        raise CannotRun(f'{name} has no sheet "{asked}". It has: {listed([quoted(sheet) for sheet in sheets])}.')
    return found


def _grid(answer: dict, buffers: list[bytes], about: SheetFacts, parts: Parts | None) -> Grid:
    """The cells that the child sent, with what it does not tell; each buffer is let go as soon as its column is made."""
    count, top, left = answer["rows"], answer["top"] + 1, answer["left"] + 1
    rows = np.arange(top, top + count, dtype=np.int64)
    buffers.reverse()
    made = [column_of([buffers.pop() for _ in range(BUFFERS)], answer["base"]) for _ in range(answer["columns"])]
    kinds = {at: its for at, (_, its) in enumerate(made) if its is not None}
    hidden = np.isin(rows, np.frombuffer(about.hidden, np.int32)) if about.hidden else None
    grid = Grid([column for column, _ in made], rows, kinds, hidden if hidden is not None and hidden.any() else None)
    grid = with_errors(grid, (top, left), about) if about.errors else grid
    return styled(grid, (top, left), about, parts.formats) if about.styled and parts else grid


def _unseen(parts: Parts | None) -> list[Finding]:
    return [Finding(UNSEEN, facts={"format": f".{parts.kind}" if parts else ".xls"})] if parts is None or parts.kind == "xlsb" else []


def _uncomputed(about: SheetFacts) -> list[Finding]:
    if not about.uncomputed:
        return []
    one, more = about.uncomputed_cells == 1, about.uncomputed_cells - len(about.uncomputed[:NAMED])
    named = ", ".join(about.uncomputed[:NAMED]) + (f" and {plural(more, 'more cell')}" if more > 0 else "")
    facts = {
        "cells": f"Cell {named}" if one else f"Cells {named}",
        "hold": "holds" if one else "hold",
        "it": "it" if one else "they",
        "read": "is" if one else "are",
    }
    return [Finding(UNCOMPUTED, facts=facts)]
