"""All rules of Spectra invoices over lines, with lookups, defaults and computed fields: examine() beside polars written by hand for the same rules."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from invoice_rules import examine, read, rule_set
from invoice_rules.mapping import match
from invoice_rules.results import Report
from tests.benchmarks.harness import Figure, Side, race
from tests.benchmarks.spectra import Lists, write

TODAY = dt.date(2026, 11, 21)
MULTI = {"rowMode": "multi"}
KINDS = ("clients", "priceListItems", "taxCodes", "salesReps", "invoiceStatuses", "paymentMethods")

Verdicts = dict[tuple[str, str], list[int]]


def ours(path: str) -> Callable[[], int]:
    """Examine the whole file against the lists; how many problems there are."""
    lists = Lists()
    with tempfile.TemporaryDirectory() as folder:
        examined(write(Path(folder) / "small.csv", 2_000), lists)
    table = read(path, rules=rule_set("spectra.invoices"), limit_mb=4_000)
    return lambda: len(examine(table, "spectra.invoices", settings=MULTI, context=lists, today=TODAY).problems)


def by_hand(path: str) -> Callable[[], int]:
    """The same rules over the same cells; how many failures there are."""
    from tests.benchmarks.rivals.polars_lines import judged

    lists, rates = on_file()
    with tempfile.TemporaryDirectory() as folder:
        judged(cells(write(Path(folder) / "small.csv", 2_000)), lists, rates, TODAY)
    held = cells(Path(path))
    return lambda: sum(len(at) for at in judged(held, lists, rates, TODAY)[2].values())


def examined(path: Path, lists: Lists) -> Report:
    return examine(read(path, rules=rule_set("spectra.invoices"), limit_mb=4_000), "spectra.invoices", settings=MULTI, context=lists, today=TODAY)


def on_file():
    """(the keys of each list, the rates by tax code) as polars has them."""
    import polars as pl

    from invoice_rules.references import kind

    lists, kept = Lists(), {}
    for name in KINDS:
        kept[name] = pl.Series(lists.reference(name)[kind(name).key].astype(str).tolist())
    taxes = lists.reference("taxCodes")
    return kept, pl.DataFrame({"taxCode": taxes["taxCode"].tolist(), "rate": [float(rate) for rate in taxes["rate"]]})


def cells(path: Path):
    """The file's cells as text by field, in a polars frame."""
    import polars as pl

    names = pyarrow.csv.open_csv(path).schema.names
    text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    table = pyarrow.csv.read_csv(path, convert_options=text)
    fields = match(names, rule_set("spectra.invoices").under(MULTI)).fields
    return pl.from_arrow(table.select([names[at] for at in fields.values() if at is not None]).rename_columns([name for name, at in fields.items() if at is not None]))


def verdicts(report: Report) -> Verdicts:
    """Where examine() found each rule broken."""
    found: Verdicts = {}
    for finding in report.problems.findings:
        if finding.at is not None and len(finding):
            found.setdefault((finding.field, finding.rule.id), []).extend(finding.at.tolist())
    return {key: sorted(at) for key, at in found.items()}


def differences(path: Path) -> Iterator[str]:
    """Every verdict and amount in which the two do not agree on a file, in words."""
    from tests.benchmarks.rivals.polars_lines import judged

    report = examined(path, Lists())
    lists, rates = on_file()
    documents, lines, theirs = judged(cells(path), lists, rates, TODAY)
    mine = verdicts(report)
    for key in sorted(mine.keys() | theirs.keys()):
        if mine.get(key, []) != theirs.get(key, []):
            only = sorted(set(mine.get(key, [])) ^ set(theirs.get(key, [])))
            yield f"{key}: ours {len(mine.get(key, [])):,}, by hand {len(theirs.get(key, [])):,}, first {only[:5]}"
    for ours_, hers, name in ((report.rows, documents, "taxAmount"), (report.rows, documents, "clientNumber"), (report.lines, lines, "lineAmount")):
        theirs_now = hers["amount" if name == "lineAmount" else name].to_pandas()
        one, other = pd.Series(ours_[name].tolist()), pd.Series(theirs_now.tolist())
        if not ((one == other) | (one.isna() & other.isna())).all():
            yield f"{name} differs, first {[(a, b) for a, b in zip(one, other, strict=True) if a != b and not (pd.isna(a) and pd.isna(b))][:3]}"


def main(rows: int = 0, times: int = 3) -> list[Figure]:
    """A million lines in a hundred thousand invoices."""
    count = rows or 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        small = write(Path(folder) / "agree.csv", 20_000)
        if wrong := list(differences(small)):
            raise AssertionError("The two sides do not agree:\n" + "\n".join(wrong))
        path = write(Path(folder) / f"{count}.csv", count)
        runs = race([Side("lines:ours", {"path": str(path)}), Side("lines:by_hand", {"path": str(path)})], times)
        work = f"All Spectra rules, {count:,} lines in {count // 10:,} invoices, with lookups, defaults and sums"
        figure = Figure(f"lines-{count}", work, "polars by hand", 2.5, *runs, note=f"{runs[0].answer:,} problems")
        print(figure, flush=True)
    return [figure]
