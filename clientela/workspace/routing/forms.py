"""Forms of routing: what a person takes, and when work leaves a queue."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.models import User
from clientela.modules.routing.models import Queue, Station
from clientela.modules.routing.queries import queue_of
from clientela.modules.routing.rules.wording import skill_name

_KINDS = {"language": _("Languages"), "channel": _("Channels"), "product": _("Products")}


class StationForm(forms.Form):
    """What a person takes."""

    capacity = forms.IntegerField(
        label=_("Capacity"), min_value=0, max_value=1000,
        help_text=_("A call takes 100, a chat 25, a letter from the queue 10"),
    )  # fmt: skip
    serves = forms.BooleanField(label=_("Gets work from the queue of the own place"), required=False)

    def __init__(self, *args: Any, person: User, station: Station | None, **kwargs: Any) -> None:
        held = station.skills if station else settings.WORK_SKILLS_OF_ALL
        initial: dict[str, Any] = {
            "capacity": station.capacity if station else 100,
            "serves": station.serves if station else False,
        }
        for kind in _KINDS:
            initial[kind] = [code for code in held if code.startswith(f"{kind}:")]
        super().__init__(*args, **{"initial": initial, **kwargs})
        if not queue_of(person):
            del self.fields["serves"]
        for kind, label in _KINDS.items():
            codes = [f"{kind}:{code}" for code in settings.WORK_SKILLS[kind]]
            self.fields[kind] = forms.MultipleChoiceField(
                label=label, required=False, choices=[(code, skill_name(code)) for code in codes],
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """What ``change_station`` takes."""
        data = self.cleaned_data
        skills = [code for kind in _KINDS for code in data[kind]]
        return {"capacity": data["capacity"], "skills": skills, "serves": data.get("serves", False)}


class QueueForm(forms.Form):
    """When work leaves a queue; an empty time is never."""

    live_overflow = forms.IntegerField(
        label=_("A call or a chat overflows after, seconds"), required=False, min_value=1, max_value=86400,
        help_text=_("To the wider queue: centre, branch, company. Empty: never"),
    )  # fmt: skip
    letter_minutes = forms.IntegerField(
        label=_("A letter overflows after, working minutes"), required=False, min_value=1, max_value=100_000
    )
    live_take_back = forms.IntegerField(
        label=_("A call or a chat is taken back after, seconds"), required=False, min_value=1, max_value=3600,
        help_text=_("From who neither accepts nor declines it. Empty: never"),
    )  # fmt: skip
    takes_back_letters = forms.BooleanField(
        label=pgettext_lazy("queue", "A letter that is not answered in time goes to the queue"),
        required=False,
    )
    answer_share = forms.IntegerField(
        label=_("Service level, % of the calls"), min_value=1, max_value=99,
        help_text=_("Calls are counted to it when the caller waited no longer than the seconds below"),
    )  # fmt: skip
    answer_within = forms.IntegerField(label=_("answered within, seconds"), min_value=0, max_value=3600)

    def __init__(self, *args: Any, times: Queue, **kwargs: Any) -> None:
        letter = times.letter_overflow
        initial = {
            "live_overflow": times.live_overflow, "live_take_back": times.live_take_back,
            "letter_minutes": letter // 60 if letter else None, "takes_back_letters": times.takes_back_letters,
            "answer_share": times.answer_share, "answer_within": times.answer_within,
        }  # fmt: skip
        super().__init__(*args, **{"initial": initial, **kwargs})

    def values(self) -> dict[str, Any]:
        """What ``change_queue`` takes."""
        data = dict(self.cleaned_data)
        minutes = data.pop("letter_minutes")
        return {**data, "letter_overflow": minutes * 60 if minutes else None}
