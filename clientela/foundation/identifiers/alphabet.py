"""Letters that look the same in the Cyrillic and the Latin alphabet."""

# The twelve letters that vehicle plates and policy series may use (GOST R 50577).
CYRILLIC_TWINS = "АВЕКМНОРСТУХ"
LATIN_TWINS = "ABEKMHOPCTYX"

_TO_LATIN = str.maketrans(CYRILLIC_TWINS, LATIN_TWINS)
_TO_CYRILLIC = str.maketrans(LATIN_TWINS, CYRILLIC_TWINS)


def to_latin_twins(text: str) -> str:
    """Upper-case ``text`` with every Cyrillic look-alike letter made Latin."""
    return text.upper().translate(_TO_LATIN)


def to_cyrillic_twins(text: str) -> str:
    """Upper-case ``text`` with every Latin look-alike letter made Cyrillic."""
    return text.upper().translate(_TO_CYRILLIC)
