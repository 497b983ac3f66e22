"""What Calc asks its user: a message box, and a form of several fields."""

import textwrap
from dataclasses import dataclass
from typing import Any

from addin.engines.calc.loading import enum, struct, uno

BUTTONS = {"ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}
DEFAULTS = {"ok": "OK", "ok_cancel": "OK", "yes_no": "YES", "yes_no_cancel": "YES"}
ANSWERS = {0: "cancel", 1: "ok", 2: "yes", 3: "no"}
PUSH_OK, PUSH_CANCEL = 1, 2

# Sizes are in the units of dialogs, which grow with the font: a capital letter is about 4 wide and 8 high.
MARGIN, GAP, LINE, ROW = 8, 4, 9, 14
LABEL, FIELD, BUTTON = 84, 130, 50
CHARACTERS_OF_TEXT, CHARACTERS_OF_LABEL = 0.27, 26
TALLEST_COLUMN = 16 * (ROW + GAP)
LINES_OF_LIST = 12
DOT = 0x2022


@dataclass(frozen=True)
class Field:
    """One thing a form asks for. With `choices` it is chosen from a list, otherwise typed; a `secret` shows as dots."""

    name: str
    label: str
    value: str = ""
    choices: tuple[str, ...] = ()
    secret: bool = False


def message(app: Any, prompt: str, title: str, buttons: str, mode: str | None) -> str:
    """Show a message box; gives the button pressed: "ok", "cancel", "yes" or "no". Enter presses the first one, as in Excel."""
    kind = "ERRORBOX" if mode == "critical" else "INFOBOX" if buttons == "ok" else "QUERYBOX"
    toolkit = app.service("com.sun.star.awt.Toolkit")
    default = uno().getConstantByName(f"com.sun.star.awt.MessageBoxButtons.DEFAULT_BUTTON_{DEFAULTS[buttons]}")
    box = toolkit.createMessageBox(_window(app), enum(f"awt.MessageBoxType.{kind}"), BUTTONS[buttons] | default, title, prompt)
    answer = box.execute()
    box.dispose()
    return "ok" if buttons == "ok" else ANSWERS[answer]


def _window(app: Any) -> Any:
    frame = app.desktop.getCurrentFrame()
    return None if frame is None else frame.getContainerWindow()


def form(app: Any, title: str, text: str, fields: list[Field]) -> dict[str, str] | None:
    """Show a form and give {name: text} of its fields, None where it was cancelled. Enter is OK, Escape is Cancel, Tab goes on."""
    dialog = app.service("com.sun.star.awt.UnoControlDialog")
    dialog.setModel(_Layout(app, title, text, fields).model)
    dialog.setVisible(False)
    window = _window(app)
    dialog.createPeer(app.service("com.sun.star.awt.Toolkit"), window)
    try:
        _in_the_middle(dialog, window)
        if fields and not fields[0].choices:
            dialog.getControl(fields[0].name).setSelection(struct("awt.Selection", 0, len(fields[0].value)))
        return {field.name: _answer(dialog, field) for field in fields} if dialog.execute() == 1 else None
    finally:
        dialog.dispose()


def _in_the_middle(dialog: Any, window: Any) -> None:
    """Put the dialog over the middle of the window that asks, a little above."""
    if window is not None:
        outer, inner = window.getPosSize(), dialog.getPosSize()
        dialog.setPosSize(max(0, (outer.Width - inner.Width) // 2), max(0, (outer.Height - inner.Height) // 3), 0, 0, 3)


def _answer(dialog: Any, field: Field) -> str:
    control = dialog.getControl(field.name)
    return control.getSelectedItem() if field.choices else control.getText()


def _lines(field: Field) -> int:
    """How many lines its label takes.

    >>> _lines(Field("user", "Your name")), _lines(Field("user", "Your name in the history; blank for your login"))
    (1, 2)
    """
    return max(1, len(textwrap.wrap(field.label, CHARACTERS_OF_LABEL)))


def _height(field: Field) -> int:
    """How much of a column it takes, label and all."""
    return max(ROW, _lines(field) * LINE + 1)


def _height_of(column: list[Field]) -> int:
    return sum(_height(field) + GAP for field in column)


def _columns(fields: list[Field]) -> list[list[Field]]:
    """The fields in columns that are not taller than a small screen."""
    columns: list[list[Field]] = [[]]
    for field in fields:
        if columns[-1] and _height_of([*columns[-1], field]) > TALLEST_COLUMN:
            columns.append([])
        columns[-1].append(field)
    return columns


class _Layout:
    """A dialog's model: the text, the fields in up to a few columns, and the buttons at the lower right."""

    def __init__(self, app: Any, title: str, text: str, fields: list[Field]) -> None:
        self.model = app.service("com.sun.star.awt.UnoControlDialogModel")
        self._tab = 0
        columns = _columns(fields)
        pair = LABEL + GAP + FIELD
        width = 2 * MARGIN + len(columns) * pair + (len(columns) - 1) * 2 * MARGIN
        top = self._text(text, width - 2 * MARGIN) if text else MARGIN
        for number, column in enumerate(columns):
            below = top
            for field in column:
                self._pair(field, MARGIN + number * (pair + 2 * MARGIN), below)
                below += _height(field) + GAP
        bottom = top + max(_height_of(column) for column in columns) + MARGIN
        self._button("ok", "OK", PUSH_OK, width - MARGIN - 2 * BUTTON - GAP, bottom)
        self._button("cancel", "Cancel", PUSH_CANCEL, width - MARGIN - BUTTON, bottom)
        self.model.Title, self.model.Width, self.model.Height = title, width, bottom + ROW + MARGIN
        self.model.Closeable, self.model.Moveable = True, True

    def _text(self, text: str, width: int) -> int:
        """The sentence above the fields; gives where the fields start."""
        across = int(width * CHARACTERS_OF_TEXT)
        lines = sum(max(1, -(-len(line) // across)) for line in text.splitlines())
        self._add("FixedText", "text", MARGIN, MARGIN, width, lines * LINE, Label=text, MultiLine=True)
        return MARGIN + lines * LINE + MARGIN

    def _pair(self, field: Field, left: int, top: int) -> None:
        lines = _lines(field)
        place = (left, top + (3 if lines == 1 else 0), LABEL, lines * LINE + 1)
        self._add("FixedText", f"{field.name}.label", *place, Label=field.label, MultiLine=lines > 1)
        place = (left + LABEL + GAP, top, FIELD, ROW)
        if field.choices:
            selected = (field.choices.index(field.value),) if field.value in field.choices else ()
            box = self._add("ListBox", field.name, *place, Dropdown=True, LineCount=min(LINES_OF_LIST, len(field.choices)))
            box.StringItemList, box.SelectedItems = field.choices, selected
        else:
            self._add("Edit", field.name, *place, Text=field.value, **({"EchoChar": DOT} if field.secret else {}))

    def _button(self, name: str, label: str, push: int, left: int, top: int) -> None:
        self._add("Button", name, left, top, BUTTON, ROW, Label=label, PushButtonType=push, DefaultButton=push == PUSH_OK)

    def _add(self, kind: str, name: str, left: int, top: int, width: int, height: int, **values: Any) -> Any:
        control = self.model.createInstance(f"com.sun.star.awt.UnoControl{kind}Model")
        control.PositionX, control.PositionY, control.Width, control.Height = left, top, width, height
        control.TabIndex = self._tab
        self._tab += 1
        for key, value in values.items():
            control.setPropertyValue(key, value)
        self.model.insertByName(name, control)
        return control
