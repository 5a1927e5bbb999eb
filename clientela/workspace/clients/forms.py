"""Forms of the client's pages. They keep what was typed; what may be stored is decided by the operations."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.names import name_key
from clientela.foundation.private_files import LARGEST
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.clients.queries import LEGAL_FORMS, companies_like
from clientela.modules.contacts.models import Purpose
from clientela.workspace.clients.queries.card_rows import PolicyRow

CENT = Decimal("0.01")


class DayField(forms.DateField):
    """A day, typed or picked; the browser's own picker speaks ISO."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y"])
        kwargs.setdefault("error_messages", {"invalid": _("Write the date like 22.04.1984.")})
        super().__init__(**kwargs)


class MoneyInput(forms.TextInput):
    """Money as people type it: spaces and a comma are welcome."""

    input_type = "text"

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal):
            return formats.number(value, language(), 2)
        return None if value is None else str(value)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = data.get(name)
        if not isinstance(typed, str):
            return typed
        return typed.replace("\u00a0", "").replace(" ", "").replace("₽", "").replace(",", ".")


class SumField(forms.DecimalField):
    """Roubles with kopecks."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MoneyInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("error_messages", {"invalid": _("Write the sum in figures: 8 533,99.")})
        super().__init__(max_digits=14, decimal_places=2, min_value=CENT, **kwargs)


class ContactForm(forms.Form):
    """A new phone, e-mail or account."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactPoint.Kind.choices)
    value = forms.CharField(
        label=_("Number or address"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    label = forms.CharField(
        label=_("Label"), max_length=60, required=False, help_text=_("Work, home, wife …")
    )
    is_primary = forms.BooleanField(label=_("Primary of its kind"), required=False)


class ContactEditForm(forms.Form):
    """What may change on a contact; its value may not: add another one."""

    label = forms.CharField(label=_("Label"), max_length=60, required=False)
    is_primary = forms.BooleanField(label=_("Primary of its kind"), required=False)
    do_not_use = forms.BooleanField(
        label=_("Do not use"), required=False, help_text=_("Nothing is sent here.")
    )


class ConsentForm(forms.Form):
    """A consent given in the person's presence or by phone."""

    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[one for one in Purpose.choices if one[0] != Purpose.GROUP_DATA]
    )
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[
            ("sms", "SMS"),
            ("email", _("E-mail")),
            ("vk", "VK"),
            ("telegram", "Telegram"),
            ("call", _("Call")),
        ],
    )
    source = forms.CharField(
        label=_("How it was given"), max_length=80, help_text=_("By phone, on paper, in the office …")
    )


