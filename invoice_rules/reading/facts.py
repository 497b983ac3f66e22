"""What the check of a sheet finds out besides: what the reader of cells does not tell."""

from array import array
from dataclasses import dataclass, field

import numpy as np

NAMED = 5
"""Formulas without a value that are named by their addresses."""
_KEPT = 500
"""Those whose addresses are kept."""
_ERRORS = 40


@dataclass
class SheetFacts:
    """What calamine does not tell, kept small, for a sheet may hold millions of each.

    `hidden`: row numbers; `errors` and `styled`: row, column (from 1) and what, one cell after the other: the place in `shown` of what
    an error cell shows, or -1, -2, … for the first, second, … of `texts`; the style of a cell whose format matters;
    `uncomputed`: the first addresses of formulas without a value.
    """

    hidden: array = field(default_factory=lambda: array("i"))
    errors: array = field(default_factory=lambda: array("i"))
    shown: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    styled: array = field(default_factory=lambda: array("i"))
    uncomputed: list[str] = field(default_factory=list)
    uncomputed_cells: int = 0

    @property
    def full(self) -> bool:
        """Whether no further text of an error cell is kept."""
        return len(self.shown) >= _ERRORS

    def place_of(self, shown: str) -> int:
        """The place in `shown` of what an error cell shows; of very many different ones some are told as another."""
        if shown not in self.shown:
            if self.full:
                shown = "#VALUE!" if "#VALUE!" in self.shown else self.shown[0]
            else:
                self.shown.append(shown)
        return self.shown.index(shown)

    def add_error(self, row: int, column: int, shown: str) -> None:
        """An error cell; calamine gives it as a blank one."""
        self.errors.extend((row, column, self.place_of(shown)))

    def add_errors(self, rows: np.ndarray, columns: np.ndarray, places: np.ndarray) -> None:
        """Many of them, with the places of what they show."""
        self.errors.frombytes(np.column_stack([rows, columns, places]).astype(np.int32).tobytes())

    def add_styled(self, rows: np.ndarray, columns: np.ndarray, styles: np.ndarray) -> None:
        """Cells whose number format matters."""
        self.styled.frombytes(np.column_stack([rows, columns, styles]).astype(np.int32).tobytes())

    def add_text(self, row: int, column: int, text: str) -> None:
        """A cell of which calamine gives less than it holds."""
        self.texts.append(text)
        self.errors.extend((row, column, -len(self.texts)))

    def add_uncomputed(self, address: str) -> None:
        self.uncomputed_cells += 1
        if len(self.uncomputed) < _KEPT:
            self.uncomputed.append(address)
