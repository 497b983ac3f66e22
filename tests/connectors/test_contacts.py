"""Companies of Autotask and contacts in Xero: matched by number, never by name; one company, one contact (S4-7 … S4-13)."""

import shutil

import pytest

from invoice_rules.connectors.contacts import Company, Contacts, Match, Person
from invoice_rules.connectors.customers import forget
from invoice_rules.connectors.sending import Sending
from invoice_rules.errors import CannotRun
from invoice_rules.store import open_store
from tests.connectors.xerocases import client, destination, independent
from tests.connectors.xeroserver import TENANT, Fault

pytestmark = pytest.mark.xdist_group("xero")

STONEBRIDGE, MILLER = Company("29683", "Stonebridge Partners"), Company("29684", "Miller Studio")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    made = tmp_path_factory.mktemp("empty") / "store.sqlite"
    open_store(made)
    return made


@pytest.fixture
def store(empty, tmp_path):
    return open_store(shutil.copy(empty, tmp_path / "store.sqlite"))


@pytest.fixture
def contacts(xero, store):
    return opened(xero, store)


def opened(xero, store):
    """The same store and the same Xero, seen by a run of its own."""
    return Contacts(store.ledger("xero", TENANT), client(xero))


def stands(contacts, *companies, **how):
    return [(one.match, one.contact.id if one.contact else None, one.note) for one in contacts.check(companies, **how)]


# matching


def test_the_number_field_tells_the_contact(xero, contacts, store):  # S4-8
    made = xero.contact("Stonebridge Partners Inc.", ContactNumber="29683")
    assert stands(contacts, STONEBRIDGE, MILLER) == [
        (Match.MATCHED, made, ""),
        (Match.UNMATCHED, None, "Miller Studio (company 29684) has no contact in Xero yet. Create one, or map it to one that is there."),
    ]
    assert opened(xero, store).links() == {"29683": made}


def test_a_name_never_matches_by_itself_but_is_offered(xero, contacts):  # S4-8
    same, like = xero.contact("Stonebridge Partners"), xero.contact("Stonebridge Partners (Europe)")
    other = xero.contact("Stonebridge Partners UK", ContactNumber="777")
    (found,) = contacts.check([STONEBRIDGE], suggest=True)
    assert (found.match, found.contact) == (Match.UNMATCHED, None)
    assert [contact.id for contact in found.suggestions] == [same, like]
    assert other not in {contact.id for contact in found.suggestions}


def test_one_word_of_a_name_is_offered_where_the_whole_finds_nothing(xero, contacts):
    made = xero.contact("The Stonebridge Group")
    assert [contact.id for contact in contacts.suggestions(STONEBRIDGE)] == [made]
    assert contacts.suggestions(Company("1", "AB")) == ()


def test_a_contact_of_another_company_is_not_offered(xero, contacts):  # S4-13
    made = xero.contact("Stonebridge Partners")
    contacts.map(MILLER, made, save=False)
    assert contacts.suggestions(STONEBRIDGE) == ()


def test_a_company_is_asked_about_once(xero, contacts):  # S4-9
    assert len(contacts.check([STONEBRIDGE, STONEBRIDGE])) == 1
    assert len(xero.sent("GET", "/Contacts/29683")) == 1
    assert contacts.check([]) == []


def test_many_companies_are_found_in_the_list(xero, contacts):
    ids = {str(n): xero.contact(f"Customer {n}", ContactNumber=str(n)) for n in range(40)}
    found = contacts.check(Company(str(n), f"Customer {n}") for n in range(45))
    assert [one.contact.id for one in found[:40]] == list(ids.values())
    assert {one.match for one in found[40:]} == {Match.UNMATCHED}
    assert len(xero.received) == 1


def test_two_contacts_of_one_number_are_a_conflict(xero, contacts):  # S4-13
    for name in ("Stonebridge", "Stonebridge Partners"):
        xero.contact(name, ContactNumber="29683")
    others = [Company(str(n), "x") for n in range(20)]
    found = contacts.check([STONEBRIDGE, *others])[0]
    assert (found.match, found.note) == (Match.CONFLICT, '"Stonebridge" and "Stonebridge Partners" in Xero both have the number 29683 of Stonebridge Partners. Merge them in Xero, or archive one.')


def test_a_contact_that_is_another_companys_here_is_a_conflict(xero, contacts):  # S4-13
    made = xero.contact("Stonebridge Partners")
    contacts.map(MILLER, made)
    xero.change(made, ContactNumber="29683")
    (miller, stonebridge) = stands(contacts, MILLER, STONEBRIDGE)
    assert miller == (Match.CONFLICT, None, '"Stonebridge Partners" in Xero, which Miller Studio was mapped to, now has the number of company 29683. Map Miller Studio anew.')
    assert stonebridge == (
        Match.CONFLICT,
        None,
        'The contact "Stonebridge Partners" belongs to company 29684 already. A contact belongs to one company; choose another for Stonebridge Partners.',
    )


