"""`ledger`, `contacts` and `connection`: how every invoice stands, what a person says about it, and whose contact is whose."""

import json
import shutil

import pytest

from invoice_rules.cli import session as sessions
from invoice_rules.connectors import known, opening, secrets
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.spectrum import PATH
from tests.cli.conftest import answers, home, run  # noqa: F401  # fixtures
from tests.connectors import deskcases, spectrumdata
from tests.connectors.test_cli_sending import books, contacts, filed, shift  # noqa: F401  # fixtures
from tests.connectors.wiremock import answer, asked
from tests.connectors.xeroserver import Fault

pytestmark = pytest.mark.xdist_group("wiremock")


def by_key(done):
    """Key -> state of what `ledger --json` printed."""
    return {one["key"]: one["state"] for one in done.json}


# ---- how all stand


def test_looking_makes_no_store_and_asks_no_service(run, home, monkeypatch):  # noqa: F811  # fixtures
    monkeypatch.setenv("INVOICE_RULES_STORE", str(home / "none.sqlite"))
    assert (run("ledger").code, (home / "none.sqlite").exists()) == (2, False)


def test_every_invoice_is_counted_and_what_waits_is_listed_with_what_to_do(run, books, xero):  # S4-14, S4-17  # noqa: F811  # fixtures
    assert run("ledger").words == "No invoice is on its way to a service."
    run("send", "xero", "--yes")
    done = run("ledger")
    assert done.code == 0
    assert "needs mapping 2 USD 45.50" in done.words and "sent, not marked 3 USD 360.00" in done.words
    assert "2 need mapping · Demo Company (US) in Xero Say what belongs to what, then send again. invoice-rules contacts check" in done.words
    assert "3 sent, not marked · Demo Company (US) in Xero Mark it in Autotask. invoice-rules mark" in done.words
    assert "1104 20261031.1104 Alder & Finch" in done.words and "1101 2026" not in done.words
    assert "2 invoices need you: 2 need mapping." in done.words
    assert "1101 20261031.1101 Stonebridge Partners 31 Oct 2026 120.00 USD" in run("ledger", "--state", "sent").words
    assert "1101 2026" in run("ledger", "--all").words


def test_json_rows_have_exactly_the_documented_keys(run, books):  # noqa: F811  # fixtures
    run("send", "xero", "--dry-run")
    found = run("ledger", "--json")
    keys = ["format", "key", "number", "customer", "customer_name", "date", "currency", "total", "destination", "tenant", "state", "word", "says", "next", "remote", "generation", "at"]
    assert all(list(one) == keys for one in found.json)
    assert {one["key"]: one["total"] for one in found.json}["1105"] == "-30.00"
    assert by_key(run("ledger", "--json", "--state", "needs-mapping")) == {"1104": "needs mapping", "1105": "needs mapping"}
    assert by_key(run("ledger", "--json", "--to", "xero", "--state", "ready")) == dict.fromkeys(("1101", "1102", "1103"), "ready")


@pytest.mark.parametrize("width", [100, 80])
def test_it_fits_the_terminal(run, books, xero, monkeypatch, width):  # noqa: F811  # fixtures
    monkeypatch.setattr(sessions, "WIDTH", width)
    xero.faults.append(Fault("PUT", "/Invoices", close="drop"))
    printed = run("send", "xero", "--yes").out + run("ledger").out + run("contacts", "check").out + run("ledger", "--history", "1101").out
    assert max(len(line) for line in printed.splitlines() if not line.startswith("  invoice-rules")) <= width


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--state", "lost"), 'There is no state "lost". There are: unknown, conflict, sending'),
        (("--to", "nobody"), 'Nothing is connected by the name "nobody".'),
        (("--history", "20261031.1101"), 'No invoice has the key "20261031.1101" in the ledger. It lists the keys; an invoice number is not one.'),  # S4-2
        (("there", "1101"), "Only an invoice of an unknown outcome, or one that differs, can be said to be there. 1101 is: ready."),
        (("not-there", "1101"), "Only an invoice of an unknown outcome, or one that is in Spectrum, can be said not to be there. 1101 is: ready."),
        (("release", "1101"), "Only an invoice that was left out or refused can be taken back in. 1101 is: ready."),
    ],
)
def test_what_cannot_be_said_is_told(run, books, args, says):  # noqa: F811  # fixtures
    run("send", "xero", "--dry-run")
    done = run("ledger", *args)
    assert done.code == 2
    assert says in " ".join(done.err.split())


