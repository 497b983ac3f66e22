"""The documents are true: numbers resolve, names are complete, generated pages are fresh, examples run."""

import re
import types

import invoice_rules
from invoice_rules import rule_sets
from tests import documents
from tests.modules import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE = sorted(file for folder in ("invoice_rules", "addin", "tests") for file in (ROOT / folder).rglob("*.py"))


def test_behaviours_are_numbered_without_gaps():
    by_letter: dict[str, list[int]] = {}
    for name in documents.behaviours():
        letter, _, number = name.partition("-")
        by_letter.setdefault(letter, []).append(int(number))
    assert {letter: max(numbers) for letter, numbers in by_letter.items()} == {"X": 25, "S0": 33, "S1": 18, "S2": 46, "S3": 33, "S4": 21}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_letter.values())


def test_every_number_cited_is_explained():
    known = {*documents.behaviours(), *documents.promises()}
    assert "promise 15" in known
    assert not {str(file.relative_to(ROOT)): unknown for file in (*CODE, *PAGES) if (unknown := documents.cited(file) - known)}


def test_every_rule_cites_a_behaviour():
    known = set(documents.behaviours())
    assert not {id: rule.spec for id, same in documents.declared_rules().items() for rule in same if rule.spec not in known}


def test_every_behaviour_has_a_test_or_is_named_as_not_yet():
    tested = set().union(*(documents.cited(file) for file in CODE if file.is_relative_to(ROOT / "tests")))
    assert sorted(set(documents.behaviours()) - tested) == sorted(documents.later()), "what no test names is what docs/behaviours.md lists under 'Not yet'"


def test_every_rule_says_what_it_wants():
    assert not [id for id, same in documents.declared_rules().items() if not same[0].says]


def test_messages_speak_to_a_bookkeeper():
    """Whole sentences; no blame and no jargon."""
    messages = {rule.message for same in documents.declared_rules().values() for rule in same}
    assert not {message: fault for message in sorted(messages) if (fault := _fault(message))}


def _fault(message: str) -> str:
    text = re.sub(r"\{[^}]*\}", "Slot", message)
    jargon = re.search(r"\b(invalid|null|schema|parse|dtype|constraint|failed|illegal|NaN|None)\b|!", text, re.IGNORECASE)
    if jargon:
        return f"says {jargon[0]}"
    return "" if text[0].isupper() and (text.endswith((".", "?")) or message.endswith("}")) else "is no whole sentence"


def test_rules_page_is_fresh(golden):
    golden(ROOT / "docs" / "rules.md", documents.rules_page())


def test_pages_of_the_rule_sets_are_fresh(golden):
    folder = ROOT / "docs" / "rulesets"
    for name, rules in rule_sets().items():
        golden(folder / f"{name}.md", invoice_rules.pages.page(rules))
    assert {file.stem for file in folder.glob("*.md")} == set(rule_sets())


def test_every_document_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert not [str(page) for page in PAGES if page.parent == ROOT / "docs" and page.name != "index.md" and f"({page.name})" not in index]


def test_links_lead_somewhere():
    links = [(page, target) for page in PAGES for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))]
    assert not [f"{page.name}: {target}" for page, target in links if "://" not in target and not (page.parent / target).exists()]


def test_links_into_a_page_lead_to_a_heading():
    links = [(page, file, anchor) for page in PAGES for file, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))]
    assert links
    assert not [f"{page.name}: {file}#{anchor}" for page, file, anchor in links if "://" not in file and anchor not in _anchors(page.parent / file if file else page)]


def _anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_verbs_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {verb for page in PAGES for verb in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}
    assert named <= targets
    assert {"demo", "test", "lint", "golden", "bench", "nightly"} <= targets


def test_every_room_is_on_the_map():
    """docs/index.md names each module and package of the engine."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    rooms = {path.stem if path.is_file() else f"{path.name}/" for path in (ROOT / "invoice_rules").iterdir() if not path.name.startswith("_")}
    assert not sorted(room for room in rooms if f"`{room}`" not in index)


def test_commands_in_the_documents_exist():
    known = set(re.findall(r"^## (\S+)", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), re.MULTILINE))
    told = [page for page in PAGES if page.name in ("README.md", "CONTRIBUTING.md", "behaviours.md", "index.md")]
    assert not {verb for page in told for verb in re.findall(r"(?:^|`)invoice-rules ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)} - known


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    """As it stands there, on a file with one good and one bad row."""
    heading = "invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail\n"
    good, bad = (f"INV-{n},10{n},100.00,{due},Miller Studio,C-4711,05/01/2026,05/31/2026,no,ap@miller.com\n" for n, due in ((1, 40), (2, 140)))
    (tmp_path / "may.csv").write_text(heading + good + bad, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    (source,) = documents.python_blocks("README.md")
    exec(compile(source, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "1 of 2 invoices has errors and stays out." in printed
    assert any(message.startswith("Amount due (140.00) is more than the amount (100.00).") for message in names["report"].to_frame()["message"])
    assert names["receipt"].counts["created"] == 1
    assert len(invoice_rules.history(names["store"])) == 2  # the import and its undo


def test_the_rule_set_of_the_guide_works(tmp_path):
    """CONTRIBUTING's whole example, as it stands there."""
    (source,) = documents.python_blocks("CONTRIBUTING.md")
    module = types.ModuleType("harbour")
    exec(compile(source, "CONTRIBUTING.md", "exec"), vars(module))
    file = tmp_path / "notes.csv"
    file.write_text("Fee note,Ship,Date,Total,Discount\n1,Ada,2026-05-01,100.00,\n2,Grace,2026-05-31,100.00,120.00\n2,,2026-05-31,50.00,\n", encoding="utf-8")
    report = invoice_rules.examine(file, module.notes)
    found = {(problem.row, problem.field, problem.rule) for problem in report.problems.at_least(invoice_rules.Severity.ERROR)}
    assert found == {(3, "discount", "discount-within-total"), (3, "noteNumber", "duplicate"), (4, "noteNumber", "duplicate"), (4, "ship", "required")}
    assert (report.invoices, report.accepted) == (3, 1)
    assert "Discount (120.00) is more than the total (100.00)." in "".join(problem.message for problem in report.problems)