def test_a_number_that_went_to_another_contact_is_a_conflict(xero, contacts):  # S4-13
    ours = xero.contact("Stonebridge Partners")
    contacts.map(STONEBRIDGE, ours)
    xero.change(ours, ContactNumber="")
    assert stands(contacts, STONEBRIDGE) == [(Match.MATCHED, ours, "")]
    xero.contact("Stonebridge (new)", ContactNumber="29683")
    assert stands(contacts, STONEBRIDGE) == [(Match.CONFLICT, None, 'Stonebridge Partners is mapped to "Stonebridge Partners", but in Xero "Stonebridge (new)" has its number 29683. Map it anew.')]


# contacts that are gone


def test_an_archived_contact_is_asked_about_again(xero, contacts):  # S4-12
    made = xero.contact("Stonebridge Partners", ContactNumber="29683")
    assert stands(contacts, STONEBRIDGE)[0][0] is Match.MATCHED
    xero.change(made, ContactStatus="ARCHIVED")
    assert stands(contacts, STONEBRIDGE) == [(Match.UNMATCHED, None, '"Stonebridge Partners", the contact of Stonebridge Partners, was archived in Xero. Create one, or map it to another.')]


@pytest.mark.parametrize("linked", [True, False])
def test_a_merged_contact_is_asked_about_again_and_its_heir_is_offered(xero, contacts, linked):  # S4-12
    heir = xero.contact("Stonebridge Group")
    between = xero.contact("Stonebridge", ContactStatus="ARCHIVED", MergedToContactID=heir)
    made = xero.contact("Stonebridge Partners", ContactNumber="29683")
    if linked:
        contacts.check([STONEBRIDGE])
    xero.change(made, ContactStatus="ARCHIVED", MergedToContactID=between)
    (found,) = contacts.check([STONEBRIDGE])
    assert (found.match, [contact.id for contact in found.suggestions]) == (Match.UNMATCHED, [heir])
    assert found.note == '"Stonebridge Partners", the contact of Stonebridge Partners, was merged into "Stonebridge Group" in Xero. Map it to that one, or to another.'
    assert contacts.same(made, heir)
    assert not contacts.same(heir, made)
    contacts.map(STONEBRIDGE, heir)
    assert stands(contacts, STONEBRIDGE) == [(Match.MATCHED, heir, "")]


def test_contacts_that_were_merged_in_a_circle_end(xero, contacts):
    one, two = xero.contact("A", ContactStatus="ARCHIVED"), xero.contact("B", ContactStatus="ARCHIVED", ContactNumber="29683")
    xero.change(one, MergedToContactID=two)
    xero.change(two, MergedToContactID=one)
    assert stands(contacts, STONEBRIDGE)[0][0] is Match.UNMATCHED


def test_a_contact_that_xero_no_longer_has_is_asked_about_again(xero, contacts):  # S4-12
    contacts.ledger.link("29683", "5cc8cf28-567e-4d43-b287-687cfcaec47c", "Stonebridge Partners")
    assert stands(contacts, STONEBRIDGE) == [(Match.UNMATCHED, None, "The contact of Stonebridge Partners is no longer in Xero. Create one, or map it to another.")]


def test_a_new_contact_of_the_number_takes_the_place_of_an_archived_one(xero, contacts):
    old = xero.contact("Stonebridge", ContactNumber="29683")
    contacts.check([STONEBRIDGE])
    xero.change(old, ContactStatus="ARCHIVED", ContactNumber="")
    new = xero.contact("Stonebridge Partners", ContactNumber="29683")
    assert stands(contacts, STONEBRIDGE) == [(Match.MATCHED, new, "")]
    assert contacts.links() == {"29683": new}


# creating


def test_a_contact_is_created_with_a_person(xero, contacts, store):  # S4-9, S4-10, S4-12
    made = contacts.create(STONEBRIDGE, Person("Ada", "Stone", "ada@stonebridge.example"))
    (read,) = independent(xero).get_contacts(TENANT).contacts
    assert (read.name, read.first_name, read.last_name, read.email_address, read.contact_number) == ("Stonebridge Partners", "Ada", "Stone", "ada@stonebridge.example", "29683")
    assert stands(opened(xero, store), STONEBRIDGE) == [(Match.MATCHED, made.id, "")]


def test_a_contact_is_never_written_over_one_of_its_name(xero, contacts):
    there = xero.contact("stonebridge partners", EmailAddress="old@stonebridge.example", ContactNumber="777")
    with pytest.raises(CannotRun) as cannot:
        contacts.create(STONEBRIDGE)
    assert str(cannot.value) == 'Xero has a contact named "stonebridge partners" already, with the number of company 777. Map Stonebridge Partners to it, or give the new contact another name.'
    assert xero.sent("PUT") == xero.sent("POST") == []
    made = contacts.create(STONEBRIDGE, name="Stonebridge Partners (29683)")
    assert made.id != there
    assert [contact["EmailAddress"] for contact in xero.state()["contacts"]] == ["old@stonebridge.example", ""]


def test_a_company_that_has_a_contact_gets_no_second_one(xero, contacts):  # S4-13
    xero.contact("Stonebridge Ltd", ContactNumber="29683")
    with pytest.raises(CannotRun, match='"Stonebridge Ltd" in Xero has the number 29683 of Stonebridge Partners already'):
        contacts.create(STONEBRIDGE)


