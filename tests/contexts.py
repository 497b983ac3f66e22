"""Contexts without a store."""

import pandas as pd

from invoice_rules.linking import typed_blank
from invoice_rules.references import kind
from invoice_rules.results import Entity


class Empty:
    """Books in which nothing is on file yet."""

    def __init__(self, entity: Entity = Entity()):
        self.entity = entity

    def existing(self, rules, keys):
        return pd.DataFrame({"record.status": [], "version": []}, index=pd.Index([], dtype="str", name="key"))

    def existing_in_parts(self, rules, keys, look):
        return [look(self.existing(rules, keys))]

    def same_number(self, rules, customers, numbers, names=None):
        return pd.DataFrame({"at": [], "key": []})

    def same_amount(self, rules, customers, amounts):
        return pd.DataFrame({"customer": [], "amount": [], "currency": [], "number": [], "date": []})

    def reference(self, name):
        return pd.DataFrame({field: typed_blank(known, pd.RangeIndex(0)) for field, known in kind(name).fields.items()})

    def customers(self, rules, ids):
        return pd.DataFrame({"name": [], "complete": []}, index=pd.Index([], dtype="str", name="customer"))


class Books(Empty):
    """Books that hold what an earlier report would have put into them."""

    def __init__(self, report, entity: Entity = Entity(), customers: dict[str, str] | None = None):
        super().__init__(entity)
        rules = report.rules
        self._rows = report.rows.assign(version=1).set_index(rules.key).drop(columns=[rules.key], errors="ignore")
        self._names = {role: rules.role(role) for role in ("customer", "number", "amount", "date", "customer_name")}
        names = self._rows.get(self._names["customer_name"], [""] * len(self._rows))
        own = dict(zip(self._rows[self._names["customer"]], names, strict=True))
        self._customers = own if customers is None else customers

    def existing(self, rules, keys):
        found = self._rows.loc[self._rows.index.isin(keys.to_pylist())]
        return found.assign(**{rules.key: found.index})

    def same_number(self, rules, customers, numbers, names=None):
        on_file = dict(zip(zip(self._rows[self._names["customer"]], self._rows[self._names["number"]], strict=True), self._rows.index, strict=True))
        pairs = enumerate(zip(customers.to_pylist(), numbers.to_pylist(), strict=True))
        hits = [(at, on_file[pair]) for at, pair in pairs if pair in on_file]
        return pd.DataFrame(hits, columns=["at", "key"])

    def same_amount(self, rules, customers, amounts):
        wanted = set(zip(customers.to_pylist(), amounts.to_pylist(), strict=True))
        found = self._rows[[self._names["customer"], self._names["amount"], "currency", self._names["number"], self._names["date"]]]
        met = [tuple(row[:2]) in wanted for row in found.itertuples(index=False)]
        return found[met].set_axis(["customer", "amount", "currency", "number", "date"], axis=1)

    def customers(self, rules, ids):
        found = {customer: name for customer, name in self._customers.items() if customer in set(ids.to_pylist())}
        index = pd.Index(list(found), dtype="str", name="customer")
        return pd.DataFrame({"name": list(found.values()), "complete": [True] * len(found)}, index=index)
