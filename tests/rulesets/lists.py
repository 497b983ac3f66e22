"""Books that hold reference lists and nothing else, for the tests of rule sets."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from invoice_rules.linking import typed_blank
from invoice_rules.references import kind
from tests.contexts import Books, Empty

TYPES = {"number": Decimal, "percent": Decimal, "date": dt.date.fromisoformat, "yes_no": {"yes": True, "no": False}.__getitem__}


class Lists(Empty):
    """Each kind as its keys, `projects=["Harbour Hall"]`; as both sides of a map, `taxMap={"Standard": "OUTPUT"}`; or as entries written out,
    `taxRates=[{"taxCode": "OHIO", "from": "2018-01-01", "rate": "7.25"}]`."""

    def __init__(self, **lists):
        super().__init__()
        self._lists, self._made = lists, {}

    def reference(self, name):
        if name not in self._made:
            self._made[name] = self._frame(name)
        return self._made[name]

    def _frame(self, name):
        given, known = self._lists.get(name, []), kind(name)
        pairs = given.items() if isinstance(given, dict) else ((one, None) for one in given)
        entries = [one if isinstance(one, dict) else {known.key: one, **({known.official: to} if to else {})} for one, to in pairs]
        return pd.DataFrame({field: _column([entry.get(field) for entry in entries], its) for field, its in known.fields.items()})


def _column(texts, field):
    read = TYPES.get(field.kind, str)
    dtype = typed_blank(field, pd.RangeIndex(0)).dtype
    values = pa.array([None if text is None else read(text) for text in texts], getattr(dtype, "pyarrow_dtype", pa.large_string()))
    return pd.array(values, dtype=dtype)


class Filed(Lists, Books):
    """The same, and what an earlier report would have put into the books, found again by all that its rule set is keyed by."""

    def __init__(self, report, **lists):
        Books.__init__(self, report)
        self._lists, self._made, key = lists, {}, report.rules.key
        found_by = pd.Index(report.rules.keys(report.rows).to_pylist(), dtype="str", name="key")
        self._rows = self._rows.assign(**{key: report.rows[key].to_numpy()}).set_axis(found_by)

    def existing(self, rules, keys):
        return self._rows.loc[self._rows.index.isin(keys.to_pylist())]
