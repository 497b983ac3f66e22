"""The ribbon's XML: made from the list of commands, and as Office wants it."""

import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from addin.commands import CHOICES, COMMANDS, GROUPS
from addin.ribbon.customui import NAMESPACE, customui_xml
from addin.ribbon.vba import modules

NS = f"{{{NAMESPACE}}}"
ROOT = ET.fromstring(customui_xml())
BUTTONS, DROP_DOWNS = list(ROOT.iter(f"{NS}button")), list(ROOT.iter(f"{NS}dropDown"))
WITH_TIPS = [*BUTTONS, *DROP_DOWNS]
CONTROL, ANSWER, INDEX = "ByVal control As IRibbonControl", "ByRef returnedVal As Variant", "ByVal index As Integer"
SIGNATURES = {  # what Office calls: https://learn.microsoft.com/openspecs/office_standards/ms-customui, callback signatures for VBA
    ("customUI", "onLoad"): ["ByVal ui As IRibbonUI"],
    ("button", "onAction"): [CONTROL],
    ("dropDown", "onAction"): [CONTROL, "ByVal selectedId As String", "ByVal selectedIndex As Integer"],
    ("dropDown", "getItemCount"): [CONTROL, ANSWER],
    ("dropDown", "getItemID"): [CONTROL, INDEX, ANSWER],
    ("dropDown", "getItemLabel"): [CONTROL, INDEX, ANSWER],
    ("dropDown", "getSelectedItemIndex"): [CONTROL, ANSWER],
    ("labelControl", "getLabel"): [CONTROL, ANSWER],
}


def tag_of(element: ET.Element) -> str:
    return element.tag.removeprefix(NS)


def test_the_xml_is_what_the_commands_say(golden, root):
    golden(root / "addin" / "ribbon" / "customUI14.xml", customui_xml())


def test_every_command_and_choice_has_its_control_in_its_group():
    groups = {group.get("label"): [control.get("tag") for control in group if control.get("tag")] for group in ROOT.iter(f"{NS}group")}
    assert tuple(groups) == GROUPS
    assert groups == {name: [one.name for one in (*CHOICES, *COMMANDS) if one.group == name] for name in GROUPS}


def test_ids_differ():
    ids = [element.get("id") for element in ROOT.iter() if tag_of(element) not in ("customUI", "ribbon", "tabs")]
    assert all(re.fullmatch(r"[A-Za-z]\w{2,40}", id_ or "") for id_ in ids)
    assert len(set(ids)) == len(ids)


def test_callbacks_are_procedures_with_the_signature_that_office_calls():
    called = [(tag_of(element), name, value) for element in ROOT.iter() for name, value in element.attrib.items() if re.match(r"on[A-Z]|get[A-Z]", name)]
    assert len(called) == 1 + len(COMMANDS) + 5 * len(CHOICES) + 1
    for tag, name, value in called:
        module, _, procedure = value.partition(".")
        found = re.search(rf"^Public Sub {procedure}\((.*)\)$", modules()[module], re.MULTILINE)
        assert found, f"{value} is not there"
        assert found.group(1).split(", ") == SIGNATURES[tag, name], value


@pytest.mark.parametrize("control", WITH_TIPS, ids=lambda control: control.get("tag"))
def test_labels_and_tips_are_whole_and_fit(control):
    label, screentip, supertip = (control.get(name) for name in ("label", "screentip", "supertip"))
    assert 0 < len(label) <= 24
    assert 0 < len(screentip) <= 60
    assert not screentip.endswith(".")
    assert 0 < len(supertip) <= 1024
    assert supertip.endswith(".")
    assert all(text[0].isupper() and text == text.strip() and "!" not in text for text in (label, screentip, supertip))


def test_no_keytip_hides_another():
    keytips = [control.get("keytip") for control in WITH_TIPS]
    assert all(re.fullmatch(r"[A-Z0-9]{1,3}", keytip) for keytip in keytips)
    assert not [(one, other) for one in keytips for other in keytips if one != other and other.startswith(one)]
    assert len(set(keytips)) == len(keytips)


def test_large_buttons_are_few():
    assert [button.get("tag") for button in BUTTONS if button.get("size") == "large"] == [command.name for command in COMMANDS if command.large]


def test_images_are_parts_of_the_add_in(xlam):
    with zipfile.ZipFile(xlam) as package:
        relationships = ET.fromstring(package.read("customUI/_rels/customUI14.xml.rels"))
        targets = {one.get("Id"): one.get("Target") for one in relationships}
        assert set(targets) == {button.get("image") for button in BUTTONS}
        assert all(package.read(f"customUI/{target}").startswith(b"\x89PNG") for target in targets.values())
        assert package.read("customUI/customUI14.xml").decode("utf-8") == customui_xml()
        of_the_package = {one.get("Type"): one.get("Target") for one in ET.fromstring(package.read("_rels/.rels"))}
    assert of_the_package["http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"] == "customUI/customUI14.xml"
