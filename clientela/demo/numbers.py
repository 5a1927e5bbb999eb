"""Policy numbers in the shapes of the shipped message texts."""

from collections import defaultdict

from clientela.foundation.identifiers import format_osago_number

MORTGAGE = "555"
NUMBER_FORMATS = {
    "kasko": "К 16-{serial:06}",
    "osago": "ХХХ {serial:010}",
    "305": "16480/305/{serial:06}/{year:02}",
    "354": "16480/354/{serial:06}/{year:02}",
    MORTGAGE: "16480/555/{serial:06}",
}
# Above the numbers of the clients shown by name.
_FIRST = {"kasko": 300_000, "osago": 420_000_000, "305": 10_000, "354": 10_000}


class Numbers:
    """Deals out policy numbers; each product and branch region has its own series."""

    def __init__(self) -> None:
        self._dealt: dict[tuple[str, ...], int] = defaultdict(int)

    def next(self, product: str, region_number: str, year: int) -> str:
        """A number nobody else has. ``region_number`` is the two digits of the selling branch's region."""
        if product == "kasko":
            return f"К {region_number}-{self._serial('kasko'):06d}"
        if product == "osago":
            return format_osago_number(f"ХХХ{self._serial('osago'):010d}")
        if product == MORTGAGE:
            return f"{region_number}480/{product}/{self._serial(product, region_number):06d}"
        yy = year % 100
        return f"{region_number}480/{product}/{self._serial(product, region_number, str(yy)):06d}/{yy:02d}"

    def next_serial(self, product: str) -> int:
        """First serial that a product's own number format may use without meeting a dealt one."""
        used = [count for key, count in self._dealt.items() if key[0] == product]
        return _FIRST.get(product, 0) + max(used, default=0) + 1

    def _serial(self, *key: str) -> int:
        self._dealt[key] += 1
        return _FIRST.get(key[0], 0) + self._dealt[key]
