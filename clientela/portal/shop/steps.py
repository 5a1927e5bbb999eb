"""What each step shows and keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.vin import vin_doubt
from clientela.modules.contacts.operations.one_time_codes import did_not_go, last_code
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.rules import last_day
from clientela.portal import limits
from clientela.portal.forms import CodeForm
from clientela.portal.shop import forms, operations
from clientela.portal.shop.flow import next_of
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.papers import mask_email, papers_of
from clientela.portal.shop.pricing import CHOICES, price
from clientela.portal.shop.values import is_odd

Told = Mapping[str, Any] | HttpResponseBase


@dataclass
class StepPage:
    """A request for a step; ``typed_here``: this browser filled the purchase in."""

    request: HttpRequest
    purchase: Purchase
    typed_here: bool
    refused: str = ""

    @property
    def is_sent(self) -> bool:
        return self.request.method == "POST" and not self.refused

    def go(self, step: str) -> HttpResponseBase:
        return redirect("shop:step", shop_token=self.purchase.token, shop_step=step)


def facts(page: StepPage) -> Told:
    purchase = page.purchase
    told = (
        purchase.subject
        | purchase.answers
        | {"starts_on": purchase.starts_on.isoformat() if purchase.starts_on else ""}
    )
    today = local_today(settings.TIME_ZONE, timezone.now())
    data = page.request.POST if page.is_sent else None
    form = forms.FactsForm(data, initial=told, line=purchase.line, product=purchase.product, today=today)
    if page.is_sent and form.is_valid():
        keep_facts(purchase, form)
        return page.go(next_of(purchase.line, "facts"))
    return {"form": form}


def keep_facts(purchase: Purchase, form: forms.FactsForm) -> None:
    """Keep the first step; who travels and the way that was chosen stay."""
    subject, answers, day = form.facts()
    own = {
        key: purchase.answers[key]
        for key in ("travellers", CHOICES[purchase.line][0])
        if key in purchase.answers
    }
    operations.keep(
        now=timezone.now(),
        purchase=purchase,
        step="facts",
        subject=subject,
        answers=answers | own,
        starts_on=day,
    )


def _rows(page: StepPage, kind: Any, known: list[dict[str, Any]]) -> tuple[Any, bool]:
    """The formset, and whether one row more is asked for: then what was typed is shown as it is."""
    post = page.request.POST
    if page.is_sent and "more" in post:
        count = min(
            int(post.get("form-TOTAL_FORMS", "1")) if post.get("form-TOTAL_FORMS", "1").isdecimal() else 1,
            kind.max_num,
        )
        names = list(kind.form.base_fields)
        typed = [{name: post.get(f"form-{place}-{name}", "") for name in names} for place in range(count)]
        return kind(initial=[*typed, *([{}] if count < kind.max_num else [])]), True
    if page.is_sent:
        return kind(post), False
    return kind(initial=known or [{}]), False


def _agreed(page: StepPage) -> bool:
    """People are named and asked about only after the consent to it."""
    if page.purchase.consents.get("personal") or page.request.POST.get("agree_personal"):
        return True
    page.refused = _("Without this consent the contract cannot be made.")
    return False


def drivers(page: StepPage) -> Told:
    purchase = page.purchase
    rows, more = _rows(page, forms.DriverSet, purchase.drivers)
    if page.is_sent and not more and rows.is_valid() and _agreed(page):
        found = [row.cleaned_data for row in rows if row.cleaned_data.get("last_name")]
        if found:
            operations.keep_people(now=timezone.now(), purchase=purchase, step="drivers", drivers=found)
            return page.go("price")
    return {"rows": rows}


def people(page: StepPage) -> Told:
    purchase = page.purchase
    rows, more = _rows(page, forms.TravellerSet, purchase.answers.get("travellers", []))
    if page.is_sent and not more and rows.is_valid() and _agreed(page):
        found = [row.cleaned_data for row in rows if row.cleaned_data.get("birth_date")]
        if found:
            answers = purchase.answers | {"travellers": found}
            operations.keep_people(now=timezone.now(), purchase=purchase, step="people", answers=answers)
            return page.go("price")
    return {"rows": rows}


def show_price(page: StepPage) -> Told:
    purchase, now = page.purchase, timezone.now()
    key, values = CHOICES[purchase.line]
    if page.is_sent:
        typed = page.request.POST.get("choice", "")
        value = next((one for one in values if str(one) == typed), None)
        if value is not None:
            purchase = page.purchase = operations.keep(
                now=now, purchase=purchase, step="facts", answers=purchase.answers | {key: value}
            )
    priced = price(purchase, now=now)
    if page.is_sent and "choose" not in page.request.POST:
        if priced.can_be_bought:
            assert priced.chosen is not None
            operations.keep(now=now, purchase=purchase, step="price", shown_premium=priced.chosen.premium)
            return page.go("you")
        if not priced.waits:
            return page.go("call")
    return {"priced": priced}


def you(page: StepPage) -> Told:
    purchase = page.purchase
    told = dict(purchase.person) if page.typed_here else {}
    told |= {f"agree_{kind}": True for kind in purchase.consents} if page.typed_here else {}
    if not purchase.person and purchase.drivers and page.typed_here:
        told |= {
            name: purchase.drivers[0][name]
            for name in ("last_name", "first_name", "middle_name", "birth_date")
        }
    form = forms.PersonForm(page.request.POST if page.is_sent else None, initial=told)
    if page.is_sent and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("shop:shelf")
        now = timezone.now()
        purchase = operations.keep_person(
            now=now, purchase=purchase, person=form.person(), agreed=form.agreed()
        )
        return page.go("check" if purchase.is_confirmed and _same_card(purchase) else "code")
    return {"form": form}


def _same_card(purchase: Purchase) -> bool:
    """Whether the confirmed card is of the person typed now; else the code is asked once more."""
    card, person = purchase.client, purchase.person
    if card is None or str(card.birth_date) != person["birth_date"]:
        return False
    return (card.last_name, card.first_name) == (person["last_name"], person["first_name"])


def code(page: StepPage) -> Told:
    purchase, now = page.purchase, timezone.now()
    form = CodeForm(page.request.POST if page.is_sent and "again" not in page.request.POST else None)
    sent = page.is_sent and "again" not in page.request.POST
    try:
        if sent and form.is_valid():
            operations.confirm(now=now, purchase=purchase, code=form.cleaned_data["code"])
            return page.go("check")
        if not sent and (page.is_sent or not operations.code_waits(purchase, now=now)):
            digits = operations.send_code(now=now, purchase=purchase, address=limits.address_of(page.request))
            if settings.DEMO:
                page.request.session["shop_demo_code"] = digits
    except operations.WrongCode as refusal:
        form.add_error("code", str(refusal))
    except Refusal as refusal:
        page.refused = str(refusal)
    last = last_code(operations.PURPOSE, purchase.pk)
    return {
        "form": form,
        "phone": purchase.person["phone"],
        "did_not_go": last is not None and did_not_go(last),
        "demo_code": page.request.session.get("shop_demo_code", "") if settings.DEMO else "",
    }


def check(page: StepPage) -> Told:
    purchase, now = page.purchase, timezone.now()
    variant = None
    try:
        if page.is_sent and "photos" in page.request.POST:
            inspection = operations.ask_photos(now=now, purchase=purchase)
            return redirect("portal:photos", inspection_token=inspection.token)
        if page.is_sent:
            ordered = operations.order(now=now, purchase=purchase, shown=page.request.POST.get("premium", ""))
            return redirect("portal:pay", pay_token=ordered.pay_token)
        variant = operations.calculate(now=now, purchase=purchase)
    except Refusal as refusal:
        page.refused = str(refusal)
        if page.is_sent and purchase.state != Purchase.State.ORDERED and purchase.is_confirmed:
            variant = operations.calculate(now=now, purchase=purchase)
    purchase.refresh_from_db()
    found = purchase.calculation
    project = (
        found.project
        if found is not None and found.state in (Calculation.State.PROJECT, Calculation.State.ISSUED)
        else None
    )
    if project is not None and project.next_policy_id:
        return page.go("done")
    last = last_day(purchase.starts_on, 12, purchase.answers) if purchase.starts_on else None
    return {
        "variant": variant,
        "shown": str(purchase.shown_premium),
        "ends_on": last,
        "vin_doubt": vin_doubt(purchase.subject.get("vin")),
        "person": purchase.person,
        "project": project,
        "photos": variant is not None and operations.takes_photos(purchase, variant),
        "inspection": operations.inspection_of(purchase) if purchase.state == Purchase.State.PHOTOS else None,
    }


def call(page: StepPage) -> Told:
    purchase, now = page.purchase, timezone.now()
    person = purchase.person if page.typed_here else {}
    form = forms.CallForm(
        page.request.POST if page.is_sent else None,
        initial={"name": person.get("first_name", ""), "phone": person.get("phone", "")},
    )
    if page.is_sent and form.is_valid() and not form.cleaned_data["website"]:
        reasons: list[str] = []
        if purchase.starts_on is not None and "price" not in purchase.done:
            chosen = price(purchase, now=now).chosen
            reasons = list(chosen.reasons) if chosen else []
            if is_odd(purchase):
                reasons.append(_("The value differs from what such cars are insured for"))
        operations.ask_call(
            now=now,
            purchase=purchase,
            name=form.cleaned_data["name"],
            phone=form.cleaned_data["phone"],
            why=reasons,
        )
        return redirect(f"{page.request.path}?asked=1")
    return {"form": form, "asked": page.purchase.request_ref is not None}


def later(page: StepPage) -> Told:
    purchase = page.purchase
    form = forms.LaterForm(page.request.POST if page.is_sent else None)
    if page.is_sent and form.is_valid() and not form.cleaned_data["website"]:
        try:
            operations.send_link(
                now=timezone.now(),
                purchase=purchase,
                where=form.cleaned_data["where"],
                address=limits.address_of(page.request),
            )
            return redirect(f"{page.request.path}?sent=1")
        except Refusal as refusal:
            page.refused = str(refusal)
    return {"form": form, "sent": page.request.GET.get("sent") == "1"}


def done(page: StepPage) -> Told:
    found = page.purchase.calculation
    project = found.project if found is not None else None
    if project is None or project.next_policy_id is None:
        return page.go("check" if page.purchase.is_confirmed else "facts")
    return {
        "policy": project.next_policy,
        "papers": papers_of(page.purchase),
        "pay_token": project.pay_token,
        "email": mask_email(page.purchase.person.get("email", "")),
    }


HANDLED: dict[str, Callable[[StepPage], Told]] = {
    "facts": facts, "drivers": drivers, "people": people, "price": show_price, "you": you, "code": code, "check": check,
    "call": call, "later": later, "done": done,
}  # fmt: skip
