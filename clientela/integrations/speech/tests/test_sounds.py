"""Words become sounds of a telephone, by whatever program speaks."""

import io
import itertools
import math
import shlex
import sys
import wave
from array import array

import pytest

from clientela.integrations.speech.sounds import SpokenSounds, from_environment, to_telephone


def _tone(rate: int, seconds: float = 1.0) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (round(9000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(int(rate * seconds)))
        file.writeframes(array("h", samples).tobytes())
    return made.getvalue()


@pytest.mark.parametrize("rate", [6000, 8000, 22050, 44100])
def test_any_rate_becomes_that_of_telephones(rate: int) -> None:
    with wave.open(io.BytesIO(to_telephone(_tone(rate)))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        samples = array("h", file.readframes(file.getnframes()))

    assert len(samples) == pytest.approx(8000, abs=1)
    rises = sum(a < 0 <= b for a, b in itertools.pairwise(samples))
    assert rises == pytest.approx(440, abs=2)
    assert max(samples) == pytest.approx(9000, rel=0.1)


def test_the_program_gets_the_words() -> None:
    script = (
        "import sys, wave; text = sys.stdin.buffer.read().decode(); w = wave.open(sys.stdout.buffer, 'wb');"
        "w.setnchannels(1); w.setsampwidth(2); w.setframerate(8000); w.writeframes(b'ab' * len(text))"
    )
    voice = SpokenSounds(
        shlex.join([sys.executable, "-c", script]), words={"hello": "Добрый день"}.__getitem__
    )

    with wave.open(io.BytesIO(voice.wav("hello"))) as file:
        assert file.readframes(100) == b"ab" * len("Добрый день")


@pytest.mark.parametrize("command", ["no-such-program", "false", "cat"])
def test_a_voice_that_fails(command: str) -> None:
    with pytest.raises(LookupError):
        SpokenSounds(command, words=str).wav("hello")


def test_what_was_recorded_is_not_spoken() -> None:
    sounds = SpokenSounds("no-such-program", words=lambda _sound: "x", given=lambda sound: sound.encode())
    assert (sounds.wav("file-1.ab"), sounds.is_there) == (b"file-1.ab", False)


def test_the_voice_is_chosen_by_its_name() -> None:
    """What the programs are given; whether they speak is seen where they are installed."""
    assert from_environment({}).program == "espeak-ng"
    assert from_environment({"CLIENTELA_VOICE": "festival"})._command == [
        "text2wave", "-eval", "(voice_msu_ru_nsh_clunits)",
    ]  # fmt: skip
    assert (
        from_environment({"CLIENTELA_VOICE": "festival", "CLIENTELA_SPEECH": "my-voice"}).program
        == "my-voice"
    )
