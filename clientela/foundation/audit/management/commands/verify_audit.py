"""``manage.py verify_audit``: walk the journal's whole chain; the exit code is 1 when it is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clientela.foundation.audit.operations import verify


class Command(BaseCommand):
    help = "Recompute every digest and seal of the journal."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if verdict.broken_at:
            raise CommandError(f"broken at {verdict.broken_at} after {verdict.entries} good entries")
        self.stdout.write(f"whole: {verdict.entries} entries, {verdict.seals} seals")
