"""Files in another form: rows as the JSON of a service, its JSON as rows, and back again without a difference (S2-1, S2-40, S2-45)."""

import datetime as dt
import json
import stat

import openpyxl
import pytest

from invoice_rules import CannotRun, convert, examine, match, read
from invoice_rules.converting import HasErrors
from invoice_rules.rulesets import rule_set
from invoice_rules.samples.references import sample_invoice
from tests.rulesets.lists import Lists

RULES = "spectrum.invoices"
SAMPLE = json.loads(sample_invoice())
TODAY = dt.date(2018, 6, 1)


def examined(source, **how):
    return examine(source, how.pop("rules", RULES), today=TODAY, **how)


def of(*invoices, **how):
    return examined(("invoices.json", json.dumps({"arInvoices": list(invoices)}).encode()), **how)


def sample(*lines, **more):
    """The sample's invoice with other elements, and lines that replace some of their own."""
    (own,) = SAMPLE["arInvoices"]
    return {**own, **more, "invoiceDetails": [{**own["invoiceDetails"][0], **line} for line in lines] or own["invoiceDetails"]}


def as_json(report, tmp_path, **how):
    return convert(report, tmp_path / "made.json", replace=True, **how).read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_the_sample_comes_back_as_it_was(ending, tmp_path):
    """S2-1, S2-45: JSON -> rows -> JSON; names and their order too, and 1,891.00 on the way."""
    rows = convert(examined(("sample.json", sample_invoice())), tmp_path / f"rows.{ending}")
    report = examined(rows)
    assert report.totals() == {"USD": {"Invoice_Total": 1_891_00}} and len(report.lines) == 6
    assert [p.rule for p in report.problems if p.severity > 1] == ["bare-line"]
    back = json.loads(as_json(report, tmp_path))
    assert back == SAMPLE
    assert [list(part) for part in (back["arInvoices"][0], *back["arInvoices"][0]["invoiceDetails"])] == [
        list(part) for part in (SAMPLE["arInvoices"][0], *SAMPLE["arInvoices"][0]["invoiceDetails"])
    ]


def test_several_invoices_keep_their_order_and_their_lines(tmp_path):
    """S2-31, S2-33"""
    given = [sample({"Line_Extension": n}, {"Line_Extension": 7}, {"Line_Extension": n}, Invoice_Or_Transaction=f"N{n}") for n in (3, 1, 2)]
    rows = convert(of(*given), tmp_path / "rows.csv")
    assert json.loads(as_json(examined(rows), tmp_path)) == {"arInvoices": given}


def test_amounts_are_exact_plain_numbers(tmp_path):
    """S2-40: as they would be written by hand, never by way of a float."""
    amounts = {"0.10": "0.1", "0.30": "0.3", "4.35": "4.35", "1234567.89": "1234567.89", "9007199254740993": "9007199254740993", "100": "100", "0": "0"}
    small = {said: written for said, written in amounts.items() if len(said) < 14}
    text = as_json(of(sample(*({"Line_Extension": said, "Quantity": "1000000.000001", "Message": "x"} for said in small))), tmp_path)
    assert [line.split(": ")[1].rstrip(",") for line in text.splitlines() if "Line_Extension" in line] == list(small.values())
    assert text.count('"Quantity": 1000000.000001,') == len(small)


def test_dates_are_written_as_the_rules_have_them(tmp_path):
    """S2-5: also where the sheet holds real dates."""
    rows = convert(of(sample(GL_Date="5/4/2018")), tmp_path / "rows.xlsx")
    sheet = openpyxl.load_workbook(rows).active
    assert (sheet["A1"].value, sheet["B1"].value, sheet["B2"].value) == ("Company code", "G/L date", dt.datetime(2018, 5, 4))
    assert '"GL_Date": "05/04/2018"' in as_json(examined(rows), tmp_path)


