"""How results show themselves in a notebook: escaped, since file content is not ours."""

import html

import pandas as pd

SHOWN = 200
"""Rows that are shown; of a longer frame the first and the last of them."""


def as_html(summary: str, frame: pd.DataFrame) -> str:
    """A sentence and a table as HTML."""
    return f"<p>{html.escape(summary)}</p>{frame.to_html(index=False, escape=True, max_rows=SHOWN, border=0)}"
