"""One company, one contact, for each organisation (S4-8 … S4-13)."""

import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import ContactLink, check, open_store
from invoice_rules.store.tables import contact_links
from tests.store.sending import Clock, ledger

AT = "2026-11-22T10:00:00.000+00:00"


def ended(store) -> list[tuple]:
    """(company, contact, when and by whom it ended) of every link that there ever was."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(contact_links).order_by(contact_links.c.id))
        return [(row.company, row.contact, row.until, row.ended_by) for row in rows]


def test_a_link_is_used_next_time(store, url):  # S4-11
    made = ledger(store)
    assert (made.contact("29683"), made.contacts()) == (None, [])
    assert made.link("29683", "c-1", "Stonebridge Partners") == ContactLink("29683", "c-1", "Stonebridge Partners", AT)
    made.link("29701", "c-2", "Alder & Finch")
    later = open_store(url).ledger("xero", "demo")
    assert later.contact("29683") == ContactLink("29683", "c-1", "Stonebridge Partners", AT)
    assert [link.company for link in later.contacts()] == ["29683", "29701"]
    assert check(store) == []


def test_one_that_is_not_saved_holds_for_this_run(store, url):  # S4-11
    made = ledger(store)
    made.link("29683", "c-1", "Stonebridge", saved=False)
    assert made.contact("29683").contact == "c-1"
    assert open_store(url).ledger("xero", "demo").contacts() == []
    with pytest.raises(CannotRun, match="Contact Stonebridge is company 29683 already"):
        made.link("29701", "c-1", "Stonebridge")
    made.link("29683", "c-3", "Stonebridge")
    assert made.contact("29683").contact == "c-3" == ledger(store).contact("29683").contact
    made.link("29683", "c-4", "Stonebridge", saved=False)
    assert (made.contact("29683").contact, ledger(store).contact("29683").contact) == ("c-4", "c-3")
    assert made.unlink("29683")
    assert made.contacts() == ledger(store).contacts() == []


def test_a_contact_belongs_to_one_company(store, url):  # S4-13
    made = ledger(store)
    made.link("29683", "c-1", "Stonebridge")
    with pytest.raises(CannotRun, match="Contact Stonebridge is company 29683 already. A contact belongs to one company; choose another contact. Nothing was written."):
        made.link("29701", "c-1", "Stonebridge")
    for other in (ledger(store, tenant="other"), store.ledger("spectrum", "demo")):
        assert other.contacts() == []
        other.link("29701", "c-1", "Stonebridge")
    store.add_entity("studio")
    assert open_store(url, "studio").ledger("xero", "demo").link("29701", "c-1", "Stonebridge")
    assert made.unlink("29683")
    assert made.link("29701", "c-1", "Stonebridge").company == "29701"
    assert check(store) == []


def test_a_company_gets_another_contact(store):  # S4-12
    clock = Clock()
    made = ledger(store, clock)
    made.link("29683", "c-1", "Stonebridge")
    clock.turn(60)
    assert made.link("29683", "c-1", "Stonebridge").at == AT, "as it was"
    assert made.link("29683", "c-2", "Stonebridge Partners").at == "2026-11-22T10:01:00.000+00:00"
    assert made.unlink("29683")
    assert not made.unlink("29683")
    assert ended(store) == [("29683", "c-1", "2026-11-22T10:01:00.000+00:00", "ada"), ("29683", "c-2", "2026-11-22T10:01:00.000+00:00", "ada")]
    assert check(store) == []


def test_a_link_that_somebody_changed_is_found(store):
    made = ledger(store)
    made.link("29683", "c-1", "Stonebridge")
    with store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(contact_links.update().values(until=AT, contact="c-9"))
    with store.writing() as connection:
        connection.execute(contact_links.update().values(until=AT, ended_by="mallory"))
    assert check(store) == ["The contact of company 29683 is not the one that the ledger's history tells of: somebody changed it outside invoice-rules."]
