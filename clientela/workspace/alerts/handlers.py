"""Who is alerted of what: the one place that decides. Nobody hears of own acts."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.phones import format_phone
from clientela.foundation.push.operations import notify, wanting
from clientela.foundation.ui.lazy import LazyDay
from clientela.modules.accounts.models import User
from clientela.modules.calls.events import CallBackAsked
from clientela.modules.calls.models import CallBack
from clientela.modules.chat.events import MessagePosted
from clientela.modules.chat.models import Membership, Message, Room
from clientela.modules.chat.queries import may_read, names_of
from clientela.modules.claims.events import ClaimOpened
from clientela.modules.claims.models import Claim
from clientela.modules.contacts.events import ConversationChanged
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.queries.conversations import answerers
from clientela.modules.contracts.models import Project
from clientela.modules.documents.events import DeliveryChanged
from clientela.modules.documents.models import Delivery
from clientela.modules.documents.rules_delivery import WRONG
from clientela.modules.organisation.models import Absence
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.events import VersionDecided
from clientela.modules.rating.models import TableVersion
from clientela.modules.renewals.events import RenewedAlone
from clientela.modules.rent.events import RentChanged
from clientela.modules.rent.models import Rent
from clientela.modules.requests.events import RequestClosed
from clientela.modules.requests.models import Request
from clientela.modules.requests.queries import title
from clientela.modules.routing.rules.reasons import Why
from clientela.modules.underwriting.events import ChangeReferralChanged
from clientela.modules.underwriting.models import ChangeReferral

State = ChangeReferral.State
JUST_NOW = timedelta(seconds=30)


def on_chat(event: MessagePosted, *, now: datetime) -> None:
    """Who is called hears of it always; others by their choice, unless the room is silent or they have read it."""
    rows = Message.objects.filter(pk=event.message_id, deleted_at=None)
    message = rows.select_related("room", "author").first()
    if message is None:
        return
    room, called = message.room, {pk for pk, _said in message.called}
    members = Membership.objects.filter(room=room, user__in=event.people, read_number__lt=message.number)
    inside = set(event.people)
    reached: dict[str, list[int]] = {"mention": [], "direct": [], "group": []}
    for row in members.select_related("user"):
        if not may_read(row.user, room, inside):
            continue
        if row.user_id in called:
            reached["mention"].append(row.user_id)
        elif not row.muted:
            reached["direct" if room.kind == Room.Kind.DIRECT else "group"].append(row.user_id)
    title = str(message.author)
    if room.kind != Room.Kind.DIRECT and (named := names_of(message.author, [room]).get(room.pk)):
        title = f"{title} · {named.title}"
    url = reverse("chat:room", args=[room.pk])
    body = message.text or _("sent a file")
    for topic, people in reached.items():
        notify(
            user_ids=people, topic=topic, title=title, body=body, url=url, now=now, key=f"chat:{message.pk}"
        )


def on_conversation(event: ConversationChanged, *, now: datetime) -> None:
    """A client wrote and waits: told to the assignee once a message, or to those who watch the queue.

    A conversation that a person took is no news for that person, until the client writes again.
    """
    rows = Conversation.objects.filter(pk=event.conversation_id, state=Conversation.State.OPEN)
    talk = rows.select_related("client", "agent").first()
    if talk is None or talk.last_is_ours or not talk.is_new or talk.last_in_at is None:
        return
    url = reverse("inbox:conversation", args=[talk.pk])
    key = f"talk:{talk.pk}:{talk.last_in_at.isoformat()}"
    told: dict[str, Any] = {"title": str(talk), "body": talk.last_text, "url": url, "now": now, "key": key}
    if talk.assignee_id is not None:
        taken = any(reason.get("why") == Why.TAKEN for reason in talk.reasons)
        if not taken or now - talk.last_in_at < JUST_NOW:
            notify(user_ids=[talk.assignee_id], topic="message", **told)
        return
    if watching := wanting("queue"):
        near = answerers(talk, now=now).filter(pk__in=watching)
        people = [person.pk for person in near if _sees(person, talk)]
        notify(user_ids=people, topic="queue", **told)


def on_call_back(event: CallBackAsked, *, now: datetime) -> None:
    """A call was missed, or somebody asked to be called: told to whose client it is and to who stands in."""
    back = (
        CallBack.objects.filter(pk=event.call_back_id, done_at=None)
        .select_related("client", "person")
        .first()
    )
    if back is None or back.person is None:
        return
    today = local_today(back.person.time_zone, now)
    away = Absence.objects.filter(person=back.person_id, first_day__lte=today, last_day__gte=today)
    people = [back.person_id, *away.values_list("substitute_id", flat=True)]
    body = _("Asked to be called") if event.why == CallBack.Why.ASKED else _("A missed call")
    notify(
        user_ids=[person for person in people if person is not None], topic="missed_call",
        title=back.client.name if back.client else format_phone(back.number), body=body, url=reverse("today:home"),
        now=now, key=f"call-back:{back.pk}:{back.times}",
    )  # fmt: skip


def on_rent(event: RentChanged, *, now: datetime) -> None:
    """A rent was approved, returned or refused: told to its agent, with the reason word for word."""
    if event.state not in (Rent.State.APPROVED, Rent.State.RETURNED, Rent.State.REFUSED):
        return
    rent = (
        Rent.objects.filter(pk=event.rent_id, state=event.state)
        .select_related("agent", "policy__client")
        .first()
    )
    if rent is None or rent.agent.user_id is None or rent.agent.user_id == rent.decided_by_id:
        return
    said = [rent.get_state_display(), rent.get_reason_display(), rent.words if rent.reason else ""]
    notify(
        user_ids=[rent.agent.user_id], topic="rent", title=rent.policy.client.name, body=". ".join(one for one in said if one),
        url=f"{reverse('commission:rents')}?rent={rent.pk}", now=now,
        key=f"rent:{rent.pk}:{rent.state}:{rent.returned}",
    )  # fmt: skip


def on_delivery(event: DeliveryChanged, *, now: datetime) -> None:
    """Documents did not come, or nobody fetched them: told to who sent them and to the client's agent."""
    if event.state not in WRONG:
        return
    rows = Delivery.objects.filter(pk=event.delivery_id, state=event.state)
    row = rows.select_related("client__agent", "policy", "created_by").prefetch_related("steps").first()
    if row is None:
        return
    last = row.steps.order_by("-id")[0]
    agent = row.client.agent
    asked = {row.created_by_id, agent.user_id if agent else None} - {last.by_id}
    people = sorted(person for person in asked if person is not None)
    body = f"{row.get_way_display()}: {row.get_state_display()}" + (f". {row.reason}" if row.reason else "")
    notify(
        user_ids=people, topic="delivery", title=row.client.name, body=body, url=f"{reverse('deliveries:list')}?show=wrong",
        now=now, key=f"delivery:{row.pk}:{last.pk}",
    )  # fmt: skip


