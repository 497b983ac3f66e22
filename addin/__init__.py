"""The spreadsheet add-in's own code: thin calls of the engine for a sheet's cells. It uses only what `invoice_rules` exports.

So far it checks a block of cells (`addin.udfs.check_range`); the ribbon and the marks in the sheet have their own issues.
"""
