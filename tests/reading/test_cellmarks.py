"""Styles and error values of cells, by arrays and by patterns, are the same ones."""

import random
import re

import numpy as np
import pytest

from invoice_rules.reading import sheets
from invoice_rules.reading.celltags import places_of, tags_of
from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.scan import column_number

COLUMNS = ["A", "B", "Z", "AA", "XFD"]
TYPES = ["", "", ' t="s"', ' t="str"', ' t="e"', ' t="e"', ' t="b"', ' t="n"', ' t="inlineStr"']
VALUES = ["1", "#N/A", "#DIV/0!", "#VALUE!", "12345678", "1234567890123456", *("x" * long for long in (8, 16, 20, 21))]
FORMULAS = ["", "", "<f>A1+1</f>", "<f/>", '<f t="shared" si="0"/>', '<f t="x">a</f>']


def cell(dice: random.Random, where: str, kinds: int, rare: bool) -> str:
    style, kind = dice.choice(["", "", *(f' s="{its}"' for its in (0, 1, 2, 3, 7, 12, 123, 65_000))]), dice.choice(TYPES)
    named = style + kind
    if rare and dice.random() < 0.1:
        named = dice.choice([kind + style, f'{style} cm="1"{kind}', f'{kind} cm="1"', f"{named} "])
    value = f"<v>{dice.choice([*VALUES, f'#E{dice.randrange(kinds)}!'])}</v>"
    content = dice.choice(FORMULAS) + dice.choice([value, value, value, "", "<v/>"])
    content = {' t="s"': f"<v>{dice.randrange(99)}</v>", ' t="inlineStr"': "<is><t>a</t></is>"}.get(kind, content)
    return f'<c r="{where}"{named}>{content}</c>' if content or dice.random() < 0.5 else f'<c r="{where}"{named}/>'


def blocks(dice: random.Random, rare: bool) -> list[bytes]:
    kinds, made, row = dice.choice([3, 300]), [], 0
    for _ in range(dice.randrange(1, 4)):
        rows = range(row + 1, row := row + dice.randrange(2, 60))
        made.append("".join(f'<row r="{at}">{"".join(cell(dice, f"{its}{at}", kinds, rare) for its in COLUMNS if dice.random() < 0.8)}</row>' for at in rows).encode())
    return made


def facts(made: list[bytes], styles: list[int], by_arrays: bool) -> SheetFacts:
    quick = sheets._Quick("sheet", frozenset(styles))
    with pytest.MonkeyPatch.context() as patch:
        if not by_arrays:
            patch.setattr(sheets, "styles_of", lambda *_: None)
            patch.setattr(sheets, "errors_of", lambda *_: False)
        assert all(quick._block(block) for block in made)
    return quick.facts


def triples(numbers) -> list[tuple[int, ...]]:
    return list(map(tuple, np.array(numbers).reshape(-1, 3).tolist()))


def full(made: list[bytes]) -> set[tuple[int, int]]:
    """The cells with content or an end tag; what the others look like matters to nobody."""
    found = re.findall(rb'<c r="([A-Z]+)([0-9]+)"(?:>|[^<>]*[^/]>)', b"".join(made))
    return {(int(row), column_number(letters.decode())) for letters, row in found}


@pytest.mark.parametrize("seed", range(60))
def test_arrays_and_patterns_find_the_same(seed):
    dice = random.Random(seed)
    made, styles = blocks(dice, rare=seed % 3 == 0), dice.choice([[1, 2], [7], list(range(60)), [12, 123, 65_000]])
    found, known = facts(made, styles, by_arrays=True), facts(made, styles, by_arrays=False)
    assert (triples(found.errors), found.shown) == (triples(known.errors), known.shown)
    held = full(made)
    assert [its for its in triples(found.styled) if its[:2] in held] == [its for its in triples(known.styled) if its[:2] in held]


@pytest.mark.parametrize(
    ("cells", "styles", "errors"),
    [
        (b'<c r="A1" s="7" t="e"><v>#N/A</v></c>', [7], True),
        (b'<c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>a</t></is></c><c r="C1" t="str"><v>a</v></c>', [-1, -1, -1], True),
        (b'<c r="A1" t="e" s="7"><v>#N/A</v></c>', None, True),
        (b'<c r="A1" s="7" cm="1" t="e"><v>#N/A</v></c>', [7], False),
        (b'<c r="A1" cm="1"><v>1</v></c>', None, True),
        (b'<c r="A1" s="1234567"><v>1</v></c>', None, True),
    ],
)
def test_what_is_written_otherwise_is_left_to_patterns(cells, styles, errors):
    tags = tags_of(cells)
    its = places_of(tags)
    assert its is not None
    found = sheets.styles_of(tags, its)
    assert (None if found is None else found.tolist()) == styles
    assert sheets.errors_of(tags, its, SheetFacts()) is errors
