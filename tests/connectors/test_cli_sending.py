"""`send` and `mark`: nothing leaves before a yes, nothing goes twice, and everything that was kept back is told."""

import datetime as dt
import shutil

import pytest

from invoice_rules.cli import asking
from invoice_rules.connectors import desk
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.known import remove, save
from invoice_rules.connectors.oncemore import NOT_ASKED
from invoice_rules.results import Result, State
from invoice_rules.store import open_store
from tests.cli.conftest import answers, home, run  # noqa: F401  # fixtures
from tests.connectors import autotaskdata, deskcases
from tests.connectors.scripted import import_invoices
from tests.connectors.wiremock import answer, asked
from tests.connectors.xeroserver import Fault

pytestmark = pytest.mark.xdist_group("wiremock")


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """Three invoices of Stonebridge, one of Alder & Finch, and a credit of Harbour Trust; made once."""
    path = tmp_path_factory.mktemp("filed") / "store.sqlite"
    deskcases.books(path, [*(deskcases.invoice(n) for n in (1, 2, 3)), deskcases.invoice(4, "29701", "75.50"), deskcases.invoice(5, "29688", "-30.00")])
    return path


@pytest.fixture
def shift(monkeypatch):
    """Time that passes at once: `shift(seconds)`; nobody really sleeps."""
    ahead = [0.0]

    def pass_(seconds: float) -> None:
        ahead[0] += seconds

    monkeypatch.setattr(Clock, "now", lambda _: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead[0]))
    monkeypatch.setattr(Clock, "sleep", lambda _, seconds: pass_(seconds))
    return pass_


@pytest.fixture
def books(filed, home, monkeypatch, xero, shift):  # noqa: F811  # a fixture
    """The books, Xero with a contact for Stonebridge alone, and a connection to it."""
    monkeypatch.setenv("INVOICE_RULES_STORE", str(shutil.copyfile(filed, home / "books.sqlite")))
    xero.contact("Stonebridge Partners", ContactNumber="29683")
    deskcases.to_xero(xero)
    yield home
    assert not xero.refused(), "Xero's own description knows what was written"
    kept = [path for path in home.rglob("*") if path.is_file() and path.name != "secrets.json" and deskcases.PLANTED.encode() in path.read_bytes()]
    assert not kept, "a secret lies in a file"


@pytest.fixture
def contacts(xero):
    """Contacts for the other two companies."""
    return [xero.contact(name, ContactNumber=number) for number, name in list(deskcases.COMPANIES.items())[1:]]


def numbers(xero):
    """Numbers of all that Xero has, as often as it has them."""
    state = xero.state()
    return sorted([one["InvoiceNumber"] for one in state["invoices"]] + [one["CreditNoteNumber"] for one in state["creditNotes"]])


# ---- before anything leaves


def test_nothing_leaves_where_nobody_can_say_yes(run, books, xero):  # noqa: F811  # a fixture
    done = run("send", "xero")
    assert done.code == 2
    assert "Nothing was sent: nobody can be asked here. Add --yes" in " ".join(done.err.split())
    assert not xero.received


def test_the_preview_counts_names_the_target_and_says_why_the_rest_stays(run, books, xero):  # S4-6, S4-7, S4-14  # noqa: F811  # a fixture
    done = run("send", "xero", "--dry-run")
    assert done.code == 1
    assert "To Demo Company (US) in Xero, from main" in done.words
    assert "ready 3 USD 360.00" in done.words
    assert "Alder & Finch (company 29701) has no contact in Xero yet." in done.words
    assert "2 of 5 invoices stay back. 3 (USD 360.00) are ready." in done.words
    assert "This was a dry run: nothing was sent." in done.words
    assert not [one for one in xero.received if one.method != "GET"]


def test_the_last_question_names_count_total_and_organisation(answers, books, xero, contacts):  # S4-6, S4-21  # noqa: F811  # a fixture
    done = answers("send", "xero", lines=("n",))
    assert "Send 4 invoices and 1 credit note (USD 405.50) to Demo Company (US) in Xero as drafts?" in done.err
    assert (done.code, numbers(xero)) == (1, [])
    assert "Nothing was sent." in done.out


