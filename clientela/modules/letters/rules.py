"""Where an envelope shows the address. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A field of an A4 page in millimetres from its upper left corner. The address stands within it."""

    left: float
    top: float
    width: float
    height: float


class NoSuchWindow(ValueError):
    """Neither a known envelope nor four numbers that lie on an A4 page."""


# DIN 5008 form B in a DL envelope; the Russian E65 envelope (ГОСТ Р 51506-99) with its window at the right: A4 folded
# in three, 5 mm of play on each side, so that the address is seen wherever the page slips.
WINDOWS = {
    "din": Window(20, 45, 85, 45),
    "e65": Window(109, 47, 82, 38),
}


def window_of(name: str) -> Window:
    """The field by its name, or of ``left,top,width,height``. Raises `NoSuchWindow`."""
    if name in WINDOWS:
        return WINDOWS[name]
    try:
        left, top, width, height = (float(part) for part in name.split(","))
    except ValueError as error:
        raise NoSuchWindow(name) from error
    fits = min(left, top) >= 0 < min(width, height) and left + width <= 210 and top + height <= 297
    if not fits:
        raise NoSuchWindow(name)
    return Window(left, top, width, height)
