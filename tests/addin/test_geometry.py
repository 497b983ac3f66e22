"""addin/engines/geometry.py: addresses and blocks of cells."""

import pytest

from addin.engines import geometry as g
from addin.engines.cells import ExcelError


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("A1", (1, 1, 1, 1)),
        ("$b$2:$D$4", (2, 2, 4, 4)),
        ("D4:B2", (2, 2, 4, 4)),
        ("C:A", (1, 1, g.MAX_ROWS, 3)),
        ("7:5", (5, 1, 7, g.MAX_COLUMNS)),
        ("XFD1048576", (g.MAX_ROWS, g.MAX_COLUMNS, g.MAX_ROWS, g.MAX_COLUMNS)),
    ],
)
def test_an_address_is_an_area(text, area):
    assert g.parse_area(text) == area


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "XFE1", "A1048577", "A1:", "A1:B", "ZZZZ1", "A1 B2", "Sheet1!A1", "inv_data"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="no address"):
        g.parse_area(text)


@pytest.mark.parametrize("text", ["$A$1", "$B$2:$D$4", "$C:$D", "$5:$7", "$A$1,$C$3:$D$4,$F:$F"])
def test_an_address_comes_back(text):
    assert g.address(g.parse_areas(text)) == text


def test_addresses_can_be_relative():
    assert g.address(g.parse_areas("B2:C3"), False, True) == "$B2:$C3"
    assert g.address(g.parse_areas("B2:C3"), True, False) == "B$2:C$3"
    assert g.address(g.parse_areas("B:B,2:2"), False, False) == "B:B,2:2"


def test_an_address_ends_at_255_characters():
    fits = ",".join(["AAA1000"] * 31 + ["A100000"])
    assert len(fits) == 255
    assert len(g.parse_areas(fits)) == 32
    with pytest.raises(ExcelError, match="255 characters; this one has 256"):
        g.parse_areas(fits + "0")


@pytest.mark.parametrize(("name", "spelled"), [("Data", "Data"), ("A1", "'A1'"), ("2026", "'2026'"), ("a-b", "'a-b'"), ("Müller", "Müller")])
def test_a_sheet_is_quoted_where_it_must_be(name, spelled):
    assert g.quoted(name) == spelled
    assert g.split_sheet(f"{spelled}!B2") == (name, "B2")


GRID = {(2, 2), (2, 3), (3, 2), (4, 2), (7, 2), (9, 5)}
EDGES = g.Area(2, 2, 9, 5)


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        ((2, 2), "down", (4, 2)),
        ((4, 2), "down", (7, 2)),
        ((7, 2), "down", (g.MAX_ROWS, 2)),
        ((g.MAX_ROWS, 2), "up", (7, 2)),
        ((2, 2), "up", (1, 2)),
        ((2, 2), "right", (2, 3)),
        ((2, 3), "right", (2, g.MAX_COLUMNS)),
        ((9, 1), "right", (9, 5)),
        ((9, g.MAX_COLUMNS), "left", (9, 5)),
        ((2, 3), "left", (2, 2)),
        ((1, 9), "down", (g.MAX_ROWS, 9)),
    ],
)
def test_ends_are_where_ctrl_and_arrow_lead(start, direction, end):
    assert g.end_of(start, direction, lambda row, column: (row, column) in GRID, EDGES) == end
    assert g.end_of(start, direction[0], lambda row, column: (row, column) in GRID, EDGES) == end


@pytest.mark.parametrize(
    ("start", "region"),
    [
        ((2, 2), (2, 2, 4, 3)),
        ((1, 1), (1, 1, 4, 3)),  # a blank corner touches the block
        ((5, 1), (2, 1, 5, 3)),
        ((7, 2), (7, 2, 7, 2)),
        ((20, 9), (20, 9, 20, 9)),
    ],
)
def test_a_region_ends_at_blank_rows_and_columns(start, region):
    assert g.region_of(g.Area(*start, *start), lambda row, column: (row, column) in GRID, EDGES) == region


def test_a_region_joins_at_corners():
    steps = {(n, n) for n in range(1, 6)}
    assert g.region_of(g.Area(1, 1, 1, 1), lambda row, column: (row, column) in steps, g.Area(1, 1, 5, 5)) == (1, 1, 5, 5)


def test_areas_meet_and_cover():
    first, second = g.Area(1, 1, 3, 3), g.Area(3, 3, 5, 5)
    assert first.meet(second) == (3, 3, 3, 3)
    assert first.around(second) == (1, 1, 5, 5)
    assert first.meet(g.Area(4, 4, 5, 5)) is None
    assert (first.size, list(g.Area(1, 1, 2, 2).cells())) == (9, [(1, 1), (1, 2), (2, 1), (2, 2)])
