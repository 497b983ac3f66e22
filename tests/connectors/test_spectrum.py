"""Spectrum over the wire: WireMock in its place takes, refuses, breaks off, and keeps a journal (S2-1, S2-2, S2-42 … S2-44)."""

import base64
import json

import pytest

from invoice_rules.connectors import desk
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.failures import LoggedOut, Lost, NotReached, Refused
from invoice_rules.connectors.http import Session
from invoice_rules.connectors.known import Connection
from invoice_rules.connectors.oauth import LoginServer
from invoice_rules.connectors.sending import Sending
from invoice_rules.connectors.spectrum import PATH, SpectrumDestination
from invoice_rules.connectors.tokens import Basic, Credentials
from invoice_rules.errors import CannotRun
from invoice_rules.results import State
from invoice_rules.store import check
from invoice_rules.store.answering import INSTEAD
from tests.connectors.faking import FakeClock
from tests.connectors.servers import free_port
from tests.connectors.spectrumdata import GOOD, RULES, SECRET, destination, import_invoices, invoice, logged_in, posted, strict
from tests.connectors.wiremock import EMPTY, FAULTS, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")
WHERE = "Check Customer Invoice Entry, batch 20180524, number {}."
BODY = json.dumps({"arInvoices": [{"Company_Code": "ABC", "Batch_Code": "20180524", "Invoice_Or_Transaction": "N1"}]}).encode()


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def scene(wiremock, books):
    """A function: books with invoices, Spectrum as WireMock plays it, and the engine between them."""

    def made(*invoices, **how):
        clock = FakeClock()
        sending = Sending(books(*(invoices or (invoice("N1"),))), destination(how.pop("url", wiremock.url), session={"clock": clock, **how.pop("session", {})}, **how), clock=clock)
        sending.prepare()
        return sending, clock

    return made


def states(sending):
    return {entry.key: entry.state for entry in sending.ledger.entries()}


def notes(sending):
    return [entry.note for entry in sending.ledger.entries()]


def answers(server, *given):
    """Spectrum answers so, one after the other."""
    server.scenario("given", asked("POST", PATH), *given)


def said(code, desc="", column=""):
    return {"error_code": code, "desc": desc, "column": column}


# ---- the request


def test_the_sample_goes_as_its_companys_user_with_the_authorization_id_in_the_login_alone(scene, wiremock):
    """S2-1, S2-2: user = company, password = Authorization ID."""
    strict(wiremock)
    sending, _ = scene(invoice("N1"), invoice("N2", Company_Code="DEF"))
    sending.send()
    assert states(sending) == {"ABC/N1": State.SENT, "DEF/N2": State.SENT}
    for request, company in zip(wiremock.requests("POST", PATH), ("ABC", "DEF"), strict=True):
        assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == f"{company}:{SECRET}"
        assert [one["Company_Code"] for one in request.json()["arInvoices"]] == [company]
        assert SECRET.encode() not in request.body and b"Authorization_ID" not in request.body and SECRET not in request.url
        assert request.headers["content-type"] == "application/json"


def test_what_leaves_is_what_was_written_down(scene, wiremock):
    strict(wiremock)
    sending, _ = scene(invoice("N1"))
    sending.send()
    (entry,), (request,) = sending.ledger.entries(), wiremock.requests("POST", PATH)
    assert request.body == sending.ledger.request(entry.send).body
    assert (entry.remote, entry.number) == ("ABC/20180524/N1", "N1")
    assert sum(line["Line_Extension"] for line in request.json()["arInvoices"][0]["invoiceDetails"]) == 1891


def test_several_invoices_share_a_request_where_that_is_wanted(scene, wiremock):
    wiremock.stub(asked("POST", PATH), answer(200, {"success": True}))
    sending, _ = scene(*(invoice(f"N{n}") for n in range(5)), batch=2)
    sending.send()
    assert [len(request.json()["arInvoices"]) for request in wiremock.requests("POST", PATH)] == [2, 2, 1]
    assert set(states(sending).values()) == {State.SENT}