def test_what_was_stored_anew_while_the_question_stood_does_not_go(answers, books, xero, contacts, monkeypatch):  # S4-6, S4-7  # noqa: F811  # a fixture
    def another_window(question, default=False):
        if question.startswith("Send"):
            import_invoices(open_store(books / "books.sqlite"), [deskcases.invoice(1, amount="9999.00")])
            desk.opened(open_store(books / "books.sqlite"), desk.target("", "xero")).prepare()
        return question.startswith("Send")

    monkeypatch.setattr(asking, "yes", another_window)
    done = answers("send", "xero", lines=())
    assert "Invoice 1101 was changed after it was shown, so it was not sent. Look at it as it is now, then send again." in " ".join(done.err.split())
    assert done.code == 1 and "1101" not in str(numbers(xero)) and len(numbers(xero)) == 4


def test_a_mark_that_was_refused_says_why_in_the_ledger(run, books, xero, contacts):  # S4-16, S4-19  # noqa: F811  # a fixture
    assert run("send", "xero", "--yes").code == 0
    assert run("ledger").code == 0
    sending = desk.opened(open_store(books / "books.sqlite"), desk.target("", "xero"))
    sending.source = Refusing()
    sending.mark(["1101"])
    done = run("ledger")
    assert done.code == 1 and "Invoice 1101 belongs to company 7 there." in done.words
    assert "1 not marked" in done.words and "See why it was not marked, settle that, then mark it again. invoice-rules mark" in done.words
    assert done.words.endswith("1 invoice needs you: 1 not marked.") and "interrupted" not in done.words


def test_what_is_there_twice_is_not_offered_a_third_time(run, books, xero, contacts):  # S2-44  # noqa: F811  # a fixture
    assert run("send", "xero", "--yes").code == 0
    ledger = desk.opened(open_store(books / "books.sqlite"), desk.target("", "xero")).ledger
    (entry,) = ledger.entries(keys=["1101"])
    ledger.settled({entry.id: Result(State.SENT, remote="another")})
    done = run("ledger")
    assert done.code == 1 and "1 there twice" in done.words and "It is there twice: " in done.words
    assert "Delete one of the two there, then say that it is there. invoice-rules ledger there KEY it is there, and right" in done.words
    assert "KEY=new" not in done.words


class Refusing:
    """A source that takes no mark."""

    def mark(self, entries, value):
        return [(entry.id, f"Invoice {entry.key} belongs to company 7 there.") for entry in entries]


def test_among_several_organisations_one_must_be_named(run, books, xero, contacts):  # S4-6  # noqa: F811  # a fixture
    deskcases.to_xero(xero, "xero:Other", "Other Company", "22222222-0000-0000-0000-000000000000")
    unclear = run("send", "xero", "--yes")
    assert unclear.code == 2
    assert "Several are connected: xero (Demo Company (US) in Xero); xero:Other (Other Company in Xero)." in " ".join(unclear.err.split())
    for name in ("Demo Company (US)", "xero"):
        assert "To Demo Company (US) in Xero" in run("send", "xero", "--to", name, "--dry-run").words


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("spectrum", "--yes"), "Spectrum is not connected yet. Connect it first."),
        (("xero", "--yes", "--to", "Nobody"), 'Nothing is connected by the name "Nobody". There is: xero (Demo Company (US) in Xero).'),
        (("xero", "--yes", "--resend", "1101=twice"), '--resend says "twice" of 1101. Write skip, update or new.'),
        (("xero", "--yes", "--resend", "1101"), '--resend "1101" has no = in it.'),
        (("xero", "--yes", "--mark", "later"), '--mark says "later". Write ask, always or never.'),
        (("xero", "--yes", "--map", "29701=Nobody"), 'No contact in Demo Company (US) in Xero is called "Nobody".'),
    ],
)
def test_what_cannot_run_says_why_and_sends_nothing(run, books, xero, args, says):  # noqa: F811  # a fixture
    done = run("send", *args)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert numbers(xero) == []
    (failed,) = run("send", *args, "--json").json
    assert failed["error"]


# ---- customers


