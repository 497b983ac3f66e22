"""`open_store` and the `Store` that everything else is asked of."""

import datetime as dt
import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.results import Context, Corrections, Entity, Mapping, Receipt
from invoice_rules.store import corrections as _corrections
from invoice_rules.store import engines, entities, mappings, roles
from invoice_rules.store.addresses import Address, address, refuse_network
from invoice_rules.store.tables import SCHEMA, meta
from invoice_rules.store.upgrading import number, refuse_newer, schema, upgrade

if TYPE_CHECKING:
    import pandas as pd

    from invoice_rules.store.ledger import Ledger
    from invoice_rules.store.outbox import Clock


class Store:
    """One store, seen as one entity's books (X-18). Holds no open connection; threads may share it."""

    def __init__(self, where: Address, entity: str = "main", patience: float = engines.PATIENCE):
        self.address = where
        self.engine = engines.engine(where, patience)
        self._entity = entity

    def __repr__(self) -> str:
        return f"<Store {self.label}, entity {self._entity}>"

    @property
    def url(self) -> str:
        """The address without a password, as `open_store` takes it."""
        return self.label

    @property
    def label(self) -> str:
        """How the store is named to people: never with its password."""
        return self.address.label

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that only reads, in one transaction. Raises CannotRun where the store cannot be used."""
        with engines.reading(self.engine, self.label) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in the one transaction that writes; all or nothing. Refused where a newer program changed the schema meanwhile."""
        with engines.writing(self.engine, self.label) as connection:
            refuse_newer(number(connection), self.label)
            yield connection

    @property
    def entity(self) -> Entity:
        """The entity as it stands now, with its revision. Raises CannotRun when there is none of this name."""
        with self.reading() as connection:
            return entities.entity(connection, self._entity)[1]

    @cached_property
    def id(self) -> str:
        """The store's own random id."""
        with self.reading() as connection:
            return str(connection.execute(sa.select(meta.c.value).where(meta.c.name == "store")).scalar_one())

    def context(self) -> Context:
        """A read-only view for `examine`: existing records and customers (X-6)."""
        from invoice_rules.store.context import StoreContext

        return StoreContext(self)

    def entities(self) -> list[Entity]:
        """All entities of the store, by name."""
        with self.reading() as connection:
            return entities.all_entities(connection)

    def add_entity(self, name: str, *, title: str = "", currency: str = "", environment: str = "live", closed_until: object = None, user: str | None = None) -> Entity:
        """A new entity. Raises CannotRun for a name that is taken or empty, and for settings that make no sense."""
        wanted = {"title": title, "currency": currency, "environment": environment, "closed_until": closed_until}
        with self.writing() as connection:
            return entities.add(connection, self._entity, name, wanted, user)

    def set_entity(self, name: str | None = None, *, user: str | None = None, **settings: object) -> Entity:
        """Changes `title`, `currency`, `environment` or `closed_until` of an entity, by default the store's own; recorded in the history."""
        with self.writing() as connection:
            return entities.change(connection, name or self._entity, settings, user)

    def roles(self) -> dict[str, str]:
        """User -> viewer, importer or administrator in the entity; empty: everybody may do everything."""
        with self.reading() as connection:
            return roles.recorded(connection, self._number(connection))

    def role_of(self, user: str | None = None) -> str:
        """The role of a user, by default of whoever asks; administrator where no roles are recorded, "" for a user without one."""
        with self.reading() as connection:
            return roles.role_of(connection, self._number(connection), user)

    def require(self, role: str, act: str) -> None:
        """Raises CannotRun, naming the role and who can give it, where whoever asks has less; `act` as in "Importing". Writing asks by itself."""
        with self.reading() as connection:
            roles.require(connection, self._number(connection), role, act)

    def grant(self, user: str, role: str) -> dict[str, str]:
        """Gives a user a role in the entity, an administrator's act; gives the roles as they are then. The first giver becomes an administrator.

        On PostgreSQL the user is one of the database, and gets its rights there too. Raises CannotRun for what may not be.
        """
        with self.writing() as connection:
            return roles.grant(connection, self._number(connection), user, role)

    def revoke(self, user: str) -> dict[str, str]:
        """Takes a user's role in the entity away. Raises CannotRun for the last administrator while others have roles."""
        with self.writing() as connection:
            return roles.revoke(connection, self._number(connection), user)

    def _number(self, connection: sa.Connection) -> int:
        return entities.entity(connection, self._entity)[0]

    def save_mapping(self, mapping: Mapping, name: str | None = None, *, user: str | None = None) -> Mapping:
        """Saves a mapping as the active one of its rule set (S3-16), or under a name; older versions stay."""
        with self.writing() as connection:
            return mappings.save(connection, self._entity, mapping, name, user)

    def mapping(self, rules: str, name: str | None = None) -> Mapping | None:
        """The active mapping of a rule set, by its headings (`column` is None: match them against a file's headings)."""
        with self.reading() as connection:
            return mappings.find(connection, self._entity, rules, name)

    def mappings(self) -> list[Mapping]:
        """All active mappings of the entity."""
        with self.reading() as connection:
            return mappings.active(connection, self._entity)

    def delete_mapping(self, rules: str, name: str | None = None, *, user: str | None = None) -> bool:
        """Takes a mapping out of use, keeping its versions for old receipts; False where there was none."""
        with self.writing() as connection:
            return mappings.delete(connection, self._entity, rules, name, user)

    def save_corrections(self, corrections: Corrections, rules: str, *, user: str | None = None) -> Corrections:
        """Saves a sender's corrections as a new version (X-14); the same again changes nothing. Raises CannotRun for amounts, dates and invoice keys."""
        with self.writing() as connection:
            return _corrections.save(connection, self._entity, rules, corrections, user)

    def corrections(self, rules: str, sender: str = "") -> Corrections:
        """The latest corrections of a sender for a rule set; empty with version 0 where there are none."""
        with self.reading() as connection:
            return _corrections.find(connection, self._entity, rules, sender)

    def ledger(self, destination: str, tenant: str, *, clock: "Clock | None" = None, user: str | None = None, unsent: Collection[str] = ()) -> "Ledger":
        """The ledger of what goes to an organisation (`tenant`) of a service (`destination`). See `ledger.Ledger`."""
        from invoice_rules.store.ledger import Ledger

        return Ledger(self, destination, tenant, clock=clock, user=user, unsent=unsent)

    def receipt(self, batch: str | int) -> Receipt:
        """See `receipts.receipt`."""
        from invoice_rules.store.receipts import receipt

        return receipt(batch, self)

    def verify(self, batch: str | int, file: str | os.PathLike[str] | None = None) -> list[str]:
        """What of a receipt does not agree any more, a sentence each; empty: all of it does. See `proofs.verify_receipt`."""
        from invoice_rules.store.proofs import verify_receipt

        return [says for _, fits, says in verify_receipt(batch, self, file) if fits is False]

    def invoices(self, rules: str | None = None, *, text: str | None = None, **filters: Any) -> "pd.DataFrame":
        """See `listing.invoices`; `text` is its `search`."""
        from invoice_rules.store.listing import invoices

        return invoices(self, rules=rules, search=text, **filters)

    def check(self) -> list[str]:
        """See `proofs.check`."""
        from invoice_rules.store.proofs import check

        return check(self)

    def purge(self, before: dt.date, *, user: str | None = None, **options: int) -> Receipt:
        """See `retention.purge`, with the day before which everything is old."""
        from invoice_rules.store.retention import purge_before

        return purge_before(self, before, user, **options)

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """See `backups.backup`."""
        from invoice_rules.store.backups import backup

        return backup(self, path)

    def upgrade(self) -> int:
        """Brings the schema up to date in one transaction; returns how many steps ran. Raises CannotRun for a newer schema."""
        with engines.writing(self.engine, self.label) as connection:
            return upgrade(connection, self.label)


