"""Error cells of kinds that the reader of workbooks does not know, such as Google Sheets' #ERROR!: sent on as #N/A; what they show is put back (X-4)."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace

from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.guards import Parts, blocks, path_of
from invoice_rules.reading.source import Source

KNOWN = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
_VALUE = re.compile(rb"(<c\s[^<>]*+>)((?:<f[^<>]*+>(?:[^<]*+</f>)?)?<v>)[^<]*+(?=</v>)")
_LONGEST = 1 << 18
"""Bytes of a part that are kept for the next block; no cell that is read is longer."""
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")


def readable(file: Source, parts: Parts | None, facts: Mapping[str, SheetFacts]) -> Source:
    """The workbook with every error cell that is of no known kind written as #N/A; the same file where there is none."""
    paths = {path for path, its in facts.items() if not KNOWN.issuperset(its.shown)}
    if parts is None or not paths:
        return file
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for info in parts.archive.infolist():
            content = blocks(parts, info)
            with archive.open(info.filename, "w", force_zip64=info.file_size >= 1 << 30) as part:
                for block in _mended(content) if path_of(info) in paths else content:
                    part.write(block)
    return replace(file, data=made.getvalue())


def _mended(content: Iterator[bytes]) -> Iterator[bytes]:
    """The part with its error cells written anew, cut where a cell begins."""
    rest = b""
    for block in content:
        text = rest + block
        cut = max(text.rfind(b"<c "), len(text) - _LONGEST, 0)
        rest = text[cut:]
        yield _VALUE.sub(_known, text[:cut])
    yield _VALUE.sub(_known, rest)


def _known(cell: re.Match[bytes]) -> bytes:
    return cell[1] + cell[2] + b"#N/A" if _IS_ERROR.search(cell[1]) else cell[0]