def test_customers_are_asked_about_once_and_remembered(answers, run, books, xero):  # S4-9, S4-11, S4-12  # noqa: F811  # a fixture
    like = xero.contact("Alder and Finch Ltd", EmailAddress="ap@alder.example")
    done = answers("send", "xero", lines=("1", "y", "c", "n", "y"))
    assert "1 Alder and Finch Ltd, ap@alder.example" in done.words
    assert 'Alder & Finch is "Alder and Finch Ltd" in Demo Company (US) in Xero.' in done.words
    assert "4 invoices and 1 credit note (USD 405.50) sent." in done.words
    assert done.code == 0
    known = {one["Name"]: one.get("ContactNumber", "") for one in xero.state()["contacts"]}
    assert (known["Alder and Finch Ltd"], known["Harbour Trust"]) == ("29701", ""), "the one for this run leaves no trace"
    assert [(one["company"], one["contact"]) for one in run("contacts", "list", "--json").json if one["company"] == "29701"] == [("29701", like)]


def test_a_company_may_be_left_and_looked_for_by_name(answers, books, xero):  # S4-8, S4-14  # noqa: F811  # a fixture
    xero.contact("Finch Holdings")
    done = answers("send", "xero", lines=("nobody here", "finch", "9", "1", "y", "", "n"))
    assert 'has "nobody here" in its name.' in done.err
    assert "No contact has the number 9 here." in done.err
    assert 'Alder & Finch is "Finch Holdings"' in done.words
    assert "The invoices of Harbour Trust stay back." in " ".join(done.err.split())
    assert "Send 4 invoices (USD 435.50)" in done.err


def test_a_new_contact_gets_a_person_of_autotask(answers, books, xero, wiremock):  # S4-10  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock)
    person = {"id": 1, "firstName": "Ada", "lastName": "Finch", "emailAddress": "ada@alder.example", "isActive": 1, "primaryContact": True}
    wiremock.stub(asked("POST", f"{autotaskdata.path('Contacts')}/query"), answer(body=autotaskdata.page([person])))
    done = answers("send", "xero", lines=("c", "1", "y", "", "n"))
    assert "1 Ada Finch, ada@alder.example" in done.words
    (made,) = [one for one in xero.state()["contacts"] if one["Name"] == "Alder & Finch"]
    assert (made["FirstName"], made["LastName"], made["EmailAddress"], made["ContactNumber"]) == ("Ada", "Finch", "ada@alder.example", "29701")


def test_people_come_from_the_autotask_of_the_invoices_and_from_no_other(answers, books, xero, wiremock):  # S4-10  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock)
    wiremock.stub(asked("POST", f"{autotaskdata.path('Contacts')}/query"), answer(body=autotaskdata.page([{"id": 1, "firstName": "Ann", "lastName": "Other"}])))
    deskcases.to_autotask(wiremock, name="autotask:B", root="/B")
    wiremock.stub(asked("POST", "/B/V1.0/Contacts/query"), answer(body=autotaskdata.page([{"id": 1, "firstName": "Ada", "lastName": "Finch", "isActive": 1}])))
    done = answers("send", "xero", lines=("c", "y", "", "n"))
    assert "The contact gets no person: Which Autotask the invoices for Demo Company (US) in Xero come from is not known." in " ".join(done.err.split())
    assert next(one for one in xero.state()["contacts"] if one["Name"] == "Alder & Finch").get("FirstName", "") == ""
    deskcases.to_xero(xero, source="autotask:B")
    engine = desk.opened(open_store(books / "books.sqlite"), "xero")
    assert [one.name for one in desk.customers.people(engine, "29701")] == ["Ada Finch"]
    assert wiremock.count("POST", f"{autotaskdata.path('Contacts')}/query") == 0


def test_a_company_is_mapped_on_the_line_for_this_run_only(run, books, xero):  # S4-11  # noqa: F811  # a fixture
    xero.contact("Alder Holdings")
    xero.contact("Harbour Trust")
    done = run("send", "xero", "--yes", "--map", "29701=Alder Holdings", "--map", "29688=Harbour Trust", "--this-run-only")
    assert "4 invoices and 1 credit note (USD 405.50) sent." in done.words
    assert not [one for one in run("contacts", "list", "--json").json if one["company"] in ("29701", "29688")]


def test_a_dry_run_links_nobody(run, books, xero):  # S4-11  # noqa: F811  # a fixture
    """It shows what would go with the link, and neither Xero nor the books hear of it."""
    xero.contact("Alder Holdings")
    done = run("send", "xero", "--dry-run", "--map", "29701=Alder Holdings")
    assert "1 of 5 invoices stays back. 4 (USD 435.50) are ready." in done.words
    assert 'Company 29701 would be linked with "Alder Holdings".' in done.words
    assert not [one for one in xero.received if one.method != "GET"]
    assert not [one for one in run("contacts", "list", "--json").json if one["company"] == "29701"]
    assert [one["state"] for one in run("ledger", "--json").json if one["key"] == "1104"] == ["needs mapping"]


