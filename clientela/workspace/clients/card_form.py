"""The form of a card: one class for persons and companies, each with its own fields."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation import phones, regions
from clientela.foundation.identifiers import InvalidIdentifier, is_valid_inn, normalize_passport
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import InvalidData
from clientela.modules.clients.queries import Typed
from clientela.modules.contacts.models import Channel
from clientela.modules.organisation.models import Agent
from clientela.workspace.clients.forms import DayField

DETAILS = ("last_name", "first_name", "middle_name", "birth_date", "sex", "company_name", "city", "inn", "snils",
           "kpp", "ogrn", "bank_bic", "bank_account", "preferred_channel", "contact_from", "contact_to", "language",
           "is_key", "is_internal")  # fmt: skip
_PERSON_ONLY = ("last_name", "first_name", "middle_name", "birth_date", "sex", "snils", "passport")
_COMPANY_ONLY = ("company_name", "kpp", "ogrn", "bank_bic", "bank_account")
_NEW_ONLY = ("phone", "email", "passport", "street", "agent")
_OFF = {"autocomplete": "off"}


def _line(label: Any, longest: int, required: bool = False, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required, widget=forms.TextInput(attrs={**_OFF, **attrs})
    )


class CardForm(forms.Form):
    """Data of a client. ``client`` given: its card is changed and the fields of a new one are left out."""

    last_name = _line(_("Surname"), 120, True)
    first_name = _line(_("First name"), 80, True)
    middle_name = _line(_("Patronymic"), 80)
    birth_date = DayField(label=_("Birth date"), required=False)
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", _("By patronymic")), *Client.Sex.choices]
    )
    company_name = _line(_("Company name"), 255, True)
    phone = _line(_("Phone"), 40, inputmode="tel")
    email = _line(_("E-mail"), 254, inputmode="email")
    city = _line(_("Town"), 120, list="towns")
    street = _line(_("Street, house, flat"), 200)
    preferred_channel = forms.ChoiceField(label=_("Prefers"), required=False, choices=[
        ("", _("Any channel")), *[(c.value, c.label) for c in Channel if c != Channel.ROBOT]])  # fmt: skip
    contact_from = forms.TimeField(
        label=_("Call from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    contact_to = forms.TimeField(
        label=_("Call until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("ru", pgettext_lazy("language", "Russian")), ("en", pgettext_lazy("language", "English"))],
        initial="ru",
    )
    passport = _line(_("Passport"), 20)
    inn = _line(_("INN"), 14, inputmode="numeric")
    snils = _line(_("SNILS"), 16, inputmode="numeric")
    kpp = _line(_("KPP"), 12)
    ogrn = _line(_("OGRN"), 18, inputmode="numeric")
    bank_bic = _line(_("Bank's BIC"), 12, inputmode="numeric")
    bank_account = _line(_("Account"), 26, inputmode="numeric")
    agent = forms.ModelChoiceField(label=_("Agent"), queryset=Agent.objects.none(), required=False)
    is_key = forms.BooleanField(label=_("Key client"), required=False)
    is_internal = forms.BooleanField(label=_("Own employee"), required=False)

    def __init__(
        self, data: Any = None, *, kind: str, agents: Any = None, client: Client | None = None
    ) -> None:
        super().__init__(data, initial=_initial(client) if client else None)
        self.kind = kind
        hidden = [*(_COMPANY_ONLY if kind == Client.Kind.PERSON else _PERSON_ONLY)]
        hidden += _NEW_ONLY if client else ()
        if agents is None:
            hidden.append("agent")
        else:
            self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        for name in hidden:
            self.fields.pop(name, None)

    @property
    def details(self) -> dict[str, Any]:
        """What the operations call details."""
        return {name: self.cleaned_data[name] for name in DETAILS if name in self.fields}

    def take_errors(self, error: InvalidData) -> None:
        """Put what the operation refused at the fields it is about."""
        for name, messages in error.errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


def _initial(client: Client) -> dict[str, Any]:
    return {name: getattr(client, name) for name in DETAILS if hasattr(client, name)}


def typed_so_far(data: Mapping[str, Any]) -> Typed:
    """What can be compared of a form that is still being filled; anything unfinished is left out."""

    def text(name: str) -> str:
        return " ".join(str(data.get(name) or "").replace("\x00", "").split())[:255]

    email = text("email").lower()
    inn = text("inn").replace(" ", "")
    try:
        born = DayField(required=False).clean(text("birth_date"))
    except forms.ValidationError:
        born = None
    try:
        passport = normalize_passport(text("passport"))
    except InvalidIdentifier:
        passport = ""
    return Typed(
        last_name=text("last_name"),
        first_name=text("first_name"),
        middle_name=text("middle_name"),
        company_name=text("company_name"),
        birth_date=born,
        phone=phones.normalize(text("phone")) or "",
        email=email if "@" in email and "." in email.rpartition("@")[2] else "",
        inn=inn if is_valid_inn(inn) else "",
        document=passport,
    )


def towns() -> list[str]:
    """Names for the list under the town's field."""
    return [city.name_ru for city in regions.cities()[:200]]
