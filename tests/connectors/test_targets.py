"""Which organisation is meant, where several are connected: in every front end the same (S4-6)."""

import pytest

from invoice_rules.connectors import desk, known
from invoice_rules.connectors.sending import Sending
from invoice_rules.errors import CannotRun
from invoice_rules.notebook.unsure import connection_of
from tests.connectors.faking import FakeClock
from tests.connectors.scripted import Copies, Service


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    return Copies(tmp_path_factory.mktemp("books"))


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "config"))


def connect(*titles: str) -> None:
    """Organisations of Xero one after the other, with the names that they get: t-1, t-2 and so on."""
    for number, title in enumerate(titles, 1):
        known.save(known.Connection(known.name_for("xero", f"t-{number}", title), "xero", f"t-{number}", title))


def test_the_first_organisation_is_reached_by_its_name_though_the_service_is_called_so():
    connect("Alpha Ltd", "Beta Ltd")
    assert {name: desk.target(name).account for name in ("xero", "Xero", "xero:Beta Ltd", "beta ltd")} == {"xero": "t-1", "Xero": "t-1", "xero:Beta Ltd": "t-2", "beta ltd": "t-2"}
    assert {one.name: desk.target(one.name).account for one in desk.targets()} == {"xero": "t-1", "xero:Beta Ltd": "t-2"}


def test_a_service_is_no_name_of_one_organisation_among_several():
    connect("Alpha Ltd", "Beta Ltd")
    for said in ({"system": "xero"}, {"system": "Xero"}, {}):
        with pytest.raises(CannotRun, match=r"Several are connected: xero \(Alpha Ltd in Xero\); xero:Beta Ltd \(Beta Ltd in Xero\)\. Say which by its name\."):
            desk.target(**said)
    assert desk.target("xero", "xero").account == desk.target(system="Alpha Ltd").account == "t-1"
    known.remove("xero")
    assert desk.target(system="xero").account == desk.target("xero").account == "t-2"


def test_what_went_to_one_organisation_is_listed_for_that_one_alone(copies, tmp_path):
    connect("Alpha Ltd", "Beta Ltd")
    store = copies.of(3, tmp_path)
    for tenant, keys in (("t-1", ["1001", "1002"]), ("t-2", ["1003"])):
        sending = Sending(store, Service(tenant=tenant), clock=FakeClock())
        sending.prepare()
        sending.send(keys)
    waiting = {to: [entry.key for entry in desk.unmarked(desk.standing(store, to=to))] for to in ("xero", "xero:Beta Ltd", "")}
    assert waiting == {"xero": ["1001", "1002"], "xero:Beta Ltd": ["1003"], "": ["1001", "1002", "1003"]}
    assert desk.mark_question(desk.standing(store, to="xero")) == "Mark 2 invoices as processed in Autotask?"
    known.remove("xero")
    assert len(desk.unmarked(desk.standing(store, to="xero"))) == 3, "a service, where no connection is called so"


def test_organisations_of_one_title_are_told_apart(copies, tmp_path):
    connect("Demo Company", "Demo Company", "Other")
    assert [desk.place(one) for one in desk.targets()] == ["Demo Company in Xero (xero)", "Demo Company in Xero (xero:Demo Company)", "Other in Xero"]
    with pytest.raises(CannotRun, match=r"Several are connected: xero \(Demo Company in Xero\); xero:Demo Company \(Demo Company in Xero\)"):
        desk.target("Demo Company")
    sending = Sending(copies.of(1, tmp_path), Service(tenant="t-2"), clock=FakeClock())
    (entry,) = sending.prepare().entries
    assert connection_of(entry) == "xero:Demo Company"
    known.remove("xero:Demo Company")
    assert (connection_of(entry), desk.place_of(entry)) == ("", "t-2 in Xero")
