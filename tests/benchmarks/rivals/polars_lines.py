"""The rules of Spectra invoices over lines, written by hand in polars: the same verdicts as ours on the same cells, and nothing else.

No messages, no fixes, no mapping: for each rule the positions of the rows that break it, and the typed documents and lines.
"""

import datetime as dt
from collections.abc import Iterator

import polars as pl

FIRST_FORMULA = r"^[=+\-@＝＋－＠]"
BARRED = r"--|(?i:=cmd|=sum|=vlookup)"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
LOST = r"^-?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}$"
DEMO = r"(?i)(?:^|[^a-z])(?:test|demo|sample|dummy|asdf|qwerty|foobar|lorem|testing|asdfgh)(?:[^a-z]|$)|@example\.(?:com|org|net)\b"
HEADER_TEXT = {"clientNumber": 255, "invoiceNumber": 255, "description": 255, "status": 255, "salesRep": 255, "taxRate": 255, "paymentMethod": 255}
LINE_TEXT = {"priceListItem": 255, "itemDescription": 255}
HEADER = ("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "description", "status", "salesRep", "paymentDueDate", "taxRate", "amountPaid", "paymentMethod")
TYPES = ("Session Fee", "Initial Order", "Reorder", "Credit Memo", "Estimate")
OF = {"status": "invoiceStatuses", "salesRep": "salesReps", "taxRate": "taxCodes", "paymentMethod": "paymentMethods", "clientNumber": "clients"}

Verdicts = dict[tuple[str, str], list[int]]


def judged(cells: pl.DataFrame, lists: dict[str, pl.Series], rates: pl.DataFrame, today: dt.date) -> tuple[pl.DataFrame, pl.DataFrame, Verdicts]:
    """(documents, lines, positions of the rows that break each rule); `cells` are the texts of the file by field, '' blank."""
    rows = cells.with_columns(pl.all().str.strip_chars()).with_row_index("row")
    typed = rows.with_columns(*_typed())
    filled = typed.with_columns(pl.when(pl.col(name) == "").then(None).otherwise(pl.col(name)).alias(name) for name in (*HEADER_TEXT, *LINE_TEXT, "invoiceType"))
    documents = _documents(filled, lists, rates)
    lines = _lines(filled, lists)
    documents = documents.join(_sums(lines), on="document", how="left", maintain_order="left").with_columns(*_computed())
    found = {key: sorted(at) for key, at in _found(rows, filled, documents, lines, today) if at}
    return documents, lines, found


def _typed() -> Iterator[pl.Expr]:
    for name in ("invoiceDate", "paymentDueDate"):
        yield pl.col(name).str.to_date("%m/%d/%Y", strict=False).alias(f"{name}.typed")
    for name in ("amountPaid", "lineAmount", "lineDiscount"):
        yield (pl.col(name).str.replace_all(",", "").cast(pl.Decimal(18, 2), strict=False) * 100).cast(pl.Int64).alias(f"{name}.typed")
    for name in ("quantity", "unitPrice"):
        yield pl.col(name).str.replace_all(",", "").cast(pl.Decimal(18, 6), strict=False).alias(f"{name}.typed")
    yield pl.col("lineTaxable").str.to_lowercase().replace_strict({"yes": True, "true": True, "no": False, "false": False}, default=None, return_dtype=pl.Boolean).alias("lineTaxable.typed")
    yield pl.col("invoiceNumber").rank("dense").alias("document")


def _documents(rows: pl.DataFrame, lists: dict[str, pl.Series], rates: pl.DataFrame) -> pl.DataFrame:
    """One row a document: the first filled cell of each header field, codes in their official form."""
    typed = ["invoiceDate.typed", "paymentDueDate.typed", "amountPaid.typed"]
    heads = rows.group_by("document", maintain_order=True).agg(pl.col("row").first(), *[pl.col(name).drop_nulls().first() for name in (*HEADER_TEXT, "invoiceType", *typed)])
    for name, kind in OF.items():
        heads = _official(heads, name, lists[kind])
    return heads.join(rates, left_on="taxRate", right_on="taxCode", how="left", maintain_order="left")


def _official(frame: pl.DataFrame, name: str, known: pl.Series) -> pl.DataFrame:
    """The code as it is on file in the place of what the file says, and whether it is unknown."""
    keys = pl.DataFrame({"key": known.str.to_lowercase(), "official": known}).unique("key", keep="first")
    joined = frame.with_columns(pl.col(name).str.to_lowercase().alias("key")).join(keys, on="key", how="left", maintain_order="left")
    unknown = (pl.col(name).is_not_null() & pl.col("official").is_null()).alias(f"{name}.unknown")
    return joined.with_columns(unknown, pl.coalesce("official", name).alias(name)).drop("key", "official")


def _lines(rows: pl.DataFrame, lists: dict[str, pl.Series]) -> pl.DataFrame:
    """One row a line, with its amount worked out."""
    lines = _official(rows, "priceListItem", lists["priceListItems"])
    exact = (pl.col("quantity.typed").cast(pl.Float64) * 1e6).round().cast(pl.Int128) * (pl.col("unitPrice.typed").cast(pl.Float64) * 1e6).round().cast(pl.Int128)
    cents = ((exact.abs() + 5 * 10**9) // 10**10 * exact.sign()).cast(pl.Int64) - pl.col("lineDiscount.typed").fill_null(0)
    lines = lines.with_columns(cents.alias("worked"))
    amount = pl.coalesce("lineAmount.typed", "worked")
    return lines.with_columns(amount.alias("amount"), pl.when(pl.col("lineTaxable.typed").fill_null(True)).then(amount).otherwise(0).alias("taxable"))


def _sums(lines: pl.DataFrame) -> pl.DataFrame:
    unread = ((pl.col("quantity") != "") & pl.col("quantity.typed").is_null()) & pl.col("amount").is_null()
    return lines.group_by("document").agg(
        pl.when(~unread.any()).then(pl.col("amount").sum()).alias("total"), pl.when(~unread.any()).then(pl.col("taxable").sum()).alias("base"), pl.len().alias("count")
    )


def _computed() -> Iterator[pl.Expr]:
    rate = (pl.col("rate") * 10**6).round().cast(pl.Int128)
    exact = pl.col("base").cast(pl.Int128) * rate
    yield ((exact.abs() + 5 * 10**7) // 10**8 * exact.sign()).cast(pl.Int64).alias("taxAmount")
    yield (pl.col("total") - pl.col("amountPaid.typed").fill_null(0)).alias("openBalance")


def _found(rows: pl.DataFrame, filled: pl.DataFrame, documents: pl.DataFrame, lines: pl.DataFrame, today: dt.date) -> Iterator[tuple[tuple[str, str], list[int]]]:
    def where(frame: pl.DataFrame, broken: pl.Expr) -> list[int]:
        return frame.filter(broken.fill_null(False))["row"].to_list()

    for names, frame in ((HEADER_TEXT, documents), (LINE_TEXT, lines)):
        for name, most in names.items():
            yield (name, "content"), where(frame, pl.col(name).str.contains(f"{FIRST_FORMULA}|{BARRED}"))
            yield (name, "control-characters"), where(frame, pl.col(name).str.contains(CONTROL))
            yield (name, "lost-digits"), where(frame, pl.col(name).str.contains(LOST))
            yield (name, "max-length"), where(frame, pl.col(name).str.len_chars() > most)
    for name in ("invoiceDate", "paymentDueDate"):
        yield (name, "date"), where(filled, (pl.col(name) != "") & pl.col(f"{name}.typed").is_null())
        far = (pl.col(f"{name}.typed") > today.replace(year=today.year + 1)) | (pl.col(f"{name}.typed") < today.replace(year=today.year - 10))
        yield (name, "far-date"), where(documents, far)
    for name in ("amountPaid", "lineAmount", "lineDiscount"):
        yield (name, "money"), where(filled, (pl.col(name) != "") & pl.col(f"{name}.typed").is_null())
        yield (name, "not-negative"), where(documents if name == "amountPaid" else lines, pl.col(f"{name}.typed") < 0) if name != "lineAmount" else []
    for name in ("quantity", "unitPrice"):
        yield (name, "number"), where(filled, (pl.col(name) != "") & pl.col(f"{name}.typed").is_null())
        yield (name, "required"), where(lines, pl.col(name) == "")
    yield ("lineTaxable", "yes-no"), where(filled, (pl.col("lineTaxable") != "") & pl.col("lineTaxable.typed").is_null())
    yield ("clientNumber", "unidentified"), where(filled, pl.col("clientNumber").is_null())
    yield ("invoiceType", "required"), where(documents, pl.col("invoiceType").is_null())
    yield ("invoiceType", "choice"), where(documents, ~pl.col("invoiceType").is_in(TYPES))
    yield ("invoiceDate", "required"), where(documents, pl.col("invoiceDate.typed").is_null())
    for name in OF:
        yield (name, "unknown"), where(documents, pl.col(f"{name}.unknown"))
    yield ("priceListItem", "unknown"), where(lines, pl.col("priceListItem.unknown"))
    for name in HEADER:
        differs = (pl.col(name) != pl.col(name).first().over("document")) & (pl.col(name) != "")
        yield (name, "header-differs"), where(filled, differs)
    yield ("lineAmount", "computed"), where(lines, (pl.col("lineAmount.typed") - pl.col("worked")).abs() > 1)
    yield ("amount", "negative-total"), where(documents, pl.col("total") < 0)
    yield ("amountPaid", "paid-above-total"), where(documents, pl.col("amountPaid.typed") > pl.col("total"))
    yield ("amountPaid", "paid-without-method"), where(documents, (pl.col("amountPaid.typed") != 0) & pl.col("paymentMethod").is_null())
    yield ("openBalance", "open-balance"), where(documents, pl.col("openBalance") > pl.col("total"))
    yield ("paymentDueDate", "due-before-date"), where(documents, pl.col("paymentDueDate.typed") < pl.col("invoiceDate.typed"))
    yield ("invoiceNumber", "demo-data"), where(documents, pl.col("invoiceNumber").str.contains(DEMO))
    yield ("invoiceNumber", "near-duplicate"), _near(documents)


def _near(documents: pl.DataFrame) -> list[int]:
    """Same client, amount and look of the number, dates at most a week apart."""
    looks = pl.col("invoiceNumber").str.to_lowercase().str.replace_all("[^a-z0-9]", "").str.replace_all("o", "0").str.replace_all("[il]", "1").str.replace_all("s", "5").str.replace_all("b", "8").str.replace_all("z", "2").str.strip_chars_start("0")
    keyed = documents.select("row", "clientNumber", "total", "invoiceNumber", pl.col("invoiceDate.typed").alias("day"), looks.alias("looks")).drop_nulls()
    keyed = keyed.filter(pl.len().over("clientNumber", "total", "looks") > 1)
    pairs = keyed.join(keyed, on=["clientNumber", "total", "looks"]).filter((pl.col("invoiceNumber") != pl.col("invoiceNumber_right")) & ((pl.col("day") - pl.col("day_right")).abs() <= dt.timedelta(days=7)))
    return pairs["row"].unique().to_list()