# ---- a person's word


def test_what_is_left_out_stays_out_until_it_is_released(run, books, xero, contacts):  # noqa: F811  # fixtures
    run("send", "xero", "--dry-run")
    assert run("ledger", "skip", "1102", "--why", "Paid in cash").words == "Invoice 1102 is left out of sending to Demo Company (US) in Xero."
    assert run("send", "xero", "--yes").code == 0
    assert by_key(run("ledger", "--json"))["1102"] == "skipped"
    assert run("ledger", "skip", "1101").code == 2, "what was sent cannot be left out"
    run("ledger", "release", "1102")
    assert "1 invoice (USD 120.00) sent." in run("send", "xero", "--yes").words
    assert "Paid in cash" in run("ledger", "--history", "1102").words


def test_what_xero_refused_may_go_again_as_it_is(run, books, xero, contacts):  # S4-19  # noqa: F811  # fixtures
    xero.faults.append(Fault("PUT", "/Invoices", errors={"20261031.1102": "Not today"}))
    run("send", "xero", "--yes")
    assert run("ledger", "release", "1102", "--json").json[0]["state"] == "found"
    assert run("send", "xero", "--yes").code == 0


def test_xero_itself_is_asked_whether_it_is_there(run, books, xero):  # S4-17  # noqa: F811  # fixtures
    xero.faults.append(Fault("PUT", "/Invoices", close="drop"))
    assert run("send", "xero", "--yes").code == 1
    assert run("ledger").code == 1
    done = run("ledger", "there", "1101")
    assert (done.code, "Xero itself can say whether it has invoice 1101. Send again" in " ".join(done.err.split())) == (2, True)


def test_one_that_differs_is_looked_at_and_counts_as_sent(run, books, xero):  # S4-21  # noqa: F811  # fixtures
    xero.faults.append(Fault("PUT", "/Invoices", total="0.01"))
    assert run("send", "xero", "--yes").code == 1
    shown = run("ledger")
    assert shown.code == 1
    assert "Xero says 120.01, the invoice says 120.00" in shown.words
    assert "invoice-rules ledger there KEY" in shown.words and "invoice-rules send xero --resend KEY=new" in shown.words
    assert run("ledger", "there", "1101").words == "Invoice 1101 counts as sent to Demo Company (US) in Xero."
    assert by_key(run("ledger", "--json"))["1101"] == "sent"


def test_the_history_tells_who_when_and_what_was_answered(run, books, xero):  # noqa: F811  # fixtures
    run("send", "xero", "--yes")
    told = run("ledger", "--history", "1101", "--json").json
    assert [one["to"] for one in told if one["to"]] == ["found", "ready", "sending", "sent"]
    assert {one["target"] for one in told} == {"Demo Company (US) in Xero"}
    (said,) = [one["answer"] for one in told if one["answer"]]
    assert "20261031.1101" in said and deskcases.PLANTED not in said
    short, whole = run("ledger", "--history", "1101"), run("ledger", "--history", "1101", "--all")
    assert "--all shows each answer as a whole." in short.out
    assert len(whole.out) > len(short.out)


# ---- Spectrum, where only a person can say


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """Books with two invoices for Spectrum; made once."""
    folder = tmp_path_factory.mktemp("spectrum")
    return spectrumdata.Books(folder).with_invoices(folder, spectrumdata.invoice("N1"), spectrumdata.invoice("N2")).address


@pytest.fixture
def spectrum(staged, home, monkeypatch, wiremock, shift):  # noqa: F811  # fixtures
    """The books, and a connection to WireMock in Spectrum's place."""
    monkeypatch.setenv("INVOICE_RULES_STORE", str(shutil.copyfile(staged.path, home / "books.sqlite")))
    known.save(Connection("spectrum", "spectrum", "spectrum.example:8482", "Hollis & Crane", {"api": wiremock.url, "companies": "ABC,DEF", "pace": "0"}, secrets.FILE))
    secrets.keep(secrets.FILE, "spectrum", opening.AUTHORIZATION, spectrumdata.SECRET)
    return wiremock


