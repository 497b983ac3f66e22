"""The guide tells every button, in the browser and in the documentation."""

from html.parser import HTMLParser

from addin import books, guide, udfs
from addin.commands import CHOICES, COMMANDS, GROUPS, TAB_KEYTIP
from tests.modules import ROOT


def test_the_page_of_the_buttons_is_fresh(golden):
    golden(ROOT / "docs" / "buttons.md", guide.markdown())


def test_every_button_is_told_and_has_a_function():
    page, text = guide.page(), guide.markdown()
    for its in (*CHOICES, *COMMANDS):
        assert its.group in GROUPS
        assert f"<dt>{its.label}</dt>" in page
        assert f"| {its.label} |" in text
        assert callable(getattr(udfs, its.name))


def test_the_page_is_whole_html():
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta",):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Reader().feed(guide.page())
    assert not open_tags


def test_help_opens_the_guide(tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path))
    monkeypatch.setattr(books.webbrowser, "open", opened.append)
    books.show_help()
    assert opened == [(tmp_path / "guide.html").as_uri()]
    assert (tmp_path / "guide.html").read_text(encoding="utf-8") == guide.page()


def test_the_worksheet_functions_are_documented():
    text = (ROOT / "docs" / "addin.md").read_text(encoding="utf-8")
    assert all(f"`{name}(" in text for name in vars(udfs) if name.startswith("IR_"))


def test_the_checklist_for_excel_names_the_groups_and_the_key_of_the_tab():
    text = (ROOT / "docs" / "excel-checklist.md").read_text(encoding="utf-8")
    counted = ("no", "one", "two", "three", "four", "five", "six", "seven")[len(GROUPS)]
    assert f"its {counted} groups ({', '.join(GROUPS)})" in text
    assert f"3. Alt, {TAB_KEYTIP} " in text
