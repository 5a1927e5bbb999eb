"""Forms of signatures and deliveries."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models import Client
from clientela.modules.documents.models import Document, PickupPoint, SignRequest
from clientela.workspace.clients.forms import DayField


def chosen(papers: Sequence[Document], data: dict[str, Any]) -> list[Document]:
    """The documents whose boxes were ticked."""
    return [one for one in papers if str(one.pk) in data["documents"]]


class PapersForm(forms.Form):
    """Which documents."""

    documents = forms.MultipleChoiceField(
        label=pgettext_lazy("delivery", "Documents"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose documents of this policy that are ready.")},
    )

    def __init__(
        self, *args: Any, papers: Sequence[Document], client: Client | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["documents"]
        field.choices = [(str(one.pk), _title(one)) for one in papers]
        field.initial = [str(one.pk) for one in papers[:1]]
        if client is not None:
            self.prefill(client)

    def prefill(self, client: Client) -> None:
        """What the card knows."""


def _title(one: Document) -> str:
    return (
        f"{one.get_kind_display()} · {one.made_at:%d.%m.%Y}" if one.made_at else str(one.get_kind_display())
    )


class LinkForm(forms.Form):
    """How the link to sign goes."""

    channel = forms.ChoiceField(label=_("The link goes by"), choices=SignRequest.Channel, initial="sms")


class SignForm(PapersForm, LinkForm):
    """Which documents, and how the link goes."""


class EmailForm(PapersForm):
    """To the client's own address: the policy of messages chooses it."""


_HOURS = [(hour, f"{hour}:00") for hour in range(8, 23)]


class CourierForm(PapersForm):
    recipient = forms.CharField(label=_("Who takes it"), max_length=200)
    phone = forms.CharField(label=_("Phone"), max_length=30)
    address = forms.CharField(label=pgettext_lazy("delivery", "Address"), max_length=255)
    day = DayField(label=pgettext_lazy("delivery", "Day"))
    hour_from = forms.TypedChoiceField(label=_("Not before"), choices=_HOURS, coerce=int, initial=10)
    hour_to = forms.TypedChoiceField(label=_("Not after"), choices=_HOURS, coerce=int, initial=14)

    def prefill(self, client: Client) -> None:
        phone = client.contact_points.filter(kind="phone", do_not_use=False, bad_since=None).first()
        home = client.addresses.first()
        self.fields["recipient"].initial = client.name
        self.fields["phone"].initial = phone.value if phone else ""
        self.fields["address"].initial = str(home or "")


class PickupForm(PapersForm):
    point = forms.ModelChoiceField(
        label=_("Pick-up point"), queryset=PickupPoint.objects.filter(is_active=True)
    )

    def prefill(self, client: Client) -> None:
        own = PickupPoint.objects.filter(is_active=True, branch=client.branch_id).first()
        self.fields["point"].initial = own.pk if own else None


FORMS: dict[str, type[PapersForm]] = {"email": EmailForm, "courier": CourierForm, "pickup": PickupForm}


class PlainForm(forms.Form):
    """Nothing to tell besides."""


class ReasonForm(forms.Form):
    reason = forms.CharField(label=pgettext_lazy("delivery", "Why"), max_length=255)


class IssueForm(forms.Form):
    issued_to = forms.CharField(label=_("Who fetched it"), max_length=200)
    issued_by_document = forms.CharField(label=_("Document that was shown"), max_length=120)


def step_form(state: str) -> type[forms.Form]:
    """The form of a step."""
    if state in ("not_delivered", "returned", "cancelled"):
        return ReasonForm
    return IssueForm if state == "issued" else PlainForm
