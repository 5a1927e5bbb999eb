"""What an administrator says of a mailbox, and the words under mails."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.models import User
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.operations import FIELDS, LONGEST
from clientela.modules.mailboxes.rules import VARIABLE_PREFIX
from clientela.modules.organisation.models import Branch, RenewalCentre

_PLAIN = {"spellcheck": "false", "autocomplete": "off"}


class MailboxForm(forms.Form):
    """A mailbox. The password is never shown: an empty field keeps the one there is."""

    address = forms.CharField(
        label=_("Address"), max_length=254, widget=forms.TextInput({**_PLAIN, "inputmode": "email"})
    )
    name = forms.CharField(label=pgettext_lazy("mailbox", "Name"), max_length=120)
    person: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        label=_("A person's own"), queryset=User.objects.none(), required=False, empty_label=_("Shared")
    )
    branch: "forms.ModelChoiceField[Branch]" = forms.ModelChoiceField(
        label=pgettext_lazy("mailbox", "Branch"),
        queryset=Branch.objects.all(),
        required=False,
        empty_label="—",
    )
    centre: "forms.ModelChoiceField[RenewalCentre]" = forms.ModelChoiceField(
        label=_("Renewal centre"), queryset=RenewalCentre.objects.all(), required=False, empty_label="—"
    )
    imap_host = forms.CharField(
        label=_("Server of incoming mail (IMAP)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(_PLAIN),
    )
    imap_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)
    imap_security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    smtp_host = forms.CharField(
        label=_("Server of outgoing mail (SMTP)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(_PLAIN),
        help_text=_("Empty: the company's server sends"),
    )
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=465)
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    user = forms.CharField(
        label=_("User"),
        max_length=120,
        required=False,
        widget=forms.TextInput(_PLAIN),
        help_text=_("Empty: the address itself"),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and shown to nobody"),
    )
    password_variable = forms.CharField(
        label=_("Or a variable of the environment"),
        max_length=80,
        required=False,
        widget=forms.TextInput(_PLAIN),
        help_text=_("Begins with %(prefix)s") % {"prefix": VARIABLE_PREFIX},
    )
    signature = forms.CharField(
        label=_("Signature"), max_length=LONGEST, required=False, widget=forms.Textarea({"rows": 4})
    )
    acknowledges = forms.BooleanField(label=_("Say that the mail has arrived"), required=False)
    acknowledgement_subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    acknowledgement = forms.CharField(
        label=_("Text"), max_length=LONGEST, required=False, widget=forms.Textarea({"rows": 4})
    )
    acknowledgement_hours = forms.IntegerField(
        label=_("Not again for so many hours"), min_value=1, max_value=720, initial=24
    )
    is_active = forms.BooleanField(label=_("In use: is read, and mails go out from it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(box: Mailbox) -> dict[str, Any]:
        return {"address": box.address} | {name: getattr(box, name) for name in FIELDS}


class SignatureForm(forms.Form):
    """A person's own words under their mails, or those of a branch."""

    text = forms.CharField(
        label=_("Signature"), max_length=LONGEST, required=False, widget=forms.Textarea({"rows": 6})
    )
