"""Persons and companies we serve or may serve, and how to reach them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.sealed_fields import Blinded, BlindField, SealedField, SealedJSONField
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of


def _of_import(name: str) -> models.Index:
    return models.Index(fields=["import_run"], name=name, condition=models.Q(import_run__isnull=False))


class ClientQuerySet(models.QuerySet["Client"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ClientQuerySet":
        """Only the clients this person may see."""
        return self.filter(scope_of(user).q())


class Client(Blinded):
    """A person or a company, held once."""

    class Kind(models.TextChoices):
        PERSON = "person", pgettext_lazy("client", "Person")
        COMPANY = "company", pgettext_lazy("client", "Company")

    class Sex(models.TextChoices):
        MALE = "m", _("Male")
        FEMALE = "f", _("Female")

    class Loyalty(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        OCCASIONAL = "occasional", _("Occasional")
        REGULAR = "regular", pgettext_lazy("client", "Regular")
        LOYAL = "loyal", _("Loyal")

    class Temperature(models.TextChoices):
        COLD = "cold", pgettext_lazy("client", "Cold")
        WARM = "warm", pgettext_lazy("client", "Warm")
        HOT = "hot", pgettext_lazy("client", "Hot")

    class Profitability(models.TextChoices):
        PROFITABLE = "profitable", _("Profitable")
        UNPROFITABLE = "unprofitable", _("Unprofitable")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    last_name = models.CharField(max_length=120, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    middle_name = models.CharField(max_length=80, blank=True)
    company_name = models.CharField(max_length=255, blank=True)
    name_key = KeyField(max_length=280, help_text="folded name for comparing and sorting")
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    language = models.CharField(max_length=5, default="ru")
    inn = SealedField(blank=True, default="")
    inn_index = BlindField(of="inn")
    kpp = models.CharField(max_length=9, blank=True)
    ogrn = models.CharField(max_length=15, blank=True)
    snils = SealedField(blank=True, default="")
    bank_bic = models.CharField(max_length=9, blank=True)
    bank_account = models.CharField(max_length=20, blank=True)

    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, db_index=False)
    centre = models.ForeignKey(RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, db_index=False)

    region_code = models.CharField(max_length=6, blank=True)
    city = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Moscow", help_text="of the client's address")
    preferred_channel = models.CharField(max_length=10, blank=True)
    contact_from = models.TimeField(null=True, blank=True, help_text="client's own wish, local time")
    contact_to = models.TimeField(null=True, blank=True)
    do_not_contact = models.BooleanField(default=False)
    do_not_contact_reason = models.CharField(max_length=200, blank=True)

    loyalty = models.CharField(max_length=12, choices=Loyalty, default=Loyalty.PROSPECT)
    temperature = models.CharField(max_length=6, choices=Temperature, blank=True)
    profitability = models.CharField(max_length=12, choices=Profitability, blank=True)
    is_internal = models.BooleanField(default=False)
    is_key = models.BooleanField(default=False)
    is_cross = models.BooleanField(default=False)
    tags: "models.ManyToManyField[Tag, Any]" = models.ManyToManyField(
        "Tag", blank=True, related_name="clients"
    )

    # Facts about the portfolio, kept by the contracts module so that lists need no join.
    policies_in_force = models.PositiveSmallIntegerField(default=0)
    premium_in_force = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    next_end_date = models.DateField(null=True, blank=True)

    completeness = models.PositiveSmallIntegerField(default=0, help_text="0…100")
    data_confirmed_at = models.DateTimeField(null=True, blank=True)
    client_since = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    erased_at = models.DateTimeField(null=True, help_text="when the person was erased; the contracts stay")
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "id"], name="clients_name"),
            models.Index(fields=["agent", "name_key", "id"], name="clients_agent_name"),
            models.Index(fields=["branch", "name_key", "id"], name="clients_branch_name"),
            models.Index(fields=["centre", "name_key", "id"], name="clients_centre_name"),
            models.Index(
                fields=["next_end_date", "id"],
                name="clients_end",
                condition=models.Q(next_end_date__isnull=False),
            ),
            models.Index(fields=["inn_index"], name="clients_inn_index", condition=~models.Q(inn_index="")),
            _of_import("clients_import"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(last_name="", first_name="", company_name=""), name="clients_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(completeness__lte=100), name="clients_completeness_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Фамилия Имя Отчество, or the company's name."""
        if self.kind == self.Kind.COMPANY:
            return self.company_name
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def greeting(self) -> str:
        """Имя Отчество, as a person is addressed in messages (ИО)."""
        if self.kind == self.Kind.COMPANY:
            return self.company_name
        return " ".join(part for part in (self.first_name, self.middle_name) if part) or self.last_name


