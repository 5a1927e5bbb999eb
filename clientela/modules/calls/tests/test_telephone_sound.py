"""What people give becomes a sound of telephones, or is refused by what it holds."""

import base64
import io
import wave
from array import array

import pytest

from clientela.modules.calls.telephone_sound import LARGEST, NoSound, SoundTooLong, convert, waiting_tone


def _wav(seconds: float, rate: int = 44100, channels: int = 2) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array("h", [1000] * int(seconds * rate) * channels).tobytes())
    return made.getvalue()


# One frame of silence of an MPEG-1 layer III file, 128 kbit/s, 44.1 kHz: 26 ms.
_FRAME = base64.b64decode("//uQZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") + bytes(381)


@pytest.mark.parametrize("given", [_wav(1.5), _wav(1.5, 8000, 1), _FRAME * 58])
def test_a_wav_or_an_mp3_becomes_a_sound_of_telephones(given: bytes) -> None:
    made = convert(given)
    with wave.open(io.BytesIO(made.wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() / 8000 == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(
    "given",
    [b"", b"MZ program", b"RIFF" + b"x" * 100, b"\xff\xfb" + bytes(200), b"ID3" + bytes(50), _wav(0.1)],
)
def test_what_is_no_sound_is_refused_whatever_its_name(given: bytes) -> None:
    with pytest.raises(NoSound):
        convert(given)


@pytest.mark.parametrize("given", [_wav(601, 100, 1), b"RIFF" + bytes(LARGEST)])
def test_what_nobody_would_hear_to_its_end_is_refused(given: bytes) -> None:
    with pytest.raises(SoundTooLong):
        convert(given)


def test_the_tone_of_the_product_has_pauses() -> None:
    made = waiting_tone()
    with wave.open(io.BytesIO(made.wav)) as file:
        samples = array("h", file.readframes(file.getnframes()))
    assert made.seconds == 10
    assert max(samples) > 5000
    assert set(samples[2 * 8000 : 5 * 8000]) == {0}
