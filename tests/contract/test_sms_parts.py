"""The parts that the policy counts are the parts that the SMPP adapter sends."""

from hypothesis import given
from hypothesis import strategies as st

from clientela.integrations.smpp.text import encode
from clientela.modules.contacts.rules import sms_size

GSM = st.text(alphabet="abcXYZ 0123[]{}€^~|\\@£é\n", max_size=700)
ANY = st.text(alphabet=st.one_of(st.sampled_from("яЯё 🚗a€"), st.characters(codec="utf-8")), max_size=700)


@given(st.one_of(GSM, ANY))
def test_what_is_counted_is_what_is_sent(text: str) -> None:
    assert sms_size(text).parts == len(encode(text, 7).bodies)
