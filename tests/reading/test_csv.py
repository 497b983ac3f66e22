"""Delimited text: encodings, delimiters, quotes, row numbers, ragged rows (S3-1 … S3-4, X-22)."""

import io
import socket

import pytest

from invoice_rules import reading
from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.rulesets import rule_set
from invoice_rules.table import TEXT
from tests.reading.files import cells, refusal, told

PLAIN = "Invoice,Customer,Amount\nINV-1,Müller,1.00\n007,Café,2.50\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "shown"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-8", "\ufeff".encode("utf-8").decode("cp1252").encode("utf-8"), "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32-le"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_any_encoding_becomes_text(encoding, mark, shown):
    """S3-2: found with evidence; what is not self-evident is told."""
    table = read(("a.csv", mark + PLAIN.encode(encoding)))
    assert cells(table) == [["INV-1", "Müller", "1.00"], ["007", "Café", "2.50"]]
    assert table.headings == ("Invoice", "Customer", "Amount")
    assert table.origin.encoding == shown
    assert (table.frame.dtypes == TEXT).all()
    assert bool(told(table, "encoding")) == (shown == "cp1252" or not mark and "16" in shown or len(mark) == 6)


def test_undecodable_bytes_name_byte_and_line():
    """S3-2."""
    assert "byte 9 (0x81) on line 2" in refusal(("a.csv", b"a,b\r\nx,\xe9\x81\r\n"))
    assert "byte 7 (0xE9) on line 2" in refusal(("a.csv", b"a,b\nx,\xe9\n"), encoding="utf-8")
    assert "mixes two encodings" in refusal(("a.csv", "a,b\né,ü\n".encode() + b"x,\xe9\n"))
    assert 'no encoding named "klingon"' in refusal(("a.csv", b"a,b\n1,2\n"), encoding="klingon")
    assert 'no encoding named "zip"' in refusal(("a.csv", b"a,b\n1,2\n"), encoding="zip")
    assert cells(read(("a.csv", "a,b\nж,2\n".encode("koi8-r")), encoding="koi8-r")) == [["ж", "2"]]


def test_nul_bytes_are_refused():
    assert "NUL byte at byte 6 (line 2)" in refusal(("a.csv", b"a,b\nx\0,2\n"))


@pytest.mark.parametrize("content", [b"", b"\n\n", b" , \n,\n", b"a,b,c\n", b"a,b,c\n\n,,\n", b"\xef\xbb\xbf", b"a,b,c\n" + b"      ,     ,    \n" * 3])
def test_files_without_rows_are_refused(content):
    """S3-3."""
    assert refusal(("a.csv", content)).startswith("a.csv ")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_are_found(mark):
    text = (
        f"Invoice{mark}Amount{mark}Note\n1{mark}1,50{mark}x; y\n2{mark}2,75{mark}z\n"
        if mark != ","
        else "Invoice,Amount,Note\n1,1.50,x; y\n"
    )
    table = read(("a.txt", text.encode()))
    assert table.origin.delimiter == mark
    assert table.headings == ("Invoice", "Amount", "Note")