def on_claim_opened(event: ClaimOpened, *, now: datetime) -> None:
    """The agent hears what a client reported alone: a call at this moment is worth more than any later."""
    rows = Claim.objects.select_related("client__agent", "policy__agent", "policy__product")
    row = rows.filter(pk=event.claim_id, channel=Claim.Channel.PORTAL).first()
    agent = (row.policy.agent or row.client.agent) if row is not None else None
    if row is None or agent is None or agent.user_id is None:
        return
    body = f"{row.policy.product.shown_name}: {row.get_kind_display()}"
    notify(
        user_ids=[agent.user_id], topic="claim", title=row.client.name, body=body,
        url=reverse("claims:claim", args=[row.pk]), now=now, key=f"claim:{row.pk}",
    )  # fmt: skip


def on_renewed_alone(event: RenewedAlone, *, now: datetime) -> None:
    """The agent whose client goes on to pay alone need not call about the renewal."""
    row = Project.objects.select_related("client", "agent", "product").filter(pk=event.project_id).first()
    if row is None or row.agent is None or row.agent.user_id is None:
        return
    body = _("Went on to pay the next term on the site: %(what)s") % {"what": row.product.shown_name}
    notify(
        user_ids=[row.agent.user_id], topic="renewal", title=row.client.name, body=body,
        url=reverse("clients:card", args=[row.client_id]), now=now, key=f"renewal:{row.pk}",
    )  # fmt: skip


