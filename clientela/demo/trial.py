"""The experiment of the demo company: does a question in the last SMS bring more answers than a phone number?

Version B got more replies. That it renews no better is what the draw gives: sides and payments know nothing of
one another, and the page of results says so.
"""

from datetime import date, datetime, timedelta

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.renewals.models import Experiment
from clientela.modules.renewals.operations.experiments import start_experiment
from clientela.modules.renewals.operations.schedules import make_draft, save_step
from clientela.modules.renewals.queries.planning import versions_in_force

SCHEDULE, STEP = "centre", "motor-5-sms"
# Terms of the whole month before today have entered and ended.
BEGAN = 35
TEXT = (
    "{greeting}, Ваш полис {product} заканчивается {end_date}. Ответьте «да», и мы подготовим продление. "
    "{company}, тел. {centre_phone}"
)
TEXT_EN = (
    "{greeting}, your {product} policy ends on {end_date}. Answer “yes” and we prepare the renewal. "
    "{company}, tel. {centre_phone}"
)
# What becomes of the SMS of version B, as ``history.OUTCOMES`` says of all others.
OUTCOMES_OF_B = (("delivered", 0.83), ("sent", 0.03), ("failed", 0.04), ("replied", 0.10))


def begin(*, today: date, now: datetime) -> Experiment:
    """Set a draft with another text against the version in force, as the renewals manager did five weeks ago."""
    first_day = today - timedelta(days=BEGAN)
    manager = User.objects.filter(role=Role.RENEWALS_MANAGER).order_by("pk")[0]
    then = now - timedelta(days=BEGAN + 2)
    control = versions_in_force(first_day).get(schedule__code=SCHEDULE)
    draft = make_draft(actor=manager, now=then, version=control)
    step = draft.steps.get(key=STEP)
    save_step(actor=manager, now=then, version=draft, step=step, text=TEXT, text_en=TEXT_EN)
    return start_experiment(actor=manager, now=then, version=draft, first_day=first_day)
