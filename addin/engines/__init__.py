"""Engines that give xlwings another spreadsheet than Excel: live LibreOffice Calc, and a strict double of Excel over a file."""
