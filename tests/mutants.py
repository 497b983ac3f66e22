"""Mutation testing on demand: small faults put into the rule sets, the checks and the store, one at a time; does a test notice?

    python -m tests.mutants [GROUP …] [--lines FILE]

Cosmic Ray makes the faults in Python's operators; `_WORDS` adds those that SQL and Arrow write as calls. A fault is loaded in place of its module in a
process that is forked for it, where everything else that takes long to import is loaded already, so the source is never touched. A
fault that cannot even be imported is nobody's merit and not counted. Prints the survivors, and the share that was killed.
"""

import argparse
import compileall
import contextlib
import difflib
import importlib
import importlib.abc
import importlib.util
import io
import json
import os
import re
import resource
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOAL = 0.9
SECONDS = 300
"""CPU seconds after which a mutant that never ends counts as killed; several times what the tests of a group take."""

_PAGES = "tests/test_docs.py::test_pages_of_the_rule_sets_are_fresh"
_EXAMINING = ("tests/fields", "tests/rulesets", *(f"tests/test_{name}.py" for name in ("comparing", "examining", "chargeplans", "converting", "crediting", "totals")))
_UNDO = tuple(f"tests/store/test_{name}.py" for name in ("mutants", "undoing", "closing", "ledger_found", "roles"))
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rulesets": (("invoice_rules/rulesets/*.py",), (_PAGES, "tests/test_pages.py", *_EXAMINING)),
    "checks": (("invoice_rules/fields/checks.py",), _EXAMINING),
    "undo": (("invoice_rules/store/undoing.py",), _UNDO),
    "images": (("invoice_rules/store/images.py",), (*_UNDO, "tests/store/test_keeping.py", "tests/store/test_digest.py")),
    "chain": (("invoice_rules/store/chain.py",), ("tests/store/test_chain.py", "tests/store/test_mutants.py", "tests/store/test_keeping.py", "tests/store/test_opening.py")),
    "commit": (("invoice_rules/store/committing.py",), (*_UNDO, "tests/store/test_committing.py", "tests/store/test_keeping.py")),
}
"""Group -> (modules to put faults into, tests that ought to notice)."""

_PRELOAD = (
    "pandas", "pandera.pandas", "pyarrow.compute", "pyarrow.csv", "sqlalchemy", "sqlalchemy.dialects.sqlite", "alembic.command", "openpyxl",
    "python_calamine", "iso4217", "email_validator", "typer.testing", "psycopg", "pytest", "_pytest.doctest", "hypothesis.strategies", "xlsxwriter",
)  # fmt: skip
_OPERATORS = (
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_Add", "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Add", "ReplaceBinaryOperator_BitOr_BitAnd", "ReplaceBinaryOperator_BitAnd_BitOr", "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq", "ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_Lt_GtE", "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_Gt", "ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_Gt_LtE", "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt", "ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is", "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_Invert", "ReplaceUnaryOperator_Delete_USub", "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr",
    "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop",
)  # fmt: skip
_WORDS = (
    ("sa.and_(", "sa.or_("), ("sa.or_(", "sa.and_("), (".is_(None)", ".is_not(None)"), (".is_not(None)", ".is_(None)"), (".in_(", ".not_in("),
    (".not_in(", ".in_("), ("func.max(", "func.min("), ("func.min(", "func.max("), (" any(", " all("), (" all(", " any("), (" not in ", " in "),
    ("min(", "max("), ("max(", "min("), ("pc.and_(", "pc.or_("), ("pc.or_(", "pc.and_("), ('"never"', '"free"'), ('"free"', '"warn"'), (".outerjoin(", ".join("),
    ("Severity.WARNING", "Severity.ERROR"), ("Severity.HOLD", "Severity.WARNING"), ("Severity.NOTICE", "Severity.ERROR"), ("sa.true()", "sa.false()"),
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault: the module with it, and what it is in words."""

    group: str
    module: str
    number: int
    fault: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """What became of it: killed, survived, unborn (it cannot be imported), endless."""

    group: str
    module: str
    number: int
    fault: str
    fate: str
    seconds: float


_SAME = re.compile(r"(?:zero_copy_only|copy|from_pandas|n_failure_cases)= ?\w+|.stream_results.: \w+|(?:_FETCH|_AHEAD) = .*|>=? _AHEAD|minlength= ?\w+|@cache\n|give_back\(.*\)|if .*\bdone\b.*BLOCK\).*:")
"""What only says how memory and time are spent, or how much of a failure Pandera prints: no test can see a fault in it."""


def mutants(group: str) -> Iterator[Mutant]:
    """Every fault of a group's modules, each once, but for those that nobody could see (`_SAME`)."""
    patterns, _ = GROUPS[group]
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        original = path.read_text(encoding="utf-8")
        seen = {original}
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for changed in (*_by_operators(original), *_by_words(original)):
            if changed not in seen and _SAME.sub("", changed) != _SAME.sub("", original):
                seen.add(changed)
                yield Mutant(group, name, len(seen) - 2, _told(original, changed), changed)


def _by_operators(original: str) -> Iterator[str]:
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    for name in _OPERATORS:
        operator, occurrence = get_operator(f"core/{name}")(), 0
        while (changed := mutate_code(original, operator, occurrence)) is not None:
            yield changed
            occurrence += 1


def _by_words(original: str) -> Iterator[str]:
    for old, new in _WORDS:
        for found in re.finditer(rf"(?<![\w.]){re.escape(old)}" if old[0].isalpha() else re.escape(old), original):
            yield original[: found.start()] + new + original[found.end() :]


def _told(original: str, changed: str) -> str:
    """`12: - the line / + the line with its fault`."""
    lines = list(difflib.unified_diff(original.splitlines(), changed.splitlines(), lineterm="", n=0))[2:]
    place = re.match(r"@@ -(\d+)", lines[0])
    return f"{place[1] if place else '?'}: " + " / ".join(f"{line[0]} {line[1:].strip()}" for line in lines[1:] if line[1:].strip())


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from this source instead of its file."""

    def __init__(self, mutant: Mutant):
        self._mutant = mutant
        self._path = ROOT.joinpath(*mutant.module.split(".")).with_suffix(".py")

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path if self._path.exists() else self._path.with_suffix("") / "__init__.py", loader=self)

    def create_module(self, spec):
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self._mutant.source, str(self._path), "exec"), module.__dict__)  # our own source with one fault


_KILLED, _SURVIVED, _UNBORN = 1, 0, 3


def judged(mutant: Mutant | None, tests: Sequence[str]) -> tuple[str, float]:
    """The fate of a mutant (None: of the source as it is), and the seconds it took."""
    began = time.monotonic()
    child = os.fork()
    if not child:
        os._exit(_life(mutant, tests))
    while time.monotonic() - began < 4 * SECONDS:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            fates = {_SURVIVED: "survived", _UNBORN: "unborn"}
            fate = "endless" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else fates.get(os.waitstatus_to_exitcode(status), "killed")
            return fate, time.monotonic() - began
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "endless", time.monotonic() - began


def _life(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """In the forked process: load the fault, then run the tests until one fails."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    if mutant:
        sys.meta_path.insert(0, _Faulty(mutant))
        try:
            importlib.import_module(mutant.module)
        except BaseException:  # noqa: BLE001  # whatever it is, there is no module to test
            return _UNBORN
    import pytest

    said = io.StringIO() if mutant else sys.stderr
    options = ("-x", "-q", "--no-header", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not postgresql and not server and not both_databases and not at_once")
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        codes = (pytest.main([*options, *some]) for some in _nearest_first(mutant.module if mutant else "", tests))
        return _KILLED if any(codes) else _SURVIVED


def _nearest_first(module: str, tests: Sequence[str]) -> list[list[str]]:
    """The files of tests in two runs: first those that are called as the module is or look at its page, then the others."""
    files = {str(file): None for test in tests for file in (sorted(Path(test).rglob("test_*.py")) if Path(test).is_dir() else [test]) if Path(str(file).partition("::")[0]).exists()}
    near = [file for file in files if "::" in file or file.endswith(f"test_{module.rpartition('.')[2]}.py")]
    return [some for some in (near, [file for file in files if file not in near]) if some]


def run(group: str, lines: Path) -> list[Verdict]:
    """Judge all mutants of a group; those that the file of lines has already are not judged again."""
    _, tests = GROUPS[group]
    known = _known(lines)
    fate, seconds = judged(None, tests)
    if fate != "survived":
        raise SystemExit(f"The tests of {group} fail without any fault: {' '.join(tests)}")
    print(f"{group}: its tests take {seconds:.1f} s", flush=True)
    verdicts = []
    for mutant in mutants(group):
        verdict = known.get((mutant.module, mutant.fault)) or Verdict(group, mutant.module, mutant.number, mutant.fault, *judged(mutant, tests))
        verdicts.append(verdict)
        if (mutant.module, mutant.fault) not in known:
            with lines.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(verdict), ensure_ascii=False) + "\n")
        if verdict.fate == "survived":
            print(f"  survived: {verdict.module}:{verdict.fault}", flush=True)
    return verdicts


def _known(lines: Path) -> dict[tuple[str, str], Verdict]:
    """Earlier verdicts but the survivors', whom a new test may have killed."""
    if not lines.exists():
        return {}
    verdicts = [Verdict(**json.loads(line)) for line in lines.read_text(encoding="utf-8").splitlines()]
    return {(v.module, v.fault): v for v in verdicts if v.fate != "survived"}


def main(arguments: Sequence[str]) -> int:
    """Run the groups that are named, or all; 1 where less than the goal was killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Puts small faults into the source, one at a time, and counts those that no test notices.")
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all by default")
    parser.add_argument("--lines", type=Path, default=ROOT / "build" / "mutants.jsonl", help="where verdicts are kept, so that a run can go on later")
    chosen = parser.parse_args(arguments)
    chosen.lines.parent.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    compileall.compile_dir(ROOT / "invoice_rules", quiet=2)
    compileall.compile_dir(ROOT / "tests", quiet=2)
    for name in _PRELOAD:
        importlib.import_module(name)
    shares = []
    for group in chosen.groups or GROUPS:
        verdicts = [v for v in run(group, chosen.lines) if v.fate != "unborn"]
        killed = sum(v.fate != "survived" for v in verdicts)
        shares.append((killed, len(verdicts)))
        print(f"{group}: {killed} of {len(verdicts)} killed, {killed / max(len(verdicts), 1):.1%}", flush=True)
    killed, total = (sum(counts) for counts in zip(*shares, strict=True))
    print(f"All: {killed} of {total} killed, {killed / max(total, 1):.1%}; goal {GOAL:.0%}")
    return int(killed < GOAL * total)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
