"""django-import-export: one ModelResource whose model validates each instance, in one transaction, into SQLite."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tests.benchmarks.rivals.by_row import BARRED, cents, emails


def prepared(path: str, folder: str) -> Callable[[], int]:
    """How many rows were stored."""
    import django
    from django.conf import settings

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(folder) / "django.sqlite")}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["import_export"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True)
    django.setup()
    resource = _resource()
    import tablib
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(resource._meta.model)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=EXTRA")

    def work() -> int:
        rows = tablib.Dataset().load(Path(path).read_text(encoding="utf-8"), format="csv")
        result = resource.import_data(rows, use_transactions=True, raise_errors=False)
        if result.has_errors():
            raise RuntimeError(f"django-import-export stored nothing: {result.base_errors or result.row_errors()[0]}")
        return result.totals["new"] + result.totals["update"]

    return work


def _resource():
    """The resource and its model, which can be declared only after Django was set up."""
    from django.core.exceptions import ValidationError
    from django.core.validators import MinValueValidator
    from django.db import models
    from import_export import fields, resources, widgets

    def runs_nothing(value: str) -> None:
        if BARRED.search(value):
            raise ValidationError("A spreadsheet would run this.")

    def are_addresses(value: str) -> None:
        try:
            emails(value)
        except ValueError as error:
            raise ValidationError("Not a list of e-mail addresses.") from error

    class Receivable(models.Model):
        invoiceId = models.CharField(max_length=40, primary_key=True, validators=[runs_nothing])
        invoiceNumber = models.CharField(max_length=40, validators=[runs_nothing])
        amount = models.DecimalField(max_digits=15, decimal_places=2, validators=[MinValueValidator(0)])
        amountDue = models.DecimalField(max_digits=15, decimal_places=2, validators=[MinValueValidator(0)])
        customerName = models.CharField(max_length=50, validators=[runs_nothing])
        extCustomerId = models.CharField(max_length=40, validators=[runs_nothing])
        date = models.DateField()
        dateDue = models.DateField()
        isCanceled = models.BooleanField()
        contactEmail = models.CharField(max_length=2_000, validators=[are_addresses])

        class Meta:
            app_label = "receivables"

        def clean(self) -> None:
            if self.amount is not None and self.amountDue is not None and self.amountDue > self.amount:
                raise ValidationError({"amountDue": "More than the amount."})

    class Amount(widgets.Widget):
        def clean(self, value, row=None, **kwargs):
            return Decimal(cents(value)).scaleb(-2)

    class YesNo(widgets.BooleanWidget):
        def clean(self, value, row=None, **kwargs):
            known = {"yes": True, "true": True, "no": False, "false": False}
            if value.lower() not in known:
                raise ValueError("Neither yes nor no.")
            return known[value.lower()]

    class Receivables(resources.ModelResource):
        amount = fields.Field("amount", "amount", Amount())
        amountDue = fields.Field("amountDue", "amountDue", Amount())
        date = fields.Field("date", "date", widgets.DateWidget("%m/%d/%Y"))
        dateDue = fields.Field("dateDue", "dateDue", widgets.DateWidget("%m/%d/%Y"))
        isCanceled = fields.Field("isCanceled", "isCanceled", YesNo())

        class Meta:
            model = Receivable
            import_id_fields = ("invoiceId",)
            clean_model_instances = True
            skip_diff = True
            use_transactions = True

    return Receivables()
