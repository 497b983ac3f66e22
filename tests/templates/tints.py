"""The colours of cells as Calc shows them: its export as a page writes conditional fills into the cells."""

from html.parser import HTMLParser

from invoice_rules.workbooks.templates.looks import AMBER, RED

COLOURS = {f"#{str(look.fill.bgColor.rgb)[-6:].lower()}": name for look, name in ((RED, "red"), (AMBER, "amber"))}


class _Page(HTMLParser):
    """Sheet -> row by row, the background of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[list[list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.sheets.append([])
        elif tag == "tr":
            self.sheets[-1].append([])
        elif tag == "td":
            wide = int(given.get("colspan") or 1)
            self.sheets[-1][-1] += [(given.get("bgcolor") or "").lower()] * wide


def tints(page: str, sheet: int, first: int, rows: int) -> dict[tuple[int, int], str]:
    """(row from 0, column from 0) -> red or amber, of `rows` rows from row number `first` on. `sheet`: its place from 0."""
    read = _Page()
    read.feed(page)
    cells = read.sheets[sheet][first - 1 : first - 1 + rows]
    return {(at, column): COLOURS[colour] for at, row in enumerate(cells) for column, colour in enumerate(row) if colour in COLOURS}