def test_staged_entries_ask_for_nothing_more(run, spectrum):  # S2-42, S2-43  # noqa: F811  # fixtures
    spectrum.stub(asked("POST", PATH), spectrumdata.GOOD)
    done = run("send", "spectrum", "--yes")
    assert (done.code, "2 invoices (USD 3,782.00) sent." in done.words) == (0, True)
    shown = run("ledger")
    assert "Hollis & Crane in Spectrum staged 2" in shown.words
    assert "·" not in shown.out, "nothing is to be done about them"
    assert "There is nothing to send." in run("send", "spectrum", "--yes").words
    assert len(spectrum.requests("POST", PATH)) == 2


def test_the_question_says_that_they_are_staged(answers, spectrum):  # S2-43  # noqa: F811  # fixtures
    done = answers("send", "spectrum", lines=("n",))
    assert "Send 2 invoices (USD 3,782.00) to Hollis & Crane in Spectrum as staged entries?" in done.err


def test_an_unknown_outcome_waits_for_a_person(run, spectrum, shift):  # S2-44  # noqa: F811  # fixtures
    spectrum.stub(asked("POST", PATH), answer(200, "<html>Welcome</html>"))
    assert run("send", "spectrum", "--yes").code == 1
    shown = run("ledger")
    assert "2 outcome unknown · Hollis & Crane in Spectrum" in shown.words
    assert "Look for its number under Customer Invoice Entry in Spectrum" in shown.words
    assert "invoice-rules ledger not-there KEY it is not there: it goes again" in shown.words
    early = run("ledger", "not-there", "ABC/N1")
    assert (early.code, "may still arrive" in " ".join(early.err.split())) == (2, True)
    shift(130)
    spectrum.clear()
    spectrum.stub(asked("POST", PATH), spectrumdata.GOOD)
    run("send", "spectrum", "--yes")
    assert not spectrum.requests("POST", PATH), "nothing goes again by itself"
    assert "counts as sent" in run("ledger", "there", "ABC/N1", "--as", "batch 7").words
    assert "goes with the next sending" in run("ledger", "not-there", "ABC/N2").words
    assert run("send", "spectrum", "--yes").code == 0
    assert [json.loads(one.body)["arInvoices"][0]["Invoice_Or_Transaction"] for one in spectrum.requests("POST", PATH)] == ["N2"]


def test_one_that_was_deleted_there_goes_again_under_its_own_number(run, answers, spectrum):  # S2-42, S2-44  # noqa: F811  # fixtures
    spectrum.stub(asked("POST", PATH), spectrumdata.GOOD)
    run("send", "spectrum", "--yes")
    asks = answers("ledger", "not-there", "ABC/N1", lines=("n",))
    question = "Number N1 counts as entered in Hollis & Crane in Spectrum. Said not to be there, it goes again under the same number with the next sending."
    assert question in " ".join(asks.err.split()) and asks.code == 2
    assert "There is nothing to send." in run("send", "spectrum", "--yes").words
    assert answers("ledger", "not-there", "ABC/N1", lines=("y",)).code == 0
    assert "A person did not find it there any more" in run("ledger", "--history", "ABC/N1").words
    assert run("send", "spectrum", "--yes").code == 0
    sent = [json.loads(one.body)["arInvoices"][0] for one in spectrum.requests("POST", PATH)]
    assert [one["Invoice_Or_Transaction"] for one in sent] == ["N1", "N2", "N1"] and sent[0]["GUID"] != sent[2]["GUID"]
    assert by_key(run("ledger", "--json")) == {"ABC/N1": "sent", "ABC/N2": "sent"}


def test_a_person_may_speak_of_a_target_that_is_gone(run, spectrum, shift):  # S2-44  # noqa: F811  # fixtures
    spectrum.stub(asked("POST", PATH), answer(200, "<html>Welcome</html>"))
    run("send", "spectrum", "--yes")
    known.remove("spectrum")
    shift(130)
    assert run("ledger", "there", "ABC/N1").words == "Invoice ABC/N1 counts as sent to spectrum.example:8482 in Spectrum."