def test_blanks_are_empty_text_and_every_element_is_there(tmp_path):
    """S2-40: a file with the required columns alone; a reference made by the program is not written for it (S2-3)."""
    bare = {name: value for name, value in sample().items() if name in rule_set(RULES).required}
    made = json.loads(as_json(of({**bare, "invoiceDetails": [{"Line_Extension": 5, "Message": "x"}]}), tmp_path))
    (written,) = made["arInvoices"]
    assert list(written) == list(SAMPLE["arInvoices"][0]) and written["Remarks"] == written["Sales_Tax_Amount"] == ""
    blank = {"Quantity", "Detail_Description", "Unit_Of_Measure", "GL_Account", "Taxable_Flag", "Income_Cost_Center"}
    assert written["invoiceDetails"] == [{**dict.fromkeys(list(SAMPLE["arInvoices"][0]["invoiceDetails"][0]), ""), "Line_Extension": 5, "Message": "x"}]
    assert {name for name, value in written["invoiceDetails"][0].items() if value == ""} == blank
    named = json.loads(as_json(of(sample(GUID="3f2504e0")), tmp_path))["arInvoices"][0]
    assert next(iter(named)) == "GUID" and named["GUID"] == "3f2504e0"


LISTS = Lists(
    companies=[{"company": "ABC", "costCenters": "yes", "arAccount": "112000", "glAccount": "401000"}],
    customers=[{"customer": "007COR", "salesperson": "JP", "taxable": "Y"}],
    terms=["1"],
    salespersons=["JP"],
    costCenters=["100", "101"],
    glAccounts=["112000", "204200", "401000"],
)


def test_what_is_filled_in_is_written_where_it_is_wanted(tmp_path):
    """S2-46: defaults, official codes and computed amounts; otherwise only what the file says."""
    report = of(sample({"GL_Account": "", "Taxable_Flag": ""}, Retention_Percent=10), context=LISTS)
    said, filled = (json.loads(as_json(report, tmp_path, filled=more))["arInvoices"][0] for more in (False, True))
    assert (said["AR_GL_Account"], said["Salesperson_Code"], said["Retention_Amount"], said["Print_Job_Address_Flag"]) == ("", "", "", "")
    assert (filled["AR_GL_Account"], filled["Salesperson_Code"], filled["Print_Job_Address_Flag"]) == ("112000", "JP", "Y")
    assert (filled["Retention_Amount"], filled["Customer_Code"]) == (46.78, "007COR")
    assert [(one["invoiceDetails"][0]["GL_Account"], one["invoiceDetails"][0]["Taxable_Flag"]) for one in (said, filled)] == [("", ""), ("401000", "Y")]
    assert "Invoice_Total" not in filled and "taxable" not in filled["invoiceDetails"][0]


def test_a_value_for_the_whole_file_is_what_the_file_says(tmp_path):
    report = of(sample(), settings={"Batch_Code": "B77"})
    assert json.loads(as_json(report, tmp_path))["arInvoices"][0]["Batch_Code"] == "B77"


def test_a_header_that_stands_below_its_first_row(tmp_path):
    """S2-41: cells of the header may stand on any row of the invoice; only blanks of all of them are blank."""
    head = "Company_Code,GL_Date,Batch_Code,Customer_Code,Invoice_Or_Transaction,Transaction_Type,Invoice_Date,Print_Job_Address_Flag,Line_Extension,Message"
    rows = ["ABC,05/24/2018,B,C,1,I,05/24/2018,,1,x", "ABC,,,,1,,,N,2,y", "ABC,05/24/2018,B,C,2,I,05/24/2018,,3,z"]
    report = examined(("rows.csv", "\n".join([head, *rows]).encode()))
    made = json.loads(as_json(report, tmp_path))["arInvoices"]
    assert [(one["Print_Job_Address_Flag"], [line["Line_Extension"] for line in one["invoiceDetails"]]) for one in made] == [("N", [1, 2]), ("", [3])]


