"""How the facts of expiring terms are read from the modules below, as set expressions."""

from datetime import date

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import CombinedExpression

from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Line
from clientela.modules.renewals.models import Reach, TermLine

# Which contact point and which consent make a channel usable.
CHANNELS = [
    (Reach.SMS, ContactPoint.Kind.PHONE, "sms"),
    (Reach.EMAIL, ContactPoint.Kind.EMAIL, "email"),
    (Reach.VK, ContactPoint.Kind.VK, "vk"),
    (Reach.CALL, ContactPoint.Kind.PHONE, "call"),
    (Reach.TELEGRAM, ContactPoint.Kind.TELEGRAM, "telegram"),
]
# Policies that belong to one contract with the term they insure (line of the product → line of the term).
TERM_LINES = {
    Line.KASKO: TermLine.KASKO,
    Line.OSAGO: TermLine.OSAGO,
    Line.PROPERTY: TermLine.PROPERTY,
    Line.MORTGAGE: TermLine.MORTGAGE,
}


def reach_bits(client_id: str) -> CombinedExpression | Value:
    """Expression: the ``Reach`` bits of the client whose id is in the outer column ``client_id``."""
    total = Value(0, output_field=IntegerField())
    for bit, kind, channel in CHANNELS:
        points = ContactPoint.objects.filter(
            client_id=OuterRef(client_id), kind=kind, do_not_use=False, bad_since__isnull=True
        )
        if bit == Reach.TELEGRAM:
            points = points.filter(value__lt=":")  # chats are numbers; a name takes no messages of a bot
        consents = Consent.objects.filter(
            client_id=OuterRef(client_id), purpose=Purpose.SERVICE, channel=channel, withdrawn_at__isnull=True
        )
        total = total + Case(  # type: ignore[assignment]
            When(Exists(points) & Exists(consents), then=Value(int(bit))),
            default=Value(0),
            output_field=IntegerField(),
        )
    return total


def term_line() -> Case:
    """Expression over policies: the line of the term; KASKO sold with OSAGO is one term."""
    companions = Policy.objects.filter(package_id=OuterRef("pk"), status=Policy.Status.ISSUED)
    return Case(
        When(Q(product__line=Line.KASKO) & Exists(companions), then=Value(TermLine.KASKO_OSAGO.value)),
        *[When(product__line=line, then=Value(term.value)) for line, term in TERM_LINES.items()],
        default=Value(TermLine.PROPERTY.value),
    )


def next_term_ids(policy_id: str = "pk") -> Subquery:
    """Expression: the id of the issued policy that renews the outer policy, or NULL."""
    return Subquery(
        Policy.objects.filter(previous_id=OuterRef(policy_id), status=Policy.Status.ISSUED)
        .order_by("start_date")
        .values("id")[:1]
    )


def expiring_policies(*, first: date, last: date) -> "QuerySet[Policy]":
    """Issued renewable policies that end from ``first`` to ``last`` and have no renewal row yet."""
    return Policy.objects.filter(
        status=Policy.Status.ISSUED,
        end_date__gte=first,
        end_date__lte=last,
        product__is_renewable=True,
        product__line__in=list(TERM_LINES),
        package__isnull=True,
        renewal__isnull=True,
    ).annotate(
        term_line=term_line(),
        bits=reach_bits("client_id"),
        next_id=next_term_ids(),
        year=F("renewal_year") + 1,
        zone=F("client__time_zone"),
        blocked=F("client__do_not_contact"),
    )
