"""A registry in our own database: it serves the demo, trials, and a company that keeps the classes itself."""

from datetime import date

from clientela.modules.bonus_malus.drivers import Key
from clientela.modules.bonus_malus.models import RegistryEntry
from clientela.modules.bonus_malus.ports import Answer


class LocalRegistry:
    """Rows of ``RegistryEntry``."""

    name = "local"
    remote = False

    def ask(self, key: Key, on: date) -> Answer | None:
        entry = RegistryEntry.objects.filter(key=key.digest).first()
        if entry is None:
            return None
        if entry.since > on and entry.previous_klass:
            return Answer(entry.previous_klass)
        return Answer(entry.klass, entry.since, entry.previous_klass)
