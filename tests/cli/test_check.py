"""`check`, `map`, `rules`: problems, columns and rule sets; nothing is written."""

import json
import os
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import HEAD, RULES, row


def test_a_good_file_ends_with_0_and_says_what_to_do_next(run, write, home):
    file = write(row(1), row(2))
    done = run("check", file, *RULES)
    assert done.code == 0
    assert "All 2 invoices are ready." in done.words
    assert f"invoice-rules import {file} --rules paystand.receivables" in done.out
    assert not list(home.rglob("*.sqlite"))


def test_problems_are_listed_with_row_cell_field_and_message(run, write):
    done = run("check", write(row(1), row(2, amount="50.00", due="60.00"), row(3, canceled="Y")), *RULES)
    assert done.code == 1
    assert "Amount due (60.00) is more than the amount (50.00). Lower it, or correct the amount." in done.words
    assert "4 I4 Canceled error" in done.words
    assert "fix: yes" in done.words
    assert "2 of 3 invoices have errors and stay out. 1 (USD 100.00) is ready." in done.words
    assert "or import the good one:" in done.words
    assert max(len(line) for line in done.out.splitlines() if "invoice-rules import" not in line) <= 100


def test_safe_fixes_are_applied_on_request(run, write):
    file = write(row(1, canceled="Y"))
    assert run("check", file, *RULES).code == 1
    fixed = run("check", file, *RULES, "--fix", "--json")
    assert (fixed.code, fixed.json[0]["accepted"]) == (0, 1)
    assert "corrected" in {problem["rule"] for problem in fixed.json[0]["problems"]}


def test_every_problem_is_shown_on_request_only(run, write):
    file = write(*(row(number, due="900.00") for number in range(1, 61)))
    some, every = run("check", file, *RULES), run("check", file, *RULES, "--all")
    assert "more problems of these kinds; --all shows every one." in some.words
    assert every.out.count("is more than the amount") == 60
    assert "within-amount Amount due error 60" in some.words


def test_json_has_exactly_the_documented_keys(run, write):
    done = run("check", write(row(1), row(2, due="120.00")), *RULES, "--set", "currency=EUR", "--json")
    (found,) = done.json
    assert list(found) == ["format", "file", "rules", "entity", "store", "rows", "invoices", "accepted", "rejected", "totals", "mapping", "filled", "problems"]
    assert (found["entity"], found["store"], found["rows"], found["accepted"], found["rejected"]) == ("main", None, 2, 1, 1)
    assert found["totals"] == {"EUR": {"amount": "200.00", "amountDue": "220.00"}}
    assert found["mapping"]["amount"] == {"column": 2, "heading": "Amount", "how": "exact"}
    assert found["mapping"]["currency"]["how"] == "setting"
    (problem,) = [one for one in found["problems"] if one["severity"] == "error"]
    assert list(problem) == ["row", "cell", "field", "rule", "severity", "value", "message", "fix"]
    assert (problem["row"], problem["cell"], problem["field"], problem["rule"], problem["value"]) == (3, "D3", "amountDue", "within-amount", "120.00")
    assert done.err == ""


def test_several_files_are_judged_each_on_its_own(run, write):
    good, wrong = write(row(1)), write(row(2, due="120.00"), name="june.csv")
    done = run("check", good, "missing.csv", wrong, *RULES, "--json")
    assert [("error" in found, found.get("rejected")) for found in done.json] == [(False, 0), (True, None), (False, 1)]
    assert done.code == 2
    assert run("check", good, wrong, *RULES).code == 1
    assert run("check", good, good, *RULES).code == 0
    told = run("check", wrong, good, *RULES, "--all").out.splitlines()
    assert f"  invoice-rules import {good} --rules paystand.receivables" in told