def open_store(url: str | os.PathLike[str] | None = None, entity: str = "main", *, force: bool = False, patience: float = engines.PATIENCE) -> Store:
    """The store at a path or URL, made or brought up to date on first use.

    By default $INVOICE_RULES_STORE, else the user's own store. `force` allows a SQLite file on a network drive; `patience` is
    for how many seconds a writer waits for another. Raises CannotRun: unreachable, not a store, newer schema, unknown entity.
    """
    where = address(url)
    if where.path and not force:
        refuse_network(where.path)
    store = Store(where, entity, patience)
    if where.path and not where.path.exists():
        _make_folder(where)
    else:
        with store.reading() as connection:
            found = schema(connection, where.label)
        refuse_newer(found, where.label)
        if found == SCHEMA:
            return _with_entity(store)
    store.upgrade()
    return _with_entity(store)


def _make_folder(where: Address) -> None:
    """Folders that are missing, each written down in the one above it: or a power cut might take the new store with them."""
    assert where.path is not None
    folder = where.path.parent
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            sync_names(place.parent)
    except OSError as error:
        raise CannotRun(f"The folder {folder} for the store could not be made: {error.strerror}. Choose another path. Nothing was written.") from error


def sync_names(folder: Path) -> None:
    """Writes a folder's list of names to the disk, where programs may do so; Windows and some file systems do it by themselves."""
    if os.name != "posix":
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(opened)


def _with_entity(store: Store) -> Store:
    store.entity  # noqa: B018 - raises for an unknown entity
    return store
