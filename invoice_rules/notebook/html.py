"""Pieces of HTML. Every text in them comes from somewhere else — a file, a store, a user — and is escaped here, nowhere else."""

import html
from collections.abc import Iterable, Sequence

_LONGEST = 200


def text(value: object) -> str:
    """A value as text inside HTML: escaped, control characters shown as dots, cut when very long.

    >>> text("<b>"), text(None), text("a\\x1b[1m")
    ('&lt;b&gt;', '', 'a·[1m')
    """
    shown = "" if value is None or value != value else str(value)
    shown = "".join(c if c.isprintable() or c == "\n" else "·" for c in shown[: _LONGEST * 10])
    return html.escape(shown)


def cell(value: object) -> str:
    """The same, at most two hundred characters of it."""
    shown = "" if value is None or value != value else str(value)
    return text(shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…")


def paragraph(says: object, kind: str = "") -> str:
    """A paragraph; `kind` is a class of looks.css without its prefix: lead, note, bad, good."""
    return f'<p class="ir-{kind or "text"}">{text(says)}</p>' if says else ""


def heading(says: object) -> str:
    """A heading inside a step."""
    return f'<h3 class="ir-sub">{text(says)}</h3>'


def table(headings: Sequence[object], rows: Iterable[Sequence[object]], label: str, right: Iterable[str] = ()) -> str:
    """A table that scrolls by itself where it is wide; `right` names the headings of columns of numbers."""
    aligned = [' class="ir-right"' if name in set(right) else "" for name in headings]
    head = "".join(f'<th scope="col"{side}>{cell(name)}</th>' for name, side in zip(headings, aligned, strict=True))
    body = "".join("<tr>" + "".join(f"<td{side}>{cell(value)}</td>" for value, side in zip(row, aligned, strict=True)) + "</tr>" for row in rows)
    return f'<div class="ir-scroll" tabindex="0" role="region" aria-label="{text(label)}"><table class="ir-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def cards(figures: Iterable[tuple[str, object, str]]) -> str:
    """Figures with what they count and how that is to be taken: (count, words, "" or bad, neutral, good)."""
    made = "".join(f'<li class="ir-card{f" ir-{kind}" if kind else ""}"><b>{text(count)}</b> {text(words)}</li>' for count, words, kind in figures)
    return f'<ul class="ir-cards" aria-label="Counts">{made}</ul>'


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Names and values."""
    return f'<dl class="ir-facts">{"".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs)}</dl>'


def listed(lines: Iterable[object], kind: str = "") -> str:
    """Sentences, one a line."""
    made = "".join(f"<li>{text(says)}</li>" for says in lines)
    return f'<ul class="ir-list{f" ir-{kind}" if kind else ""}">{made}</ul>' if made else ""