def test_spectrum_has_no_contacts_to_map(run, spectrum):  # noqa: F811  # fixtures
    done = run("contacts", "check", "--to", "spectrum")
    assert (done.code, "Spectrum takes customers by their code" in done.err) == (2, True)


# ---- contacts


def test_contacts_are_checked_with_what_may_be_meant(run, books, xero):  # S4-7, S4-8  # noqa: F811  # fixtures
    like = xero.contact("Alder & Finch")
    done = run("contacts", "check")
    assert done.code == 1
    assert "29683 Stonebridge Partners Stonebridge Partners" in done.words
    assert f'invoice-rules contacts map 29701 {like} "Alder & Finch"' in done.words
    assert "invoice-rules contacts create 29688" in done.words
    assert "2 of 3 companies have no contact that may be used in Demo Company (US) in Xero." in done.words
    told = {one["company"]: (one["match"], [same["id"] for same in one["suggestions"]]) for one in run("contacts", "check", "--json").json}
    assert told == {"29683": ("matched", []), "29688": ("unmatched", []), "29701": ("unmatched", [like])}


def test_contacts_are_mapped_created_and_forgotten(run, books, xero):  # S4-9, S4-11, S4-12, S4-13  # noqa: F811  # fixtures
    there = xero.contact("Finch Holdings")
    assert run("contacts", "map", "29701", "Finch Holdings").words == 'Company 29701 is "Finch Holdings" in Demo Company (US) in Xero.'
    assert run("contacts", "create", "29688").words == 'Company 29688 is "Harbour Trust" in Demo Company (US) in Xero.'
    assert run("contacts", "check").words.endswith("Every company has its contact in Demo Company (US) in Xero.")
    assert {one["company"]: one["name"] for one in run("contacts", "list", "--json").json} == {"29683": "Stonebridge Partners", "29688": "Harbour Trust", "29701": "Finch Holdings"}
    assert run("contacts", "map", "29688", there).code == 2, "a contact belongs to one company"
    assert run("contacts", "forget", "29701").words == 'Company 29701 is no longer linked with "Finch Holdings" in Demo Company (US) in Xero.'
    assert {one["Name"]: one["ContactNumber"] for one in xero.state()["contacts"]}["Finch Holdings"] == ""
    assert "1 of 3 companies has no contact" in run("contacts", "check").words
    assert run("contacts", "forget", "29701").code == 2


def test_a_name_that_several_have_is_not_guessed(run, books, xero):  # S4-8  # noqa: F811  # fixtures
    xero.contact("Finch North"), xero.contact("Finch South")
    done = run("contacts", "map", "29701", "Finch")
    assert (done.code, '2 contacts in Demo Company (US) in Xero may be meant by "Finch"' in " ".join(done.err.split())) == (2, True)
    unknown = run("contacts", "create", "12345")
    assert "Give the new contact a name." in " ".join(unknown.err.split())


def test_nothing_is_linked_yet(run, books):  # noqa: F811  # fixtures
    assert "No company is linked with a contact yet." in run("contacts", "list").words


# ---- how a connection works


def test_settings_of_a_connection(run, books, xero):  # S4-15, S4-21  # noqa: F811  # fixtures
    assert "approved no" in run("connection", "xero").words
    done = run("connection", "xero", "--approved", "yes", "--mark", "never", "--account", "260")
    assert "xero is changed." in done.words and "mark never" in done.words
    assert run("connection", "xero", "--account", "", "--json").json[0]["settings"] | {"api": ""} == {"api": "", "client_id": "C", "pace": "0", "approved": "yes", "mark": "never"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--approved", "maybe"), 'The setting approved cannot be "maybe". Write yes or no.'),
        (("--mark", "later"), "Write ask, always or never."),
        (("--batch", "5"), "A connection to Xero has no setting batch."),
        (("--source", "xero"), '"xero" is a connection to Xero, not to Autotask.'),
    ],
)
def test_settings_that_make_no_sense_change_nothing(run, books, args, says):  # noqa: F811  # fixtures
    done = run("connection", "xero", *args)
    assert (done.code, says in " ".join(done.err.split())) == (2, True)
    assert set(run("connection", "xero", "--json").json[0]["settings"]) == {"api", "client_id", "pace"}
