"""Who may do what with imports. Which runs a person sees is decided above (workspace, API)."""

from typing import Any

from django.core.exceptions import PermissionDenied

PERMISSION = "imports.run"


def ensure(actor: Any) -> None:
    """Raise ``PermissionDenied`` unless this person may import; ``None`` is the system itself."""
    if actor is not None and not (getattr(actor, "is_active", False) and actor.can(PERMISSION)):
        raise PermissionDenied(PERMISSION)
