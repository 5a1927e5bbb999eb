"""`SoundStore` that speaks what a sound says."""

import io
import itertools
import os
import shlex
import subprocess
import wave
from array import array
from collections.abc import Callable, Mapping

from clientela.modules.calls.queries import words_of

RATE = 8000
_BY_DEFAULT = "espeak-ng -v ru -s 150 --stdin --stdout"
_LONGEST_SECONDS = 30


class SpokenSounds:
    """Each sound is spoken when it is first asked for; exchanges keep what they were given."""

    def __init__(self, command: str, words: Callable[[str], str] = words_of) -> None:
        self._command, self._words = shlex.split(command), words

    def wav(self, sound: str) -> bytes:
        text = self._words(sound)
        try:
            spoken = subprocess.run(  # noqa: S603 - the administrator names the program
                self._command, input=text.encode(), capture_output=True, check=True, timeout=_LONGEST_SECONDS
            ).stdout
            return to_telephone(spoken)
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError, ValueError) as error:
            raise LookupError(f"{sound} could not be spoken: {error}") from error


def to_telephone(sound: bytes) -> bytes:
    """A WAV at 8 kHz: the sound of telephones. Each sample is the mean of those it stands for."""
    # A program that writes to a pipe does not know the length it should put into the header.
    start = sound.index(b"data") + 8
    with wave.open(io.BytesIO(sound)) as file:
        rate, shape = file.getframerate(), (file.getnchannels(), file.getsampwidth())
    if shape != (1, 2):
        raise wave.Error("not 16 bit, one channel")
    samples = array("h", sound[start : start + (len(sound) - start) // 2 * 2])
    step = rate / RATE
    ends = [round(n * step) for n in range(int(len(samples) / step) + 1)]
    if rate > RATE:
        samples = array("h", (sum(samples[a:b]) // (b - a) for a, b in itertools.pairwise(ends)))
    elif rate < RATE:
        samples = array("h", (samples[end] for end in ends[:-1]))
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def from_environment(environment: Mapping[str, str] = os.environ) -> SpokenSounds:
    """The voice of `CLIENTELA_SPEECH`."""
    return SpokenSounds(environment.get("CLIENTELA_SPEECH", _BY_DEFAULT))
