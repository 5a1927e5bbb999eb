"""Two cards side by side: what each says, what the one that stays would say, and what else would happen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.claims.models import Claim
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations.cards import masked
from clientela.modules.clients.queries import Typed, possible_duplicates
from clientela.modules.clients.rules import GROUPS, survivor
from clientela.modules.contacts.models import Channel, Consent, Message
from clientela.modules.contacts.queries.consents import taken_back
from clientela.modules.contracts.models import Policy

Kind = ContactPoint.Kind
LISTED = (Kind.PHONE, Kind.EMAIL)


@dataclass(frozen=True)
class Row:
    """One line of the comparison. ``choice`` is empty where there is nothing to choose."""

    label: str
    kept: str
    gone: str
    becomes: str
    choice: str = ""
    takes_gone: bool = False
    why: str = ""

    @property
    def same(self) -> bool:
        return self.kept == self.gone


def _day(value: Any) -> str:
    return formats.full_date(value, language()) if value else ""


def _inn(client: Client) -> str:
    """Of a company it is public."""
    whole = client.kind == Client.Kind.COMPANY or not client.inn
    return client.inn if whole else f"•••{client.inn[-4:]}"


def _of_groups(client: Client) -> dict[str, str]:
    """What a card says in the words of a person, by group of fields."""
    prefers = Channel(client.preferred_channel).label if client.preferred_channel in Channel else ""
    hours = (client.contact_from, client.contact_to)
    return {
        "name": client.name,
        "birth_date": _day(client.birth_date),
        "sex": client.get_sex_display() if client.sex else "",
        "inn": " · ".join(filter(None, [_inn(client), client.kpp, client.ogrn])),
        "snils": f"•••-•••-{client.snils[6:9]} {client.snils[9:]}" if client.snils else "",
        "bank": f"•••• {client.bank_account[-4:]}" if client.bank_account else "",
        "owner": str(client.agent or ""),
        "place": client.city or client.region_code,
        "language": pgettext("language", "English") if client.language == "en" else pgettext("language", "Russian"),
        "preferred_channel": str(prefers),
        "hours": "–".join(f"{at:%H:%M}" if at else "…" for at in hours) if any(hours) else "",
        "do_not_contact": (client.do_not_contact_reason or _("yes")) if client.do_not_contact else "",
        "client_since": _day(client.client_since),
    }  # fmt: skip


def _labels() -> dict[str, str]:
    return {
        "name": pgettext("person", "Name"),
        "birth_date": _("Birth date"),
        "sex": _("Sex"),
        "inn": _("INN"),
        "snils": _("SNILS"),
        "bank": _("Account"),
        "owner": _("Agent"),
        "place": _("Town"),
        "language": _("Language"),
        "preferred_channel": _("Prefers"),
        "hours": _("When to call"),
        "do_not_contact": _("Not to be contacted"),
        "client_since": _("Client since"),
    }


def group_labels() -> dict[str, str]:
    """Names of the groups of fields."""
    return _labels()


def group_words(client: Client, group: str) -> str:
    """One group of a card's fields in words; a name in parts that have one."""
    return _of_groups(client)[group]


# Nobody chooses these: the stricter wish and the longer custom hold.
_NOT_CHOSEN = {"do_not_contact", "client_since"}


def rows_of(
    kept: Client, gone: Client, take: Collection[str], ruled: Mapping[str, tuple[bool, str]] | None = None
) -> list[Row]:
    """The comparison, one row for each thing that at least one card has."""
    mine, theirs, labels = _of_groups(kept), _of_groups(gone), _labels()
    fields = [name for group in GROUPS.values() for name in group]
    values = survivor(
        {name: getattr(kept, name) for name in fields}, {name: getattr(gone, name) for name in fields}, take
    )
    one = Client(**{name: getattr(kept, name) for name in ("id", "kind", *fields)} | values)
    becomes = _of_groups(one)
    becomes["owner"] = theirs["owner"] if one.agent_id == gone.agent_id else mine["owner"]
    rows = []
    for group, label in labels.items():
        if not (mine[group] or theirs[group]):
            continue
        chosen = (
            bool(mine[group] and theirs[group] and mine[group] != theirs[group]) and group not in _NOT_CHOSEN
        )
        rows.append(
            Row(
                label,
                mine[group],
                theirs[group],
                becomes[group],
                group if chosen else "",
                group in take,
                _why(group, take, ruled),
            )
        )
    at = 1 + next((n for n, row in enumerate(rows) if row.label == labels["birth_date"]), 0)
    return [
        *rows[:at],
        *_contact_rows(kept, gone, take, ruled),
        *_paper_rows(kept, gone),
        *rows[at:],
        *_counts(kept, gone),
    ]


def _why(group: str, take: Collection[str], ruled: Mapping[str, tuple[bool, str]] | None) -> str:
    """The rule's reason, while its choice stands."""
    other, code = (ruled or {}).get(group, (False, ""))
    words = golden.reason(code)
    return _("by the rule: %(why)s") % {"why": words} if words and other == (group in take) else ""


