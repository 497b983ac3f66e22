"""An xlwings engine over live LibreOffice Calc: the same calls as with Excel, answered by UNO.

`activate` is all that others call. `engine` and `app` are the entry; `books`, `sheets` and `range` the tree; `values` and `looks` what cells
hold and how they look; `notes`, `links`, `rules`, `validation`, `filters`, `names` and `tables` what else lies on a sheet; `writing` what
every write does around itself; `dialogs` what a user is asked; `grammar` and `numberformats` translate; `loading` finds UNO.
"""

from addin.engines.calc.engine import activate

__all__ = ["activate"]
