"""What the resolution module does when something happens above it."""

from datetime import datetime
from typing import Any

from clientela.modules.resolution.operations import note_import_due


def on_import(event: Any, *, now: datetime) -> None:
    """A file made or changed many cards: they are compared like any other. ``event`` names its ``import_run_id``."""
    note_import_due(event.import_run_id)