def _contact_rows(
    kept: Client, gone: Client, take: Collection[str], ruled: Mapping[str, tuple[bool, str]] | None = None
) -> list[Row]:
    rows = []
    names = {Kind.PHONE: _("Main phone"), Kind.EMAIL: _("Main e-mail")}
    for kind in LISTED:
        mine, theirs = (_main(card, kind) for card in (kept, gone))
        if mine or theirs:
            takes = kind in take and bool(theirs)
            chosen = bool(mine and theirs and mine != theirs)
            rows.append(
                Row(
                    names[kind],
                    mine,
                    theirs,
                    (theirs if takes else mine) or theirs,
                    kind if chosen else "",
                    takes,
                    _why(kind, take, ruled),
                )
            )
    return rows


def _main(client: Client, kind: str) -> str:
    points = [point for point in client.contact_points.all() if point.kind == kind]
    value = next((point.value for point in points if point.is_primary), points[0].value if points else "")
    return format_phone(value) if kind == Kind.PHONE and value else value


def _paper_rows(kept: Client, gone: Client) -> list[Row]:
    mine, theirs = ([masked(paper.number) for paper in card.documents.all()] for card in (kept, gone))
    if not (mine or theirs):
        return []
    return [Row(_("Documents"), _list(mine), _list(theirs), _list([*mine, *(set(theirs) - set(mine))]))]


def _list(values: Sequence[str]) -> str:
    return ", ".join(values)


def _counts(kept: Client, gone: Client) -> list[Row]:
    said: dict[int, list[str]] = {kept.pk: [], gone.pk: []}
    total = []
    words = {
        Policy: lambda n: ngettext("%(n)s policy", "%(n)s policies", n),
        Claim: lambda n: ngettext("%(n)s claim", "%(n)s claims", n),
        Message: lambda n: ngettext("%(n)s message", "%(n)s messages", n),
    }
    for model, word in words.items():
        counted = dict(
            model._default_manager.filter(client__in=said)
            .order_by()
            .values_list("client")
            .annotate(n=Count("pk"))
        )
        for card, n in counted.items():
            said[card].append(word(n) % {"n": n})
        if n := sum(counted.values()):
            total.append(word(n) % {"n": n})
    mine, theirs = _list(said[kept.pk]), _list(said[gone.pk])
    return [Row(_("What there is"), mine, theirs, _list(total))] if total else []


def effects(kept: Client, gone: Client, take: Collection[str]) -> list[tuple[str, str]]:
    """What will happen, as icon and sentence."""
    told = []
    if any(values[0] and values[1] and values[0] != values[1] for values in _telling(kept, gone)):
        words = _("Birth date, sex, INN or SNILS differ: are these two people of one family?")
        told.append(("alert-triangle", words))
    words = _("Nothing is lost: policies, payments, claims, messages and calls stand on one timeline.")
    told.append(("copy", words))
    if kept.agent_id and gone.agent_id and kept.agent_id != gone.agent_id:
        stays, leaves = (gone, kept) if "owner" in take else (kept, gone)
        names = {"name": stays.agent, "other": leaves.agent}
        told.append(("user", _("The agent is %(name)s. Policies that %(other)s sold stay theirs.") % names))
    for channel in _withdrawn(kept, gone):
        words = _("Consent to %(channel)s ends: it was withdrawn on one of the cards.")
        told.append(("message-2-off", words % {"channel": channel}))
    if kept.do_not_contact or gone.do_not_contact:
        told.append(("ban", _("Nobody writes to the client: one of the cards asks for that.")))
    told.append(("send", _("An answer goes to the address the client wrote from, as before.")))
    told.append(("arrow-back-up", _("The cards can be separated on any day, each with what it had.")))
    return told


def _telling(kept: Client, gone: Client) -> list[tuple[Any, Any]]:
    """What two cards of one client cannot say differently."""
    return [(getattr(kept, name), getattr(gone, name)) for name in ("birth_date", "sex", "inn", "snils")]


def _withdrawn(kept: Client, gone: Client) -> list[str]:
    """Channels whose consent the later word of the other card ends."""
    ended = {consent.channel for consent in taken_back(Consent.objects.filter(client__in=[kept, gone]))}
    return sorted(str(Channel(one).label) if one in Channel else _("calls") for one in ended)


def alike(user: Any, client: Client) -> Any:
    """Cards that may be the same client, the surest first."""
    mains = {
        kind: next((p.value for p in client.contact_points.all() if p.kind == kind), "") for kind in LISTED
    }
    papers = [paper.number for paper in client.documents.all()]
    typed = Typed(
        last_name=client.last_name, first_name=client.first_name, middle_name=client.middle_name,
        company_name=client.company_name, birth_date=client.birth_date, phone=mains[Kind.PHONE],
        email=mains[Kind.EMAIL], inn=client.inn, document=papers[0] if papers else "",
    )  # fmt: skip
    return possible_duplicates(user, typed, exclude_id=client.pk, limit=5)