def test_columns_and_values_are_given_by_option(run, write):
    file = write("1,5.00,x", head="number,total,nobody")
    settings = [f"--set={field}={value}" for field, value in {"amountDue": "{amount}", "customerName": "Miller", "extCustomerId": "C-1"}.items()]
    settings += ["--set=date=11/02/2026", "--set=dateDue=12/02/2026", "--set=isCanceled=no", "--set=contactEmail=ap@miller.co"]
    done = run("check", file, *RULES, "--map", "invoiceId=A", "--map", "invoiceNumber=number", "--map", "amount=total", *settings, "--json")
    assert (done.code, done.json[0]["totals"]) == (0, {"USD": {"amount": "5.00", "amountDue": "5.00"}})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--map", "amount"], "has no = in it"),
        (["--map", "amount=Amount", "--map", "amount=Amount due"], "twice"),
        (["--map", "amount=Betrag"], "Betrag"),
        (["--map", "betrag=Amount"], "no field"),
        (["--set", "betrag=1"], "no setting"),
        (["--set", "date.order=backwards"], "month-first"),
        (["--set", "amountDue={amont}"], 'has no field "amont"'),
        (["--header", "first"], "number of the heading row"),
        (["--encoding", "klingon"], "klingon"),
        (["--currency", "dollars"], "code of a currency"),
        (["--mapping", "miller"], 'no mapping named "miller"'),
        (["--expect-total", "lots"], "not an amount"),
        (["--expect-count", "many"], "not a whole number"),
        (["--limit-mb", "all"], "number of megabytes"),
    ],
)
def test_options_that_make_no_sense_are_told(run, write, options, says):
    done = run("check", write(row(1)), *RULES, *options)
    assert done.code == 2
    assert says in " ".join(done.err.split())


def test_how_to_turn_a_column_of_dates_is_said(run, write):
    file = write(row(1, date="13/11/2026"), row(2, date="14/11/2026"))
    assert "say so: --set date.order=day-first (or year-first)" in run("check", file, *RULES).words
    assert "say so" not in run("check", file, *RULES, "--set", "date.order=month-first").words


def test_how_to_settle_the_decimal_mark_of_a_column_is_said(run, tmp_path):
    file = tmp_path / "amounts.csv"
    file.write_text("clientNumber,invoiceNumber,invoiceDate,invoiceType,amount\n1042,1,11/15/2026,Reorder,1.200\n1042,2,11/15/2026,Reorder,2.500\n")
    asked = run("check", file, "--rules", "spectra.invoices")
    assert "decimal comma, say so: --set amount.decimal=comma (or point)" in asked.words and "--accept decimal-mark" in asked.words
    assert "say so" not in run("check", file, "--rules", "spectra.invoices", "--set", "amount.decimal=comma").words


def test_a_file_that_may_not_be_read_is_told_and_does_not_stop_the_others(run, write, monkeypatch):
    locked, good = write(row(1), name="locked.csv"), write(row(2), name="good.csv")
    monkeypatch.setattr(os, "access", lambda path, *_: Path(os.fsdecode(path)) != locked)
    assert [one.get("error") for one in run("check", locked, good, *RULES, "--json").json] == [None, None]


def test_a_mapping_with_a_setting_that_means_nothing_is_not_kept(run, write, store):  # S3-15
    done = run("map", write(row(1)), *RULES, "--set", "amountDue={amont}", "--save", "miller", "--store", store)
    assert done.code == 2 and 'has no field "amont"' in " ".join(done.err.split())
    assert run("mapping", "list", "--store", store, "--json").json == []


def test_a_field_without_a_column_is_one_question_not_one_for_each_row(run, write):  # S3-15, S3-17
    done = run("check", write("1", "2", head="invoiceId"), *RULES)
    assert done.code == 1
    assert "--set FIELD=VALUE" in done.words
    found = run("check", "may.csv", *RULES, "--json").json[0]["problems"]
    assert len([one for one in found if one["rule"] == "unmapped"]) == 9


def test_control_totals_are_compared(run, write):
    file = write(row(1), row(2))
    assert run("check", file, *RULES, "--expect-count", 2, "--expect-total", "200.00").code == 0
    wrong = run("check", file, *RULES, "--expect-count", 3, "--expect-total", "USD=300.00")
    assert wrong.code == 1
    assert "1 invoice and USD 100.00 missing" in wrong.words


def test_a_declared_total_is_in_the_currency_of_the_entity(run, write, store):
    assert run("entity", "set", "main", "--currency", "EUR", "--store", store).code == 0
    file = write(row(1, amount='"1,200.00"', due='"1,200.00"'))
    for total in ("1,200.00", "EUR=1,200.00", "EUR 1,200.00"):
        assert run("check", file, *RULES, "--store", store, "--expect-total", total).code == 0
    assert run("check", file, *RULES, "--store", store, "--expect-total", "USD 1,200.00").code == 1


SENT = "invoiceId,companyId,companyName,invoiceDate,total,webServiceDate,quantity,rate,lineAmount"


