"""Controls with labels, whose callbacks are guarded and hear the user alone: what the wizard itself fills in calls nobody."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from invoice_rules.notebook.guard import Guard


class _Filling(threading.local):
    """How deep this thread is in filling in values. The user's come by another thread, or when it is done."""

    depth = 0


_filling = _Filling()


@contextmanager
def filling() -> Iterator[None]:
    """While this runs, changed values are not the user's."""
    _filling.depth += 1
    try:
        yield
    finally:
        _filling.depth -= 1


def heard(control: widgets.ValueWidget, guard: Guard, act: Callable[[Any], None]) -> widgets.ValueWidget:
    """The control; `act` gets each value that the user gives."""

    def changed(change: dict[str, Any]) -> None:
        if not _filling.depth:
            with guard(act.__qualname__):
                act(change["new"])

    control.observe(changed, "value")
    return control


def set_value(control: widgets.ValueWidget, value: Any) -> None:
    """Show another value without calling anybody."""
    with filling():
        control.value = value


def fill(control: widgets.Dropdown, options: Sequence[tuple[str, Any]], value: Any) -> None:
    """Offer these (words, value), the first where the value is not among them."""
    with filling():
        if control.options != tuple(options):
            control.options = tuple(options)
        known = [its for _, its in options]
        control.index = known.index(value) if value in known else 0 if known else None


def show(control: widgets.Widget, shown: bool) -> None:
    """Show or hide a control."""
    control.layout.display = None if shown else "none"


def dropdown(label: str, guard: Guard, act: Callable[[Any], None], options: Sequence[tuple[str, Any]] = ()) -> widgets.Dropdown:
    """A choice of some."""
    made = widgets.Dropdown(options=tuple(options), description=label, tooltip=label)
    made.add_class("ir-field")
    return heard(made, guard, act)


def text(label: str, guard: Guard, act: Callable[[Any], None], placeholder: str = "") -> widgets.Text:
    """A line of text, heard when the user leaves it or presses Enter."""
    made = widgets.Text(description=label, placeholder=placeholder, continuous_update=False, tooltip=label)
    made.add_class("ir-field")
    return heard(made, guard, act)


def tick(label: str, guard: Guard, act: Callable[[Any], None], value: bool = False) -> widgets.Checkbox:
    """A yes or no."""
    made = widgets.Checkbox(description=label, value=value, indent=False, tooltip=label)
    made.add_class("ir-tick")
    return heard(made, guard, act)


def button(label: str, guard: Guard, act: Callable[[], None], main: bool = False) -> widgets.Button:
    """A button named for its act."""
    made = widgets.Button(description=label, button_style="primary" if main else "", tooltip="")
    made.add_class("ir-button")
    made.on_click(guard.callback(act))
    return made


def row(*children: widgets.Widget) -> widgets.Box:
    """Side by side, wrapped where there is no room."""
    made = widgets.Box(list(children))
    made.add_class("ir-row")
    return made
