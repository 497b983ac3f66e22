"""Autotask to Xero through kills, lost answers, late commits and rivals at work: nothing twice, nothing missing, nothing unmarked (S4-14 … S4-19).

A loop that writes down only afterwards fails the same trials, so that these can fail.
"""

import functools
import random

import pytest

from invoice_rules.results import State
from tests.connectors.chaos import BATCH, COUNT, QUIET, Chaos, Later, environment
from tests.connectors.scripted import quick_folder
from tests.connectors.xeroserver import Fault
from tests.store.children import all_of

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]  # a process that is killed is a fork


@pytest.fixture
def chaos(monkeypatch, _xero, _wiremock):
    with quick_folder() as folder:
        monkeypatch.setenv("INVOICE_RULES_CONFIG", str(folder / "config"))
        made = Chaos(folder, _xero, _wiremock)
        made.fresh()
        yield made
    assert _xero.refused() == []


@pytest.mark.parametrize("wanted", [24, pytest.param(200, marks=pytest.mark.nightly)])
def test_processes_that_are_killed_leave_nothing_twice_missing_or_unmarked(chaos, wanted):
    kills, seed = 0, 0
    while kills < wanted:
        seed += 1
        assert seed < wanted * 2, f"only {kills} of {seed} trials killed anything"
        found = chaos.trial(seed)
        assert found.good, f"trial {seed}: {found}"
        kills += found.kills
    print(f"{kills} processes killed in {seed} trials: 0 twice, 0 missing, 0 unmarked")


def test_a_loop_without_a_ledger_fails_the_same_trials(chaos):
    found = [chaos.trial(seed, chaos.naive) for seed in range(1, 6)]
    assert sum(bool(one.twice) for one in found) >= 2, found


@pytest.mark.parametrize(("quiet", "doubled"), [(QUIET, False), (0.0, True)])
def test_a_commit_after_we_gave_up_makes_no_second_one(chaos, quiet, doubled):
    """Xero takes the request a second and a half after our time limit. The quiet period is what saves us; without one it would be there twice."""
    chaos.xero.faults = [Fault("PUT", "/Invoices", skip=1, delay=2.5)]
    clock = Later()
    session = chaos.session(clock)
    session.write = functools.partial(session.write, timeout=1.0)
    sending = chaos.sending(clock, session=session)
    sending.destination.quiet = quiet
    sending.prepare()
    sending.destination.batch = COUNT - 5  # two requests, the second of which is late, before the credit note
    lost = [entry.key for entry in sending.send().entries if entry.state is State.UNKNOWN]
    assert len(lost) == 4
    early = sending.settle()
    assert early.counts == {State.READY if doubled else State.UNKNOWN: 4}
    sending.send()
    chaos.peace()
    clock.sleep(QUIET + 1)
    assert sending.settle().stopped == "" and sending.send().stopped == ""
    found = chaos.outcome()
    assert (len(found.twice), found.missing) == (4 if doubled else 0, ())


@pytest.mark.parametrize("computers", [1, 2])
def test_two_at_once_send_nothing_twice(chaos, computers):
    """Two windows of one computer, of which the second waits its turn; and two computers, which share the work."""

    def at(number):
        def act(say):
            environment(chaos.folder / f"config-{number % computers}")
            chaos.work(say)

        return act

    for _ in range(2):
        chaos.fresh()
        with all_of(at(0), at(1)) as children:
            assert [child.end()[-1] for child in children] == ["DONE", "DONE"]
        chaos.peace()
        assert len(chaos.xero.sent("PUT", "/Invoices")) == -(-(COUNT - 1) // BATCH)
        chaos.recover(chaos.work)
        assert chaos.outcome().good, chaos.outcome()


def test_one_of_two_computers_dies_at_work(chaos):
    def at(number):
        def act(say):
            environment(chaos.folder / f"config-{number}")
            chaos.work(say)

        return act

    for seed in range(3):
        dice = random.Random(seed)
        chaos.fresh()
        with all_of(at(0), at(1)) as (one, other):
            all(one.until("LEAVING") for _ in range(dice.randrange(1, 3)))
            one.kill()
            one.end()
            assert other.end()[-1] == "DONE"
        chaos.peace()
        chaos.recover(chaos.work)
        assert chaos.outcome().good, (seed, chaos.outcome())
