"""Reads of dialogues: which version is in force, comes, is a draft."""

from dataclasses import dataclass, field
from datetime import date

from clientela.modules.robot.models import Dialogue, DialogueVersion

State = DialogueVersion.State


def version_in_force(code: str, day: date) -> DialogueVersion | None:
    """The active version with the latest start that is not after ``day``."""
    rows = DialogueVersion.objects.filter(dialogue__code=code, state=State.ACTIVE, active_from__lte=day)
    return rows.select_related("dialogue").order_by("-active_from", "-number").first()


@dataclass(frozen=True)
class Versions:
    """The versions of one dialogue by what they are today; ``past`` holds former ones, newest first."""

    dialogue: Dialogue
    in_force: DialogueVersion | None = None
    coming: DialogueVersion | None = None
    draft: DialogueVersion | None = None
    past: list[DialogueVersion] = field(default_factory=list)

    def kind(self, version: DialogueVersion) -> str:
        """``in_force``, ``coming``, ``draft`` or ``past``."""
        for name in ("in_force", "coming", "draft"):
            known = getattr(self, name)
            if known is not None and known.pk == version.pk:
                return name
        return "past"

    @property
    def every(self) -> list[DialogueVersion]:
        known = (self.draft, self.coming, self.in_force, *self.past)
        return [one for one in known if one is not None]

    def get(self, number: int) -> DialogueVersion | None:
        return next((one for one in self.every if one.number == number), None)

    def base_of(self, version: DialogueVersion) -> DialogueVersion | None:
        """What a version is compared with: the one in force, for that itself the one before it."""
        if self.kind(version) in ("draft", "coming"):
            return self.in_force
        return next((one for one in self.past if one.number < version.number), None)

    @property
    def shown(self) -> DialogueVersion | None:
        """The version that opens by itself."""
        return self.draft or self.in_force or self.coming or next(iter(self.past), None)


def versions_of(dialogue: Dialogue, today: date) -> Versions:
    """The versions of one dialogue, in one statement."""
    rows = list(dialogue.versions.select_related("created_by", "activated_by").order_by("-number"))
    begun = [
        one for one in rows if one.state == State.ACTIVE and one.active_from and one.active_from <= today
    ]
    current = max(begun, key=lambda one: (one.active_from, one.number), default=None)
    ahead = [one for one in rows if one.state == State.ACTIVE and one.active_from and one.active_from > today]
    coming = min(ahead, key=lambda one: (one.active_from, -one.number), default=None)
    draft = next((one for one in rows if one.state == State.DRAFT), None)
    taken = {one.pk for one in (current, coming, draft) if one is not None}
    for one in rows:
        one.dialogue = dialogue
    return Versions(dialogue, current, coming, draft, [one for one in rows if one.pk not in taken])
