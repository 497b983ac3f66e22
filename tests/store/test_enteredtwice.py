"""Invoices that look like another one entered again, in the file or on file (X-9): found as counting all pairs would, without the pairs."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_rules.enteredtwice import NEAR_DAYS, skeleton
from invoice_rules.examining import examine
from tests.contexts import Books
from tests.making import RECEIVABLES, mapped, receivable, table
from tests.store.making import imported

FIRST = dt.date(2026, 10, 1)
LOOKS = st.fixed_dictionaries({
    "number": st.sampled_from(["INV-1", "inv 01", "1NV1", "INV-2", "77"]),
    "customer": st.sampled_from(["C-1", "C-2"]),
    "amount": st.sampled_from(["10.00", "20.00"]),
    "days": st.integers(0, 20),
})  # fmt: skip


def rows(looks, start):
    dates = [(FIRST + dt.timedelta(look["days"])).strftime("%m/%d/%Y") for look in looks]
    return [
        receivable(start + at, invoiceNumber=look["number"], extCustomerId=look["customer"], amount=look["amount"], amountDue="0", date=date, dateDue=date, customerName=look["customer"])
        for at, (look, date) in enumerate(zip(looks, dates, strict=True))
    ]  # fmt: skip


def report(some, **asked):
    made = table(some)
    return examine(made, RECEIVABLES, mapped(made.headings), today=FIRST, **asked)


def alike(one, other):
    same = all(one[name] == other[name] for name in ("customer", "amount")) and skeleton(one["number"]) == skeleton(other["number"])
    return same and abs(one["days"] - other["days"]) <= NEAR_DAYS


@given(st.lists(LOOKS, min_size=1, max_size=12), st.lists(LOOKS, min_size=1, max_size=12))
def test_what_is_on_file_is_found_as_by_looking_at_every_pair(stored, new):
    found = report(rows(new, 100), context=Books(report(rows(stored, 0))))
    told = {p.row - 2: p.message for p in found.problems if p.rule == "near-duplicate" and "file already" in p.message}
    in_file = {p.row - 2 for p in found.problems if p.rule == "near-duplicate" and "file already" not in p.message}
    pairs = {at: [abs(one["days"] - other["days"]) for other in stored if alike(one, other)] for at, one in enumerate(new)}
    assert set(told) | in_file >= {at for at, apart in pairs.items() if apart} and set(told) <= {at for at, apart in pairs.items() if apart}
    for at, message in told.items():
        assert f"dates {min(pairs[at])} day{'' if min(pairs[at]) == 1 else 's'} apart" in message


@pytest.mark.parametrize("count", [400])
def test_a_shop_whose_walk_in_customer_buys_the_same_every_day(lite, count):
    """So many invoices of one customer and amount on file, and as many new ones: what is asked of the store grows with them, not with their pairs."""
    store, look = lite(), {"customer": "CASH", "amount": "5.00"}
    imported(store, rows([{**look, "number": f"A{at}", "days": 0} for at in range(count)], 0))
    context = store.context()
    customers, numbers = pa.array(["CASH"] * count, pa.large_string()), pa.array(["A7"] * count, pa.large_string())
    assert len(context.same_amount(RECEIVABLES, customers, pa.array([500] * count, pa.int64()))) == count
    assert len(context.same_number(RECEIVABLES, customers, numbers)) == count
    found = report(rows([{**look, "number": f"B{at}", "days": 0} for at in range(count)] + [{**look, "number": "a-7", "days": 3}], count), context=context)
    assert [p.message for p in found.problems if p.rule == "near-duplicate"] == [
        'a-7 looks like A7 on file already: same customer, same amount, dates 3 days apart. Check that it is not entered twice.'
    ]


def test_many_invoices_on_file_with_one_number_are_one_hit(lite):
    """S3-21: of those that a yes let in with the same number the last is named."""
    store = lite()
    imported(store, [receivable(at, invoiceNumber="1", extCustomerId="C-1") for at in range(60)], accept=["number-again"])
    hits = store.context().same_number(RECEIVABLES, pa.array(["C-1"] * 3, pa.large_string()), pa.array(["1", "1", "2"], pa.large_string()))
    assert hits.to_dict("list") == {"at": [0, 1], "key": ["INV-1060", "INV-1060"]}
