"""How well columns are matched by their headings alone: precision and recall over the fields of Paystand receivables (X-13).

    python tests/benchmarks/column_matching.py [FILE.jsonl …] [--misses]

Each line of a file holds `headers`, `truth` ({field: heading, or null}) and `also_acceptable` ({field: [headings, or null]}).
A prediction is right when it is the truth or acceptable; one where the truth has none is wrong; recall is over the truths.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from invoice_rules.mapping import match
from invoice_rules.rulesets import rule_set

RULES = rule_set("paystand.receivables")
FIELDS = RULES.required
OTHERS = Path(__file__).resolve().parents[1] / "data" / "other_headers.jsonl"
LABELLED = Path(__file__).resolve().parents[3] / "shared" / "data" / "headers.jsonl"


@dataclass
class Score:
    """Counts of one field, or of all: predictions, right ones, truths, found ones."""

    made: int = 0
    right: int = 0
    truths: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.truths if self.truths else 1.0

    def __str__(self) -> str:
        return f"precision {self.precision:.3f} ({self.right}/{self.made})   recall {self.recall:.3f} ({self.found}/{self.truths})"


@dataclass
class Result:
    """The scores of one file, the wrong and missing guesses, and the seconds that matching took."""

    fields: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in FIELDS})
    misses: list[str] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0

    @property
    def all(self) -> Score:
        scores = self.fields.values()
        return Score(sum(s.made for s in scores), sum(s.right for s in scores), sum(s.truths for s in scores), sum(s.found for s in scores))


def read_rows(path: Path) -> Iterator[dict]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def measure(rows: Iterable[dict]) -> Result:
    """Match every row of headings and compare with its labels."""
    result = Result()
    for row in rows:
        began = time.perf_counter()
        mapping = match(row["headers"], RULES)
        result.seconds += time.perf_counter() - began
        result.rows += 1
        for name in FIELDS:
            column = mapping.fields[name]
            _count(result, row, name, None if column is None else row["headers"][column])
    return result


def _count(result: Result, row: dict, name: str, made: str | None) -> None:
    truth, score = row["truth"].get(name), result.fields[name]
    right = made in (truth, *row.get("also_acceptable", {}).get(name, ()))
    score.made += made is not None
    score.right += made is not None and right
    score.truths += truth is not None
    score.found += made is not None and truth is not None and right
    if not right:
        result.misses.append(f"{row.get('key', row.get('system', '')):32} {name:14} made {made!r}, truth {truth!r}")


def main(arguments: list[str]) -> None:
    paths = [Path(path) for path in arguments if not path.startswith("--")] or [path for path in (LABELLED, OTHERS) if path.exists()]
    for path in paths:
        result = measure(read_rows(path))
        print(f"{path.name}: {result.rows} header rows, {1000 * result.seconds / max(result.rows, 1):.1f} ms each\n  {'all':14} {result.all}")
        for name, score in result.fields.items():
            print(f"  {name:14} {score}")
        if "--misses" in arguments:
            print("\n".join(f"    {miss}" for miss in result.misses))
            print(f"    by field: {dict(Counter(miss.split()[1] for miss in result.misses))}")


if __name__ == "__main__":
    main(sys.argv[1:])
