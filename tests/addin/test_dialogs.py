"""What is told and asked fits the boxes that Excel has for it, and nothing that matters is cut off."""

import pytest

from addin.dialogs import Dialogs, Field
from addin.engines.double.app import App

COMPANIES = ("decide later", *(f"Company {number} of the harbour, Proprietary Limited" for number in range(1, 31)))
QUESTION = "Import 1,887 invoices (USD 1,204,377.10) into main?"


@pytest.fixture
def asked(double, monkeypatch):
    """Excel has a box for one answer only, no form."""
    monkeypatch.delattr(App, "form")
    return Dialogs(double)


def test_a_short_question_is_asked_at_once(double, asked):
    double.impl.answers = ["2", None]
    assert asked.form("Which one?", [Field("choice", "Choose", "", ("all", "visible"))]) == {"choice": "visible"}
    assert [said.text for said in double.impl.log] == ["Which one?\nChoose\n1  all\n2  visible"]
    assert asked.form("Which one?", [Field("choice", "Choose", "", ("all", "visible"))]) is None


def test_a_long_list_of_choices_is_told_before_it_is_asked(double, asked):
    """Excel shows no prompt of more than 255 characters."""
    double.impl.answers = ["3"]
    fields = [Field("contact", "Which contact is it?", "decide later", COMPANIES)]
    assert asked.form("Miller Studio has no contact in Xero yet.", fields) == {"contact": COMPANIES[2]}
    *told, last = [said.text for said in double.impl.log]
    assert "\n".join(told).splitlines() == [
        "Miller Studio has no contact in Xero yet.",
        "Which contact is it?",
        *(f"{number}  {name}" for number, name in enumerate(COMPANIES, 1)),
    ]
    assert max(map(len, told)) <= 900
    assert last == "Which contact is it?\nType the number of your choice, or its words."


def test_a_choice_that_is_none_is_told_and_asked_again(double, asked):
    double.impl.answers = ["99", "decide later"]
    assert asked.form("", [Field("contact", "Which contact is it?", "", COMPANIES)]) == {"contact": "decide later"}
    assert any(said.text.startswith('"99" is none of the choices.') for said in double.impl.log)


def test_a_long_label_is_told_before_a_text_is_asked(double, asked):
    label = f"Company (known: {', '.join(COMPANIES)})"
    double.impl.answers = ["Company 7"]
    assert asked.form("", [Field("entity", label)]) == {"entity": "Company 7"}
    *told, last = [said.text for said in double.impl.log]
    assert " ".join(told) == label
    assert last.startswith("Company (known: decide later, Company 1")
    assert len(last) <= 255


def test_an_answer_that_is_no_text_is_none(asked, monkeypatch):
    monkeypatch.setattr("addin.engines.double.app.LONGEST_PROMPT", 1)  # whatever Excel's reason, its error is no answer
    assert asked.form("", [Field("text", "Answer")]) is None
    assert asked.form("", [Field("choice", "Choose", "", ("all", "visible"))]) is None


@pytest.mark.parametrize("way", ["confirm", "tell"])
def test_the_question_stands_in_the_box_however_much_stands_before_it(double, way):
    double.impl.answers = ["yes"]
    getattr(Dialogs(double), way)("\n".join(COMPANIES) + f"\n\nAlso.\n\n{QUESTION}")
    shown = double.impl.log[-1].text
    assert shown.startswith("decide later\nCompany 1 of the harbour")
    assert shown.endswith(f" …\n\n{QUESTION}")
    assert len(shown) <= 900


def test_one_paragraph_that_is_too_long_ends_at_a_word(double):
    Dialogs(double).tell("word " * 500)
    assert double.impl.log[-1].text.endswith("word …")
    assert len(double.impl.log[-1].text) <= 900
