"""What a cell shows: sentences, tables and figures, as HTML in a notebook and as text in a log; everything is escaped.

Colours are those of JupyterLab's theme, so that light and dark both work, and a printed page is black on white.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from invoice_rules.marks import BAD, GOOD, NEUTRAL
from invoice_rules.notebook import html

_TINTS = {"bad": BAD, "neutral": NEUTRAL, "good": GOOD}
_LOOKS = """
.ir-shown { max-width: 1100px; font-size: 13px; line-height: 1.45;
  color: var(--jp-content-font-color1, #111); font-family: var(--jp-ui-font-family, system-ui, sans-serif); }
.ir-shown p { margin: 0 0 8px; }
.ir-shown .ir-lead { font-size: 15px; font-weight: 600; }
.ir-shown .ir-note { color: var(--jp-content-font-color2, #555); }
.ir-shown .ir-holder { overflow-x: auto; margin: 4px 0 14px; }
.ir-shown .ir-holder table { border-collapse: collapse; margin: 0; font-size: 13px; table-layout: auto; color: inherit; }
.ir-shown caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 4px; color: inherit; }
.ir-shown .ir-holder th, .ir-shown .ir-holder td { text-align: left; vertical-align: top; padding: 4px 10px; white-space: pre-line; max-width: 44em;
  border-bottom: 1px solid var(--jp-border-color2, #ccc); }
.ir-shown .ir-holder thead th { border-bottom: 2px solid var(--jp-border-color1, #999); white-space: nowrap; vertical-align: bottom; }
.ir-shown .ir-holder tbody tr, .ir-shown .ir-holder thead tr { background: none; }
.ir-shown .ir-holder th.ir-right, .ir-shown .ir-holder td.ir-right { text-align: right; font-variant-numeric: tabular-nums; }
.ir-shown .ir-holder td.ir-right { white-space: pre; }
.ir-shown .ir-holder td.ir-whole { white-space: nowrap; }
.ir-shown .ir-tint { padding: 1px 6px; border-radius: 3px; }
.ir-shown svg { max-width: 100%; height: auto; }
.ir-shown svg text { font-family: var(--jp-ui-font-family, system-ui, sans-serif) !important; }
@media print {
  .ir-shown { color: #000; max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .ir-shown .ir-note { color: #000; }
  .ir-shown .ir-holder { overflow: visible; }
  .ir-shown .ir-holder table { font-size: 8.5pt; }
  .ir-shown .ir-holder th, .ir-shown .ir-holder td { padding: 2px 4px; border-color: #999; }
  .ir-shown .ir-holder thead { display: table-header-group; }
  .ir-shown .ir-holder thead th { white-space: normal; }
  .ir-shown tr, .ir-shown figure { break-inside: avoid; }
}
"""


class Part(Protocol):
    """One thing that is shown."""

    def as_html(self) -> str:
        """As a piece of a page."""

    def as_text(self) -> str:
        """As lines of a log."""


@dataclass(frozen=True)
class Says:
    """A sentence; `kind` is lead, note, or nothing."""

    text: str
    kind: str = ""

    def as_html(self) -> str:
        return html.paragraph(self.text, self.kind)

    def as_text(self) -> str:
        return self.text


@dataclass(frozen=True)
class Listing:
    """A table: headings, rows of texts. `right` are headings of numbers; `tints` gives words that have a colour (bad, neutral, good) besides."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    right: Iterable[str] = ()
    tints: Mapping[str, str] = field(default_factory=dict)

    def as_html(self) -> str:
        right = set(self.right)
        side = ["ir-right" if name in right else "ir-whole" if name == "When" else "" for name in self.headings]
        head = "".join(f'<th scope="col" class="{at}">{html.cell(name)}</th>' for name, at in zip(self.headings, side, strict=True))
        body = "".join(self._row(row, side) for row in self.rows)
        made = f"<table><caption>{html.text(self.title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="ir-holder" tabindex="0" role="region" aria-label="{html.text(self.title)}">{made}</div>'

    def _row(self, row: Sequence[object], side: Sequence[str]) -> str:
        cells = "".join(f'<td class="{at}">{self._cell(value)}</td>' for value, at in zip(row, side, strict=True))
        return f"<tr>{cells}</tr>"

    def _cell(self, value: object) -> str:
        tint = _TINTS.get(self.tints.get(str(value), ""))
        shown = html.text(value)
        return f'<span class="ir-tint" style="color:#{tint.color};background:#{tint.fill}">{shown}</span>' if tint else shown

    def as_text(self) -> str:
        texts = [[" ".join(str("" if value is None else value).split()) for value in row] for row in [self.headings, *self.rows]]
        widths = [max(len(row[at]) for row in texts) for at in range(len(self.headings))]
        right = [name in set(self.right) for name in self.headings]
        lines = ["  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)).rstrip() for row in texts]
        return "\n".join([self.title, lines[0], "-" * len(lines[0]), *lines[1:]])


class Shown:
    """Parts one below the other. The last line of a cell shows it; `print` gives the text."""

    def __init__(self, *parts: Part | str | None):
        self.parts: list[Part] = [Says(part) if isinstance(part, str) else part for part in parts if part]

    def _repr_html_(self) -> str:
        return f'<div class="ir-shown"><style>{_LOOKS}</style>{"".join(part.as_html() for part in self.parts)}</div>'

    def __repr__(self) -> str:
        return "\n\n".join(part.as_text() for part in self.parts)


def lead(text: str) -> Says:
    """The sentence that leads: the number that matters."""
    return Says(text, "lead")


def note(text: str) -> Says:
    """A sentence beside the matter."""
    return Says(text, "note")


class Live:
    """A place in a cell's output that is shown anew in place, a few times a second at most; without a notebook only its end is seen."""

    def __init__(self, seconds: float = 0.2):
        self._seconds, self._last = seconds, 0.0
        self._handle: Any = None

    def show(self, shown: Shown, at_once: bool = True) -> None:
        """Show this in place of what was shown; without `at_once` only where the last time is long enough ago."""
        import time

        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is None or (not at_once and time.monotonic() - self._last < self._seconds):
            return
        self._last = time.monotonic()
        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def clear(self) -> None:
        """Show nothing any more; what is final is what the cell gives back."""
        if self._handle is not None:
            self._handle.update(Shown())
