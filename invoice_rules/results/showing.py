"""How results show themselves in a notebook: escaped, since file content is not ours."""

import html

import pandas as pd


def as_html(summary: str, frame: pd.DataFrame) -> str:
    """A sentence and a table as HTML."""
    return f"<p>{html.escape(summary)}</p>{frame.to_html(index=False, escape=True, max_rows=200, border=0)}"