@pytest.mark.parametrize("unit", [" ", "1", ". ", "1 "])
def test_a_long_cell_does_not_keep_the_search_for_the_delimiter_busy(unit):
    """S3-2: its text says nothing of the delimiter."""
    long = unit * (30_000 // len(unit)) + "see note!"
    assert cells(read(("a.csv", f"a;b;c\n1;x{long};3\n;  {long};\n".encode())))[0] == ["1", f"x{long}", "3"]


def test_a_sep_line_counts_for_nothing():
    table = read(("a.csv", b"sep=;\r\na;b\r\n1;2\r\n"))
    assert cells(table) == [["1", "2"]] and list(table.frame.index) == [2] and table.origin.header_row == 1


@pytest.mark.parametrize("sign", ["é", "😀", "\u2028", "ÿ", "\\", "~"])
def test_a_sep_line_may_name_any_sign(sign):
    """The fast reader of long files takes ASCII alone, and a sign that parts cells escapes no quote."""
    rows = [sign.join(row) for row in (["a", "b", "c"], *[["1", '"x"', "3"]] * 2000)]
    assert cells(read(("a.csv", "\n".join([f"sep={sign}", *rows]).encode()))) == [["1", "x", "3"]] * 2000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    assert cells(read(("a.csv", end.join(["a,b", "1,2", "3,4", ""]).encode()))) == [["1", "2"], ["3", "4"]]


def test_mixed_line_ends():
    assert cells(read(("a.csv", b"a,b\r\n1,2\n3,4\r5,6"))) == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_quotes_line_breaks_and_row_numbers():
    """A record with line breaks is one row, as Excel shows it; blank rows count."""
    table = read(("a.csv", b'id,name,amount\n1,"Acme, Inc.\nBerlin",5\n\n2,"say ""hi""",6\n'))
    assert cells(table) == [["1", "Acme, Inc.\nBerlin", "5"], ["2", 'say "hi"', "6"]]
    assert list(table.frame.index) == [2, 4]
    assert told(table, "blank-rows") == ["1 blank row is left out."]


def test_an_unclosed_quote_names_its_row():
    assert "on row 3 a quote" in refusal(("a.csv", b'a,b\n1,2\n"Acme,3\n4,5\n'))
    assert "on row 2 a quote" in refusal(("a.csv", b'a,b\n"Acme" Ltd,3\n4,5\n'))


def test_an_unclosed_quote_above_the_rows_is_named():
    """X-22: it makes one cell of all that follows."""
    told = refusal(("a.csv", b'"Open invoices\nid,name\n1,Acme\n2,Bo\n'))
    assert "on row 1 a quote" in told and "no rows under" not in told
    long = b'"Open invoices\nid,name\n' + b"1,Acme\n" * 60_000
    assert "row 1 has a cell of more than 100,000 characters" in refusal(("a.csv", long)) and "never closed" in refusal(("a.csv", long))
    assert "on row 2 a quote" in refusal(("a.csv", b'Open invoices\n"id,name\n1,Acme\n2,Bo\n'))
    assert "no rows under them" in refusal(("a.csv", b'"id","name"\n'))


def test_spaced_and_backslashed_quotes():
    assert cells(read(("a.csv", b'a, "b", c\n1, "x, y", 2\n'))) == [["1", "x, y", "2"]]
    table = read(("a.csv", b'a,b\n1,"say \\"hi\\" now"\n'))
    assert cells(table) == [["1", 'say "hi" now']] and "backslash" in told(table, "delimiter")[0]


def test_a_ragged_row_is_its_own_error():
    """X-22: never a shift, never the whole file's."""
    table = read(("a.csv", b"id,name,amount\n1,Acme,5\n2,Miller, Inc.,6\n3\n4,Bo,7,,\n5,Cy,8\n"))
    assert cells(table)[1] == ["2", "Miller", " Inc."] and cells(table)[2] == ["3", "", ""] and len(table) == 5
    messages = told(table, "cells")
    assert messages[0].startswith('Row 3 has 4 cells under 3 headings. Nothing stands above "6".')
    assert messages[1].startswith("Row 4 has 1 cell under 3 headings.") and len(messages) == 3
    (found,) = [found for found in table.findings if found.rule.id == "cells"]
    assert found.at.tolist() == [1, 2, 3] and found.weight == Severity.ERROR


@pytest.mark.parametrize("rows", [2, 2_000])
def test_an_amount_without_quotes_before_a_blank_column_is_no_shift(rows):
    """X-22: 1,200.00 takes the place of two cells, and only a blank one stands beyond the headings."""
    text = "id,due,amount,memo\n" + "1,0,100.00,\n" * rows + "2,0,1,200.00,\n" + "3,0,300.00,\n" * rows
    table = read(("a.csv", text.encode()))
    (message,) = told(table, "cells")
    assert message.startswith(f"Row {rows + 2} has 5 cells under 4 headings. Perhaps an amount such as 1,200.00 or a text with a delimiter in it")
    assert message.endswith("is not in quotes. If not, delete the delimiter at its end.")


def test_a_row_of_nothing_but_blanks_is_a_blank_row():
    """X-22: however many, and of whatever kind."""
    table = read(("a.csv", "id,name\n1,Acme\n         ,      \n\u00a0\u3000\u2003 \u2028,\t\t\t\t\t\n2,  \u00a0é\n\u3042,x\n".encode()))
    assert cells(table) == [["1", "Acme"], ["2", "  \u00a0é"], ["\u3042", "x"]] and told(table, "blank-rows") == ["2 blank rows are left out."]


def test_more_rows_with_other_cells_than_any_file_has_are_refused(monkeypatch):
    monkeypatch.setattr("invoice_rules.reading.records.RAGGED", 60_000)
    data = b"a,b,c,d\n" + b"1,2,3,4\n" * 10 + b"1,2\n" * 60_001
    assert "has more than 60,000 rows with more or fewer cells than its other rows. Check the delimiter" in refusal(("a.csv", data))


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_a_row_with_another_delimiter_is_no_note(delimiter):
    """X-22: its cells are told, not left out."""
    other = delimiter.join(["INV-3", "3", "100.00", "Acme Ltd"])
    table = read(("a.csv", f"id,number,amount,name\n1,1,5.00,Bo\n2,2,6.00,Cy\n{other}\n".encode()))
    assert len(table) == 3 and not told(table, "left-out")
    assert told(table, "cells") == ["Row 4 has 1 cell under 4 headings. Cells are missing at its end, or before. Fill the row up."]


@pytest.mark.parametrize("note", ["Printed by Ann; page 1 of 2; all amounts in USD", "Source: ledger | 2026 | Ann"])
def test_a_note_with_semicolons_is_a_note(note):
    assert len(told(read(("a.csv", f"id,number,amount,name\n1,1,5.00,Bo\n2,2,6.00,Cy\n{note}\n".encode())), "left-out")) == 1


@pytest.mark.parametrize("head", ["<!DOCTYPE html>\n<html>", "\ufeff \n<HTML lang=en>", "<table border=1>"])
def test_a_web_page_called_csv_is_named(head):
    text = f"{head}<table>\n<tr><td>id,amount</td></tr>\n<tr><td>1,2</td></tr></table>"
    assert refusal(("a.csv", text.encode())).startswith("a.csv is a web page or XML under another name. Open it in Excel")
    assert cells(read(("a.csv", b"<table no>,amount\n1,2\n".replace(b"<table", b"<tables")))) == [["1", "2"]]


@pytest.mark.parametrize("rows", [1, 2_000])
def test_stray_quotes_do_not_swallow_whole_rows_unseen(rows):
    """X-22: the file is valid, but rows would be lost in a customer's name."""
    good = "1,N1,Acme,5,x\n" * rows
    table = read(("a.csv", f'id,number,name,amount,memo\n{good}2,N2,"Bo,6,y\n3,N3,Cy,7,z\n4,N4,Di",8,x\n{good}'.encode()))
    assert len(table) == 2 * rows + 1
    (message,) = told(table, "rows-in-a-cell")
    assert message.startswith(f"Row {rows + 2} seems to hold whole rows inside the quotes of one cell: ")
    (found,) = [found for found in table.findings if found.rule.id == "rows-in-a-cell"]
    assert (found.at.tolist(), found.column, found.weight) == ([rows], 2, Severity.HOLD)


@pytest.mark.parametrize("memo", ["12 Main St, Suite 4\nSpringfield, IL", "Thanks, all\nfor a,b,c", "one\n\ntwo", "a;b;c\nd;e;f;g", "\n", "Hello,\nBo, Cy, Di, Ed"])
def test_texts_of_several_lines_are_no_rows(memo):
    for columns in (f'1,"{memo}",5,x', f'"{memo}",1,2,3', f'1,2,3,"{memo}"'):
        assert not told(read(("a.csv", f"id,memo,amount,more\n{columns}\n2,Bo,6,y\n3,Bo,6,y\n".encode())), "rows-in-a-cell")


def test_where_all_amounts_have_a_thousands_comma_without_quotes_none_is_read():
    """X-22: each row ends with a blank cell too many, as of an exporter that ends rows with a delimiter."""
    table = read(("a.csv", b"id,due,amount,memo\n" + b"1,0,1,200.00,\n2,0,14,350.50,\n" * 20 + b"3,0,900.00,\n"))
    assert len(told(table, "cells")) == 40
    assert not told(read(("a.csv", b"id,quantity,price\n" + b"1,1,200.00,\n2,14,75.50,\n" * 20)), "cells")


def test_where_nearly_every_row_ends_with_a_delimiter_it_is_no_fault():
    """X-22: an exporter writes it so; a row with still more cells is its own error, and so are all where only some have it."""
    ends = b"id,due,amount\n" + b"1,0,5,\n" * 30
    assert not told(read(("a.csv", ends + b"2,0,6\n\n")), "cells")
    assert [message[:18] for message in told(read(("a.csv", ends + b"2,0,1,200.00\n3,0,6,,\n")), "cells")] == ["Row 32 has 4 cells", "Row 33 has 5 cells"]
    assert len(told(read(("a.csv", ends + b"2,0,6\n" * 20)), "cells")) == 30
    assert not told(read(("a.csv", b"id,due,amount,\n1,0,5\n2,0,6,\n3,0,7\n")), "cells")


def test_one_cell_too_many_in_every_row_is_no_shift():
    table = read(("a.csv", b"name,amount\n" + b"Miller, Inc.,6\n" * 300))
    assert cells(table)[0] == ["Miller", " Inc."] and len(told(table, "cells")) == 300
    assert not told(read(("a.csv", b"name,amount\n" + b"Miller,6,\n" * 300)), "cells")


def test_the_size_limit_binds_the_files_of_the_rule_set():
    """S3-1: 10,485,760 bytes, refused before parsing; it can be lifted."""
    rules = rule_set("paystand.receivables")
    data = b"a,b\n" + b"1,2\n" * 2_621_439
    assert len(data) == 10_485_760 and len(read(("a.csv", data), rules=rules)) == 2_621_439
    assert "takes up to 10 MB" in refusal(("a.csv", data + b"\n"), rules=rules)
    assert len(read(("a.csv", data + b"3,4\n"), rules=rules, limit_mb=11)) == 2_621_440
    assert len(read(("a.txt", data + b"3,4\n"), rules=rules)) == 2_621_440
    assert "The limit is 1 MB. Split the file, or lift the limit with --limit-mb." in refusal(("a.csv", data), limit_mb=1)


@pytest.mark.parametrize("content", [b'"', b'\n\n"\n', b',"\n'])
def test_a_quote_alone_that_is_never_closed_is_told(content):
    assert "a quote (\") is opened and not closed" in refusal(("a.csv", content))
    assert "has only blank rows" in refusal(("a.csv", content + b'"' if content == b'"' else b"\n \n"))


def test_path_handle_and_bytes_give_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.encode())
    with path.open("rb") as handle:
        tables = [read(path), read(str(path)), read(handle), read(("a.csv", PLAIN.encode())), read(io.BytesIO(PLAIN.encode()))]
    for table in tables:
        assert cells(table) == cells(tables[0]) and table.headings == tables[0].headings
        assert (
            table.origin.sha256 == tables[0].origin.sha256 and len(table.origin.sha256) == 64 and table.origin.size == len(PLAIN.encode())
        )
    assert read(tables[0]) is tables[0]