def test_a_part_of_a_name_links_nobody(run, books, xero):  # S4-8  # noqa: F811  # a fixture
    xero.contact("Alder & Sons Holdings")
    done = run("send", "xero", "--yes", "--map", "29701=Alder")
    assert '1 contact in Demo Company (US) in Xero may be meant by "Alder": "Alder & Sons Holdings". Write a name in full, or its identifier.' in " ".join(done.err.split())
    assert (done.code, numbers(xero)) == (2, [])
    assert not [one for one in xero.received if one.method != "GET"]
    assert run("contacts", "map", "29701", "alder  &  sons HOLDINGS").code == 0, "case and spaces aside"


# ---- sending


def test_everything_goes_once_and_never_again(run, books, xero, contacts):  # S4-17, S4-21  # noqa: F811  # a fixture
    done = run("send", "xero", "--yes")
    assert done.code == 0
    assert "4 invoices and 1 credit note (USD 405.50) sent." in done.words
    assert {one["Status"] for one in xero.state()["invoices"]} == {"DRAFT"}
    again = run("send", "xero", "--yes")
    assert (again.code, again.words.count("There is nothing to send.")) == (0, 1)
    assert numbers(xero) == [f"20261031.{1100 + n}" for n in range(1, 6)]


def test_what_xero_refuses_stays_back_with_its_words_and_the_rest_goes(run, books, xero, contacts):  # S4-19  # noqa: F811  # a fixture
    xero.faults.append(Fault("PUT", "/Invoices", errors={"20261031.1102": "The due date is too far away"}))
    done = run("send", "xero", "--yes")
    assert done.code == 1
    assert "3 invoices and 1 credit note (USD 285.50) sent. 1 was refused." in done.words
    assert "The due date is too far away" in done.words and "(1102)" in done.words
    assert "1 invoice (USD 120.00) sent." in run("send", "xero", "--yes").words
    assert len(numbers(xero)) == 5


def test_a_lost_answer_is_asked_about_and_nothing_goes_twice(run, books, xero, contacts, shift):  # S4-17, S4-19  # noqa: F811  # a fixture
    xero.faults.append(Fault("PUT", "/Invoices", close="drop"))
    done = run("send", "xero", "--yes")
    assert done.code == 1
    assert "4 have an unknown outcome." in done.words
    assert "Xero can be asked about the unknown outcome in 2 minutes; send again then." in " ".join(done.err.split())
    shift(130)
    again = run("send", "xero", "--yes")
    assert "Left open earlier: 4 invoices (USD 435.50) are there." in again.words
    assert (again.code, len(numbers(xero)), len(xero.sent("PUT", "/Invoices"))) == (0, 5, 1)


def test_a_wait_that_xero_asks_for_is_told(run, books, xero, contacts, shift):  # noqa: F811  # a fixture
    xero.faults.append(Fault("PUT", "/Invoices", status=429, commit=False, headers={"Retry-After": "75"}))
    done = run("send", "xero", "--yes")
    assert "Xero asks us to wait. Going on in 1 minute and 15 seconds." in " ".join(done.err.split())
    assert (done.code, len(numbers(xero))) == (0, 5)


def test_where_the_login_ended_nothing_is_lost_and_the_way_is_told(run, books, xero, contacts):  # S4-5  # noqa: F811  # a fixture
    assert run("send", "xero", "--dry-run").code == 0
    (books / "home" / "invoice-rules" / "secrets.json").unlink(missing_ok=True)
    for file in books.rglob("secrets.json"):
        file.unlink()
    done = run("send", "xero", "--yes")
    assert done.code == 2
    assert "Log in again: invoice-rules connect xero" in " ".join(done.err.split())
    assert numbers(xero) == []


def test_approved_is_a_setting_of_the_organisation(run, answers, books, xero, contacts):  # S4-21  # noqa: F811  # a fixture
    deskcases.to_xero(xero, approved="yes")
    done = answers("send", "xero", lines=("y",))
    assert "and approve them there?" in done.err
    assert {one["Status"] for one in xero.state()["invoices"]} == {"AUTHORISED"}


# ---- once more, on purpose


