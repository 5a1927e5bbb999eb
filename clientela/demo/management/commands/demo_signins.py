"""``manage.py demo_signins``: who can sign in to the demo, by role."""

from typing import Any

from django.core.management.base import BaseCommand

from clientela.demo.signins import lines


class Command(BaseCommand):
    help = "Print the sign-ins of the demo company by role."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(lines()))
