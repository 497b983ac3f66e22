"""JSON records with lines as rows, with the true place of each cell (issue: nested JSON; S1, S2, S4)."""

import json

import pandera.pandas as pandera
import pytest

from invoice_rules.fields import RuleSet, code, date, money
from invoice_rules.reading import read
from invoice_rules.reading.headings import folded
from invoice_rules.table import Kind
from tests.reading.files import cells, refusal, told

RULES = RuleSet(
    name="test.nested",
    title="Invoices with lines",
    schema=pandera.DataFrameSchema(
        {
            "number": code("Number", synonyms=("doc number",)),
            "date": date("Date", synonyms=("txn date",)),
            "lineAmount": money("Line amount", synonyms=("amount",), level="line"),
        }
    ),
    key="number",
    nested=("Line", "lineItems"),
)
TWO = [
    {"DocNumber": "1", "CustomerRef": {"value": "7", "name": "Miller"}, "Line": [{"Amount": 1.50, "Detail": {"Qty": 2}}, {"Amount": 3}], "Tags": [1]},
    {"DocNumber": "2", "TxnDate": "2026-10-31", "Line": []},
    {"DocNumber": "3", "Line": [{"Note": "a", "Amount": 5.0}]},
]


def nested(content, **how):
    return read(("a.json", json.dumps(content).encode()), rules=RULES, **how)


def test_a_line_is_a_row_and_repeats_what_its_record_says():
    table = nested(TWO)
    assert table.headings == ("DocNumber", "CustomerRef.value", "CustomerRef.name", "Tags", "TxnDate", "Line.Amount", "Line.Detail.Qty", "Line.Note")
    assert cells(table) == [
        ["1", "7", "Miller", "[1]", "", "1.5", "2", ""],
        ["1", "7", "Miller", "[1]", "", "3", "", ""],
        ["2", "", "", "", "2026-10-31", "", "", ""],
        ["3", "", "", "", "", "5.0", "", "a"],
    ]
    assert table.records.tolist() == [0, 0, 1, 2] and list(table.frame.index) == [1, 2, 3, 4]
    assert [table.kind_at(at, 5) for at in range(4)] == [Kind.NUMBER, Kind.NUMBER, Kind.TEXT, Kind.NUMBER]