def test_nothing_that_is_shown_or_kept_holds_the_authorization_id(scene, wiremock, tmp_path, capsys):
    """S2-2: also where the server repeats it."""
    echo = f"{SECRET} {base64.b64encode(f'ABC:{SECRET}'.encode()).decode()}"
    answers(wiremock, answer(200, echo), answer(500, echo), answer(400, [said("I", echo, "Remarks")]), answer(401, echo))
    sending, _ = scene(*(invoice(f"N{n}") for n in range(4)))
    summary = sending.send()
    told = [str(summary), repr(sending.destination), repr(sending.destination.session), *notes(sending), *(json.dumps(sending.ledger.raw(entry.id)) for entry in sending.ledger.entries())]
    assert sorted(states(sending).values()) == [State.READY, State.REJECTED, State.UNKNOWN, State.UNKNOWN] and "…" in " ".join(told)
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    planted = (SECRET, base64.b64encode(f"ABC:{SECRET}".encode()).decode())
    assert kept and not [secret for secret in planted if secret in " ".join([*told, *capsys.readouterr()]) or any(secret.encode() in file for file in kept)]


def test_an_app_of_its_own_comes_with_a_token(wiremock):
    """S2-1: the enhanced login, where neither company nor Authorization ID is the user."""
    wiremock.stub(asked("POST", "/connect/token", body=[{"contains": "grant_type=client_credentials"}]), answer(200, {"access_token": "T-1", "token_type": "Bearer", "expires_in": 3600}))
    wiremock.stub(asked("POST", PATH, headers={"Authorization": "Bearer T-1"}), GOOD)
    server = LoginServer(Session([wiremock.url]), "app", SECRET, token=f"{wiremock.url}/connect/token")
    opened = SpectrumDestination(Session([wiremock.url], auth=Credentials(server, "spectrumapi", Clock())), wiremock.url, "s:1")
    assert opened.send(BODY, "key").status == 200 and opened.send(BODY, "key").status == 200
    assert wiremock.count("POST", "/connect/token") == 1 and b"scope=spectrumapi" in wiremock.requests("POST", "/connect/token")[0].body


# ---- answers, and what they do to the ledger


def test_entered_is_staged_and_never_sent_again(scene, wiremock):
    """S2-43, S2-42"""
    wiremock.stub(asked("POST", PATH), GOOD)
    sending, _ = scene()
    for _ in range(3):
        sending.prepare()
        sending.send()
    assert wiremock.count("POST", PATH) == 1 and states(sending) == {"ABC/N1": State.SENT}
    assert notes(sending) == ["Entered, not posted: it waits in Customer Invoice Entry, batch 20180524, to be updated there."]


def test_a_refusal_names_the_field_and_the_rest_goes_on(scene, wiremock):
    answers(wiremock, answer(422, said("I", "Customer is not active", "Customer_Code")), GOOD)
    sending, _ = scene(invoice("N1"), invoice("N2"))
    sending.send()
    assert states(sending) == {"ABC/N1": State.REJECTED, "ABC/N2": State.SENT}
    assert notes(sending)[0] == "Spectrum refused it. Customer code: Customer is not active."


def test_what_was_refused_goes_again_only_when_a_person_sends_again(scene, wiremock):
    answers(wiremock, answer(200, said("M", "", "Batch_Code")), GOOD)
    sending, _ = scene()
    sending.send()
    sending.settle()
    sending.send()
    assert states(sending) == {"ABC/N1": State.REJECTED} and posted(wiremock, "N1") == 1
    sending.prepare()
    sending.send()
    assert states(sending) == {"ABC/N1": State.SENT} and posted(wiremock, "N1") == 2
    assert len({request.json()["arInvoices"][0]["GUID"] for request in wiremock.requests("POST", PATH)}) == 2


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (answer(401, "no"), LoggedOut, "Spectrum does not let us in for company ABC. Look in its Data Exchange Installation: the Authorization ID must be active"),
        (answer(403, "no"), LoggedOut, "does not let us in for company ABC"),
        (answer(200, said("A", "Authorization ID is not setup in the system.", "Authorization_ID")), LoggedOut, "company ABC. Authorization_ID: Authorization ID is not setup in the system. Look in"),
        (answer(400, said("A", "Not authorized for company", "")), LoggedOut, "company ABC. Not authorized for company. Look in"),
        (answer(200, said("A", "Database is locked", "")), CannotRun, "Spectrum broke off, and entered nothing. Database is locked."),
        (answer(404, "nothing here"), Refused, f"The server has no {PATH}. Is the address of Spectrum right"),
        (answer(413, "too large"), Refused, r"refused the request \(413\)"),
    ],
)
def test_a_request_that_was_turned_away_did_nothing_and_the_sending_ends(scene, wiremock, given, error, words):
    """Every invoice is ready still; the message says what to do."""
    wiremock.stub(asked("POST", PATH), given)
    with pytest.raises(error, match=words):
        destination(wiremock.url).send(BODY, "key")
    if given["status"] != 413:  # that is about the request: the engine sets the one invoice aside
        sending, _ = scene(invoice("N1"), invoice("N2"))
        summary = sending.send()
        assert set(states(sending).values()) == {State.READY} and posted(wiremock, "N2") == 0
        assert summary.stopped and summary.logged_out == (error is LoggedOut)


