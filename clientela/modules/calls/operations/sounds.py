"""Sounds that people give us: kept as telephones play them, chosen for menus, announcements, queues and dialogues."""

import hashlib
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.calls.models import Menu, QueueMusic, Sound
from clientela.modules.calls.telephone_sound import TelephoneSound, convert, waiting_tone

TONE = "Сигнал ожидания"


class SoundNameTaken(Refusal):
    """Another sound has the name."""

    message = _("There is a sound of this name already.")
    field = "name"


class SoundInUse(Refusal):
    """Callers hear it somewhere."""

    message = _("Callers hear this sound in a menu or a queue: choose another one there first.")


def add_sound(*, actor: Any, now: datetime, name: str, text: str = "", use: str = "", data: bytes) -> Sound:
    """Keep a WAV or MP3 as telephones play it; for a ``use`` it takes the place of the sound before.

    Raises ``NoSound``, ``SoundTooLong``, ``SoundNameTaken``.
    """
    ensure(actor, Permission.TELEPHONY_WRITE if use else Permission.SCHEDULES_WRITE)
    return _add(actor, now, name, text, use, convert(data))


@transaction.atomic
def _add(actor: Any, now: datetime, name: str, text: str, use: str, made: TelephoneSound) -> Sound:
    name = name.strip()[:80]
    if Sound.objects.filter(name=name).exists():
        raise SoundNameTaken
    if use:
        Sound.objects.filter(use=use, is_active=True).update(is_active=False)
    mark = hashlib.sha256(made.wav).hexdigest()[:8]
    sound = Sound(
        name=name, text=text.strip()[:1000], use=use, mark=mark, seconds=max(1, made.seconds), uploaded_by=actor,
        uploaded_at=now,
    )  # fmt: skip
    sound.file.save(f"{mark}.wav", ContentFile(made.wav), save=False)
    sound.save()
    record(
        actor=actor, now=now, action="sound.added", obj=sound,
        changes={"seconds": [None, sound.seconds], "text": [None, sound.text], "use": [None, use]},
    )  # fmt: skip
    return sound


@transaction.atomic
def put_away(*, actor: Any, now: datetime, sound: Sound) -> bool:
    """Choose it nowhere any more; a dialogue that says it goes on. False when it was so. Raises ``SoundInUse``."""
    ensure(actor, Permission.TELEPHONY_WRITE if sound.use else Permission.SCHEDULES_WRITE)
    menus = Menu.objects.filter(greeting_sound=sound) | Menu.objects.filter(closed_sound=sound)
    if menus.exists() or QueueMusic.objects.filter(sound=sound).exists():
        raise SoundInUse
    if not Sound.objects.filter(pk=sound.pk, is_active=True).update(is_active=False):
        return False
    record(actor=actor, now=now, action="sound.put_away", obj=sound)
    return True


@transaction.atomic
def choose_music(*, actor: Any, now: datetime, queue: str, sound: Sound | None) -> bool:
    """What those hear who wait in a queue (``centre:1``, ``branch:2``, empty for all others); None: what is usual.

    False when it was so already.
    """
    ensure(actor, Permission.TELEPHONY_WRITE)
    kept = QueueMusic.objects.select_for_update().filter(queue=queue).select_related("sound").first()
    before = kept.sound if kept else None
    if before == sound:
        return False
    if sound is None:
        QueueMusic.objects.filter(queue=queue).delete()
    else:
        QueueMusic.objects.update_or_create(queue=queue, defaults={"sound": sound})
    record(
        actor=actor, now=now, action="queue.music", object_type="calls.queuemusic", object_name=queue,
        changes={"sound": [str(before or ""), str(sound or "")]},
    )  # fmt: skip
    return True


@transaction.atomic
def load_shipped(*, now: datetime) -> None:
    """The tone that the product has instead of music, for all queues, unless people have sounds of their own."""
    if Sound.objects.exists():
        return
    sound = _add(None, now, TONE, "", "", waiting_tone())
    QueueMusic.objects.create(queue="", sound=sound)
