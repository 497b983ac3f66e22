"""Error cells of kinds that the reader does not know are written anew, a block at a time (X-4)."""

from invoice_rules.reading.errorcells import _LONGEST, _mended

CELL = b'<c r="A1" s="2" t="e"><f>1/0</f><v>#ERROR!</v></c>'
TAIL = b'<mergeCell ref="A1:B2"/>' * 200_000


def test_a_cell_that_two_blocks_share_is_written_anew_and_a_long_tail_is_not_held():
    text = b"<row>" + CELL + b'<c r="B1" t="str"><v>#ERROR!</v></c></row>' + TAIL
    for size in (7, 1 << 16):
        part = text[: 2 * len(CELL) if size == 7 else len(text)]
        pieces = list(_mended(part[at : at + size] for at in range(0, len(part), size)))
        assert b"".join(pieces) == part.replace(b"<f>1/0</f><v>#ERROR!", b"<f>1/0</f><v>#N/A")
        assert max(map(len, pieces)) <= _LONGEST + size