@pytest.mark.parametrize("no", [answer(401, "no"), answer(403, "no"), answer(200, said("A", "Not authorized for company"))])
def test_one_company_without_entrance_keeps_no_other_back(scene, wiremock, no):
    """S4-19: its invoices stay ready, asked about once; the others go."""
    wiremock.stub(asked("POST", PATH), GOOD, priority=9)
    wiremock.stub(asked("POST", PATH, body=["$.arInvoices[?(@.Company_Code == 'ABC')]"]), no)
    sending, _ = scene(*(invoice(f"N{n}", Company_Code=("ABC", "DEF")[n % 2]) for n in range(50)))  # more than one page of requests
    summary = sending.send()
    assert {(key[:3], state) for key, state in states(sending).items()} == {("ABC", State.READY), ("DEF", State.SENT)}
    assert len(wiremock.requests("POST", PATH)) == 26
    assert summary.logged_out and summary.stopped.startswith("Spectrum does not let us in for company ABC. ") and summary.stopped.count("let us in") == 1
    wiremock.stub(asked("POST", PATH), GOOD)
    assert not sending.send().stopped and set(states(sending).values()) == {State.SENT}


def test_a_company_is_known_however_its_code_is_written(wiremock):
    """S2-38: the login is the company's as it was connected."""
    strict(wiremock)
    opened = destination(wiremock.url, companies=("abc",))
    opened.session = Session([wiremock.url], auth=Basic(["abc"], SECRET))
    with pytest.raises(LoggedOut):  # WireMock knows ABC alone
        opened.send(BODY, "key")
    (request,) = wiremock.requests("POST", PATH)
    assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == f"abc:{SECRET}"
    with pytest.raises(CannotRun, match='Company "XYZ" is not one of this connection'):
        opened.session.speak_for("XYZ")


def test_an_answer_that_is_not_understood_is_kept_and_nothing_goes_again(scene, wiremock):
    """S2-44"""
    wiremock.stub(asked("POST", PATH), answer(200, "<html>Welcome</html>"))
    sending, clock = scene()
    for _ in range(3):
        sending.send()
        clock.sleep(200)
        sending.settle()
        sending.prepare()
    (entry,) = sending.ledger.entries()
    assert entry.state is State.UNKNOWN and posted(wiremock, "N1") == 1
    assert entry.note == f'Spectrum says neither yes nor no in so many words. It answered with 200: "<html>Welcome</html>". {WHERE.format("N1")}'
    assert "200\n<html>Welcome</html>" in [line["answer"] for line in sending.ledger.raw(entry.id)]


# ---- lines that break, and a person's word


@pytest.mark.parametrize("fault", FAULTS)
def test_a_line_that_breaks_leaves_the_outcome_to_a_person(scene, wiremock, fault):
    """The request is in the journal: Spectrum has it. Nothing goes again by itself (S2-44)."""
    wiremock.stub(asked("POST", PATH), answer(fault=fault))
    sending, clock = scene()
    sending.send()
    assert states(sending) == {"ABC/N1": State.UNKNOWN} and notes(sending)[0].endswith(f"Whether it took what was sent is not known. {WHERE.format('N1')}")
    clock.sleep(500)
    sending.settle(), sending.prepare(), sending.send()
    assert states(sending) == {"ABC/N1": State.UNKNOWN} and posted(wiremock, "N1") == 1
    assert sending.answer("ABC/N1", there=True).state is State.SENT and posted(wiremock, "N1") == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 302])
