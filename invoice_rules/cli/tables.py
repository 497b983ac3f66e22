"""Tables of the command line: at most 100 columns, never colour alone, nothing from a file read as a command to the terminal.

Rich draws a table whole, at half a millisecond and 10 KB a row. So it draws the first rows, and how wide the columns are; those that follow are
written as they come, and look the same.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.measure import Measurement, measure_renderables
from rich.table import Column, Table
from rich.text import Text

from invoice_rules.cli.session import out, printable

FIRST = 250
"""Rows that Rich draws."""
AT_ONCE = 500

Cell = str | Text
"""Text, or `Text` of one style."""


def plain(value: Any) -> str:
    """A value as a terminal may show it: one line, no control characters."""
    if type(value) is str and value.isprintable():
        return value
    return printable("" if (value := known(value)) is None else str(value)).replace("\n", "·")


def known(value: Any) -> Any:
    """The value, None for any of pandas' blanks; nothing heavy is loaded to tell them."""
    return None if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value else value


def table(headings: Sequence[Any], *, right: Iterable[str] = (), wide: Iterable[str] = (), whole: Iterable[str] = (), title: str = "") -> Table:
    """An empty table in our look; columns in `wide` wrap, the others keep their content on one line where it fits, and those in `whole` always: what does not fit ends with …"""
    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold", pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in headings:
        name, wraps, stays = str(heading), str(heading) in wide, str(heading) in whole
        justify: JustifyMethod = "right" if name in right else "left"
        made.add_column(heading, justify=justify, overflow="ellipsis" if stays else "fold", ratio=1 if wraps else None, no_wrap=stays)
    return made


def show(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, ahead: Iterable[Sequence[Cell]] = (), **looks: Any) -> None:
    """Print rows under headings, long lists as they come; `looks` are those of `table`.

    The first rows and those in `ahead`, which hold the widest cells of all that follow, decide how wide the columns are; a cell that is wider yet wraps, or ends with …
    """
    console, coming = out(), iter(rows)
    room = list(zip(*ahead, strict=True)) or [()] * len(headings)
    heads = [_Heading(name, cells) for name, cells in zip(headings, room, strict=True)]
    drawn = table(heads, **looks)
    for row in islice(coming, FIRST):
        drawn.add_row(*row)
    console.print(drawn)
    line = _lines(console, [head.width for head in heads], drawn.columns)
    while text := "".join(map(line, islice(coming, AT_ONCE))):
        console.file.write(text)


def longest(rows: Sequence[Sequence[Cell]]) -> list[Sequence[Cell]]:
    """Rows that hold the longest text of each column."""
    at_most = range(len(rows[0])) if len(rows) > FIRST else ()
    return [rows[max(range(len(rows)), key=[len(str(row[column])) for row in rows].__getitem__)] for column in at_most]


def longest_of(frame: Any, names: Iterable[str]) -> Any:
    """Rows of a frame that hold the longest text of each of these columns."""
    return frame.loc[sorted({frame[name].astype("str").str.len().fillna(0).idxmax() for name in names})] if len(frame) > FIRST else frame.head(0)


class _Heading:
    """A heading over room for cells that come later; it learns how wide its column became."""

    width = 0

    def __init__(self, name: str, cells: Sequence[Cell]):
        self.name, self.cells = name, cells

    def __str__(self) -> str:
        return self.name

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return measure_renderables(console, options, [Text(self.name), *(Text(str(cell)) for cell in self.cells)])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.width = options.max_width
        yield Text(self.name)


def _lines(console: Console, widths: Sequence[int], drawn: Sequence[Column]) -> Callable[[Sequence[Cell]], str]:
    """What writes a row as Rich does in columns of these widths: with a blank behind each and one between them, folded, coloured on a terminal.

    A column that is blank has its gap; one for which a narrow terminal has no room at all has not.
    """
    columns = [(width, at) for at, width in enumerate(widths)]
    fits = sum(widths) + 2 * (len(widths) - 1) <= console.width
    gaps = ["  " if width or fits else " " for width in widths[:-1]] + ["\n"]
    to_right = [column.justify == "right" for column in drawn]

    @lru_cache(4_096)
    def folded(text: str, width: int, at: int) -> list[str]:
        how = drawn[at]
        return [part.plain for part in Text(text).wrap(console, width, justify=how.justify, overflow=how.overflow, no_wrap=how.no_wrap)] if width else [""]

    @lru_cache(256)
    def coloured(text: str, style: str) -> str:
        with console.capture() as drawn:
            console.print(Text(text, style), end="")
        return drawn.get()

    def parts(text: str, width: int, at: int) -> list[str]:
        free = width - (len(text) if text.isascii() else cell_len(text))
        if free < 0 or "\n" in text or (to_right[at] and text.endswith(" ")):
            return folded(text, width, at)
        return [" " * free + text if to_right[at] else text + " " * free]

    def line(row: Sequence[Cell]) -> str:
        cells = [parts(str(cell), *column) for cell, column in zip(row, columns, strict=True)]
        for place, cell in enumerate(row):
            if isinstance(cell, Text) and cell.style and console.is_terminal and not console.legacy_windows:
                cells[place] = [coloured(part, str(cell.style)) for part in cells[place]]
        high = max(map(len, cells))
        if high > 1:
            cells = [cell + [" " * width] * (high - len(cell)) for cell, (width, _) in zip(cells, columns, strict=True)]
        return "".join(cells[at][layer] + gaps[at] for layer in range(high) for at in range(len(cells)))

    return line
