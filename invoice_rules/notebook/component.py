"""The base of the wizard's own widgets: a script and looks that lie beside the modules, and messages that are guarded."""

from importlib.resources import files
from typing import Any

import anywidget

from invoice_rules.notebook.guard import Guard


def beside(name: str) -> str:
    """The text of a file of this package."""
    return files("invoice_rules.notebook").joinpath(name).read_text(encoding="utf-8")


class Component(anywidget.AnyWidget):
    """A widget that is drawn by its own script. `heard` gets each message of the page, a dictionary with its `kind`."""

    def __init__(self, guard: Guard, **traits: Any):
        self._guard = guard
        super().__init__(**traits)
        self.on_msg(self._received)

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        """What the page says; it may say anything, so nothing in it is taken for granted."""
        raise NotImplementedError

    def _received(self, _widget: Any, message: Any, buffers: Any) -> None:
        with self._guard(f"{type(self).__name__}.heard"):
            if isinstance(message, dict):
                self.heard(message, list(buffers or ()))


def whole(message: dict[str, Any], name: str, most: int) -> int:
    """A whole number of a message, between 0 and `most`; what is none counts as 0."""
    value = message.get(name)
    return min(max(value, 0), max(most, 0)) if isinstance(value, int) and not isinstance(value, bool) else 0
