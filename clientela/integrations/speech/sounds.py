"""`SoundStore` and `Voice`: recorded sounds as they are, all others spoken by a program of the machine."""

import io
import itertools
import os
import shlex
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable, Mapping

from clientela.modules.calls.queries import recorded, words_of
from clientela.modules.calls.telephone_sound import RATE, wav_of

# By the words of `CLIENTELA_VOICE`. festival's Russian voice is installed apart from it.
VOICES = {
    "espeak": "espeak-ng -v ru -s 150 --stdin --stdout",
    "festival": "text2wave -eval '(voice_msu_ru_nsh_clunits)'",
}
_LONGEST_SECONDS = 30


class SpokenSounds:
    """Each sound is spoken when it is first asked for; exchanges keep what they were given."""

    def __init__(
        self,
        command: str,
        words: Callable[[str], str] = words_of,
        given: Callable[[str], bytes | None] = recorded,
    ) -> None:
        self._command, self._words, self._given = shlex.split(command), words, given

    @property
    def program(self) -> str:
        return self._command[0]

    @property
    def is_there(self) -> bool:
        """Whether the machine has the program."""
        return shutil.which(self.program) is not None

    def wav(self, sound: str) -> bytes:
        if (given := self._given(sound)) is not None:
            return given
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
    return wav_of(samples)


def from_environment(environment: Mapping[str, str] = os.environ) -> SpokenSounds:
    """The voice that `CLIENTELA_VOICE` names, espeak or festival; `CLIENTELA_SPEECH` is any other program's command.

    Raises `KeyError` for a voice that nobody knows.
    """
    command = environment.get("CLIENTELA_SPEECH") or VOICES[environment.get("CLIENTELA_VOICE", "espeak")]
    return SpokenSounds(command)