def test_a_contact_for_this_run_only_leaves_no_trace(xero, contacts, store):  # S4-11
    made = contacts.create(STONEBRIDGE, save=False)
    assert contacts.client.contact(made.id).number == ""
    assert contacts.links() == {"29683": made.id}
    assert opened(xero, store).links() == {}


def test_an_answer_that_is_lost_makes_no_second_contact(xero, contacts):
    xero.faults = [Fault("PUT", "/Contacts", close="drop")]
    with pytest.raises(CannotRun) as cannot:
        contacts.create(STONEBRIDGE)
    assert str(cannot.value) == "Xero did not answer, so whether the contact was made is not known. Check the customers again: it may be there."
    assert stands(contacts, STONEBRIDGE)[0][0] is Match.MATCHED
    with pytest.raises(CannotRun, match="has the number 29683"):
        contacts.create(STONEBRIDGE)
    assert len(xero.state()["contacts"]) == 1


# mapping


def test_a_mapping_is_kept_here_and_in_xero(xero, contacts, store):  # S4-11, S4-12
    made = xero.contact("Stonebridge Ltd", EmailAddress="ap@stonebridge.example")
    contacts.map(STONEBRIDGE, made)
    (read,) = independent(xero).get_contacts(TENANT).contacts
    assert (read.contact_number, read.name, read.email_address) == ("29683", "Stonebridge Ltd", "ap@stonebridge.example")
    assert opened(xero, store).links() == {"29683": made}


def test_a_mapping_for_this_run_only(xero, contacts, store):  # S4-11
    made = xero.contact("Stonebridge Ltd")
    contacts.map(STONEBRIDGE, made, save=False)
    assert stands(contacts, STONEBRIDGE) == [(Match.MATCHED, made, "")]
    assert xero.sent("POST") == []
    assert stands(opened(xero, store), STONEBRIDGE)[0][0] is Match.UNMATCHED


def test_a_mapping_that_xero_refuses_is_not_kept_here(xero, contacts):
    made = xero.contact("Stonebridge Ltd")
    xero.faults = [Fault("POST", "/Contacts", status=400, body='{"Elements": [{"ValidationErrors": [{"Message": "Not this one."}]}]}', commit=False)]
    with pytest.raises(CannotRun, match="Not this one"):
        contacts.map(STONEBRIDGE, made)
    assert contacts.links() == {}


def test_a_mapping_whose_answer_is_lost_is_found_by_the_next_check(xero, contacts):
    made = xero.contact("Stonebridge Ltd")
    xero.faults = [Fault("POST", "/Contacts", close="drop")]
    with pytest.raises(CannotRun) as cannot:
        contacts.map(STONEBRIDGE, made)
    assert str(cannot.value) == 'Xero did not answer, so whether "Stonebridge Ltd" has the number of Stonebridge Partners now is not known. Check the customers again: it may be mapped.'
    assert contacts.links() == {}
    assert stands(contacts, STONEBRIDGE) == [(Match.MATCHED, made, "")]


def test_a_link_whose_end_is_in_doubt_can_be_taken_away_again(xero, contacts):
    made = xero.contact("Stonebridge Ltd")
    contacts.map(STONEBRIDGE, made)
    sending = Sending(contacts.ledger.store, destination(xero))
    xero.faults = [Fault("POST", "/Contacts", close="drop")]
    with pytest.raises(CannotRun) as cannot:
        forget(sending, STONEBRIDGE.id)
    assert str(cannot.value) == 'Xero did not answer, so whether "Stonebridge Ltd" has the number 29683 still is not known. Take the link away again: repeating it does no harm.'
    assert forget(sending, STONEBRIDGE.id) == "Stonebridge Ltd"
    assert (contacts.links(), contacts.client.contact(made).number) == ({}, "")


def test_a_contact_belongs_to_one_company(xero, contacts):  # S4-13
    made, archived = xero.contact("Stonebridge Ltd", ContactNumber="777"), xero.contact("Old", ContactStatus="ARCHIVED")
    free = xero.contact("Free")
    contacts.map(MILLER, free, save=False)
    for contact, said in (
        (made, 'The contact "Stonebridge Ltd" belongs to company 777 already. A contact belongs to one company; choose another.'),
        (archived, 'The contact "Old" is archived in Xero or merged into another. Choose another.'),
        (free, 'The contact "Free" belongs to company 29684 already. A contact belongs to one company; choose another for Stonebridge Partners.'),
        ("5cc8cf28-567e-4d43-b287-687cfcaec47c", "This contact is no longer in Xero. Choose another."),
    ):
        with pytest.raises(CannotRun) as cannot:
            contacts.map(STONEBRIDGE, contact)
        assert str(cannot.value) == said
    assert xero.sent("POST") == []


def test_a_company_is_mapped_to_another_contact_only_where_its_own_is_gone(xero, contacts):  # S4-13
    xero.contact("Stonebridge Partners", ContactNumber="29683")
    with pytest.raises(CannotRun, match="has the number 29683 of Stonebridge Partners already"):
        contacts.map(STONEBRIDGE, xero.contact("Another"))