def test_a_second_one_goes_under_another_number_and_a_draft_is_changed(run, books, xero, contacts):  # S4-18  # noqa: F811  # a fixture
    run("send", "xero", "--yes")
    done = run("send", "xero", "--yes", "--resend", "1101=new", "--resend", "1102=update", "--resend", "1103=skip")
    assert done.code == 0
    assert numbers(xero) == ["20261031.1101", "20261031.1101-2", "20261031.1102", "20261031.1103", "20261031.1104", "20261031.1105"]
    assert len(xero.sent("POST", "/Invoices")) == 1


def test_what_was_not_confirmed_to_go_once_more_does_not_go_later(run, answers, books, xero, contacts):  # S4-18  # noqa: F811  # a fixture
    run("send", "xero", "--yes")
    run("send", "xero", "--dry-run", "--resend", "1101=new")
    answers("send", "xero", "--resend", "1102=new", lines=("n",))
    assert "There is nothing to send." in run("send", "xero", "--yes").words
    assert len(numbers(xero)) == 5
    run("send", "xero", "--yes", "--resend", "1101=new")
    assert numbers(xero).count("20261031.1101-2") == 1


def test_a_dry_run_keeps_nothing_back_that_never_left(run, books, xero, contacts):  # S4-18  # noqa: F811  # a fixture
    run("send", "xero", "--dry-run", "--resend", "1101=new")
    assert run("send", "xero", "--yes").code == 0
    assert len(numbers(xero)) == 5


def test_an_interrupt_at_the_question_is_no_yes(run, answers, books, xero, contacts, monkeypatch):  # S4-18  # noqa: F811  # a fixture
    run("send", "xero", "--yes")

    def interrupted(question, **_):
        raise KeyboardInterrupt

    monkeypatch.setattr(asking, "yes", interrupted)
    answers("send", "xero", "--resend", "1101=new", lines=())
    assert [one["says"] for one in run("ledger", "--json").json if one["generation"] == 2] == [NOT_ASKED]
    assert "There is nothing to send." in run("send", "xero", "--yes").words
    assert len(numbers(xero)) == 5


def test_only_what_the_question_was_about_goes(answers, books, xero, contacts, monkeypatch):  # S4-6  # noqa: F811  # a fixture
    def agreed(question, **_):
        store = open_store(books / "books.sqlite")
        import_invoices(store, [deskcases.invoice(6)])
        desk.opened(store, "xero").prepare()
        return True

    monkeypatch.setattr(asking, "yes", agreed)
    answers("send", "xero", "--mark", "never", lines=())
    assert len(numbers(xero)) == 5


# ---- marking


def test_marking_is_offered_and_only_what_was_sent_is_marked(answers, books, xero, wiremock):  # S4-15, S4-16  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, 1103, others={1104: 29701, 1105: 29688})
    done = answers("send", "xero", lines=("", "", "y", "y"))
    assert "Mark 3 invoices as processed in Autotask (Our Autotask)?" in done.err
    assert "3 invoices marked as processed in Autotask." in done.words
    assert sorted(deskcases.marked(wiremock)) == [1101, 1102, 1103]
    assert done.code == 1, "two stayed back"


def test_the_invoice_of_another_autotask_stays_to_be_fetched(run, books, xero, contacts, wiremock):  # S4-16  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, others={1103: 777, 1104: 29701, 1105: 29688})
    done = run("send", "xero", "--yes", "--mark", "always")
    assert "4 invoices marked as processed in Autotask." in done.words
    assert "invoice 1103 belongs to company 777, and the one that was sent to Stonebridge Partners (company 29683)" in done.words
    assert (done.code, sorted(deskcases.marked(wiremock))) == (1, [1101, 1102, 1104, 1105])


def test_marking_may_wait_or_never_come(run, answers, books, xero, contacts, wiremock):  # S4-15, S4-17  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, 1103, others={1104: 29701, 1105: 29688})
    assert "5 invoices are sent and not marked in Autotask. `invoice-rules mark` marks them." in answers("send", "xero", lines=("y", "n")).words
    assert "There is nothing to send." in run("send", "xero", "--yes", "--mark", "never").words
    refused = answers("mark", lines=("n",))
    assert (refused.code, deskcases.marked(wiremock)) == (2, [])
    done = answers("mark", lines=("y",))
    assert done.code == 0
    assert sorted(deskcases.marked(wiremock)) == [1101, 1102, 1103, 1104, 1105]
    assert "Everything that was sent is marked." in run("mark").words


