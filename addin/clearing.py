"""Taking our marks away: the sheet is as it was, and what the user put between our columns stays where it is."""

from collections.abc import Sequence
from typing import Any

import xlwings as xw

from addin import finding, places, surface
from addin.places import Place, State

NOTE = "Invoice Rules: "
"""What our notes begin with, so that they are told from the user's own."""


def clear(sheet: xw.Sheet) -> Sequence[int]:
    """Put the sheet back as it was: what was written goes, how the user's cells look stays.

    Gives the columns whose cells went with what stood in them, so that those behind them moved up.
    """
    rules, notes = _rules(sheet), [note for note in sheet.notes if note.text.startswith(NOTE)]
    place = places.place_of(sheet) or places.stray(finding.filled(sheet))
    if place is None and not rules and not notes:
        return []
    surface.must_be_writable(sheet)
    for rule in reversed(rules):  # the last first: a Mac counts the others anew after each
        rule.delete()
    for note in notes:
        note.delete()
    places.forget_lost(sheet.book)
    return [] if place is None else _without_columns(sheet, place)


def _without_columns(sheet: xw.Sheet, place: Place) -> Sequence[int]:
    state, columns = places.state_of(sheet.book, place), {which: its.column for which, its in place.columns.items()}
    gone = _out_of_table(place)
    for its in place.columns.values() if not gone else ():
        its.clear_contents()
    if state.filtered and surface.may_move_filter(sheet):
        surface.set_filter(sheet, state.filtered)
    _resized(sheet, columns, state)
    if place.number:
        places.forget(sheet.book, place.number, place.scope)
    return gone


def table_around(place: Place) -> xw.main.Table | None:
    """The table that our columns are part of; they were put behind its own."""
    row, column = place.block.row, place.block.column
    for table in place.block.sheet.tables:
        its = table.range
        if its is not None and its.row <= row < its.row + its.shape[0] and its.column < column <= right_of(table):
            return table
    return None


def right_of(table: xw.main.Table) -> int:
    """The last column of a table."""
    its = table.range
    return 0 if its is None else its.column + its.shape[1] - 1


def resize(sheet: xw.Sheet, table: str, right: int) -> None:
    """Let a table end at this column."""
    its = sheet.tables[table]
    now = its.range
    if now is not None:
        its.resize(sheet.range((now.row, now.column), (now.row + now.shape[0] - 1, right)))


def _out_of_table(place: Place) -> list[int]:
    """Take our columns out of their table; gives those whose cells went, with the user's own columns behind them moving up.

    Where something stands beside such a table, it would move too, so the table stays as wide as it is.
    """
    table, sheet = table_around(place), place.block.sheet
    if table is None:
        return []
    right = right_of(table)
    ours = sorted(its.column for its in place.columns.values() if its.column <= right)
    if ours == list(range(ours[0], right + 1)):
        resize(sheet, table.name, ours[0] - 1)
        return []
    if finding.filled(sheet).right > right:
        return []
    first = table.range.column
    for column in reversed(ours):
        table.columns[column - first].delete()
    return ours


def _resized(sheet: xw.Sheet, columns: dict[int, int], state: State) -> None:
    """Our columns as wide as they were, and those hidden that the user had hidden."""
    for column in columns.values():
        sheet.range((1, column)).columns.hidden = False
    for which, column in columns.items():
        if width := dict(enumerate(state.widths)).get(which):
            sheet.range((1, column)).column_width = width
    for which, column in columns.items():
        if which < len(state.hidden) and state.hidden[which]:
            sheet.range((1, column)).columns.hidden = True


def _rules(sheet: xw.Sheet) -> list[Any]:
    """Our rules: those whose formula is a name of ours."""
    return [rule for rule in sheet.used_range.conditional_formats if str(_formula(rule)).lstrip("=").startswith("ir_")]


def _formula(rule: Any) -> str:
    return rule.formula if rule.type == "custom" else ""