def test_a_server_that_fails_leaves_the_outcome_to_a_person(wiremock, status):
    wiremock.stub(asked("POST", PATH), answer(status, {"success": True}, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(Lost, match=WHERE.format("N1")):
        destination(wiremock.url).send(BODY, "key")
    assert wiremock.count("POST", PATH) == 1


def test_a_request_is_over_before_anybody_looks_for_it(scene, wiremock):
    """A late answer leaves the outcome to a person, within the time after which that person may look."""
    wiremock.stub(asked("POST", PATH), answer(200, said("G"), delay=1.0))
    sending, _ = scene(quiet=0.4)
    sending.send()
    assert states(sending) == {"ABC/N1": State.UNKNOWN} and posted(wiremock, "N1") == 1


def test_what_a_person_did_not_find_goes_once_more_and_a_duplicate_is_a_conflict(scene, wiremock):
    """S2-44: it was there after all; Spectrum takes a number once, and a person has the last word."""
    answers(wiremock, answer(fault=EMPTY), answer(400, said("I", "Invoice already exists", "Invoice_Or_Transaction")))
    sending, clock = scene()
    sending.send()
    with pytest.raises(CannotRun, match="on its way a moment ago"):
        sending.answer("ABC/N1", there=False)
    clock.sleep(121)
    assert sending.answer("ABC/N1", there=False).state is State.READY and posted(wiremock, "N1") == 1
    sending.send()
    assert posted(wiremock, "N1") == 2 and states(sending) == {"ABC/N1": State.CONFLICT}
    assert notes(sending) == [f"Spectrum has number N1 already. It may be this invoice, from the time before. {WHERE.format('N1')} Invoice number: Invoice already exists."]
    sending.prepare(), sending.settle(), sending.send()
    assert posted(wiremock, "N1") == 2
    assert sending.answer("ABC/N1", there=True).state is State.SENT


LONG = "N234567890"


def test_what_was_deleted_there_goes_once_under_its_own_number(scene, wiremock):
    """S2-42, S4-18: also where it was to go as a new one before, whose number is too long; that one is no second invoice then."""
    wiremock.stub(asked("POST", PATH), GOOD)
    sending, _ = scene(invoice(LONG))
    store, key = sending.store, f"ABC/{LONG}"
    sending.send()
    sending.prepare({key: "new"}), sending.send()
    assert [(entry.generation, entry.state) for entry in sending.ledger.entries()] == [(1, State.SENT), (2, State.REJECTED)] and posted(wiremock, LONG) == 1
    with pytest.raises(CannotRun, match=f"Number {LONG} counts as entered .* Nothing was changed."):
        desk.not_there(store, key)
    assert desk.not_there(store, key, sure=True).state is State.FOUND
    sending.prepare({key: "new"}), sending.send()
    assert [(entry.generation, entry.state, entry.note == INSTEAD) for entry in sending.ledger.entries()] == [(1, State.SENT, False), (2, State.SKIPPED, True)]
    assert posted(wiremock, LONG) == 2 and wiremock.count("POST", PATH) == 2
    assert check(store) == []


def test_what_went_as_a_new_one_since_is_what_a_person_speaks_of(scene, wiremock):
    """S4-18: the earlier one is not sent again beside it."""
    wiremock.stub(asked("POST", PATH), GOOD)
    sending, _ = scene()
    sending.send()
    sending.prepare({"ABC/N1": "new"}), sending.send()
    first, second = sending.ledger.entries()
    assert (first.number, second.number, second.state) == ("N1", "N1-2", State.SENT)
    with pytest.raises(CannotRun, match="Invoice ABC/N1 went once more since, as N1-2. Say what became of that one. Nothing was changed."):
        desk.not_there(sending.store, first, sure=True)
    assert desk.not_there(sending.store, "ABC/N1", sure=True).generation == 2
    sending.prepare(), sending.send()
    assert posted(wiremock, "N1-2") == 2 and posted(wiremock, "N1") == 1


def test_three_silences_in_a_row_end_the_sending(scene, wiremock):
    wiremock.stub(asked("POST", PATH), answer(fault=EMPTY))
    sending, _ = scene(*(invoice(f"N{n}") for n in range(5)))
    summary = sending.send()
    assert sorted(states(sending).values()) == [State.READY] * 2 + [State.UNKNOWN] * 3 and "3 times in a row" in summary.stopped


def test_a_server_that_is_not_there_leaves_everything_ready(scene):
    """Nothing left this computer, so nobody has to look."""
    sending, _ = scene(invoice("N1"), invoice("N2"), url=f"http://127.0.0.1:{free_port()}")
    summary = sending.send()
    assert set(states(sending).values()) == {State.READY} and summary.stopped == "Spectrum could not be reached: nothing answers at its address. Nothing was sent."


# ---- the certificate


def test_a_server_with_a_certificate_of_its_own_needs_its_authority(scene, wiremock):
    wiremock.stub(asked("POST", PATH), GOOD)
    sending, _ = scene(url=wiremock.secure, session={"ca_file": str(wiremock.certificates.authority)})
    sending.send()
    assert states(sending) == {"ABC/N1": State.SENT} and wiremock.count("POST", PATH) == 1


@pytest.mark.parametrize("authority", ["stranger", ""])
def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_leaves(scene, wiremock, authority):
    wiremock.stub(asked("POST", PATH), GOOD)
    chosen = str(wiremock.certificates.stranger) if authority else ""
    sending, _ = scene(url=wiremock.secure, session={"ca_file": chosen})
    summary = sending.send()
    assert states(sending) == {"ABC/N1": State.READY} and wiremock.count("POST", PATH) == 0
    assert "its certificate is not one that this computer trusts" in summary.stopped
    with pytest.raises(NotReached):
        destination(wiremock.secure, session={"ca_file": chosen}).send(BODY, "key")


# ---- the connection


def test_a_connection_says_where_and_how():
    made = Connection("spectrum", "spectrum", "erp.example:8482", "Hollis & Crane", {"api": "https://erp.example:8482/", "companies": "ABC, DEF", "batch": "5", "quiet": "30"})
    opened = SpectrumDestination.of(made, logged_in("https://erp.example:8482"))
    assert (opened.url, opened.tenant, opened.tenant_title, opened.companies, opened.batch, opened.quiet) == ("https://erp.example:8482", "erp.example:8482", "Hollis & Crane", ("ABC", "DEF"), 5, 30)
    assert (opened.name, opened.title, opened.rules, opened.askable) == ("spectrum", "Spectrum", RULES, False)


def test_the_tenant_stays_the_same_when_a_company_is_added():
    """Otherwise everything would be found anew, and sent twice."""
    made = [Connection("s", "spectrum", "erp.example:8482", "", {"api": "https://erp.example:8482", "companies": codes}) for codes in ("ABC", "ABC,DEF")]
    assert {SpectrumDestination.of(one, logged_in("https://erp.example:8482")).tenant for one in made} == {"erp.example:8482"}


@pytest.mark.parametrize(("name", "value"), [("batch", "0"), ("batch", "1.5"), ("batch", "many"), ("quiet", "-1"), ("quiet", "nan")])
def test_settings_that_make_no_sense_are_told(name, value):
    with pytest.raises(CannotRun, match=f'The setting {name} of the connection to Spectrum is "{value}"'):
        SpectrumDestination.of(Connection("s", "spectrum", "erp.example:8482", "", {"api": "https://erp.example:8482", name: value}), logged_in("https://erp.example:8482"))


def test_a_changed_invoice_that_is_there_already_is_a_conflict(scene, wiremock):
    """S2-42: nothing that Spectrum has is ever changed."""
    wiremock.stub(asked("POST", PATH), GOOD)
    sending, _ = scene()
    sending.send()
    with pytest.raises(AssertionError, match="existing|before|already"):
        import_invoices(sending.store, invoice("N1", {"Line_Extension": "1.00"}))
    sending.prepare(), sending.send()
    assert posted(wiremock, "N1") == 1
