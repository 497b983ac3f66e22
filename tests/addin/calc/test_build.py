"""The extension's file: the same bytes each time, and everything in it comes from the one list of commands."""

import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

import invoice_rules
from addin import udfs
from addin.calc import component, layout
from addin.calc.build import LARGE, SMALL, build
from addin.calc.profile import IDENTIFIER
from addin.commands import CHOICES, COMMANDS, GROUPS, TAB

OOR = "{http://openoffice.org/2001/registry}"


@pytest.fixture
def extension(tmp_path) -> zipfile.ZipFile:
    return zipfile.ZipFile(build(tmp_path / "made" / "x.oxt", ["/opt/here", "/opt/there"], "3.11", Path("/var/log/x")))


def nodes(extension: zipfile.ZipFile, *path: str) -> list[ET.Element]:
    """The nodes below this path of Addons.xcu, in the order in which LibreOffice shows them: that of their names."""
    at = ET.fromstring(extension.read("Addons.xcu"))
    for name in path:
        (at,) = [node for node in at.findall("node") if node.get(f"{OOR}name") == name]
    return sorted(at.findall("node"), key=lambda node: node.get(f"{OOR}name"))


def properties(node: ET.Element) -> dict[str, str]:
    return {prop.get(f"{OOR}name"): prop.findtext("value") for prop in node.findall("prop")}


def shown(entries: list[ET.Element]) -> list[tuple[str, str]]:
    """Name and title of the entries; "-" for a line."""
    found = [properties(entry) for entry in entries]
    return [(said["URL"].partition("?")[2], said["Title"]) if "Title" in said else ("-", said["URL"]) for said in found]


def expected(on_bar: bool) -> list[tuple[str, str]]:
    groups = []
    for group in GROUPS:
        choices = [(choice.name, choice.label + "…") for choice in CHOICES if choice.group == group]
        groups.append(choices + [(one.name, one.label) for one in COMMANDS if one.group == group and (one.bar or not on_bar)])
    line = [("-", "private:separator")]
    return [entry for place, group in enumerate(filter(None, groups)) for entry in (line * bool(place) + group)]


def test_built_twice_it_is_the_same(tmp_path):
    first, second = (build(tmp_path / name, ["/opt/here"], "3.11", Path("/var/log")) for name in ("a.oxt", "b.oxt"))
    assert first.read_bytes() == second.read_bytes()


def test_every_xml_file_is_well_formed_and_listed_files_are_there(extension):
    names = extension.namelist()
    for name in names:
        if name.endswith((".xml", ".xcu")):
            ET.fromstring(extension.read(name))
    listed = [value for entry in ET.fromstring(extension.read("META-INF/manifest.xml")) for key, value in entry.attrib.items() if key.endswith("full-path")]
    assert {"Addons.xcu", "CalcWindowState.xcu", "components.xml"} == set(listed) <= set(names)


def test_the_menu_holds_every_command_by_group(extension):
    (menu,) = nodes(extension, "AddonUI", "OfficeMenuBar")
    assert properties(menu)["Title"] == TAB
    assert shown(nodes(extension, "AddonUI", "OfficeMenuBar", menu.get(f"{OOR}name"), "Submenu")) == expected(on_bar=False)


def test_the_toolbar_holds_the_commands_that_have_a_button(extension):
    assert shown(nodes(extension, "AddonUI", "OfficeToolBar", layout.TOOLBAR)) == expected(on_bar=True)
    state = extension.read("CalcWindowState.xcu").decode()
    assert f"private:resource/toolbar/addon_{layout.TOOLBAR}" in state
    assert f">{TAB}<" in state


def test_every_entry_calls_a_function_of_the_buttons(extension):
    for entry in layout.menu():
        assert entry.url == f"service:{component.SERVICE}?{entry.name}"
        assert callable(getattr(udfs, entry.name))


def test_every_command_has_icons_of_the_right_sizes(extension):
    pictures = {properties(image)["URL"].partition("?")[2]: properties(image.find("node")) for image in nodes(extension, "AddonUI", "Images")}
    assert set(pictures) == {command.name for command in COMMANDS}
    for both in pictures.values():
        for key, size in (("ImageSmallURL", SMALL), ("ImageBigURL", LARGE)):
            content = extension.read(both[key].removeprefix("%origin%/"))
            assert Image.open(io.BytesIO(content)).size == (size, size)


def test_the_component_is_the_service_that_the_menu_names(extension):
    assert layout.SERVICE == component.SERVICE
    (implementation,) = ET.fromstring(extension.read("components.xml")).iter("{http://openoffice.org/2010/uno-components}implementation")
    assert implementation.get("name") == component.SERVICE
    assert extension.read("component.py").decode() == Path(component.__file__).read_text(encoding="utf-8")


def test_where_the_package_is_stands_in_the_extension(extension):
    said = json.loads(extension.read("python.json"))
    assert said == {"python": "3.11", "paths": ["/opt/here", "/opt/there"], "log": "/var/log/x", "version": invoice_rules.__version__}


def test_it_says_what_it_is(extension):
    text = extension.read("description.xml").decode()
    assert f'"{IDENTIFIER}"' in text
    assert f'<version value="{invoice_rules.__version__}"/>' in text


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(invoice_rules.CannotRun, match="cannot be written"):
        build(tmp_path / "file" / "x.oxt", [], "3.11", Path("/var/log"))
