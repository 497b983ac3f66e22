"""Jobs in a line on one thread: order, progress that is not too much, stopping, and mistakes."""

import threading

import pytest

from invoice_rules import CannotRun
from invoice_rules.notebook.guard import Guard
from invoice_rules.notebook.worker import PAUSE, Progress, Stopped, Worker


class Clock:
    """A clock that goes when it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told():
    return []


@pytest.fixture
def worker(told):
    made = Worker(Guard(told.append), lambda *shown: told.append(shown), lambda waiting: told.append(f"{waiting} wait"))
    yield made
    assert made.wait(10)


def test_jobs_are_done_one_after_the_other_and_their_end_is_told(worker, told):
    gate = threading.Event()
    worker.put("first", lambda progress: gate.wait(10) and told.append("first"))
    worker.put("second", lambda progress: told.append("second"))
    assert (worker.busy, worker.waiting) == (True, 1)
    gate.set()
    assert worker.wait(10)
    assert told == ["first", "1 wait", "second", "0 wait"]
    assert not worker.busy


def test_a_job_that_fails_is_told_and_the_next_one_is_done(worker, told, monkeypatch, tmp_path):
    monkeypatch.setattr("invoice_rules.trouble.log_folder", lambda: tmp_path)

    def refused(progress):
        raise CannotRun("The file is gone.")

    worker.put("refused", refused)
    worker.put("broken", lambda progress: 1 / 0)
    worker.put("fine", lambda progress: told.append("fine"))
    assert worker.wait(10)
    assert told[0] == "The file is gone."
    assert "ZeroDivisionError" in told[2]
    assert told[4] == "fine"
    assert "notebook broken" in next(tmp_path.glob("problem-*.log")).read_text(encoding="utf-8")


def test_a_stop_ends_the_job_at_its_next_pause_and_drops_those_that_wait(worker, told):
    begun, gate = threading.Event(), threading.Event()

    def long(progress):
        begun.set()
        gate.wait(10)
        progress(1, 2, "Storing")

    worker.put("long", long)
    worker.put("waits", lambda progress: told.append("never"))
    assert begun.wait(10)
    worker.stop()
    gate.set()
    assert worker.wait(10)
    assert told == ["Stopped by you. Nothing was written.", "0 wait"]
    worker.put("again", lambda progress: progress.check())
    assert worker.wait(10)
    assert told[-1] == "0 wait"


def test_a_stop_while_nothing_runs_stops_nothing(worker, told):
    worker.stop()
    worker.put("fine", lambda progress: progress.say("Checking"))
    assert worker.wait(10)
    assert told == [("Checking", 0, 0), "0 wait"]


def test_progress_is_told_ten_times_a_second_at_most_and_the_end_always(told):
    clock = Clock()
    progress = Progress(lambda *shown: told.append(shown), threading.Event(), clock)
    for done in range(1, 20_001):
        clock.now += 0.001
        progress(done, 20_000, "Storing")
    assert len(told) <= 20 / PAUSE + 2
    assert told[-1] == ("Storing 20,000 of 20,000", 20_000, 20_000)


def test_the_time_left_is_told_once_it_can_be(told):
    clock = Clock()
    progress = Progress(lambda *shown: told.append(shown), threading.Event(), clock)
    progress(0, 100, "Storing")
    clock.now = 10.0
    progress(25, 100, "Storing")
    assert [shown[0] for shown in told] == ["Storing 0 of 100", "Storing 25 of 100, about 30 seconds left"]


def test_a_stop_comes_out_of_the_progress_as_something_that_cannot_run():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped, match="Nothing was written"):
        Progress(lambda *shown: None, stop)(1, 2)