def test_where_nothing_is_chosen_nothing_is_offered(run, write, store):  # S1-17
    file = write("1,5,Acme,10/31/2026,9.00,2026-11-01,1,9,9.00", head=SENT)
    done = run("check", file, "--rules", "autotask.invoices")
    assert done.code == 0 and "leaves out every invoice of the file" in done.words
    assert "Import them" not in done.out and "Choose otherwise with --set" in done.words
    again = run("import", file, "--rules", "autotask.invoices", "--yes", "--store", store, "--json")
    assert again.code == 0 and len(again.json) == 1


def test_nothing_in_a_file_speaks_to_the_terminal(run, write):
    done = run("check", write(row(1, name="\x1b[31m[red]Miller\x07")), *RULES)
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


def test_headings_and_encoding_that_were_found_are_shown(run, home):  # S3-2
    (home / "may.csv").write_bytes((HEAD + "\n" + row(1, name="Müller") + "\n").encode("cp1252"))
    assert "1252" in run("check", "may.csv", *RULES).out.splitlines()[0]


def test_map_shows_columns_and_stars(run, write):  # S3-15
    file = write(row(1), head=HEAD.replace("Amount due", "Something"))
    done = run("map", file, *RULES)
    assert done.code == 1
    assert "Invoice ID * A Invoice ID" in done.words
    assert "Still to map: Amount due (amountDue)." in done.words
    (found,) = run("map", file, *RULES, "--json").json
    assert (found["missing"], found["unused"]) == (["amountDue"], ["Something"])
    assert run("map", file, *RULES, "--set", "amountDue={amount}").code == 0


def test_rules_are_listed_and_shown(run):
    assert "paystand.receivables" in run("rules").out
    assert run("rules", "paystand.customers").out.startswith("# Paystand customers")
    names = [found["name"] for found in run("rules", "--json").json]
    assert "paystand.receivables" in names
    (one,) = run("rules", "paystand.receivables", "--json").json
    assert one["fields"]["amount"]["required"] is True


def test_the_receivables_of_ibm(run, shared_data):
    file = next((shared_data / "invoices" / "ibm_ar").glob("*.csv"))
    assert run("check", file, *RULES).code == 1
    done = run("check", file, *ibm(), "--json")
    (found,) = done.json
    assert (done.code, found["rows"], found["accepted"], found["totals"]["USD"]["amount"]) == (0, 2466, 2466, "147703.18")
    assert json.dumps(found["mapping"]["invoiceNumber"]["heading"]) == '"invoiceNumber"'


def ibm() -> list[str]:
    """The options with which the receivables of IBM are read."""
    values = {"customerName": "{extCustomerId}", "isCanceled": "no", "contactEmail": "ap@miller.co", "amountDue": "{amount}"}
    columns = [f"--map={field}=invoiceNumber" for field in ("invoiceId", "invoiceNumber")]
    return [*RULES, *columns, *(f"--set={field}={value}" for field, value in values.items())]


def test_a_marked_copy_is_made_on_request(run, home):
    book = openpyxl.Workbook()
    for line in (HEAD, row(1), row(2, due="150.00")):
        book.active.append(line.split(","))
    book.save(home / "may.xlsx")
    done = run("check", "may.xlsx", *RULES, "--marked", "marked.xlsx")
    assert done.code == 1
    assert "The copy with its wrong cells marked: marked.xlsx" in done.words
    assert "--marked" not in done.out
    sheet = openpyxl.load_workbook(home / "marked.xlsx").active
    assert [cell.coordinate for line in sheet.iter_rows() for cell in line if cell.fill.fill_type] == ["D3"]
    assert run("check", "may.xlsx", *RULES, "--marked", "marked.xlsx", "--force", "--json").json[0]["marked"] == "marked.xlsx"
    again = run("check", "may.xlsx", *RULES, "--marked", "marked.xlsx")
    assert (again.code, "marked.xlsx is there already, and is left as it is." in " ".join(again.err.split()), again.out) == (2, True, "")
    assert "--force" not in run("check", "may.xlsx", *RULES, "--marked", "marked.xlsx", "--force").out
    refused = run("check", "may.xlsx", *RULES, "--marked", "may.xlsx")
    assert (refused.code, "would be written over" in refused.err) == (2, True)
    assert run("check", "may.xlsx", "may.xlsx", *RULES, "--marked", "m.xlsx").code == 2
