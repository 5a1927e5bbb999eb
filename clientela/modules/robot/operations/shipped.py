"""The dialogues that the product ships with."""

import json
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from clientela.modules.robot.models import Dialogue, DialogueVersion
from clientela.modules.robot.rules.dialogue import Dialogue as Graph

FOLDER = Path(__file__).resolve().parents[1] / "shipped"


@transaction.atomic
def load_shipped(*, now: datetime, active_from: date, folder: Path = FOLDER) -> None:
    """Create what is missing of a folder; anything that is there already stays as people left it."""
    for position, file in enumerate(sorted(folder.glob("*.json"))):
        data = json.loads(file.read_text())
        named = {name: data[name] for name in ("name", "description", "robot")}
        dialogue, created = Dialogue.objects.get_or_create(
            code=data["code"], defaults=named | {"position": position}
        )
        if created:
            DialogueVersion.objects.create(
                dialogue=dialogue, number=1, state=DialogueVersion.State.ACTIVE, active_from=active_from,
                graph=Graph.from_json(data).to_json(), created_at=now, changed_at=now,
            )  # fmt: skip
