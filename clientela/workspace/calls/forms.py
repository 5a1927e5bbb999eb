"""What an administrator types about numbers and menus."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.phones import normalize
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import CallBack, Menu, Number, Sound
from clientela.modules.calls.rules import KEYS, Do
from clientela.modules.contacts.queries.conversations import WRITERS
from clientela.modules.organisation.models import Branch, RenewalCentre

DOES = [
    ("", "—"),
    (Do.OWNER.value, pgettext_lazy("menu key", "The client's agent, then the queue")),
    (Do.QUEUE.value, pgettext_lazy("menu key", "The queue")),
    (Do.PERSON.value, pgettext_lazy("menu key", "A person")),
    (Do.MENU.value, pgettext_lazy("menu key", "Another menu")),
    (Do.CALL_BACK.value, pgettext_lazy("menu key", "Call back")),
    (Do.MESSAGE.value, pgettext_lazy("menu key", "Say something and hang up")),
]


class CallBackForm(forms.Form):
    """How a call-back ended."""

    result = forms.ChoiceField(
        label=_("How it ended"), choices=CallBack.Result.choices, widget=forms.RadioSelect(attrs={"class": "pick"}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is to be known"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class NumberForm(forms.Form):
    """One of our numbers."""

    value = forms.CharField(
        label=_("Number"), max_length=20, help_text=_("+7…, or a short one such as *0999")
    )
    label = forms.CharField(label=_("Shown as"), max_length=80)
    branch = forms.ModelChoiceField(Branch.objects.all(), label=_("Branch"), required=False)
    centre = forms.ModelChoiceField(RenewalCentre.objects.all(), label=_("Renewal centre"), required=False)
    menu = forms.ModelChoiceField(Menu.objects.all(), label=_("Voice menu"), required=False)
    by_region = forms.BooleanField(
        label=_("Calls go to the renewal centre of the caller's region"), required=False
    )
    records = forms.BooleanField(label=_("Conversations are recorded, callers are told"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @classmethod
    def of(cls, number: Number | None, data: Any = None) -> "NumberForm":
        names = ("value", "label", "branch", "centre", "menu", "by_region", "records", "is_active")
        return cls(data, initial={name: getattr(number, name) for name in names} if number else {})

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"].strip()
        short = value.strip("*#").isdecimal() and len(value) <= 6
        found = value if short else normalize(value)
        if found is None:
            raise forms.ValidationError(_("This is no telephone number."))
        return found


class SoundForm(forms.Form):
    """A sound: a file, or what was recorded in the browser."""

    name = forms.CharField(label=pgettext_lazy("sound", "Name"), max_length=80)
    file = forms.FileField(
        label=_("WAV or MP3"), widget=forms.ClearableFileInput({"accept": ".wav,.mp3,audio/wav,audio/mpeg"})
    )
    text = forms.CharField(
        label=_("What is said in it"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("In words, for people and for checks; leave it empty for music."),
    )  # fmt: skip
    use = forms.ChoiceField(label=_("Played"), choices=Sound.Use.choices, required=False)


class MenuForm(forms.Form):
    """What callers hear; a row for each key."""

    name = forms.CharField(label=pgettext_lazy("menu", "Name"), max_length=80)
    greeting = forms.CharField(
        label=_("Greeting"), max_length=1000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Say who answers, then what each key does."),
    )  # fmt: skip
    greeting_sound = forms.ModelChoiceField(
        Sound.objects.filter(is_active=True), label=_("Recorded greeting"), required=False,
        empty_label=pgettext_lazy("sound", "— spoken —"),
    )  # fmt: skip
    closed_sound = forms.ModelChoiceField(
        Sound.objects.filter(is_active=True), label=_("Recorded words outside of the hours"), required=False,
        empty_label=pgettext_lazy("sound", "— spoken —"),
    )  # fmt: skip
    opens = forms.TimeField(
        label=_("Opens"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    closes = forms.TimeField(
        label=_("Closes"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    closed = forms.CharField(
        label=_("Said outside of the hours"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    @classmethod
    def of(cls, menu: Menu | None, data: Any = None) -> "MenuForm":
        names = ("name", "greeting", "greeting_sound", "opens", "closes", "closed", "closed_sound")
        return cls(data, initial={name: getattr(menu, name) for name in names} if menu else {})


class KeyForm(forms.Form):
    """What one key does."""

    do = forms.ChoiceField(choices=DOES, required=False)
    words = forms.CharField(max_length=120, required=False)
    say = forms.CharField(max_length=1000, required=False)
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, role__in=WRITERS).order_by("last_name", "first_name"),
        required=False,
    )
    menu = forms.ModelChoiceField(Menu.objects.all(), required=False)

    def key(self, name: str) -> dict[str, Any] | None:
        """The key as it is kept; None when it does nothing."""
        data = self.cleaned_data
        if not data["do"]:
            return None
        chosen = (
            data["person"] if data["do"] == Do.PERSON else data["menu"] if data["do"] == Do.MENU else None
        )
        target = chosen.pk if chosen else None
        return {"key": name, "do": data["do"], "words": data["words"], "say": data["say"], "target": target}


def key_forms(menu: Menu | None, data: Any = None) -> list[tuple[str, KeyForm]]:
    """A form for each key of a telephone."""
    kept = {one["key"]: one for one in (menu.keys if menu else [])}
    forms_of = []
    for number, key in enumerate(KEYS):
        one = kept.get(key, {})
        initial = {name: one.get(name, "") for name in ("do", "words", "say")}
        initial["person"] = one.get("target") if one.get("do") == Do.PERSON else None
        initial["menu"] = one.get("target") if one.get("do") == Do.MENU else None
        forms_of.append((key, KeyForm(data, prefix=f"key{number}", initial=initial)))
    return forms_of
