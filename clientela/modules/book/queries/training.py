"""Who may sell what."""

from datetime import date, timedelta

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Test
from clientela.modules.book.rules.training import Reason, Verdict
from clientela.modules.products.models import Product


def may_sell(user: User, product: Product, day: date) -> Verdict:
    """Whether this person may sell the product on this day, and why."""
    test = Test.objects.filter(product=product, required_from__isnull=False).first()
    if test is None or test.required_from is None:
        return Verdict(True, Reason.NOT_REQUIRED)
    attempts = Attempt.objects.filter(test=test, user=user)
    passed = attempts.filter(is_passed=True).order_by("-valid_until").first()
    if passed and passed.valid_until and passed.valid_until >= day:
        return Verdict(True, Reason.PASSED, test.pk, passed.valid_until)
    if day < test.required_from:
        return Verdict(True, Reason.NOT_YET_REQUIRED, test.pk, test.required_from - timedelta(days=1))
    if passed:
        return Verdict(False, Reason.EXPIRED, test.pk, passed.valid_until)
    return Verdict(False, Reason.NOT_PASSED if attempts.exists() else Reason.NOT_TAKEN, test.pk)
