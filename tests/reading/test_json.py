"""JSON records: what is typed stays, what is not clear is refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.reading import json as json_reader
from invoice_rules.reading import read
from invoice_rules.rulesets import rule_set
from invoice_rules.table import Kind
from tests.reading.files import cells, refusal, told


def test_records():
    table = read(
        ("a.json", b'[{"id": "007", "amount": 1.10, "paid": true}, {"id": 12345678901234567890, "note": null, "tags": [1.50, "x"]}]')
    )
    assert table.headings == ("id", "amount", "paid", "note", "tags")
    assert cells(table) == [["007", "1.10", "TRUE", "", ""], ["12345678901234567890", "", "", "", '[1.50, "x"]']]
    assert [table.kind_at(0, at) for at in range(3)] == [Kind.TEXT, Kind.NUMBER, Kind.YES_NO]
    assert list(table.frame.index) == [1, 2] and table.origin.address(2, 0) == "/1/id"


def test_one_list_inside_an_object():
    table = read(("a.json", b'{"total": 1, "list": {"a/b": [{"id": 1}]}}'))
    assert table.origin.pointer == "/list/a~1b" and cells(table) == [["1"]]
    assert "2 lists of records (/a, /b)" in refusal(("a.json", b'{"a": [{"x": 1}], "b": [{"x": 1}]}'))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'[{"a": NaN}]', "NaN"),
        (b'[{"a": -Infinity}]', "Infinity"),
        (b'[{"a": 1, "a": 2}]', '"a" twice'),
        (b"[" * 100_000, "deeper than 100"),
        (b'[{"a": ' + b"1" * 5_000 + b"}]", "5,000 digits"),
        (b'[{"a": "\\ud800"}]', "half a character"),
        (b'[{"a": 1},]', "is not JSON: line 1"),
        (b"[]", "no records"),
        (b"[1, 2]", "record 1 is not an object"),
        (b'"x"', "single value"),
        (b"[{}]", "without any names"),
        (b'[{"a": ""}]', "only blank rows"),
        (b'[{"a": "\xff"}]', "is read"),
    ],
)
def test_what_is_not_clear_is_refused(content, says):
    if says == "is read":
        assert cells(read(("a.json", content))) == [["ÿ"]] and told(read(("a.json", content)), "encoding")
    else:
        assert says in refusal(("a.json", content))


def test_pairs_of_halves_are_whole():
    assert cells(read(("a.json", b'[{"a": "\\ud83d\\ude00"}]'))) == [["\N{GRINNING FACE}"]]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_one_record_a_line_is_named(name):
    for end in ("\n", "\r\n", "\n\n"):
        said = refusal((name, end.join(['{"id": "1"}', '{"id": "2"}', ""]).encode()))
        assert said.startswith(f"{name} is JSON Lines: each line holds a record of its own. Put the records into one array: ")
    for other in (b'{"id": "1"} {"id": "2"}', b'[{"id": "1"}]\n[{"id": "2"}]', b'{"id": "1"}\nx', b'{"id": "1"\n{"id": "2"}'):
        assert "is not JSON: line " in refusal((name, other))


@pytest.mark.parametrize(
    "content",
    [b"[" + b",".join([b"{}"] * 700_000) + b"]", b'[{"a": [' + b",".join([b"1"] * 4_000_000) + b"]}]", b'[{"a": [' + b",".join([b"[[1]]"] * 900_000) + b"]}]", b"[{" + b",".join([b'"k%d":1' % at for at in range(1_200_000)]) + b"}]"],
    ids=["objects", "numbers", "lists", "names"],
)
def test_a_file_of_hardly_anything_in_endlessly_many_things_is_refused_before_it_is_parsed(content, monkeypatch):
    monkeypatch.setattr("json.loads", None)
    assert "hardly anything in them" in refusal(("a.json", content))


VALUES = st.recursive(st.text('a"\\[]{},:é', max_size=4) | st.integers() | st.none() | st.booleans(), lambda its: st.lists(its, max_size=3) | st.dictionaries(st.text('"\\[{', max_size=2), its, max_size=3))


def counted(value, depth=0):
    """(depth, objects, lists, commas, names) of a value."""
    if not isinstance(value, list | dict):
        return depth, 0, 0, 0, 0
    inner = [counted(its, depth + 1) for its in (value.values() if isinstance(value, dict) else value)]
    deepest, *sums = max([depth + 1, *(its[0] for its in inner)]), *(sum(its[at] for its in inner) for at in (1, 2, 3, 4))
    return deepest, sums[0] + isinstance(value, dict), sums[1] + isinstance(value, list), sums[2] + max(len(value) - 1, 0), sums[3] + (len(value) if isinstance(value, dict) else 0)


@settings(deadline=None)
@given(VALUES, st.integers(1, 9))
def test_brackets_and_commas_are_counted_outside_strings_alone(value, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_reader, "_BLOCK", block)
        found = json_reader._outline(json.dumps(value, ensure_ascii=False).encode())
    assert (found.depth, found.objects, found.lists, found.commas, found.names) == counted(value)


def test_nested_values_stay_json_text():
    text = '[1.50, "é\\"x", {"a": null, "b\\\\": [true, false, {}]}, []]'
    assert cells(read(("a.json", f'[{{"a": {text}, "b": 1}}]'.encode())))[0][0] == text


def test_a_thousand_lists_are_not_looked_into():
    lists = {f"l{at}": [{"x": 1}] for at in range(1_000)} | {"Invoice": [{"DocNumber": "1", "TotalAmt": 5}]}
    assert "1,001 lists of records" in refusal(("a.json", json.dumps(lists).encode()), rules=rule_set("quickbooks.history"))