def at_pointer(content, pointer):
    """What a JSON pointer leads to (RFC 6901)."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        content = content[int(name)] if isinstance(content, list) else content[name]
    return content


@pytest.mark.parametrize("wrapped", [lambda it: it, lambda it: {"QueryResponse": {"In/voi~ce": it, "n": 3}, "time": "x"}])
def test_the_address_of_a_cell_leads_to_it(wrapped):
    content = wrapped(TWO)
    table = nested(content)
    for at, row in enumerate(table.frame.index):
        for column in range(len(table.headings)):
            if shown := table.shown(at, column):
                found = at_pointer(content, table.origin.address(row, column))
                assert (json.dumps(found) if isinstance(found, list) else str(found)) == shown


def test_addresses_of_rows_columns_and_blank_cells():
    origin = nested({"Invoice": TWO}).origin
    assert origin.address(2, 5) == "/Invoice/0/Line/1/Amount" and origin.address(2, 0) == "/Invoice/0/DocNumber"
    assert origin.address(3, 5) == "/Invoice/1/Line/Amount" and origin.address(4, None) == "/Invoice/2"
    assert origin.address(None, 5) == "/Invoice/Line/Amount" and origin.address(None, 1) == "/Invoice/CustomerRef/value"


def test_without_a_rule_set_lists_stay_text_and_objects_are_flattened():
    table = read(("a.json", json.dumps(TWO).encode()))
    assert len(table) == 3 and table.records is None
    assert table.shown(0, table.headings.index("Line")) == '[{"Amount": 1.5, "Detail": {"Qty": 2}}, {"Amount": 3}]'
    assert "CustomerRef.name" in table.headings and table.origin.address(1, 2) == "/0/CustomerRef/name"


def test_flat_records_of_a_rule_set_with_lines_are_no_documents_yet():
    table = nested([{"DocNumber": "1", "Amount": 2}, {"DocNumber": "1", "Amount": 3}])
    assert len(table) == 2 and table.records is None


def test_one_line_without_a_list_and_other_spellings_of_the_list():
    table = nested([{"DocNumber": "1", "line": {"Amount": 2}}, {"DocNumber": "2", "LineItems": [{"Amount": 3}]}])
    assert table.headings == ("DocNumber", "line.Amount", "LineItems.Amount") and cells(table) == [["1", "2", ""], ["2", "", "3"]]
    assert table.origin.address(1, 1) == "/0/line/Amount" and table.origin.address(2, 2) == "/1/LineItems/0/Amount"


def test_a_document_alone_is_one_record():
    for content, pointer in ((TWO[0], ""), ({"Invoice": TWO[0], "time": "x"}, "/Invoice")):
        table = nested(content)
        assert len(table) == 2 and table.records.tolist() == [0, 0]
        assert table.origin.address(2, table.headings.index("Line.Amount")) == f"{pointer}/Line/1/Amount"
        assert table.origin.address(1, 0) == f"{pointer}/DocNumber"


def test_a_name_that_is_a_value_here_and_an_object_there_has_columns_for_both():
    table = nested([{"a": 1}, {"a": {"b": 2}}, {"a": {}}, {"a.b": 3, "a": None}])
    assert table.headings == ("a", "a.b", "a.b") and cells(table) == [["1", "", ""], ["", "2", ""], ["", "", "3"]]
    assert table.origin.address(2, 1) == "/1/a/b" and table.origin.address(4, 2) == "/3/a.b" and list(table.frame.index) == [1, 2, 4]
    assert told(table, "headings") == ['Columns B and C are both called "a.b". Choose between them by their letters.']


def test_records_follow_their_rows_where_blank_ones_are_left_out():
    table = nested([{"DocNumber": "1", "Line": [{"Amount": 1}, {"Amount": 2}]}, {"Line": []}, {"DocNumber": "2", "Line": [{"Amount": 3}]}])
    assert table.records.tolist() == [0, 0, 2] and list(table.frame.index) == [1, 2, 4]
    assert table.origin.address(4, 1) == "/2/Line/0/Amount"


def test_of_several_lists_the_one_that_fits_the_rule_set_is_read():
    other = [{"x": 1}, {"x": 2}]
    assert nested({"Customer": other, "Invoice": TWO}).origin.pointer == "/Invoice"
    assert nested({"errors": other, "QueryResponse": {"list": TWO}}).origin.pointer == "/QueryResponse/list"
    assert nested({"errors": other, "invoices": [{"y": 1}]}).origin.pointer == "/invoices"
    assert "2 lists of records (/a, /b)" in refusal(("a.json", json.dumps({"a": other, "b": other}).encode()), rules=RULES)


def test_lists_that_fit_alike_are_refused():  # X-4, X-22
    """One of them would be lost, whatever it is called."""
    for content in ({"a": TWO, "b": TWO}, {"invoices": [{"number": "1", "date": "2026-01-02"}], "b": [{"number": "2"}, {"number": "3", "txn date": "2026-01-02"}]}):
        first = next(iter(content))
        said = refusal(("a.json", json.dumps(content).encode()), rules=RULES)
        assert said.startswith("a.json has several lists that may hold the records: ") and f'"/{first}" with {len(content[first])} record' in said
        assert f'"/b" with {len(content["b"])} records' in said and said.endswith(". Give each list in a file of its own.")


def test_lists_that_are_left_out_are_named():
    table = nested({"Invoice": TWO, "Customer": [{"x": 1}], "more": {"log": [{"y": 1}, {"y": 2}]}})
    assert told(table, "other-lists") == [
        'The list "/Invoice" of a.json is read, because its names fit best. Left out: "/Customer" with 1 record, "/more/log" with 2 records.'
    ]
    deeper = read(("a.json", json.dumps({"a": [{"x": 1}], "b": {"c": [{"x": 2}]}}).encode()))
    assert told(deeper, "other-lists") == ['The list "/a" of a.json is read, because the others lie deeper. Left out: "/b/c" with 1 record.']
    for whole in (TWO[0], {"Invoice": TWO[0]}, {"Invoice": TWO, "n": 3}, {"Invoice": {**TWO[0], "Tax": [{"a": 1}]}}):
        assert told(nested(whole), "other-lists") == []


def test_what_is_no_line_is_refused():
    assert 'element 2 of "Line" in record 2 is not an object' in refusal(
        ("a.json", json.dumps([TWO[1], {"Line": [{"Amount": 1}, 5]}]).encode()), rules=RULES
    )


LONG = "n" * 300


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"text": "x" * 1_000_000, "Line": [{}] * 400_000}], "Ask for it in several files"),
        ([{f"a{at}": {f"b{at}": {}} for at in range(3_000)}], "more than 512 different names"),
        ([{"DocNumber": "1", "Line": [{f"a{at}": 1} for at in range(600)]}], "more than 512 different names"),
        ([{"DocNumber": "1", "Line": [{f"a{at}": 1 for at in range(400)}, *[{}] * 20_000]}], "nearly all of its 20,001 records"),
    ],
    ids=["large records over many lines", "objects without end", "a name a line", "lines of hardly anything"],
)
def test_hostile_nesting_is_refused(content, says):
    assert says in refusal(("a.json", json.dumps(content).encode()), rules=RULES)


def test_an_endless_name_is_not_taken_apart():
    table = nested([{LONG: {"a": {"b": 1}}, "Line": [{"c": {LONG: {"d": 2}}}]}])
    assert table.headings == (LONG, f"Line.c.{LONG}")
    assert cells(table) == [['{"a": {"b": 1}}', '{"d": 2}']]


def test_names_are_compared_without_case_and_signs():
    assert folded("Line_Items") == folded("lineItems")
    assert len(nested([{"DocNumber": "1", "line_items": [{"Amount": 1}, {"Amount": 2}]}])) == 2


def test_the_invoices_of_quickbooks(shared_data):
    """33 invoices, 97 elements of Line."""
    path = shared_data / "invoices/quickbooks/qbo_GetAllInvoiceResponse.json"
    table = read(path, rules=RULES)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert len(table) == 97 and table.records.max() == 32 and table.origin.pointer == "/QueryResponse/Invoice"
    amount = table.headings.index("Line.Amount")
    for at, row in enumerate(table.frame.index):
        assert float(table.shown(at, amount)) == at_pointer(content, table.origin.address(row, amount))