def on_change_referral(event: ChangeReferralChanged, *, now: datetime) -> None:
    """What became of a change that an underwriter was asked about: told to who asked."""
    told = (State.ACCEPTED, State.DECLINED, State.RETURNED, State.STALE)
    rows = ChangeReferral.objects.filter(pk=event.change_referral_id, state=event.state, state__in=told)
    row = rows.select_related("policy__client").first()
    if row is None or row.asked_by_id in (None, row.decided_by_id):
        return
    said = f". {row.conditions}" if row.conditions else ""
    notify(
        user_ids=[row.asked_by_id], topic="decision", title=row.policy.client.name,
        body=_("Change of the policy: %(state)s") % {"state": row.get_state_display()} + said,
        url=reverse("policies:policy", args=[row.policy_id]), now=now, key=f"change-referral:{row.pk}:{row.state}",
    )  # fmt: skip


def on_request_closed(event: RequestClosed, *, now: datetime) -> None:
    """The client bought on the site what a request asked for: who has it need not call any more."""
    if event.reason != Request.Reason.SOLD:
        return
    row = Request.objects.select_related("client", "product").filter(pk=event.request_id).first()
    if row is None or row.assignee_id is None:
        return
    body = _("Bought and paid on the site: %(what)s. Nobody has to call.") % {
        "what": row.product or row.about
    }
    notify(
        user_ids=[row.assignee_id], topic="request", title=title(row), body=body,
        url=reverse("requests:request", args=[row.pk]), now=now, key=f"request-sold:{row.pk}",
    )  # fmt: skip


def on_version_decided(event: VersionDecided, *, now: datetime) -> None:
    """The second person's word on a product or a tariff: told to who prepared it, with the day where another was set."""
    row: TableVersion | ProductVersion | None
    if event.kind == "tariff":
        row = TableVersion.objects.select_related("table").defer("rows").filter(pk=event.version_id).first()
    else:
        row = (
            ProductVersion.objects.select_related("product")
            .defer("definition")
            .filter(pk=event.version_id)
            .first()
        )
    if row is None:
        return
    author = row.author_id if isinstance(row, TableVersion) else row.created_by_id
    if author in (None, event.by_id):
        return
    body = _("Sent back to you: open it to see why.")
    if event.decision == "approved":
        days = {"day": LazyDay(row.starts_on), "asked": LazyDay(row.asked_starts_on or row.starts_on)}
        told = (
            _("Approved, counts from {day} instead of {asked}.")
            if row.asked_starts_on
            else _("Approved, counts from {day}.")
        )
        body = format_lazy(told, **days)
    notify(
        user_ids=[author], topic="version", title=str(row.table if isinstance(row, TableVersion) else row.product), body=body,
        url=_url_of(row), now=now, key=f"version:{event.kind}:{row.pk}:{event.at}",
    )  # fmt: skip


def _url_of(row: TableVersion | ProductVersion) -> str:
    if isinstance(row, TableVersion):
        return f"{reverse('product_pages:table', args=[row.table_id])}?v={row.number}"
    return reverse("product_pages:definition", args=[row.pk])


def _sees(person: User, talk: Conversation) -> bool:
    return bool(Conversation.objects.readable_by(person).filter(pk=talk.pk).exists())
