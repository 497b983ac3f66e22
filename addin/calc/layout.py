"""What Calc shows of the add-in, as LibreOffice's configuration files: a menu, a toolbar of the same name, and their icons."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from xml.etree import ElementTree as ET

from addin.commands import CHOICES, COMMANDS, GROUPS, TAB, Choice, Command

SERVICE = "org.invoicerules.Command"
TOOLBAR = "org.invoicerules.toolbar"
_MENU = "org.invoicerules.menu"
_SHEETS = "com.sun.star.sheet.SpreadsheetDocument"
_SEPARATOR = "private:separator"
_LANGUAGE = "en-US"
_TEXT_AND_ICON = "2"


class Entry(NamedTuple):
    """One line of the menu, one button of the toolbar. Its title is its tooltip too: LibreOffice shows no other for an extension."""

    name: str
    title: str
    group: str

    @property
    def url(self) -> str:
        return f"service:{SERVICE}?{self.name}"


def menu() -> list[Entry]:
    """All commands by group; a drop-down of the ribbon is an entry that opens a list, as its dots say."""
    every: list[Choice | Command] = [*CHOICES, *COMMANDS]
    return [_entry(one) for group in GROUPS for one in every if one.group == group]


def toolbar() -> list[Entry]:
    """The entries that have a button beside the menu."""
    hidden = {command.name for command in COMMANDS if not command.bar}
    return [entry for entry in menu() if entry.name not in hidden]


def _entry(one: Choice | Command) -> Entry:
    return Entry(one.name, f"{one.label}…" if isinstance(one, Choice) else one.label, one.group)


def addons(icons: Mapping[str, tuple[str, str]]) -> str:
    """Addons.xcu. `icons`: name -> small and large picture, as paths within the extension."""
    root = _root("Addons", "org.openoffice.Office")
    ui = _node(root, "AddonUI")
    own = _node(_node(ui, "OfficeMenuBar"), _MENU, Title=TAB, Context=_SHEETS)
    _list(_node(own, "Submenu", replace=False), menu())
    _list(_node(_node(ui, "OfficeToolBar"), TOOLBAR), toolbar())
    pictures = _node(ui, "Images", replace=False)
    for entry in (one for one in menu() if one.name in icons):
        small, large = icons[entry.name]
        image = _node(pictures, f"org.invoicerules.image.{entry.name}", URL=entry.url)
        _node(image, "UserDefinedImages", replace=False, ImageSmallURL=f"%origin%/{small}", ImageBigURL=f"%origin%/{large}")
    return _text(root)


def window_state() -> str:
    """CalcWindowState.xcu: the toolbar has a name, stands in a row of its own below Calc's, and says what its buttons do."""
    root = _root("CalcWindowState", "org.openoffice.Office.UI")
    states = _node(_node(root, "UIElements", replace=False), "States", replace=False)
    name = f"private:resource/toolbar/addon_{TOOLBAR}"
    _node(states, name, UIName=TAB, DockingArea="0", DockPos="0,5", Docked="true", Visible="true", Style=_TEXT_AND_ICON)
    return _text(root)


def _list(parent: ET.Element, entries: Sequence[Entry]) -> None:
    """Entries in their order, which LibreOffice takes from their names, with a line between groups."""
    for place, entry in enumerate(_with_lines(entries)):
        if entry is None:
            _node(parent, f"m{place:02}", URL=_SEPARATOR)
        else:
            _node(parent, f"m{place:02}", URL=entry.url, Title=entry.title, Target="_self", Context=_SHEETS)


def _with_lines(entries: Sequence[Entry]) -> Iterator[Entry | None]:
    pairs = zip(entries, [*entries[1:], entries[-1]], strict=True)
    return chain.from_iterable([one] if one.group == following.group else [one, None] for one, following in pairs)


def _root(name: str, package: str) -> ET.Element:
    spaces = {"xmlns:oor": "http://openoffice.org/2001/registry", "xmlns:xs": "http://www.w3.org/2001/XMLSchema"}
    return ET.Element("oor:component-data", {**spaces, "oor:name": name, "oor:package": package})


_IN_THE_USERS_LANGUAGE = ("Title", "UIName")
_PARTS = ("AddonUI", "OfficeMenuBar", "OfficeToolBar")


def _node(parent: ET.Element, name: str, replace: bool = True, **properties: str) -> ET.Element:
    """A node with its properties; one of LibreOffice's own is added to, one of ours is put in place of an earlier one."""
    node = ET.SubElement(parent, "node", {"oor:name": name} | ({"oor:op": "replace"} if replace and name not in _PARTS else {}))
    for key, text in properties.items():
        value = ET.SubElement(ET.SubElement(node, "prop", {"oor:name": key}), "value", {"xml:lang": _LANGUAGE} if key in _IN_THE_USERS_LANGUAGE else {})
        value.text = text
    return node


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
