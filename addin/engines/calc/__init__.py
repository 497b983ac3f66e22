"""An xlwings engine over live LibreOffice Calc: the same calls as with Excel, answered by UNO."""
