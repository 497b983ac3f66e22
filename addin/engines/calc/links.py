"""Links in cells: text fields in Calc. `#'My sheet'!A5` leads to a place in the same book, as in Excel."""

from typing import Any

from addin.engines.calc.grammar import to_calc, to_excel


def add_link(cells: Any, address: str, text: str) -> None:
    """Make the first cell show `text` and lead to `address`."""
    cell = cells.cell
    field = cells.sheet.book.doc.createInstance("com.sun.star.text.TextField.URL")
    field.URL = "#" + to_calc(address[1:]).removeprefix("$") if address.startswith("#") else address
    field.Representation = text
    cell.setString("")
    cell.insertTextContent(cell.createTextCursor(), field, False)


def link_of(cells: Any) -> str:
    """Where the first link of the cell leads, as Excel spells it. Raises where the cell has none."""
    fields = cells.cell.getTextFields()
    every = fields.createEnumeration()
    while every.hasMoreElements():
        field = every.nextElement()
        if hasattr(field, "URL"):
            return "#" + to_excel(field.URL[1:]) if field.URL.startswith("#") else field.URL
    raise ValueError("The cell doesn't seem to contain a hyperlink!")
