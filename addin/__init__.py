"""The spreadsheet add-in: buttons that check and import the open workbook, in Excel and in LibreOffice Calc. It uses only what `invoice_rules` exports.

`commands` lists the buttons, `udfs` is what they call; `checking`, `importing` and `books` do the work; `surface` reads and writes the sheet.
"""
