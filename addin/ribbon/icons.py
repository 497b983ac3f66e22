"""The icons of the commands, drawn in one style: outlines in slate, what the command does in blue, what needs attention in orange.

They are drawn on a grid of 32 units with strokes of two, centred on odd units, so that straight edges fall on whole pixels at 16, 32
and 64 px. The tones hold a contrast of about 3:1 both on a white and on a dark grey ribbon. The same size gives the same bytes.
"""

import io
import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

from addin.commands import COMMANDS

GRID = 32
FINE = 32  # pixels a unit of the grid while drawing
STROKE = 2.0
SLATE = (118, 132, 148, 255)
BLUE = (46, 127, 217, 255)
GREEN = (46, 158, 91, 255)
ORANGE = (224, 105, 40, 255)
NOTHING = (0, 0, 0, 0)

Colour = tuple[int, int, int, int]
Point = tuple[float, float]


@lru_cache
def icon(name: str, size: int) -> bytes:
    """The PNG of a command's icon, `size` pixels square, transparent around it. Raises KeyError where there is no such command."""
    pen = Pen()
    DRAWINGS[name](pen)
    stream = io.BytesIO()
    pen.image.resize((size, size), Image.Resampling.BOX).save(stream, "PNG", optimize=False, compress_level=9)
    return stream.getvalue()


