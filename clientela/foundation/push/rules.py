"""When to keep quiet."""

from datetime import datetime, time


def is_quiet(local: datetime, *, start: time | None, end: time | None, until: datetime | None = None) -> bool:
    """Whether a person hears nothing at ``local``, an aware moment in the own zone.

    Quiet from ``start`` to ``end``, over midnight if the end is earlier; and before ``until``.
    """
    if until is not None and local < until:
        return True
    if start is None or end is None or start == end:
        return False
    clock = local.time()
    return start <= clock < end if start < end else clock >= start or clock < end
