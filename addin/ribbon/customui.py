"""The ribbon's XML (customUI14, Office 2010 and later), made from the list of commands."""

from xml.etree import ElementTree as ET

from addin.commands import CHOICES, COMMANDS, GROUPS, TAB, TAB_KEYTIP, Choice, Command

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
MODULE = "InvoiceRulesRibbon"  # the VBA module that holds the callbacks
WIDTH_OF_CHOICES = "W" * 16  # Office makes a drop-down as wide as this text


def customui_xml() -> str:
    """The whole of `customUI14.xml`; every button's `image` names a relationship of that part, and every `tag` a function of `addin.udfs`."""
    root = ET.Element("customUI", xmlns=NAMESPACE, onLoad=f"{MODULE}.OnRibbonLoad")
    tabs = ET.SubElement(ET.SubElement(root, "ribbon"), "tabs")
    tab = ET.SubElement(tabs, "tab", id="irTab", label=TAB, keytip=TAB_KEYTIP)
    for name in GROUPS:
        _group(tab, name)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _group(tab: ET.Element, name: str) -> None:
    group = ET.SubElement(tab, "group", id=f"irGroup{name}", label=name)
    for choice in CHOICES:
        if choice.group == name:
            _drop_down(group, choice)
    for command in COMMANDS:
        if command.group == name:
            _button(group, command)
    if name == GROUPS[-1]:
        ET.SubElement(group, "labelControl", id="irVersion", getLabel=f"{MODULE}.GetVersion")


def _button(group: ET.Element, command: Command) -> None:
    looks = {"size": "large" if command.large else "normal", "image": command.name}
    ET.SubElement(group, "button", {**_named(command), **looks, **_told(command), "onAction": f"{MODULE}.OnAction"})


def _drop_down(group: ET.Element, choice: Choice) -> None:
    asked = {f"get{what}": f"{MODULE}.Get{what}" for what in ("ItemCount", "ItemID", "ItemLabel", "SelectedItemIndex")}
    looks = {"sizeString": WIDTH_OF_CHOICES, **asked, "onAction": f"{MODULE}.OnChoice"}
    ET.SubElement(group, "dropDown", {**_named(choice), **_told(choice), **looks})


def _named(one: Command | Choice) -> dict[str, str]:
    return {"id": control_id(one.name), "tag": one.name}


def _told(one: Command | Choice) -> dict[str, str]:
    return {"label": one.label, "screentip": one.screentip, "supertip": one.supertip, "keytip": one.keytip}


def control_id(name: str) -> str:
    """The id of a command's or choice's control: `irValidate`, `irChooseRules`.

    >>> control_id("next_problem")
    'irNextProblem'
    """
    return "ir" + "".join(word.title() for word in name.split("_"))
