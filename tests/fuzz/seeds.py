"""What fuzzing starts from: small files of the hostile corpus, the first lines of real files, and values in the ways that people write them."""

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.reading import hostile
from tests.reading.files import SHEET
from tests.reading.mutants import bases

LONGEST = 4_096
AMOUNTS = "$1,234.50;(12.00);12-;1 234,50;1.234,50;USD 5;5 EUR;- 3;1e3;$ -;0.005;99999999999999999;36788.399999999994;CR 4;4 CR;１２;½;1,2,3;-;.5;5.;--5;+1;1_000"
DATES = "11/21/2026;21.11.2026;2026-11-21;2026-02-30;02/31/2026;1/2/26;21 Nov 2026;Nov 21, 2026;20261121;46000;2026-11-21 14:02;99/99/9999;0/0/0000;Februar 3 2026"
WORDS = 'yes;no;TRUE;false;Y;0;1;a@b.co;a@b.co, c@d.org;ap@acme;x@@y;;a@b.co; ;@;00000;0.00%;"INV-"0000;[Red]0;#,##0.00;000-00'

NESTED = b'{"time": "x", "QueryResponse": {"Invoice": [{"Id": "1", "CustomerRef": {"name": "A"}, "Line": [{"Amount": 5.0, "a": {"b": [1]}}, {}]}, {"Line": []}]}}'


def seeds(target: str, shared: Path | None) -> Iterator[bytes]:
    """The files that fuzzing of a target starts from."""
    match target:
        case "csv" | "headings":
            yield from _small(".csv")
            yield from _firsts(shared, "csv")
        case "json":
            yield NESTED
            yield from _small(".json")
            yield from _firsts(shared, "json")
        case "container":
            yield from _small(".xlsx", ".ods", ".xls", ".xlsb")
            yield from bases()
        case "sheet":
            yield from _parts(SHEET)
        case "parts":
            for at, part in enumerate((hostile.BOOK, hostile.LINKS, hostile.STYLES)):
                yield from (bytes([at]) + content for content in _parts(part))
        case "amounts" | "dates" | "words":
            values = {"amounts": AMOUNTS, "dates": DATES, "words": WORDS}[target].split(";")
            yield from (value.encode() for value in values)
            yield "\n".join(values).encode()


def _small(*suffixes: str) -> Iterator[bytes]:
    makers = [maker for name, maker in hostile.MAKERS.items() if name.endswith(suffixes)]
    yield from (data for maker in makers if len(data := maker(1)) <= LONGEST)


def _firsts(shared: Path | None, suffix: str) -> Iterator[bytes]:
    """The first two thousand bytes of real files, forty of them."""
    files = sorted(shared.rglob(f"*.{suffix}")) if shared and shared.is_dir() else []
    for path in random.Random(1).sample(files, min(40, len(files))):
        with path.open("rb") as file:
            yield file.read(2_000)


def _parts(part: str) -> Iterator[bytes]:
    for data in (hostile.good(), *bases()):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if part in archive.namelist():
                yield archive.read(part)[:LONGEST]
