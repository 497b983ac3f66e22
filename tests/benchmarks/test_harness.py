"""Figures say what was measured: ratios, goals, shares, and the page that is made of them."""

import dataclasses
import re

import pytest

from tests.benchmarks import harness, page
from tests.benchmarks.harness import Figure, Limit, Run, Side, measured, race, timed


def figure(ours, theirs, **more):
    return Figure("name", "The work", "a rival", more.pop("goal", 2.0), Run(ours, ours, 100, 0), Run(theirs, 2 * theirs, 50, 0), **more)


@pytest.mark.parametrize(("ours", "theirs", "faster", "ratio", "reached"), [(2, 1, False, 2.0, True), (2.1, 1, False, 2.1, False), (1, 2, True, 2.0, True), (1, 1.9, True, 1.9, False)])
def test_a_goal_is_for_the_ratio_of_wall_times(ours, theirs, faster, ratio, reached):
    made = figure(ours, theirs, faster=faster)
    assert (made.ratio, made.reached) == (ratio, reached)
    assert ("NOT REACHED" in str(made)) is not reached
    assert f"goal {'≥' if faster else '≤'} 2×" in str(made)


def test_the_best_run_counts_and_the_largest_memory():
    runs = iter([Run(3, 2, 10, 0, "first"), Run(1, 4, 30, 5, "last")])
    best = harness._best(list(runs))
    assert best == Run(1, 2, 30, 5, "last")
    assert best.scaled(0.1) == Run(10, 20, 30, 5, "last")


def test_a_side_runs_in_a_process_of_its_own():
    """Its answer comes back, and so does what went wrong in it."""
    with pytest.raises(RuntimeError, match="No module named"):
        measured(Side("nowhere:nothing"))
    given = []
    (run,) = race([Side("test_harness:counted", {"to": 3}, 0.5, lambda: given.append(1) or {"more": 4})], 2)
    assert (run.answer, len(given)) == (7, 2)
    assert run.peak > 10


def counted(to, more):
    """A side for the test above."""
    return lambda: to + more


def test_memory_is_measured_from_the_start_of_the_work_on():
    before = bytearray(200_000_000)
    del before
    small = timed(lambda: None)
    large = timed(lambda: len(bytes(150_000_000).replace(b"\0", b"x")))
    assert large.peak - small.peak > 100


def test_the_page_holds_every_figure_last_measured(tmp_path, monkeypatch):
    for name, file in (("RESULTS", "results.json"), ("PAGE", "benchmarks.md"), ("PLOT", "benchmarks.svg"), ("ROOT", "")):
        monkeypatch.setattr(page, name, tmp_path / file)
    page.remember([figure(2, 1), Limit("memory", "Peak of memory", 600, 700, "MB")])
    page.remember([figure(3, 1, goal=4.0, elsewhere=True)])
    page.write()
    text = page.PAGE.read_text(encoding="utf-8")
    assert "| The work | a rival | 3 s | 1 s | **3.00×** | – | ≤ 4× | reached |" in text
    assert "- Peak of memory: 600 MB, limit 700 MB: reached." in text
    (machine,) = page.remembered()
    assert {one.name for one in machine.figures} == {"name", "memory"}
    assert f"## {machine.name}" in text
    assert "Where the time goes" not in text


def test_each_machine_has_its_table_the_last_one_first(tmp_path, monkeypatch):
    for name, file in (("RESULTS", "results.json"), ("PAGE", "benchmarks.md"), ("ROOT", "")):
        monkeypatch.setattr(page, name, tmp_path / file)
    for processor, ours in (("Old one", 2), ("New one", 3), ("Old one", 1)):
        monkeypatch.setattr(page, "_processor", lambda processor=processor: processor)
        page.remember([figure(ours, 1)])
    page.write()
    assert [(machine.name.partition(",")[0], machine.figures[0].ours.wall) for machine in page.remembered()] == [("Old one", 1), ("New one", 3)]
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.index("## Old one") < text.index("**1.00×**") < text.index("## New one") < text.index("**3.00×**")


def test_where_the_time_goes_is_told_of_what_is_not_reached():
    slow, quick = (figure(ours, 1, faster=True) for ours in (2, 0.5))
    for name in page._WHY:
        told = page.why([dataclasses.replace(slow, name=name), quick])
        assert told.count("\n- ") == 1 and page._WHY[name] in told
    assert page.why([dataclasses.replace(quick, name=name) for name in page._WHY]) == ""


def test_the_page_tells_why_of_every_figure_that_is_not_reached():
    figures = page.every(page.remembered())
    assert not [one.name for one in figures if not one.reached and one.name not in page._WHY]
    assert page.PAGE.read_text(encoding="utf-8").endswith(page._RIVALS + page.why(figures))


IN_README = ("rules-1000000", "lines-1000000", "failing-1000000", "import-sqlite-1000000", "import-postgresql-1000000", "xlsx", "mark")
PEERS = ("django_import", "frictionless_table", "pandera_cells", "pydantic_rows")


def test_the_readme_says_what_was_measured():
    figures = {one.name: one for one in reversed(page.every(page.remembered()))}
    rows = re.findall(r"^\| .* \| .* \| (.*(?:fast|long)) \|$", (harness.ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = [figures[name] for name in IN_README]
    assert rows[:-1] == [_times(one.ratio) + ("as fast" if one.faster else "as long") for one in told]
    assert rows[-1] == "; ".join(_rounded(figures[f"peer-{name}-100000"].ratio) for name in PEERS) + " times as fast"


def _times(ratio):
    return "" if _rounded(ratio) == "1.0" else f"{_rounded(ratio)} times "


def _rounded(ratio):
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}"
