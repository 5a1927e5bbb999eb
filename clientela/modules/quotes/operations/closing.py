"""How a calculation ends: as a contract to be paid, lost, or run out."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.billing.queries import balance_of_project
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project
from clientela.modules.contracts.price_words import HAND_CODE, MOST, reason_from
from clientela.modules.contracts.queries import terms_of
from clientela.modules.products.models import Bank
from clientela.modules.quotes import rules
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.base import CalculationFixed, close, keep, lock
from clientela.modules.quotes.operations.pricing import chosen_of, price_all
from clientela.modules.quotes.queries.facts import answers_of, drivers_of, number
from clientela.modules.quotes.queries.prefill import SUBJECT_FIELDS, plain
from clientela.modules.quotes.queries.products import definition_of, insured_question

State = Calculation.State
OPEN = (State.DRAFT, State.SENT, State.ACCEPTED)
OPEN_PROJECT = (Project.State.OPEN, Project.State.OFFERED)


class NeedsUnderwriter(Refusal):
    """The rules do not accept it by themselves."""

    message = _("An underwriter must look at this first: send it to them.")


class DeclinedByRules(Refusal):
    """The rules decline the risk."""

    message = _("The rules decline this risk. Change what is insured, or ask an underwriter.")


class NothingNamed(Refusal):
    """A new contract must say what it insures."""

    message = _(
        "Say what is insured first: a vehicle by its VIN, number plate or body number, a home by its address."
    )
    field = "subject"


class MoneyCame(Refusal):
    """A bill that is paid, or paid in part, is not taken back: the money would belong to nothing."""

    message = _("Money has come for this bill. Change the policy after it is issued, or give the money back.")


class PriceMoved(Refusal):
    """The tariff of today gives another price than the one that was shown."""

    message = _("The price has changed since it was counted. Look at the new one.")


@transaction.atomic
def to_project(
    *,
    actor: Any,
    now: datetime,
    calculation: Calculation,
    version: int | None = None,
    sales_channel: str = "",
) -> Project:
    """Make the contract to be paid from the chosen variant; asked for twice it is the same one.

    ``sales_channel`` where it is another than the agent's or the expiring term's.

    Raises ``NotPriced``, ``NothingNamed``, ``NeedsUnderwriter``, ``DeclinedByRules``, ``PriceMoved``, and what ``contracts`` refuses.
    """
    row = lock(actor, calculation, now=now, version=version, states=(*OPEN, State.PROJECT))
    if row.state == State.PROJECT and row.project is not None:
        return row.project
    chosen = chosen_of(row)
    shown = chosen.premium
    chosen = next(one for one in price_all(row, now=now) if one.pk == chosen.pk)
    if chosen.premium != shown:
        raise PriceMoved
    if not row.released and chosen.decision != "accept":
        raise DeclinedByRules if chosen.decision == "decline" else NeedsUnderwriter
    definition = definition_of(row.product, row.starts_on)
    if row.policy is None and not rules.names_thing(str(definition.get("object", "")), row.subject):
        raise NothingNamed
    thing = _thing(row)
    project = _project(row, chosen, thing, actor=actor, now=now, sales_channel=sales_channel)
    close(row, actor=actor, now=now, state=State.PROJECT, project=project, insured_object=thing)
    return project


def _project(
    row: Calculation,
    chosen: Variant,
    thing: InsuredObject | None,
    *,
    actor: Any,
    now: datetime,
    sales_channel: str,
) -> Project:
    assert chosen.premium is not None
    answers = answers_of(row, chosen)
    sum_insured = number(str(answers["sum_insured"])) if answers.get("sum_insured") else None
    cover: dict[str, Any] = {
        "insured_object": thing, "sum_insured": sum_insured, "participants": _people(row, chosen, actor=actor),
        "instalments": int(answers.get("instalments", 1)), "calculation_number": row.number,
        "terms": {
            "answers": answers, "coverages": chosen.explanation.get("parts", []),
            "factors": chosen.explanation.get("factors", []), "tariff": chosen.explanation.get("tariff", ""),
            "moved": moved_of(last_factors(row.policy), chosen.explanation.get("factors", [])),
        },
    }  # fmt: skip
    if answers.get("bank"):
        cover["bank"] = Bank.objects.filter(code=answers["bank"]).first()
    if sales_channel:
        cover["sales_channel"] = sales_channel
    start, end = row.starts_on, rules.last_day(row.starts_on, row.months, answers)
    if row.policy is None:
        return contracts.prepare_new(
            actor=actor, now=now, client=row.client, product=row.product, premium=chosen.premium,
            start_date=start, end_date=end, **cover,
        )  # fmt: skip
    reason = why_of(cover["terms"]["moved"])
    known = Project.objects.filter(policy=row.policy, state__in=OPEN_PROJECT).first()
    if known is None:
        return contracts.prepare_project(
            actor=actor, now=now, policy=row.policy, premium=chosen.premium, reason=reason, start_date=start,
            end_date=end, **cover,
        )  # fmt: skip
    contracts.reprice_project(actor=actor, now=now, project=known, premium=chosen.premium, reason=reason)
    Project.objects.filter(pk=known.pk).update(start_date=start, end_date=end, **cover)
    known.refresh_from_db()
    return known


def moved_of(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The strongest of what moved, as codes and roubles: kept with the price, so that it is told in any language."""
    before = [line for line in before if line["code"] != HAND_CODE]
    if not before:
        return []
    moved = sorted(rules.what_moved(before, after), key=lambda one: -abs(one.effect))[:MOST]
    return [{"code": one.code, "title": one.title, "effect": str(one.effect)} for one in moved]