def test_a_name_like_a_pattern_reads_itself_only(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n9,9\n")
    (tmp_path / "*.csv").write_text("a,b\n1,2\n")
    assert cells(read(tmp_path / "*.csv")) == [["1", "2"]]
    assert "no file" in refusal(tmp_path / "?ther.csv")
    assert "no file" in refusal("https://example.com/a.csv")


def test_a_name_with_half_characters_is_shown_whole(tmp_path):
    name = "caf\udce9.csv"
    assert read((name, PLAIN.encode())).origin.name == "caf\ufffd.csv"
    assert "no file" in refusal(tmp_path / name) and refusal(tmp_path / name).isprintable()


def test_what_is_no_file(tmp_path):
    import os

    assert "is a folder" in refusal(tmp_path)
    assert "cannot be opened" in refusal("a\0b.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is not a file" in refusal(tmp_path / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "sock.csv"))
        assert "sock.csv is not a file." in refusal(tmp_path / "sock.csv")
    with pytest.raises(TypeError):
        read(5)  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(TypeError):
        read(io.StringIO("a,b\n1,2\n"))  # type: ignore[arg-type]  # the mistake under test


def test_files_locked_or_open_in_excel(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    (tmp_path / "~$a.csv").write_bytes(b"x")
    assert "open in Excel" in told(read(path), "open-in-excel")[0]
    assert "mark that Excel leaves" in refusal(tmp_path / "~$a.csv")

    def locked(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", locked)
    assert "close it there or save a copy" in refusal(path)


def test_too_many_columns_and_too_long_cells():
    assert "more than 512 columns" in refusal(
        ("a.csv", b",".join(b"c%d" % n for n in range(513)) + b"\n" + b",".join([b"1"] * 513) + b"\n")
    )
    assert "more than 512 columns" in refusal(("a.csv", b",".join(b"c%d" % n for n in range(100_000)) + b"\n"))
    table = read(("a.csv", b"a,b\n1,2\n3," + b"x" * 40_000 + b"\n"))
    assert told(table, "long-cell") == ["This cell holds 40,000 characters; a cell may hold 32,767. Shorten it."] and len(table) == 2


def test_other_formats_are_named():
    for data, what in (
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"<html><table>", "web page"),
        (b"SQLite format 3\0", "a database"),
    ):
        assert what in refusal(("a.xls", data + b"x" * 50))
    assert "not a workbook inside" in refusal(("a.xlsx", b"a,b\n1,2\n"))
    assert cells(read(("a.xls", b"a\tb\n1\t2\n"))) == [["1", "2"]]
    assert "no sheet" in refusal(("a.csv", b"a,b\n1,2\n"), sheet="x")


def test_the_public_name():
    assert reading.__all__ == ["read", "sheet_names", "template_rules"]
