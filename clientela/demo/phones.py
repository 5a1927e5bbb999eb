"""Telephone numbers that reach nobody.

The mobile codes below were never given to an operator: no carrier is known for them in
libphonenumber's table (a test looks), so nobody in the demo base can be called by mistake.
"""

NEVER_ALLOCATED = (907, 935, 972, 973, 974, 975, 976)
NAMED = 907  # for the company, its agents and the clients shown by name; all others get the rest
_CODES = tuple(code for code in NEVER_ALLOCATED if code != NAMED)
_BLOCK = 10_000
_SIZE = _BLOCK * len(_CODES)
# Shares no factor with the size of the space, so that neighbours in the data get distant numbers.
_STRIDE = 30_011
COMPANY_RANGE = (NAMED, 999)
AGENT_RANGE = (NAMED, 998)


class PhoneBook:
    """Deals out different numbers in E.164."""

    def __init__(self) -> None:
        self._dealt = 0

    def next(self) -> str:
        """A client's number nobody else has: the first 60,000 begin with 000, then 001 …"""
        layer, place = divmod(self._dealt, _SIZE)
        self._dealt += 1
        code, number = divmod(place * _STRIDE % _SIZE, _BLOCK)
        return f"+7{_CODES[code]}{layer:03d}{number:04d}"


def agent_phone(index: int) -> str:
    """Number of agent ``index``, apart from the clients' ones."""
    code, block = AGENT_RANGE
    return f"+7{code}{block:03d}{index * 37 % _BLOCK:04d}"


def company_phone(index: int) -> str:
    """Number ``index`` of a branch or a renewal centre."""
    code, block = COMPANY_RANGE
    return f"+7{code}{block:03d}{index * 101 % _BLOCK:04d}"
