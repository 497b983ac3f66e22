"""What a file is, told by its first bytes and only then by its name."""

import re

from invoice_rules.errors import CannotRun
from invoice_rules.reading.source import Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb", ".ods")
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_OLD_BIFF = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00", re.DOTALL)
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|head|body|table|meta|\?xml|mso)", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype|html|table)\b", re.IGNORECASE)


def format_of(file: Source) -> str:
    """`workbook`, `json` or `csv`. Raises CannotRun for what is none of them."""
    data, head = file.data, file.data[:256]
    if data.startswith(ZIP) or data.startswith(OLE):
        return "workbook"
    if _OLD_BIFF.match(head) and file.suffix in (*WORKBOOKS, ""):
        return "workbook"
    for mark, what in _OTHERS:
        if head.startswith(mark) and not (mark == b"MZ" and b"\0" not in head):
            raise CannotRun(f"{file.name} is {what}. Give a CSV file, a workbook or JSON.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if (_PAGE if file.suffix == ".csv" else _MARKUP).match(text):
        raise CannotRun(
            f"{file.name} is a web page or XML under another name. Open it in Excel and save it as a workbook (.xlsx), then try again."
        )
    if file.suffix in WORKBOOKS and (file.suffix != ".xls" or _binary(data[:4096])):
        raise CannotRun(f"{file.name} is not a workbook inside, or it is damaged. Open it in Excel and save it again, or ask for it again.")
    if file.suffix in (".json", ".jsonl") or (file.suffix not in (".csv", ".txt", ".tsv", ".tab") and text[:1] in (b"{", b"[")):
        return "json"
    return "csv"


def _binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