class Pen:
    """Draws in units of the grid, with round ends and joins; a later stroke covers an earlier one."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (GRID * FINE, GRID * FINE), NOTHING)
        self._draw = ImageDraw.Draw(self.image)

    def line(self, points: Sequence[Point], colour: Colour, width: float = STROKE) -> None:
        """Strokes through the points, joined and ended round."""
        self._draw.line([(x * FINE, y * FINE) for x, y in points], fill=colour, width=round(width * FINE))
        for point in points:
            self.dot(point, width / 2, colour)

    def shape(self, points: Sequence[Point], colour: Colour, fill: Colour | None = None) -> None:
        """A closed outline, filled where `fill` is given."""
        if fill is not None:
            self.area(points, fill)
        self.line([*points, points[0]], colour)

    def area(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, fill: Colour | None = None) -> None:
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour, fill)

    def dot(self, centre: Point, radius: float, colour: Colour) -> None:
        (x, y) = centre
        self._draw.ellipse([(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE], fill=colour)

    def arc(self, centre: Point, radius: float, start: float, end: float, colour: Colour) -> None:
        """Part of a circle, from `start` to `end` degrees, clockwise from three o'clock."""
        steps = max(8, round(abs(end - start)))
        angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
        self.line([(centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles], colour)


def _sheet(pen: Pen) -> None:
    """A page with a folded corner."""
    pen.shape([(5, 3), (17, 3), (23, 9), (23, 29), (5, 29)], SLATE)
    pen.line([(17, 3), (17, 9), (23, 9)], SLATE)


def _map_columns(pen: Pen) -> None:
    for left, top in ((3, 5), (23, 5)):
        pen.box(left, top, left + 6, 27, SLATE)
        pen.area([(left - 1, top - 1), (left + 7, top - 1), (left + 7, top + 6), (left - 1, top + 6)], SLATE)
    pen.line([(12, 17), (20, 17)], BLUE)
    pen.line([(17, 13), (20.5, 17), (17, 21)], BLUE)


def _new_template(pen: Pen) -> None:
    _sheet(pen)
    pen.line([(9, 15), (19, 15)], SLATE)
    pen.line([(9, 20), (14, 20)], SLATE)
    pen.dot((23, 23), 8, NOTHING)
    pen.line([(23, 17), (23, 29)], BLUE, 3.5)
    pen.line([(17, 23), (29, 23)], BLUE, 3.5)


def _validate(pen: Pen) -> None:
    _sheet(pen)
    pen.line([(9, 13), (17, 13)], SLATE)
    pen.line([(9, 17), (13, 17)], SLATE)
    tick = [(13, 22), (18, 27), (28, 16)]
    pen.line(tick, NOTHING, 7)
    pen.line(tick, GREEN, 3.5)


def _next_problem(pen: Pen) -> None:
    pen.shape([(13, 2.5), (22.5, 18), (3.5, 18)], ORANGE)
    pen.line([(13, 8.5), (13, 11.5)], ORANGE)
    pen.dot((13, 15), 1.2, ORANGE)
    pen.line([(9, 25), (29, 25)], BLUE)
    pen.line([(24, 20), (29, 25), (24, 30)], BLUE)


def _problems(pen: Pen) -> None:
    for middle in (5, 15, 25):
        pen.dot((6, middle), 3, ORANGE)
        pen.line([(13, middle), (29, middle)], SLATE)


def _apply_fixes(pen: Pen) -> None:
    pen.line([(4, 28), (18, 14)], SLATE, 4)
    pen.line([(17, 15), (20, 12)], BLUE, 4)
    for centre, radius in (((25, 7), 5.5), ((13, 6), 3.5), ((26, 20), 3.5)):
        _star(pen, centre, radius)


def _star(pen: Pen, centre: Point, radius: float) -> None:
    """A spark with four points."""
    points = []
    for step in range(8):
        away, angle = (radius if step % 2 == 0 else radius * 0.3), math.radians(45 * step)
        points.append((centre[0] + away * math.cos(angle), centre[1] + away * math.sin(angle)))
    pen.area(points, BLUE)


def _clear_marks(pen: Pen) -> None:
    pen.shape([(18, 3), (29, 14), (17, 26), (11, 26), (4, 19), (4, 17)], SLATE)
    pen.area([(11, 10), (22, 21), (17, 26), (11, 26), (4, 19), (4, 17)], BLUE)
    pen.line([(11, 10), (22, 21)], BLUE)
    pen.line([(4, 29), (28, 29)], SLATE)


def _preview_import(pen: Pen) -> None:
    upper, lower = _lens(16, 15, 14, 9)
    pen.line(upper, SLATE)
    pen.line(lower, SLATE)
    pen.dot((16, 15), 5, BLUE)
    pen.dot((16, 15), 2, NOTHING)


def _lens(x: float, y: float, half: float, height: float) -> tuple[list[Point], list[Point]]:
    """The two lids of an eye around (x, y)."""
    steps = [step / 40 for step in range(-40, 41)]
    upper = [(x + half * step, y - height * math.cos(step * math.pi / 2) ** 1.3) for step in steps]
    return upper, [(px, 2 * y - py) for px, py in upper]


def _import_invoices(pen: Pen) -> None:
    pen.line([(3, 19), (3, 29), (29, 29), (29, 19)], SLATE)
    pen.line([(16, 3), (16, 22)], BLUE, 3.5)
    pen.line([(8.5, 15), (16, 22.5), (23.5, 15)], BLUE, 3.5)


def _cloud(pen: Pen) -> None:
    """A service somewhere else; its lower edge is left to an arrow."""
    pen.line([(9, 21), (7, 21)], SLATE)
    pen.arc((8, 15.5), 5.5, 90, 262, SLATE)
    pen.arc((15.5, 11), 7.5, 188, 330, SLATE)
    pen.arc((24, 15.5), 5.5, -100, 90, SLATE)
    pen.line([(24, 21), (23, 21)], SLATE)


def _fetch_invoices(pen: Pen) -> None:
    _cloud(pen)
    pen.line([(16, 14), (16, 28)], BLUE, 3)
    pen.line([(10.5, 23), (16, 28.5), (21.5, 23)], BLUE, 3)


def _send_invoices(pen: Pen) -> None:
    _cloud(pen)
    pen.line([(16, 15), (16, 29)], BLUE, 3)
    pen.line([(10.5, 20), (16, 14.5), (21.5, 20)], BLUE, 3)


def _ledger(pen: Pen) -> None:
    pen.box(5, 3, 27, 29, SLATE)
    pen.line([(11, 3), (11, 29)], SLATE)
    for middle in (10, 16, 22):
        pen.line([(15, middle), (23, middle)], BLUE)


def _import_history(pen: Pen) -> None:
    pen.arc((16, 16), 13, -160, 150, SLATE)
    pen.area([(0.6, 9.4), (8.6, 9.4), (4, 15)], SLATE)
    pen.line([(16, 9), (16, 17), (21, 20)], BLUE)


def _undo_last_import(pen: Pen) -> None:
    pen.line([(4, 11), (20, 11)], BLUE, 2.5)
    pen.arc((20, 18.5), 7.5, -90, 90, BLUE)
    pen.line([(20, 26), (9, 26)], BLUE, 2.5)
    pen.line([(11, 4), (4, 11), (11, 18)], BLUE, 2.5)


def _settings(pen: Pen) -> None:
    pen.area(_gear(14.5, 11), SLATE)
    pen.area(_gear(12.2, 8.8, widened=0.86), NOTHING)
    pen.dot((16, 16), 5, BLUE)
    pen.dot((16, 16), 3, NOTHING)


def _gear(outer: float, inner: float, widened: float = 1.0) -> list[Point]:
    """The outline of a wheel with eight teeth; `widened` scales the teeth's width."""
    points = []
    for tooth in range(8):
        for offset, radius in ((-17, inner), (-10, outer), (10, outer), (17, inner)):
            angle = math.radians(45 * tooth + offset * widened)
            points.append((16 + radius * math.cos(angle), 16 + radius * math.sin(angle)))
    return points


def _help(pen: Pen) -> None:
    pen.arc((16, 16), 13, 0, 360, SLATE)
    pen.arc((16, 12.5), 4.5, -180, 60, BLUE)
    pen.line([(18.2, 16.4), (16, 18), (16, 19.5)], BLUE)
    pen.dot((16, 23.5), 1.5, BLUE)


DRAWINGS: dict[str, Callable[[Pen], None]] = {command.name: globals()[f"_{command.name}"] for command in COMMANDS}
