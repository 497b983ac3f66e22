"""The guide to the buttons, as a page for the browser and as one for the documentation; both from `addin.commands`."""

import html
from collections.abc import Iterator

from addin.commands import CHOICES, COMMANDS, GROUPS, TAB, TAB_KEYTIP, Choice, Command

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body { font: 16px/1.5 Calibri, Carlito, sans-serif; color: #1f2937; max-width: 44rem; margin: 2.5rem auto; padding: 0 1rem }
h1, h2 { color: #1f3864; font-weight: 600 } h2 { border-bottom: 1px solid #d9e2f3; margin-top: 2rem }
dt { font-weight: 600; margin-top: 1rem } dd { margin: 0 }
</style></head><body><h1>{title}</h1>
<p>{opening}</p>
{body}
</body></html>
"""
_OPENING = (
    "Choose the rule set, go to the sheet with the invoices and press Validate. Correct the tinted cells, then press Import. "
    "Nothing is written to the books before you say yes, and every import can be undone."
)


def page() -> str:
    """The guide as a page of its own."""
    parts = []
    for group, members in _groups():
        entries = [f"<dt>{html.escape(its.label)}</dt><dd><b>{html.escape(its.screentip)}.</b> {html.escape(its.supertip)}</dd>" for its in members]
        parts += [f"<h2>{html.escape(group)}</h2>", "<dl>", *entries, "</dl>"]
    return _PAGE.replace("{title}", TAB).replace("{opening}", _OPENING).replace("{body}", "\n".join(parts))


def markdown() -> str:
    """The same as a page of the documentation, with the keys of each button in Excel."""
    lines = [
        "# The buttons", "",
        f"The tab *{TAB}* in Excel, the menu and toolbar of the same name in LibreOffice Calc. This page is made from `addin/commands.py` by `make golden`.", "",
        _OPENING,
    ]  # fmt: skip
    for group, members in _groups():
        lines += ["", f"## {group}", "", "| button | keys in Excel | what it does |", "|---|---|---|"]
        lines += [f"| {its.label} | Alt, {TAB_KEYTIP}, {its.keytip} | {its.screentip}. {its.supertip} |" for its in members]
    return "\n".join(lines) + "\n"


def _groups() -> Iterator[tuple[str, list[Command | Choice]]]:
    for group in GROUPS:
        yield group, [its for its in (*CHOICES, *COMMANDS) if its.group == group]
