"""The add-in in LibreOffice Calc: an extension with a menu and a toolbar, made from the same list of commands as Excel's ribbon."""
