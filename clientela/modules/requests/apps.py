from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RequestsConfig(AppConfig):
    """Requests: who asks us for a policy, how warm they are, and whose they are."""

    name = "clientela.modules.requests"

    def ready(self) -> None:
        post_migrate.connect(_ship, sender=self)


def _ship(using: str, **_given: Any) -> None:
    """A base without rules gets those the product comes with, however its tables were made."""
    from django.db import connections

    from clientela.modules.requests.models import ScoreRule
    from clientela.modules.requests.rules import SHIPPED

    if ScoreRule._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = ScoreRule.objects.using(using)
    if not rows.exists():
        rows.bulk_create(
            ScoreRule(
                code=rule.code, words=rule.words, fact=rule.fact, test=rule.test, value=rule.value, points=rule.points
            )
            for rule in SHIPPED
        )  # fmt: skip
