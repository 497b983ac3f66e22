"""Notes for the cells of a sheet that has none yet: the parts of a workbook that hold them, and what has to name these parts."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePosixPath

from invoice_rules.table import column_letter
from invoice_rules.workbooks.cells import safe_text

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_TYPES = "[Content_Types].xml"
_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:190pt;height:{height}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" '
    'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{right}, 15, {row}, 2, {far}, 15, {below}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)

Note = tuple[int, int, str]
"""Row number, column from 0, text."""


def noted(
    notes: Sequence[Note], links: str, types: str, old: Mapping[str, bytes], names: Sequence[str]
) -> tuple[dict[str, bytes], bytes] | None:
    """(parts new or changed, the element by which the sheet names them); None where the sheet's links or the types cannot be added to.

    `links` and `types` are the names of the parts that `wanted` gives, `old` what they hold as far as they are there, `names` all
    parts. In the element `{p}` stands for the prefix of the sheet's tags.
    """
    number = next(n for n in range(1, 9999) if not {_comments(n).lower(), _drawing(n).lower()} & {name.lower() for name in names})
    link = next(n for n in range(1, 9999) if b'"rIdNotes%d"' % n not in old.get(links, b""))
    relations = (
        f'<{{p}}Relationship Id="rIdNotes{link}" Type="{_OFFICE}/vmlDrawing" Target="/{_drawing(number)}"/>'
        f'<{{p}}Relationship Id="rIdComments{link}" Type="{_OFFICE}/comments" Target="/{_comments(number)}"/>'
    )
    linked = _before_end(old.get(links) or f'<Relationships xmlns="{_LINKS}"></Relationships>'.encode(), "Relationships", relations)
    vml = (
        ""
        if re.search(rb'Extension\s*=\s*["\']vml["\']', old.get(types, b""), re.IGNORECASE)
        else f'<{{p}}Default Extension="vml" ContentType="{_VML}"/>'
    )
    typed = _before_end(old.get(types, b""), "Types", f'{vml}<{{p}}Override PartName="/{_comments(number)}" ContentType="{_COMMENTS}"/>')
    if linked is None or typed is None:
        return None
    tail = f'<{{p}}legacyDrawing xmlns:ir="{_OFFICE}" ir:id="rIdNotes{link}"/>'
    return {_comments(number): _texts(notes), _drawing(number): _boxes(notes), links: linked, types: typed}, tail.encode()


def wanted(sheet: str) -> tuple[str, str]:
    """The parts that name a sheet's notes: its links, and the types of all parts."""
    path = PurePosixPath(sheet)
    return f"{path.parent}/_rels/{path.name}.rels", _TYPES


def _comments(number: int) -> str:
    return f"xl/comments{number}.xml"


def _drawing(number: int) -> str:
    return f"xl/drawings/vmlDrawing{number}.vml"


def _before_end(xml: bytes, root: str, more: str) -> bytes | None:
    """The part with more elements at its end; None where it is not UTF-8 or has no such end."""
    ends = list(re.finditer(rb"</((?:[\w.-]+:)?)%b\s*>" % root.encode(), xml))
    if not ends or xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    at = ends[-1].start()
    return xml[:at] + more.format(p=ends[-1][1].decode("ascii", "replace")).encode() + xml[at:]


def _texts(notes: Sequence[Note]) -> bytes:
    one = "".join(
        f'<comment ref="{column_letter(column)}{row}" authorId="0"><text><t xml:space="preserve">{escape(safe_text(text), quote=False)}</t></text></comment>'
        for row, column, text in notes
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<comments xmlns="{_MAIN}"><authors><author>Invoice Rules</author></authors><commentList>{one}</commentList></comments>'.encode()


def _boxes(notes: Sequence[Note]) -> bytes:
    shapes = []
    for at, (row, column, text) in enumerate(notes):
        lines = sum(1 + len(line) // 42 for line in text.splitlines())
        shapes.append(
            _SHAPE.format(
                number=1025 + at, height=14 * lines + 10, right=column + 1, far=column + 4, row=row - 1, below=row + lines, column=column
            )
        )
    return f"{_SHAPES}{''.join(shapes)}</xml>".encode()
