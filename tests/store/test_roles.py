"""Roles: who may look, import and administer, from the first that is given on (S1-1, S3-16, S3-20, X-18, X-24)."""

import dataclasses
import secrets

import psycopg
import pytest
import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.references import kind
from invoice_rules.results import Corrections
from invoice_rules.store import Store, check, commit, history, open_store, purge, roles, undo
from invoice_rules.store.references import preview_list, save_lists
from invoice_rules.store.tables import roles as table
from tests.making import RECEIVABLES, mapped
from tests.store.making import imported, on_file, planned, rows_of
from tests.store.sending import OK, RULES, approve, ledger, yes
from tests.store.test_keeping import disarm


class People:
    """Ada administers, Ida imports, Vic looks, Nemo has no role. `as_` gives the store as one of them sees it."""

    def __init__(self, store: Store, monkeypatch, server=None):
        self.store, self._monkeypatch, self._server = store, monkeypatch, server
        tail = "_" + secrets.token_hex(4) if server else ""
        self.ada, self.ida, self.vic, self.nemo = (name + tail for name in ("ada", "ida", "vic", "nemo"))
        if server:
            with psycopg.connect(server._url("postgres"), autocommit=True) as connection:
                for name in (self.ada, self.ida, self.vic, self.nemo):
                    connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'canary-password'")
        self.owner = "postgres" if server else self.ada

    def get_roles(self) -> None:
        first = self.as_(self.owner)
        for name, role in ((self.ada, "administrator"), (self.ida, "importer"), (self.vic, "viewer")):
            first.grant(name, role)

    def as_(self, name: str, entity: str = "main") -> Store:
        if self._server is None:
            self._monkeypatch.setattr(roles, "account", lambda: name)
            return self.store if entity == "main" else open_store(self.store.address.path, entity)
        return open_store(self.url(name), entity)

    def url(self, name: str) -> str:
        return self.store.address.url.set(username=name, password="canary-password", drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def people(store, monkeypatch, request) -> People:
    server = request.getfixturevalue("server") if not store.address.path else None
    return People(store, monkeypatch, server)


def saved_list(store: Store):
    report = examine(("terms.csv", b"Terms,Name\n1,30 days\n"), kind("terms"), context=store.context())
    return save_lists([preview_list(report, store)], store)


ACTS = {
    "import": lambda store: imported(store, rows_of([secrets.randbelow(10**6)])),
    "corrections": lambda store: store.save_corrections(Corrections({("customerName", "x"): secrets.token_hex(4)}, sender="Miller"), RECEIVABLES.name),
    "list": saved_list,
    "template": lambda store: store.save_mapping(mapped(list(RECEIVABLES.fields)), secrets.token_hex(4)),
    "ledger": lambda store: store.ledger("xero", "demo").find(RECEIVABLES.name),
    "contact": lambda store: store.ledger("xero", "demo").link(secrets.token_hex(4), secrets.token_hex(4), "Miller"),
    "mapping": lambda store: store.save_mapping(mapped(list(RECEIVABLES.fields)), ""),
    "settings": lambda store: store.set_entity(title=secrets.token_hex(4)),
    "entity": lambda store: store.add_entity(secrets.token_hex(4)),
    "purge": lambda store: purge(store, 60),
    "grant": lambda store: store.grant(list(store.roles())[-1], "viewer"),
    "revoke": lambda store: store.revoke(list(store.roles())[-1]),
}
OF_IMPORTERS = ("import", "corrections", "list", "template", "ledger", "contact")


def test_without_roles_everybody_may_do_everything(people):
    """A single user never has to think of them."""
    store = people.as_(people.owner)
    assert (store.roles(), store.role_of(), store.role_of("anybody")) == ({}, "administrator", "administrator")
    for name in ACTS.keys() - {"grant", "revoke"}:
        ACTS[name](store)
    assert check(store) == []


def test_a_front_end_may_ask_before_the_work(people):  # S1-1
    people.as_(people.owner).require("administrator", "Importing")
    people.get_roles()
    people.as_(people.ida).require("importer", "Importing")
    with pytest.raises(CannotRun, match="Importing needs the role importer in main, and vic.* is a viewer"):
        people.as_(people.vic).require("importer", "Importing")


def test_the_first_giver_becomes_an_administrator(people):
    store = people.as_(people.owner)
    assert store.grant(people.vic, "viewer") == {people.owner: "administrator", people.vic: "viewer"}
    assert (store.role_of(people.vic), store.role_of(people.nemo), store.role_of()) == ("viewer", "", "administrator")
    assert check(store) == []


def test_a_role_is_needed_for_each_act(people):  # S1-1, S3-16, S3-20
    people.get_roles()
    looks_on = [people.nemo] if people.store.address.path else []  # the server does not even let them look
    for name in (*looks_on, people.vic, people.ida, people.ada):
        store = people.as_(name)
        held = store.role_of()
        for act, done in ACTS.items():
            needed = "importer" if act in OF_IMPORTERS else "administrator"
            if roles.allows(held, needed):
                done(store)
                continue
            has = f"is a{'n' if held == 'importer' else ''} {held}" if held else "has no role there"
            with pytest.raises(CannotRun, match=f"needs the role {needed} in main, and {name} {has}.*{people.ada}.* can give it. Nothing was written"):
                done(store)
    assert check(people.store) == []


def test_a_viewer_looks_and_plans(people):
    imported(people.as_(people.owner), rows_of(range(3)))
    people.get_roles()
    store = people.as_(people.vic)
    ready = planned(store, rows_of(range(2, 5)))
    assert (len(on_file(store)), len(store.invoices()), store.role_of()) == (3, 3, "viewer")
    with pytest.raises(CannotRun, match="Importing needs the role importer"):
        commit(ready)
    assert check(store) == []
    assert history(store)["state"].tolist() == ["finished"]


def test_importers_take_back_their_own(people):
    people.get_roles()
    mine = imported(people.as_(people.ida), rows_of([1]), user="ida")
    other = imported(people.as_(people.ada), rows_of([2]), user="ada")
    store = people.as_(people.ida)
    assert undo(mine.number, store, user="ida").counts["withdrawn"] == 1
    with pytest.raises(CannotRun, match="Undoing what ada imported needs the role administrator"):
        undo(other.number, store, user="ida")
    again = imported(people.as_(people.ida), rows_of([3]), user="ida")
    assert undo(again.number, people.as_(people.ada), user="ada").counts["withdrawn"] == 1


def test_a_rule_set_may_ask_for_more(people):  # S1-1
    """Only a financial administrator imports the history."""
    people.get_roles()
    wanted = dataclasses.replace(RECEIVABLES, needs="administrator")
    ready = planned(people.as_(people.ida), rows_of([1]), wanted)
    with pytest.raises(CannotRun, match="Importing Paystand receivables needs the role administrator.*can give it"):
        commit(ready)
    assert commit(planned(people.as_(people.ada), rows_of([1]), wanted)).counts["created"] == 1


def test_a_role_that_is_taken_between_preview_and_import(people):
    people.get_roles()
    ready = planned(people.as_(people.ida), rows_of([1]))
    people.as_(people.ada).revoke(people.ida)
    people.as_(people.ida) if people.store.address.path else None
    with pytest.raises(CannotRun):
        commit(ready)
    assert on_file(people.store) == {}


def test_roles_belong_to_an_entity(people):
    people.as_(people.owner).add_entity("studio")
    people.get_roles()
    studio = people.as_(people.vic, "studio")
    assert (studio.roles(), studio.role_of()) == ({}, "administrator")
    people.as_(people.owner, "studio").grant(people.vic, "importer")
    assert imported(people.as_(people.vic, "studio"), rows_of([1])).counts["created"] == 1
    with pytest.raises(CannotRun, match="needs the role importer in main"):
        imported(people.as_(people.vic), rows_of([1]))
    with pytest.raises(CannotRun, match="needs the role administrator in main"):
        people.as_(people.vic, "studio").set_entity("main", title="Mine")


def test_somebody_can_always_give_roles(people):
    people.get_roles()
    store = people.as_(people.ada)
    if people.owner != people.ada:
        store.revoke(people.owner)
    for act in (lambda: store.revoke(people.ada), lambda: store.grant(people.ada, "viewer")):
        with pytest.raises(CannotRun, match="is the only administrator of these books. Make somebody else an administrator first"):
            act()
    store.revoke(people.ida)
    store.revoke(people.vic)
    assert store.revoke(people.ada) == {}
    assert people.as_(people.owner).role_of(people.nemo) == "administrator"


def test_what_makes_no_sense_is_said(people):
    store = people.as_(people.owner)
    with pytest.raises(CannotRun, match='There is no role "boss". Choose viewer, importer or administrator.'):
        store.grant(people.vic, "boss")
    with pytest.raises(CannotRun, match="The user has no name"):
        store.grant(" ", "viewer")
    with pytest.raises(CannotRun, match="has no role in these books; there are: nobody has one"):
        store.revoke(people.vic)
    if not people.store.address.path:
        with pytest.raises(CannotRun, match="The database has no user named somebody"):
            store.grant("somebody", "viewer")
    assert store.roles() == {}


def test_every_change_of_a_role_is_kept_and_chained(people):  # promise 10
    people.get_roles()
    store = people.as_(people.ada)
    store.grant(people.vic, "viewer")
    store.revoke(people.vic)
    with store.reading() as connection:
        told = [(row.user, row.role, row.granted_by) for row in connection.execute(sa.select(table).order_by(table.c.id))]
    first = [] if people.owner == people.ada else [("postgres", "administrator", "postgres")]
    given = [(people.ada, "administrator"), (people.ida, "importer"), (people.vic, "viewer")]
    assert told == [*first, *[(*one, people.owner) for one in given], (people.vic, "", people.ada)]
    assert people.vic not in str(_payloads(store))
    for damage in ("UPDATE roles SET role = 'administrator' WHERE id = 3", "DELETE FROM roles WHERE id = 4", "UPDATE roles SET granted_by = 'me' WHERE id = 1"):
        with people.store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"):
            connection.exec_driver_sql(damage)
    with people.store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql("UPDATE roles SET role = 'administrator' WHERE id = 3")
    assert any("Line 3 of the roles" in says for says in check(people.store))


def _payloads(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT payload FROM history").scalars())


def test_the_account_is_that_of_the_operating_system(monkeypatch):
    """Not what the environment says of itself."""
    before = roles.account()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "boss")
    assert roles.account() == before != "boss"


# ---- on a server, the server itself holds them to it

SQL = {
    "viewer": (
        'INSERT INTO invoices SELECT id + 900, entity, rules, \'smuggled\', details, version, created, changed, in_force FROM invoices',
        "UPDATE invoices SET amount = 1",
        "UPDATE customers SET name = 'x'",
        "DELETE FROM history",
        "INSERT INTO rule_sets VALUES (77, 'x')",
        "UPDATE meta SET value = '99'",
        "UPDATE entities SET revision = 1",
        "INSERT INTO mappings (entity, rules, name, version, active, content, at, \"user\") VALUES (1, 'x', 'y', 1, 1, '', '', '')",
        "INSERT INTO reference_entries VALUES (900, 1, 'terms', 'x', '{}', 1, 1)",
        "INSERT INTO roles VALUES (900, 1, session_user, 'administrator', '', '')",
        "UPDATE outbox SET state = 'ready'",
        "INSERT INTO sends VALUES (900, 1, 'xero', 'demo', 'key', '', '', '[]', '', '')",
        "UPDATE contact_links SET until = ''",
        "UPDATE meta SET value = '0' WHERE name = 'end of ledger'",
    ),
    "importer": (
        "UPDATE entities SET closed_until = NULL",
        "UPDATE mappings SET content = ''",
        "UPDATE meta SET value = '99' WHERE name = 'schema'",
        "UPDATE meta SET name = 'x' WHERE name = 'end of ledger'",
        "UPDATE sends SET body = ''",
        "DELETE FROM outbox",
        "UPDATE contact_links SET contact = 'x'",
        "INSERT INTO meta VALUES ('purging', 'x')",
        "UPDATE outcomes SET before = NULL",
        "INSERT INTO roles VALUES (900, 1, session_user, 'administrator', '', '')",
        "INSERT INTO mappings (entity, rules, name, version, active, content, at, \"user\") VALUES (1, 'x', '', 1, 1, '', '', '')",
        "CREATE TEMP TABLE roles (id int, entity int, \"user\" text, role text); INSERT INTO mappings (entity, rules, name, version, active, content, at, \"user\") VALUES (1, 'x', '', 1, 1, '', '', '')",
        "SELECT rights_as_recorded(session_user::text); UPDATE entities SET title = 'x'",
    ),
}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("role", SQL)
def test_the_server_refuses_what_a_role_does_not_allow(people, role):
    imported(people.as_(people.owner), rows_of(range(2)))
    people.get_roles()
    before = on_file(people.store), people.store.roles(), people.store.entity
    for statement in SQL[role]:
        with psycopg.connect(people.url(people.vic if role == "viewer" else people.ida)) as connection:
            assert connection.execute("SELECT count(*) FROM invoices").fetchone() == (2,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    assert (on_file(people.store), people.store.roles(), people.store.entity) == before
    assert check(people.store) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_server_follows_when_a_role_changes(people):
    people.get_roles()
    with psycopg.connect(people.url(people.nemo)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT 1 FROM invoices")
    admin = people.as_(people.ada)
    admin.grant(people.nemo, "importer")
    assert imported(people.as_(people.nemo), rows_of([1])).counts["created"] == 1
    admin.grant(people.nemo, "viewer")
    with psycopg.connect(people.url(people.nemo)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE invoices SET amount = 1")
    admin.revoke(people.nemo)
    with psycopg.connect(people.url(people.nemo)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT 1 FROM invoices")
    assert check(people.store) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_an_importer_of_one_entity_cannot_enter_a_batch_of_another(people):
    """Rights to tables hold for the whole store; what every import must enter is guarded for each entity."""
    people.as_(people.owner).add_entity("studio")
    people.get_roles()
    people.as_(people.owner, "studio").grant(people.owner, "administrator")
    with psycopg.connect(people.url(people.ida)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege, match="reference_changes needs the role importer"):
        connection.execute("INSERT INTO reference_changes SELECT 900, id, 'terms', '', '', '', '', '{}' FROM entities WHERE name = 'studio'")
    with psycopg.connect(people.url(people.ida)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege, match="sends needs the role importer"):
        connection.execute("INSERT INTO sends SELECT 900, id, 'xero', 'demo', 'key', '', '', '[]', '', '' FROM entities WHERE name = 'studio'")


def test_sending_needs_the_role_of_importers(people):  # S1-1
    imported(people.as_(people.owner), rows_of(range(2)))
    people.get_roles()
    made, ids, send = begun_again(people.as_(people.ida))
    made.answered(send.id, yes(ids), OK)
    looks = people.as_(people.vic).ledger("xero", "demo")
    assert (looks.counts(), len(looks.documents(looks.entries())), looks.contacts()) == ({"sent": 2}, 2, [])
    with pytest.raises(CannotRun, match="Sending needs the role importer in main"):
        looks.mark(ids, "now")
    people.as_(people.ada)
    assert check(people.store) == []


def begun_again(store: Store):
    """What is on file, found and judged, and a request begun."""
    made = ledger(store)
    made.find(RULES)
    approve(made)
    ids = [entry.id for entry in made.entries()]
    return made, ids, made.begin(ids, "key-1", b"body")
