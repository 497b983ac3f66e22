"""Each command has its icon: sharp at the ribbon's sizes, and seen on light and on dark."""

import io

import pytest
from PIL import Image

from addin.commands import COMMANDS
from addin.ribbon import icons

NAMES = [command.name for command in COMMANDS]
RIBBONS = {"white": (255, 255, 255), "dark grey": (59, 59, 59), "black": (38, 38, 38)}


def picture(name: str, size: int) -> Image.Image:
    return Image.open(io.BytesIO(icons.icon(name, size)))


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG 2: relative luminance of sRGB."""
    parts = [part / 255 for part in colour[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("name", NAMES)
def test_an_icon_fills_its_square_and_leaves_its_corners_clear(name, size):
    image = picture(name, size)
    assert image.size == (size, size)
    assert image.mode == "RGBA"
    left, top, right, bottom = image.getchannel("A").point(lambda alpha: 255 if alpha > 30 else 0).getbbox()
    assert max(right - left, bottom - top) >= size * 0.8, "it is as large as its neighbours"
    opaque = sum(alpha > 200 for alpha in image.getchannel("A").tobytes()) / size**2
    assert 0.04 <= opaque <= 0.6, "lines, no blot"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_at_the_edge(name):
    alpha = picture(name, 64).getchannel("A")
    edge = [alpha.getpixel(at) for step in range(64) for at in ((step, 0), (step, 63), (0, step), (63, step))]
    assert max(edge) < 128


@pytest.mark.parametrize("ribbon", RIBBONS)
@pytest.mark.parametrize("tone", ["SLATE", "BLUE", "GREEN", "ORANGE"])
def test_tones_are_seen_on_light_and_on_dark(tone, ribbon):
    light, dark = sorted((luminance(getattr(icons, tone)), luminance(RIBBONS[ribbon])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 2.7  # WCAG asks 3:1 of graphics that stand alone; a label stands beside each of these


def test_icons_differ_and_come_out_the_same_each_time():
    first = {name: icons.icon(name, 32) for name in NAMES}
    assert len(set(first.values())) == len(NAMES)
    icons.icon.cache_clear()
    assert {name: icons.icon(name, 32) for name in NAMES} == first
