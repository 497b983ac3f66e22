"""What a notebook that keeps its widgets would hold of them."""

import json
from typing import Any

import ipywidgets


def everything_kept(*_widgets: Any) -> str:
    """The state of all widgets that there are, as a notebook saves it, and what a cell shows of these."""
    state = ipywidgets.Widget.get_manager_state(drop_defaults=False)
    return json.dumps(state, default=str) + "".join(map(repr, _widgets))