def test_always_is_an_answer_that_is_kept_and_one_for_this_time(run, books, xero, contacts, wiremock):  # S4-15  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, 1103, others={1104: 29701, 1105: 29688})
    save(deskcases.to_xero(xero, mark="always"))
    (told,) = run("send", "xero", "--yes", "--json").json
    assert (told["sent"], told["marked"], told["kept_back"], told["stopped"]) == (5, 5, 0, None)
    assert len(deskcases.marked(wiremock)) == 5


def test_what_could_not_be_marked_is_told_and_marked_later(run, books, xero, contacts, wiremock):  # S4-16  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, 1103, others={1104: 29701})
    done = run("send", "xero", "--yes", "--mark", "always")
    assert done.code == 1
    assert "4 invoices marked as processed in Autotask." in done.words
    assert "1105 20261031.1105 Autotask does not show invoice 1105 to us any more." in done.words
    deskcases.to_autotask(wiremock, others={1105: 29688})
    (again,) = run("mark", "--yes", "--json").json
    assert (again["key"], again["state"], again["failed"]) == ("1105", "done", None)


def test_where_autotask_takes_no_more_the_rest_is_marked_later(run, books, xero, contacts, wiremock):  # S4-16, S4-17  # noqa: F811  # a fixture
    deskcases.to_autotask(wiremock, 1101, 1102, 1103, others={1104: 29701, 1105: 29688})
    wiremock.stub(asked("PATCH", autotaskdata.path("Invoices"), body=["$[?(@.id == 1103)]"]), answer(429, headers={"Retry-After": "4000"}))
    (told,) = run("send", "xero", "--yes", "--mark", "always", "--json").json
    assert (told["sent"], told["marked"], told["stopped"]) == (5, 2, "Autotask takes no more requests for now, for another 67 minutes. Nothing was lost; go on later.")
    waiting = run("mark", "--yes", "--json").json
    assert {one["key"]: one["failed"] for one in waiting} == dict.fromkeys(("1103", "1104", "1105"), told["stopped"])
    done = run("mark", "--yes")
    assert (done.code, "No invoice was marked." in done.words, told["stopped"] in " ".join(done.err.split())) == (1, True, True)
    deskcases.to_autotask(wiremock, 1103, others={1104: 29701, 1105: 29688})
    assert "3 invoices marked as processed in Autotask." in run("mark", "--yes").words


def test_where_the_organisation_is_gone_nothing_is_asked_and_nothing_marked(run, answers, books, xero, contacts):  # S4-16, S4-17  # noqa: F811  # a fixture
    run("send", "xero", "--yes")
    remove("xero")
    for done in (run("mark", "--yes"), answers("mark", lines=("y",))):
        assert done.code == 2 and "Mark 5" not in done.err
        assert "in Xero is not connected any more. Connect it, then mark. Nothing was marked." in " ".join(done.err.split())
    assert "sent, not marked 5" in run("ledger").words


def test_without_autotask_the_marks_wait(run, books, xero, contacts):  # S4-17  # noqa: F811  # a fixture
    done = run("send", "xero", "--yes", "--mark", "always")
    assert "5 invoices are sent and not marked in Autotask. Autotask is not connected" in done.words
    assert done.code == 0
    marking = run("mark", "--yes")
    assert (marking.code, "Autotask is not connected" in marking.err) == (2, True)


# ---- for programs


def test_json_has_exactly_the_documented_keys(run, books, xero):  # noqa: F811  # a fixture
    (told,) = run("send", "xero", "--yes", "--json").json
    assert list(told) == ["format", "to", "connection", "entity", "dry_run", "ready", "kept_back", "totals", "sent", "marked", "stopped", "invoices"]
    assert (told["ready"], told["kept_back"], told["totals"], told["sent"], told["marked"]) == (3, 2, {"USD": "360.00"}, 3, None)
    assert {one["key"]: one["state"] for one in told["invoices"]} == {"1101": "sent", "1102": "sent", "1103": "sent", "1104": "needs mapping", "1105": "needs mapping"}
    (dry,) = run("send", "xero", "--dry-run", "--json").json
    assert (dry["dry_run"], dry["sent"], dry["ready"]) == (True, 0, 0)
