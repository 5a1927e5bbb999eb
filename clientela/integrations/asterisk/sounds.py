"""Sounds where Asterisk can play them: a folder both sides see."""

import hashlib
import os
from pathlib import Path

from clientela.integrations.asterisk.settings import AsteriskSettings
from clientela.modules.calls.ports import SoundStore


class SharedSounds:
    """Puts each sound there once. A name always means the same sound: a changed one has a new name."""

    def __init__(self, store: SoundStore, settings: AsteriskSettings) -> None:
        self._store = store
        self._here, self._there = Path(settings.sounds), settings.sounds_there.rstrip("/")

    def place(self, sound: str) -> str:
        """The sound's path as Asterisk names it, without ``.wav``. Raises `LookupError`."""
        name = hashlib.sha256(sound.encode()).hexdigest()[:32]
        goal = self._here / f"{name}.wav"
        if not goal.exists():
            self._here.mkdir(parents=True, exist_ok=True)
            part = self._here / f"{name}.{os.getpid()}.part"
            part.write_bytes(self._store.wav(sound))
            part.replace(goal)
        return f"{self._there}/{name}"
