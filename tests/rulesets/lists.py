"""Books that hold reference lists and nothing else, for the tests of rule sets."""

import pandas as pd

from invoice_rules.references import kind
from invoice_rules.table import TEXT
from tests.contexts import Books, Empty


class Lists(Empty):
    """`Lists(projects=["Harbour Hall"], taxMap={"Standard": "OUTPUT"})`: the keys of each kind, or both sides of a map."""

    def __init__(self, **lists):
        super().__init__()
        self._lists = lists

    def reference(self, name):
        given, fields = self._lists.get(name, []), kind(name).fields
        columns = {kind(name).key: list(given), **({kind(name).official: list(given.values())} if isinstance(given, dict) else {})}
        blank = [None] * len(given)
        return pd.DataFrame({field: pd.array(columns.get(field, blank), dtype=TEXT) for field in fields})


class Filed(Lists, Books):
    """The same, and what an earlier report would have put into the books, found again by all that its rule set is keyed by."""

    def __init__(self, report, **lists):
        Books.__init__(self, report)
        self._lists, key = lists, report.rules.key
        found_by = pd.Index(report.rules.keys(report.rows).to_pylist(), dtype="str", name="key")
        self._rows = self._rows.assign(**{key: report.rows[key].to_numpy()}).set_axis(found_by)

    def existing(self, rules, keys):
        return self._rows.loc[self._rows.index.isin(keys.to_pylist())]
