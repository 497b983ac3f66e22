"""The grid's windows: cells with severities, messages and edits; filters; and a page that asks for nonsense."""

import time

import pytest

from invoice_rules import examine
from invoice_rules.notebook.grid import MOST_COLUMNS, WINDOW, ErrorGrid, Rows
from invoice_rules.notebook.guard import Guard
from invoice_rules.wizard import Step
from tests.notebook.importing import ATTACK, BAD, HEAD, RULES, at, line, put, sent


@pytest.fixture
def report(tmp_path):
    return examine(put(tmp_path, BAD), RULES)


@pytest.fixture
def edits():
    return []


@pytest.fixture
def grid(report, edits):
    made = ErrorGrid(Guard(edits.append), lambda *edit: edits.append(edit))
    made.show(report)
    return made


def rows_of(grid, **asked):
    return sent(grid, {"kind": "rows", "turn": 1, "start": 0, "count": 50, **asked})[0][0]["rows"]


def test_cells_come_with_severity_message_and_fix(grid):
    rows = rows_of(grid)
    assert [row["row"] for row in rows] == [2, 3, 4]
    assert rows[1]["cells"][3][:3] == ["60.00", 4, "Error: Amount due (60.00) is more than the amount (50.00). Lower it, or correct the amount."]
    assert rows[2]["cells"][8][2] == 'Error: Canceled says "Y". Write yes, no, true or false. Fix: yes.'
    assert (rows[0]["status"], rows[0]["worst"], rows[0]["cells"][0]) == ("OK", 0, ["I-1", 0, "", False])


def test_filters_show_the_rows_that_they_name(grid):
    assert {one["key"]: one["count"] for one in grid.filters} == {"all": 3, "wrong": 2}
    grid.chosen = "wrong"
    assert (grid.count, [row["row"] for row in rows_of(grid)]) == (2, [3, 4])
    grid.only("yes-no", "isCanceled")
    assert [row["row"] for row in rows_of(grid)] == [4]
    grid.chosen = "rule:none|such"
    assert (grid.count, rows_of(grid)) == (0, [])


def test_a_filter_without_rows_gives_way_to_all_of_them_in_the_next_report(grid, tmp_path):
    grid.only("yes-no", "isCanceled")
    grid.show(examine(put(tmp_path, HEAD + line(1)), RULES))
    assert (grid.chosen, grid.count) == ("all", 1)


def test_rows_are_found_by_the_users_number(grid):
    assert sent(grid, {"kind": "find", "row": 4})[0][0] == {"kind": "found", "at": 2}
    assert sent(grid, {"kind": "find", "row": 999})[0][0]["at"] == 2


@pytest.mark.parametrize("asked", [{"start": -5}, {"start": 10**9}, {"count": 10**9}, {"count": "all"}, {"start": None}, {"count": True}])
def test_a_page_that_asks_for_nonsense_gets_no_more_than_a_window(grid, edits, asked):
    assert len(rows_of(grid, **asked)) <= WINDOW
    assert edits == []


def test_edits_go_to_the_column_of_the_file(grid, edits):
    sent(grid, {"kind": "edit", "row": 3, "column": 3, "text": "50.00"}, {"kind": "edit", "row": 3, "column": 3, "text": None})
    assert edits == [(3, 3, "50.00"), (3, 3, None)]


def test_edited_cells_are_marked_and_tell_what_the_file_says(tmp_path):
    wizard = at(Step.CHECK, tmp_path, BAD)
    sent(wizard.check.grid, {"kind": "edit", "row": 3, "column": 3, "text": "50.00"})
    assert wizard.wait()
    assert rows_of(wizard.check.grid)[1]["cells"][3] == ["50.00", 0, 'The file says "60.00".', True]
    assert [one["key"] for one in wizard.check.grid.filters] == ["all", "wrong", "edited"]


def test_an_edit_of_a_row_that_is_not_there_is_told(tmp_path):
    wizard = at(Step.CHECK, tmp_path, BAD)
    sent(wizard.check.grid, {"kind": "edit", "row": 99, "column": 3, "text": "50.00"})
    assert wizard.wait()
    assert "may.csv has no cell D99" in wizard.frame.messages[0]


def test_content_is_handed_over_as_it_stands_but_for_control_characters(tmp_path, edits):
    grid = ErrorGrid(Guard(edits.append), lambda *edit: None)
    grid.show(examine(put(tmp_path, HEAD + line(1, name=f"{ATTACK}\x1b[1m")), RULES))
    assert rows_of(grid)[0]["cells"][4][0] == f"{ATTACK}·[1m"


ODD = "Caf\u00e9\u00a0M\u00fcller Studoi\nBranch 2"


def test_a_cell_that_shows_other_signs_hands_out_its_own_text(tmp_path):
    """What the user does not touch stays as the file has it."""
    long = "Miller " * 100 + "Studio"
    wizard = at(Step.CHECK, tmp_path, HEAD + line(1, name=f'"{ODD}"') + line(2, name=long))
    odd, cut = (row["cells"][4] for row in rows_of(wizard.check.grid))
    assert (odd[0], odd[4:]) == ("Café·Müller Studoi·Branch 2", [True])
    assert (len(cut[0]), cut[4:]) == (500, [True])
    asked = [message for message, _ in sent(wizard.check.grid, {"kind": "text", "row": 2, "column": 4}, {"kind": "text", "row": 3, "column": 4})]
    assert asked == [{"kind": "text", "row": 2, "column": 4, "text": ODD}, {"kind": "text", "row": 3, "column": 4, "text": long}]
    sent(wizard.check.grid, {"kind": "edit", "row": 2, "column": 4, "text": ODD.replace("Studoi", "Studio")})
    assert wizard.wait()
    assert wizard.report.rows["customerName"].iloc[0] == "Caf\u00e9\u00a0M\u00fcller Studio\nBranch 2"


def test_the_text_of_a_row_that_is_not_there_is_none(grid):
    assert sent(grid, {"kind": "text", "row": 99, "column": 0})[0][0] == {"kind": "text", "row": 99, "column": 0, "text": None}


def test_a_file_of_very_many_columns_shows_those_that_feed_fields_first(tmp_path):
    head = ",".join(f"x{n}" for n in range(300)) + "," + HEAD
    rows = Rows(examine(put(tmp_path, head + "," * 300 + line(1)), RULES))
    assert len(rows.columns) == MOST_COLUMNS
    assert set(range(300, 310)) <= set(rows.columns)


def test_a_window_of_a_hundred_thousand_rows_comes_at_once(tmp_path):
    text = HEAD + "".join(line(n, due="900.00" if n % 3 == 0 else "40.00") for n in range(100_000))
    rows = Rows(examine(put(tmp_path, text), RULES))
    taken = []
    for start in range(0, 100_000, 7_919):
        began = time.perf_counter()
        assert len(rows.window("all", start, 40)) == 40
        taken.append(time.perf_counter() - began)
    assert sorted(taken)[len(taken) // 2] < 0.2
