"""The same template gives the same bytes: fixed times, parts in their order, and results beside the formulas so that nothing reads them as unsaved."""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from openpyxl import Workbook

_TIME = (1980, 1, 1, 0, 0, 0)
_DAY = b"2026-01-01T00:00:00Z"
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f>[^<]*</f>)<v\s*(?:/>|></v>)</c>')
_FONT = re.compile(rb"<font>(.*?)</font>", re.S)
_ORDER = (b"b", b"i", b"strike", b"condense", b"extend", b"outline", b"shadow", b"u", b"vertAlign", b"sz", b"color", b"name", b"family", b"charset", b"scheme")
_CHILD = re.compile(rb"<(\w+)[^>]*/>")


def finished(book: Workbook, results: Mapping[str, str | int]) -> bytes:
    """The workbook as a file; `results`: `Cover!E17` -> what the formula there gives."""
    titles = {f"xl/worksheets/sheet{number}.xml": ws.title for number, ws in enumerate(book.worksheets, 1)}
    made = io.BytesIO()
    book.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(info, _with_results(_part(name, parts.read(name)), titles.get(name, ""), results))
    return out.getvalue()


def _part(name: str, content: bytes) -> bytes:
    if name == "docProps/core.xml":
        return _STAMP.sub(rb"\g<1>" + _DAY + rb"\g<2>", content)
    if name == "xl/styles.xml":
        return _FONT.sub(_font, content)
    return content


def _with_results(content: bytes, title: str, results: Mapping[str, str | int]) -> bytes:
    """A sheet's formulas with their results."""

    def filled(cell: re.Match[bytes]) -> bytes:
        result = results[f"{title}!{cell[1].decode()}"]
        kind = b' t="str"' if isinstance(result, str) else b""
        return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (cell[1], cell[2], kind, cell[3], escape(str(result)).encode())

    return _FORMULA.sub(filled, content) if title else content


def _font(font: re.Match[bytes]) -> bytes:
    """A font with its properties in the order of the standard; openpyxl has one of its own."""
    children = {child[1]: child[0] for child in _CHILD.finditer(font[1])}
    return b"<font>%b</font>" % b"".join(children[name] for name in _ORDER if name in children)
