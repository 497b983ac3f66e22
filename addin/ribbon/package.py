"""What is added to the container of the add-in: ribbon and icons with their relationships, the sheet of settings, its title."""

import io
import zipfile
from importlib.metadata import version
from xml.sax.saxutils import escape

from addin.commands import COMMANDS, TAB
from addin.ribbon.customui import customui_xml
from addin.ribbon.icons import icon
from invoice_rules import CannotRun

RIBBON = "customUI/customUI14.xml"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
RIBBON_TYPE = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
IMAGE_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
TEXT = "xl/sharedStrings.xml"
TEXT_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
TEXT_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DESCRIPTION = "Checks invoices in the open workbook and imports those that are right."
CORE = (
    f'{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f"<dc:title>{TAB}</dc:title><dc:creator>{TAB}</dc:creator><dc:description>{DESCRIPTION}</dc:description></cp:coreProperties>"
)
WHEN = (1980, 1, 1, 0, 0, 0)  # the same bytes on every day
LARGE, NORMAL = 64, 32  # twice what a ribbon shows at 100 %, so that icons are sharp at 200 % and halve evenly


def with_our_parts(xlam: bytes, settings: dict[str, str], sheet: str) -> bytes:
    """The container `xlam` with everything of ours; `settings` go into columns A and B of its only sheet, which is named `sheet`."""
    with zipfile.ZipFile(io.BytesIO(xlam)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    _replace(parts, "[Content_Types].xml", '<Default Extension="xml"', '<Default Extension="png" ContentType="image/png"/><Default Extension="xml"')
    _replace(parts, "_rels/.rels", "</Relationships>", f'<Relationship Id="rIdRibbon" Type="{RIBBON_TYPE}" Target="{RIBBON}"/></Relationships>')
    _replace(parts, "xl/workbook.xml", 'name="Sheet1"', f'name="{sheet}"')
    _replace(parts, "docProps/app.xml", "<vt:lpstr>Sheet1</vt:lpstr>", f"<vt:lpstr>{sheet}</vt:lpstr>")
    _replace(parts, "xl/worksheets/sheet1.xml", '<dimension ref="A1"/>', f'<dimension ref="A1:B{len(settings)}"/>')
    _replace(parts, "xl/worksheets/sheet1.xml", "<sheetData/>", f"<sheetData>{_rows(settings)}</sheetData>")
    _replace(parts, "xl/_rels/workbook.xml.rels", "</Relationships>", f'<Relationship Id="rIdText" Type="{TEXT_TYPE}" Target="sharedStrings.xml"/></Relationships>')
    _replace(parts, "[Content_Types].xml", "</Types>", f'<Override PartName="/{TEXT}" ContentType="{TEXT_CONTENT}"/></Types>')
    parts[TEXT] = _texts(settings).encode("utf-8")
    parts["docProps/core.xml"] = CORE.encode("utf-8")
    parts[RIBBON] = customui_xml().encode("utf-8")
    parts["customUI/_rels/customUI14.xml.rels"] = _image_relationships().encode("utf-8")
    parts |= {f"customUI/images/{command.name}.png": icon(command.name, LARGE if command.large else NORMAL) for command in COMMANDS}
    return _zipped(parts)


def _replace(parts: dict[str, bytes], name: str, old: str, new: str) -> None:
    """Change one place of an XML part. Raises CannotRun where this version of pyOpenVBA writes something else there."""
    text = parts[name].decode("utf-8")
    if text.count(old) != 1:
        raise CannotRun(f"The add-in cannot be built with pyOpenVBA {version('pyopenvba')}: {name} is not as expected. Install the version that Invoice Rules was made with.")
    parts[name] = text.replace(old, new).encode("utf-8")


def _rows(settings: dict[str, str]) -> str:
    """One row a setting: its name and its value, which stand one after the other among the texts."""
    pairs = ((row, 2 * row - 2, 2 * row - 1) for row in range(1, len(settings) + 1))
    return "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{name}</v></c><c r="B{row}" t="s"><v>{value}</v></c></row>' for row, name, value in pairs)


def _texts(settings: dict[str, str]) -> str:
    texts = [text for pair in settings.items() for text in pair]
    entries = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{HEAD}<sst xmlns="{SHEETS}" count="{len(texts)}" uniqueCount="{len(texts)}">{entries}</sst>'


def _image_relationships() -> str:
    entries = "".join(f'<Relationship Id="{command.name}" Type="{IMAGE_TYPE}" Target="images/{command.name}.png"/>' for command in COMMANDS)
    return f'{HEAD}<Relationships xmlns="{RELATIONSHIPS}">{entries}</Relationships>'


def _zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, content)
    return stream.getvalue()
