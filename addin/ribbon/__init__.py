"""Excel's side of the add-in: the ribbon's XML, its VBA, its icons, and what builds the `.xlam` from them.

A click goes from `customUI14.xml` to `InvoiceRulesRibbon.OnAction` (VBA), from there as `from addin import udfs; udfs.NAME()` to the Python
that the add-in was built for. Nothing that the open workbook holds, or that lies beside it, has a say in what is run.
"""