class ContactPoint(models.Model):
    """A phone, an e-mail address or a messenger account of a client."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        VK = "vk", "VK"
        TELEGRAM = "telegram", "Telegram"
        WEBCHAT = "webchat", _("Chat on the site")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="contact_points", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    value = KeyField(max_length=254, help_text="E.164, lower-case address or account id")
    tail = KeyField(max_length=7, blank=True, default="", help_text="last seven digits of a phone")
    label = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    do_not_use = models.BooleanField(default=False)
    bad_since = models.DateTimeField(null=True, blank=True)
    bad_reason = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "value"], name="clients_contact_point_once")
        ]
        indexes = [
            models.Index(fields=["value", "kind"], name="clients_contact_value"),
            models.Index(fields=["tail"], name="clients_contact_tail", condition=~models.Q(tail="")),
            _of_import("clients_contact_import"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def usable(self) -> bool:
        return not self.do_not_use and self.bad_since is None


class Address(models.Model):
    """Where a client lives, is registered or takes post."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("address", "Registered")
        LIVING = "living", _("Living")
        POSTAL = "postal", _("Postal")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.LIVING)
    region_code = models.CharField(max_length=6, blank=True)
    city = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    is_primary = models.BooleanField(default=False)
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["street", "city"], name="clients_address_street", condition=~models.Q(street="")
            ),
            _of_import("clients_address_import"),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.postal_code, self.city, self.street) if part)


class IdentityDocument(Blinded):
    """A passport, licence or other document that proves who the client is. Its number is found by ``number_index``."""

    class Kind(models.TextChoices):
        PASSPORT = "passport", _("Passport")
        LICENCE = "licence", _("Driving licence")
        FOREIGN = "foreign", _("Foreign passport")
        OTHER = "other", _("Other document")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=10, choices=Kind)
    number = SealedField()
    number_index = BlindField(of="number", by=["kind"])
    issued_on = models.DateField(null=True, blank=True)
    issued_by = models.CharField(max_length=200, blank=True)
    unit_code = models.CharField(max_length=7, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "number_index"], name="clients_document_sealed_once"
            )
        ]
        indexes = [
            models.Index(fields=["number_index"], name="clients_document_index"),
            _of_import("clients_document_import"),
        ]


class ContactPerson(models.Model):
    """A person who speaks for a company."""

    company = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contact_persons")
    person = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="speaks_for"
    )
    name = models.CharField(max_length=200)
    position = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)


class SourceLink(models.Model):
    """The client's key in another system, so that a repeated import finds the same card."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="source_links")
    source = models.CharField(max_length=60)
    external_id = KeyField(max_length=120)
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="clients_source_link_once")
        ]
        indexes = [_of_import("clients_link_import")]


class Tag(models.Model):
    """A free word on clients."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """What somebody wrote on a client; people named with @ are told."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="mentioned_in")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["client", "-created_at"], name="clients_note_recent")]


class Attachment(models.Model):
    """A file kept on a client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="clients/%Y/%m/")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Photo(models.Model):
    """The photo of a client: a square JPEG of ours. It is asked for by ``token``, never by the client's number."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="photo")
    file = models.FileField(upload_to="photos/%Y/%m/")
    token = models.CharField(max_length=40, unique=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)


class HoldingLink(models.Model):
    """A company and the one it belongs to; ``root`` is the head of the holding, so that all of it is one look."""

    company = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="holding_link")
    parent = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="subsidiaries")
    root = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="holding")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(company=models.F("parent")) & ~models.Q(company=models.F("root")),
                name="clients_holding_not_own",
            )
        ]


class MergeQuerySet(models.QuerySet["Merge"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "MergeQuerySet":
        """Merges into cards this person may see."""
        return self.filter(kept_card__in=Client.objects.visible_to(user).values("pk"))

    def in_force(self) -> "MergeQuerySet":
        return self.filter(separated_at=None)


class Merge(models.Model):
    """A card that became part of another one, with everything that takes to part them again.

    The cards are numbers, not references: one of them does not exist while the merge holds.
    """

    kept_card = models.BigIntegerField(help_text="number of the card that stays")
    gone_card = models.BigIntegerField(help_text="number of the card that went into it")
    gone_name = models.CharField(max_length=300)
    steps = SealedJSONField(help_text="what was done to which rows, in order")
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    separated_at = models.DateTimeField(null=True)
    separated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone_card"], condition=models.Q(separated_at=None), name="clients_gone_once"
            )
        ]
        indexes = [models.Index(fields=["kept_card", "-id"], name="clients_merge_kept")]


class ProfileAnswer(models.Model):
    """What a client said about themselves or their need, by a question's key: the newest of a key counts.

    ``value`` is as ``kind`` says: a number with a point, an ISO day, yes or no, else words.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="answers", db_index=False)
    key = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=200)
    unit = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=120, blank=True, help_text="where it was asked")
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["client", "key", "-answered_at", "-id"], name="clients_answer_newest")
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.value} {self.unit}".strip()