class StopForm(forms.Form):
    """The client does not want to be written to or called."""

    scope = forms.MultipleChoiceField(
        label=_("What must stop"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    everything = forms.BooleanField(
        label=_("Do not contact at all"), required=False,
        help_text=_("Neither people nor the company write or call, contracts included."),
    )  # fmt: skip
    reason = forms.CharField(label=_("In the client's words"), max_length=200, required=False)

    def __init__(self, *args: Any, consents: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = list(consents)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("scope") and not cleaned.get("everything"):
            self.add_error("scope", _("Choose what must stop."))
        return cleaned


class NoteForm(forms.Form):
    """A note; @ names colleagues."""

    text = forms.CharField(
        label=_("Note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5, "data-autofocus": ""}),
        help_text=_("@surname or @address tells a colleague."),
    )  # fmt: skip


class TagsForm(forms.Form):
    """Tags, separated by commas."""

    names = forms.CharField(
        label=_("Tags"), required=False, max_length=600, help_text=_("Separated by commas.")
    )

    def clean_names(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["names"].split(",") if name.strip()]


class TagForm(forms.Form):
    """One tag for many clients."""

    name = forms.CharField(
        label=_("Tag"), max_length=40, widget=forms.TextInput(attrs={"list": "known-tags"})
    )


class FileForm(forms.Form):
    """A file for the card."""

    file = forms.FileField(
        label=_("File"), allow_empty_file=True,
        help_text=_("PDF, picture, office document or ZIP up to %(n)s MB") % {"n": LARGEST // 1024 // 1024},
    )  # fmt: skip


class PhotoForm(forms.Form):
    """A picture of the client."""

    file = forms.FileField(
        label=_("Photo"), allow_empty_file=True,
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP up to 10 MB; a square is kept, without the place and the time of the picture"),
    )  # fmt: skip


class ParentForm(forms.Form):
    """The company another one belongs to, as it is known to the person."""

    parent = forms.CharField(
        label=_("Belongs to the company"), required=False, max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("INN or the beginning of the name; empty takes the company out of its holding"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_parent(self) -> Client | None:
        text = " ".join(self.cleaned_data["parent"].split())
        if not text:
            return None
        found = list(companies_like(self.user, text)[:20])
        if not found:
            raise forms.ValidationError(_("There is no such company among the clients."))
        key = name_key(text)
        exact = [one for one in found if one.name_key in {form + key for form in LEGAL_FORMS}]
        if len(exact or found) > 1:
            raise forms.ValidationError(_("Several companies fit: write the INN."))
        return (exact or found)[0]


class DocumentForm(forms.Form):
    """A passport or another document."""

    kind = forms.ChoiceField(label=_("Document"), choices=IdentityDocument.Kind.choices)
    number = forms.CharField(label=_("Series and number"), max_length=40, widget=forms.TextInput(
        attrs={"autocomplete": "off"}))  # fmt: skip
    issued_on = DayField(label=_("Issued on"), required=False)
    valid_until = DayField(label=_("Valid until"), required=False)
    issued_by = forms.CharField(label=_("Issued by"), max_length=200, required=False)
    unit_code = forms.CharField(label=_("Unit code"), max_length=7, required=False)


class AddressForm(forms.Form):
    """Where the client lives."""

    city = forms.CharField(label=_("Town"), max_length=120)
    street = forms.CharField(label=_("Street, house, flat"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postcode"), max_length=10, required=False)


class PolicyForm(forms.Form):
    """A form that is about one of the client's policies."""

    policy = forms.TypedChoiceField(label=_("Policy"), coerce=int)

    def __init__(self, *args: Any, policies: Iterable[PolicyRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(policies)
        titles = [
            (row.id, " · ".join(part for part in (row.name, row.title, row.number) if part)) for row in rows
        ]
        self.fields["policy"].choices = titles  # type: ignore[attr-defined]
        if len(rows) == 1:
            self.fields["policy"].widget = forms.HiddenInput()
            self.fields["policy"].initial = rows[0].id


class QuoteForm(PolicyForm):
    """A calculated price for the next term."""

    premium = SumField(label=_("Price for the next term, RUB"))
    valid_until = DayField(label=_("Holds until"), required=False)
    note = forms.CharField(label=_("What it is made of"), max_length=255, required=False)


class ProjectForm(PolicyForm):
    """The next term: last year's price, or another one with a reason."""

    premium = SumField(label=_("Price for the next term, RUB"))
    reason = forms.CharField(
        label=_("Why it differs from last year"), max_length=255, required=False,
        help_text=_("Needed when the price is not last year's."),
    )  # fmt: skip


class PaymentForm(forms.Form):
    """Money received by hand."""

    target = forms.ChoiceField(label=_("For"))
    amount = SumField(label=_("Sum, RUB"))
    method = forms.ChoiceField(label=_("How it was paid"), choices=[
        choice for choice in Payment.Method.choices if choice[0] != Payment.Method.LINK])  # fmt: skip
    slip = forms.CharField(label=_("Number of the slip or the order"), max_length=40, required=False)
    paid_on = DayField(label=_("Paid on"))

    def __init__(self, *args: Any, targets: Iterable[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["target"].choices = list(targets)  # type: ignore[attr-defined]
        self.fields["paid_on"].initial = today

    def clean_paid_on(self) -> date:
        day: date = self.cleaned_data["paid_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is yet to come."))
        return day


class CancelForm(forms.Form):
    """An early end of a contract."""

    on = DayField(label=_("Last day of cover"))
    reason = forms.CharField(label=pgettext_lazy("cancellation", "Reason"), max_length=120)


class DayForm(forms.Form):
    """One day."""

    day = DayField(label=_("On which day"))


class ReasonForm(forms.Form):
    """A reason, not always needed."""

    reason = forms.CharField(label=pgettext_lazy("withdrawal", "Reason"), max_length=255, required=False)


class ViewForm(forms.Form):
    """A name for the filter in hand."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
