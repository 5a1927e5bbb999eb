"""What belongs to one person of the staff, and the files that people ask for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from clientela.foundation.api.models import Token
from clientela.foundation.imports.operations import start_run
from clientela.foundation.jobs.models import Job
from clientela.foundation.lists.models import SavedView
from clientela.foundation.push.models import Subscription
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.calendar.models import AppPassword, Rule
from clientela.modules.calendar.models import Event as Planned
from clientela.modules.calendar.operations.settings import feed_token, renew_feed
from clientela.modules.contacts.models import (
    Template,
)
from clientela.modules.letters.models import Mailing
from clientela.modules.organisation.models import Absence, NormTarget
from clientela.modules.products.models import Product
from clientela.modules.routing.models import WallScreen
from clientela.modules.routing.operations.screens import digest_of


def of_person(user: Any, now: Any) -> dict[str, Any]:
    """What belongs to one person of the staff."""
    browser = Subscription.objects.create(user=user, endpoint="x", digest=f"{user.pk}", created_at=now)
    user.photo_token = f"picture-token-{user.pk}"
    user.photo.save("picture.jpg", ContentFile(b"picture"))
    return {
        "picture": user.photo_token,
        "browser": browser.pk,
        "user": user.pk,
        "screen": screen(user, now).pk,
        "book_attempt": book_attempt(user, now).pk,
        "wall_token": f"wall-token-{user.pk}",
        "agent": user.agent.pk,
        "branch": user.agent.branch_id,
        "team": user.agent.team_id,
        "view": SavedView.objects.create(list_key="clients", name="x", owner=user).pk,
        "session": UserSession.objects.create(user=user, ip="10.0.0.1", session_key=f"s{user.pk}", user_agent="x").pk,
        "token": Token.objects.create(
            user=user, name="x", digest=f"{user.pk:064}", hint="x", scopes=["clients.read"], created_at=now
        ).pk,
        "absence": Absence.objects.create(
            person=user, substitute=User.objects.create(email=f"substitute{user.pk}@prichal.example", role="agent"),
            first_day=now.date() + timedelta(days=20), last_day=now.date() + timedelta(days=25), created_at=now,
        ).pk,
        "norm": NormTarget.objects.create(agent=user.agent, line="mortgage", percent=Decimal(80)).pk,
        "planned": Planned.objects.create(
            organiser=user, uid=f"u{user.pk}", resource=f"u{user.pk}", title="x", starts_at=now,
            ends_at=now + timedelta(hours=1), until_at=now + timedelta(hours=1), time_zone="Europe/Moscow",
            timed_at=now, created_at=now, updated_at=now,
        ).pk,
        "resource": f"u{user.pk}",
        "feed": feed_token(renew_feed(actor=user, now=now)),
        "reminder_rule": Rule.objects.filter(person=user).first().pk,
        "app_password": AppPassword.objects.create(
            person=user, name="x", digest=f"{user.pk:064}", created_at=now
        ).pk,
    }  # fmt: skip


def book_test(now: Any) -> Test:
    """A test that nobody has to pass, with two questions: one may be taken away."""
    product = Product.objects.order_by("pk")[0]
    made, is_new = Test.objects.get_or_create(product=product, defaults={"title": "x", "pass_mark": 1})
    if is_new:
        for place in (1, 2):
            Question.objects.create(test=made, place=place, text="x", options=["a", "b"], right=[0])
    return made


def book_attempt(user: Any, now: Any) -> Attempt:
    """An attempt that runs for a year."""
    asked = {
        "question": 1, "topic": "", "text": "x", "explanation": "", "options": ["a", "b"], "right": [0], "chosen": None,
        "is_right": None,
    }  # fmt: skip
    return Attempt.objects.create(
        test=book_test(now), user=user, started_at=now, ends_at=now + timedelta(days=365), paper=[asked, asked],
        pass_mark=1, asked=2,
    )  # fmt: skip


def screen(user: Any, now: Any) -> WallScreen:
    """A screen on the wall of the person's branch."""
    return WallScreen.objects.create(
        name="x", queue=f"branch:{user.agent.branch_id}", digest=digest_of(f"wall-token-{user.pk}"), made_by=user,
        made_at=now,
    )  # fmt: skip


def export(user: Any, now: Any) -> int:
    name = default_storage.save("exports/clients.csv", ContentFile(b"1"))
    return Job.objects.create(
        kind="clients.export", title="x", created_by=user, created_at=now, not_before=now, state="done",
        result={"file": name, "name": "clients.csv", "url": "/"},
    ).pk  # fmt: skip


def mailing(user: Any, now: Any) -> int:
    values = {"name": "x", "body": "x", "state": "approved", "created_at": now}
    letter, _ = Template.objects.get_or_create(code="letter", channel="letter", defaults=values)
    name = default_storage.save("letters/x.pdf", ContentFile(b"%PDF"))
    return Mailing.objects.create(
        name="x", template=letter, window="e65", author=user, state="ready", file=name, created_at=now
    ).pk


def imported(user: Any, now: Any) -> int:
    rows = "ФИО;Телефон;Полис\nГарипов Марсель;8 917 000 21 40;ХХХ 0412345678\n"
    file = ContentFile(rows.encode())
    return start_run(actor=user, now=now, target="portfolio", file=file, file_name="rows.csv").pk
