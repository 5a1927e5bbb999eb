"""Sounds for telephones: what people give us becomes 8 kHz, 16 bit, one channel; a tone of our own."""

import io
import math
import wave
from array import array
from dataclasses import dataclass

import miniaudio
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

RATE = 8000
LARGEST = 15 * 1024 * 1024
LONGEST_SECONDS = 600
SHORTEST_SECONDS = 0.2
_PHRASE = (440.0, 554.37, 659.25, 554.37)


class NoSound(Refusal):
    """What was given is no WAV or MP3, or is too large, too long or too short."""

    message = _("This is no sound we can play: give a WAV or MP3 file.")
    field = "file"


class SoundTooLong(NoSound):
    """More than a caller would ever hear."""

    message = _("Too long: a sound lasts 10 minutes at most and its file is no larger than 15 MB.")


@dataclass(frozen=True, slots=True)
class TelephoneSound:
    """A WAV of 8 kHz, 16 bit, one channel."""

    wav: bytes
    seconds: int


def convert(data: bytes) -> TelephoneSound:
    """A WAV or MP3 as telephones play it; its type is read from its content. Raises ``NoSound``, ``SoundTooLong``."""
    if len(data) > LARGEST:
        raise SoundTooLong
    try:
        if data[:4] == b"RIFF":
            info = miniaudio.wav_get_info(data)
        elif data[:3] == b"ID3" or data[:1] == b"\xff":
            info = miniaudio.mp3_get_info(data)
        else:
            raise NoSound
        if info.duration > LONGEST_SECONDS:
            raise SoundTooLong
        samples = miniaudio.decode(data, nchannels=1, sample_rate=RATE).samples
    except miniaudio.MiniaudioError as error:
        raise NoSound from error
    if len(samples) < RATE * SHORTEST_SECONDS:
        raise NoSound
    return TelephoneSound(wav_of(samples), round(len(samples) / RATE))


def wav_of(samples: "array[int]") -> bytes:
    """Samples of 16 bits as a file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def waiting_tone() -> TelephoneSound:
    """What the product has instead of music: four soft tones and a pause, again and again for ten seconds."""
    note, pause = RATE // 2, RATE * 3
    samples = array("h")
    for _turn in range(2):
        for pitch in _PHRASE:
            samples.extend(
                round(6000 * math.sin(2 * math.pi * pitch * n / RATE) * math.sin(math.pi * n / note))
                for n in range(note)
            )
        samples.extend([0] * pause)
    return TelephoneSound(wav_of(samples), len(samples) // RATE)