def test_rows_start_no_formula_and_codes_stay_text(tmp_path):
    """X-3, X-16"""
    line = {"Detail_Description": "=1+1", "GL_Account": "000123", "Message": "+x"}
    report = of(sample(line, Customer_PO="0012345678901234567890"))
    sheet = openpyxl.load_workbook(convert(report, tmp_path / "rows.xlsx")).active
    cells = {sheet.cell(1, at).value: sheet.cell(2, at) for at in range(1, sheet.max_column + 1)}
    assert (cells["Description"].value, cells["Description"].data_type, cells["Message"].data_type) == ("=1+1", "s", "s")
    assert (cells["G/L account"].value, cells["G/L account"].data_type, cells["Customer PO"].value) == ("000123", "s", "0012345678901234567890")
    assert (cells["Line amount"].value, cells["Line amount"].data_type) == (467.75, "n")
    text = convert(report, tmp_path / "rows.csv").read_text(encoding="utf-8-sig")
    assert ",'=1+1," in text and ",'+x" in text and ",000123," in text


def test_a_file_with_errors_is_not_written(tmp_path):
    report = of(sample({"Line_Extension": "1.234"}), sample(Invoice_Or_Transaction="2"))
    with pytest.raises(HasErrors, match="Nothing was written: 1 invoice has errors"):
        convert(report, tmp_path / "rows.csv")
    missing = of({name: value for name, value in sample().items() if name != "Batch_Code"})
    with pytest.raises(HasErrors, match="1 question about the file"):
        convert(missing, tmp_path / "rows.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path):
    report, target = of(sample()), tmp_path / "rows.csv"
    target.write_text("mine")
    with pytest.raises(CannotRun, match="is there already, and is left as it is"):
        convert(report, target)
    assert target.read_text() == "mine"
    assert convert(report, target, replace=True) == target and target.read_text(encoding="utf-8-sig").startswith("Company code,")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """An earlier file stays where the new one cannot be finished; nothing half-made lies about."""
    target = tmp_path / "made.json"
    target.write_text("mine")
    with monkeypatch.context() as patch:
        patch.setattr("invoice_rules.fields.elements._line", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(CannotRun, match="No space left on device"):
            convert(of(sample()), target, replace=True)
    assert target.read_text() == "mine" and list(tmp_path.iterdir()) == [target]
    assert stat.S_ISREG(target.stat().st_mode)


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(CannotRun, match=r"End it with \.json, \.xlsx or \.csv"):
        convert(of(sample()), tmp_path / "rows.txt")
    other = examined(("r.csv", b"Invoice ID\n1"), rules="paystand.receivables")
    with pytest.raises(CannotRun, match="have no JSON of their own"):
        convert(other, tmp_path / "rows.json")


def test_titles_of_every_rule_set_find_their_own_fields():
    """What is written as rows is read again."""
    for name in ("spectrum.invoices", "quickbooks.history", "autotask.invoices"):
        fields = {field: its.title for field, its in rule_set(name).offered.items()}
        found = match(tuple(fields.values()), rule_set(name)).matches
        assert {field: found[field].heading for field in fields} == fields


def test_the_json_of_another_system_as_rows(tmp_path, shared_data):
    """Any rule set with lines: the invoices that QuickBooks sent, as a sheet and read again."""
    settings = {"companyFile": "Craig's Design", "project": "Harbour Hall"}
    path = shared_data / "invoices/quickbooks/qbo_GetAllInvoiceResponse.json"
    first = examined(path, rules="quickbooks.history", settings=settings)
    rows = convert(first, tmp_path / "history.xlsx")
    again = examine(read(rows, rules=rule_set("quickbooks.history")), "quickbooks.history", today=TODAY)
    assert again.totals() == first.totals() and len(again.lines) == len(first.lines)
    assert again.lines["lineAmount"].tolist() == first.lines["lineAmount"].tolist()
