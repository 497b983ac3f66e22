"""Figures drawn by Matplotlib, one part a currency, that follow JupyterLab's theme on the screen and are black on white on paper.

On the screen a figure is SVG whose text and lines take the colour of the text around it; `png` gives a picture for a report or a mail.
"""

import io
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from invoice_rules.notebook import html

INK = "#010203"
"""The colour of text and lines while a figure is drawn; on the screen it becomes that of the text around it."""
BLUE, PALE_BLUE, GREEN, AMBER, ORANGE, RED, GREY = "#3A67B1", "#8EA9DB", "#3F8F4F", "#E3B341", "#D9822B", "#B3261E", "#8A8A8A"
AGES = (BLUE, PALE_BLUE, AMBER, ORANGE, RED)
SERIES = (BLUE, ORANGE, GREEN, RED, AMBER, "#7A5AA6", "#4C9A9A", GREY)
_LEAST = 6
"""Places for standing bars, so that a single one is no wall; and the labels below them that have room beside one another."""
BAR = 0.3
"""The height of a lying bar with what is free around it, in inches."""
_AROUND = 0.4
"""The height of a part's title, and of what is written below it."""
_STYLE: Any = {
    "font.size": 10.0,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlesize": 11.0,
    "legend.frameon": False,
    "axes.unicode_minus": True,
    "svg.hashsalt": None,
}


@dataclass(frozen=True)
class Drawn:
    """A figure as a part of what a cell shows; `says` tells in words what can be seen, for those who cannot."""

    figure: Figure
    says: str

    def as_html(self) -> str:
        label = html.text(self.says)
        return f'<figure style="margin:4px 0 14px" role="img" aria-label="{label}">{self.svg()}</figure>'

    def as_text(self) -> str:
        return self.says

    def svg(self) -> str:
        """The figure as SVG that inherits its text's colour."""
        kept = io.StringIO()
        with _styled():
            FigureCanvasSVG(self.figure).print_svg(kept, metadata={"Date": None, "Creator": None})
        drawing = kept.getvalue()
        drawing = drawing[drawing.index("<svg") :].replace(INK, "currentColor")
        return re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)

    def png(self, dots: int = 110) -> bytes:
        """The figure as a picture, dark on white."""
        kept = io.BytesIO()
        with _styled():
            self.figure.savefig(kept, format="png", dpi=dots, facecolor="white")
        return kept.getvalue()


def _styled() -> AbstractContextManager[None]:
    return rc_context(_STYLE)


def drawn(parts: Sequence[Callable[[Axes], None]], says: str, heights: Sequence[float], width: float = 9.0) -> Drawn:
    """Parts one below the other, each drawn on axes of its own; `heights` of the axes, in inches."""
    with _styled():
        figure = Figure(figsize=(width, sum(heights) + _AROUND * len(parts)), layout="constrained", facecolor="none")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(len(parts), 1, height_ratios=list(heights))
        for place, draw in enumerate(parts):
            axes = figure.add_subplot(grid[place])
            axes.set_facecolor("none")
            draw(axes)
    return Drawn(figure, says)


def bars(axes: Axes, labels: Sequence[str], values: Sequence[float], texts: Sequence[str], colors: str | Sequence[str] = BLUE) -> None:
    """Bars that lie, the first on top, each with its value in words at its end."""
    places = range(len(labels))
    axes.barh(places, values, color=colors, height=0.68)
    axes.set_yticks(places, labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    _room(axes, values)
    for place, (value, text) in enumerate(zip(values, texts, strict=True)):
        axes.annotate(text, (value, place), xytext=(4 if value >= 0 else -4, 0), textcoords="offset points", va="center", ha="left" if value >= 0 else "right")
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _room(axes: Axes, values: Sequence[float]) -> None:
    """Room for the words at the ends of the bars."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    axes.set_xlim(low - (0.2 * span if low < 0 else 0), high + 0.2 * span)


def stacked(axes: Axes, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], colors: Sequence[str], title: str, ylabel: str) -> None:
    """Standing bars, one series upon the other, with a legend."""
    places = range(len(labels))
    bottom = [0.0] * len(labels)
    for (name, values), color in zip(series, colors, strict=False):
        axes.bar(places, values, bottom=bottom, color=color, label=name, width=0.7)
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    step = max(1, -(-len(labels) // _LEAST))
    axes.set_xticks(list(places)[::step], list(labels)[::step])
    axes.set_title(title)
    axes.set_ylabel(ylabel)
    axes.set_ylim(0, (max(bottom, default=0.0) or 1.0) * 1.08)
    axes.set_xlim(-0.6, max(len(labels), _LEAST) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, reverse=True)