def why_of(moved: list[dict[str, str]]) -> str:
    """The same in the language of the company."""
    with override(settings.LANGUAGE_CODE):
        return reason_from(moved, settings.LANGUAGE_CODE)


def last_factors(policy: Policy | None) -> list[dict[str, Any]]:
    """How the price of an expiring term came about; empty for a term that was priced elsewhere."""
    if policy is None:
        return []
    return list(terms_of([policy.pk]).get(policy.pk, {}).get("factors", []))


def _thing(row: Calculation) -> InsuredObject | None:
    """The thing on the client's card, made or completed with what was told, so that nobody types it again."""
    if not row.subject:
        return None
    values = {name: row.subject[name] for name in SUBJECT_FIELDS if row.subject.get(name) not in (None, "")}
    thing = row.insured_object or _same_thing(row, values)
    if thing is None:
        kind = row.subject.get("kind") or InsuredObject.Kind.OTHER
        return InsuredObject.objects.create(
            client=row.client, kind=kind, source="", external_id=None, **values
        )
    changed = [name for name in values if str(getattr(thing, name) or "") != str(values[name])]
    if changed:
        for name in changed:
            setattr(thing, name, values[name])
        thing.save(update_fields=changed)
    return thing


def _same_thing(row: Calculation, values: dict[str, Any]) -> InsuredObject | None:
    """The thing that stands on the card already: the same VIN, body number, plate or address."""
    own = InsuredObject.objects.filter(client=row.client, kind=row.subject.get("kind") or "", sold_on=None)
    for name in ("vin", "body_number", "plate", "address"):
        if values.get(name) and (found := own.filter(**{name: values[name]}).order_by("-pk").first()):
            return found
    return None


def _people(row: Calculation, chosen: Variant, *, actor: Any) -> list[dict[str, Any]]:
    """Drivers of the variant, and who else is named in the expiring term; cards that the seller sees are tied."""
    names = ("role", "name", "client_id", "birth_date", "experience_since")
    named = insured_question(definition_of(row.product, row.starts_on))
    insured = answers_of(row, chosen).get(str(named["key"]), []) if named else []
    people: list[dict[str, Any]] = [
        {
            "role": Participant.Role.INSURED.value, "name": one["name"], "client_id": one.get("client_id"),
            "birth_date": one["birth_date"] or None, "experience_since": None,
        }
        for one in insured
    ]  # fmt: skip
    if row.policy is not None:
        again = (Participant.Role.DRIVER, Participant.Role.INSURED) if insured else (Participant.Role.DRIVER,)
        others = row.policy.participants.exclude(role__in=again).order_by("id")
        people += [{name: plain(value) for name, value in one.items()} for one in others.values(*names)]
    if answers_of(row, chosen).get("unlimited") is not True:
        people += [
            {
                "role": Participant.Role.DRIVER.value, "name": one["name"], "client_id": one.get("client_id"),
                "birth_date": one["birth_date"] or None, "experience_since": one["experience_since"] or None,
            }
            for one in drivers_of(row, chosen)
        ]  # fmt: skip
    cards = {one["client_id"] for one in people if one["client_id"]} - {row.client_id}
    seen = {row.client_id}
    if cards:
        visible = Client.objects.visible_to(actor) if actor is not None else Client.objects.all()
        seen |= set(visible.filter(pk__in=cards).values_list("pk", flat=True))
    return [one | {"client_id": one["client_id"] if one["client_id"] in seen else None} for one in people]


@transaction.atomic
def take_back_bill(*, actor: Any, now: datetime, calculation: Calculation) -> Calculation:
    """Take the contract and its bill back and go on calculating; the link to pay says that it is withdrawn.

    Raises ``MoneyCame`` when some of it is paid, ``CalculationFixed`` when there is no bill to take back.
    """
    row = lock(actor, calculation, now=now, states=(State.PROJECT,), sells=False)
    if row.project is None:
        raise CalculationFixed
    contracts.withdraw_project(actor=actor, now=now, project=row.project)
    if balance_of_project(row.project).paid > 0:  # asked while the project is held: no payment comes between
        raise MoneyCame
    close(row, actor=actor, now=now, state=State.DRAFT, project=None)
    return row


@transaction.atomic
def lose(*, actor: Any, now: datetime, calculation: Calculation, reason: str) -> Calculation:
    """The client wants none of it."""
    row = lock(
        actor,
        calculation,
        now=now,
        states=(*OPEN, State.REFERRED, State.EXPIRED, State.DECLINED),
        sells=False,
    )
    close(row, actor=actor, now=now, state=State.LOST, reason=reason, reasons=[reason])
    return row


@transaction.atomic
def reopen(*, actor: Any, now: datetime, calculation: Calculation) -> Calculation:
    """Work on it again, with the tariffs of today; cover begins today at the earliest."""
    row = lock(actor, calculation, now=now, states=(State.EXPIRED, State.LOST, State.DECLINED))
    starts_on = max(row.starts_on, local_today(settings.TIME_ZONE, now))
    keep(row, now=now, state=State.DRAFT, starts_on=starts_on, valid_until=None, reasons=[])
    price_all(row, now=now)
    return row


def run_out(*, now: datetime, limit: int = 1000) -> int:
    """Close offers whose last day has passed; returns how many."""
    today = local_today(settings.TIME_ZONE, now)
    found = list(Calculation.objects.run_out(on=today).order_by("pk").values_list("pk", flat=True)[:limit])
    for pk in found:
        with transaction.atomic():
            row = Calculation.objects.run_out(on=today).select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None:
                close(row, actor=None, now=now, state=State.EXPIRED)
    return len(found)
