import pytest

from clientela.modules.chat.rules import named, pieces, searched

ANNA = ("Анна", "Соколова", "a.sokolova@prichal.example")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@Анна Соколова, гляньте", "Анна Соколова"),
        ("@соколова анна", "соколова анна"),
        ("@Соколова гляньте", "Соколова"),
        ("@a.sokolova@prichal.example, вам", "a.sokolova@prichal.example"),
        ("@Анна гляньте", ""),
        ("a.sokolova@prichal.example", ""),
        ("Соколова", ""),
    ],
)
def test_what_calls_a_person(text, said):
    assert named(text, *ANNA) == said


def test_calls_stand_out_of_the_text():
    assert pieces("Да, @Соколова! И @Анна Соколова.", ["Соколова", "Анна Соколова"]) == [
        ("Да, ", False), ("@Соколова", True), ("! И ", False), ("@Анна Соколова", True), (".", False),
    ]  # fmt: skip
    assert pieces("@Соколова", []) == [("@Соколова", False)]


def test_what_is_searched():
    assert searched("  Ёлка в КАСКО и 7 ") == ["елка", "каско"]
