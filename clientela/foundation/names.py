"""Names of people as Russian documents write them: surname, given name, patronymic.

A patronymic may be missing; that is normal, never an error.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_MALE_PATRONYMIC = re.compile(r"(?:[а-я]{2,}(?:ович|евич|ич)|.+[ -](?:оглы|оглу|улы|уулу|углы))$")
_FEMALE_PATRONYMIC = re.compile(r"(?:[а-я]{2,}(?:овна|евна|ична|инична)|.+[ -](?:кызы|гызы|кизи))$")
_PATRONYMIC_PARTICLES = frozenset(("оглы", "оглу", "улы", "уулу", "углы", "кызы", "гызы", "кизи"))
_KEY_BREAK = re.compile(r"[^0-9a-zа-я]+")
_INITIAL = re.compile(r"[A-ZА-ЯЁ]\.?")
_MENTION = re.compile(r"(?<![\w@])@([\w.+-]+@[\w-]+\.[\w.-]*\w|[^\W\d_]+(?:-[^\W\d_]+)?(?:\s[^\W\d_]+)?)")

# Enough given names to tell «Иван Петров» from «Петров Иван»; the rest is decided by order.
_GIVEN_NAMES_TEXT = """
александр алексей анатолий андрей антон аркадий арсений артем артур богдан борис вадим валентин валерий
василий виктор виталий владимир владислав всеволод вячеслав геннадий георгий герман глеб григорий давид
даниил данила денис дмитрий евгений егор иван игорь илья кирилл константин лев леонид макар максим марат
марк матвей михаил никита николай олег павел петр радик рамиль ренат ринат роберт родион роман руслан
рустам савелий семен сергей станислав степан тимофей тимур федор филипп эдуард эмиль юрий яков ян ярослав
айгуль александра алевтина алена алина алиса алла алсу альбина альфия амина анастасия ангелина анжела анна
антонина арина валентина валерия варвара василиса вера вероника виктория галина гульнара дарья диана дина
динара ева евгения екатерина елена елизавета жанна зинаида зоя зульфия инна ирина карина кира клавдия
кристина ксения лариса лейла лиана лидия лилия любовь людмила маргарита марина мария милана мила надежда
наталия наталья нина оксана олеся ольга полина раиса регина римма светлана снежана софия софья таисия
тамара татьяна ульяна фатима эвелина элина эльвира эльмира юлия яна
"""
_GIVEN_NAMES = frozenset(_GIVEN_NAMES_TEXT.split())


class Sex(StrEnum):
    """Sex as documents state it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class PersonName:
    """Parts of a full name; any may be empty."""

    last: str = ""
    first: str = ""
    middle: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.middle) if part)


def split_full_name(text: str) -> PersonName:
    """Parts of ``text`` whichever way round it was written.

    «Иванов Иван Иванович» and «Иван Иванович Иванов» give the same; «Алиев Расим Вагиф оглы» keeps
    the two words of the patronymic together. Two words without a known given name in front are
    taken as surname and given name, one word as a surname unless it is a known given name.
    """
    words = _words(text)
    places = [index for index, word in enumerate(words) if index and sex_from_patronymic(word)]
    if not places:
        return _without_patronymic(words)
    place = places[-1]
    first_comes_first = place == 1 or (len(places) > 1 and places[0] == 1 and _is_given(words[0]))
    if first_comes_first:
        middle = words[1]
        return PersonName(" ".join(words[2:]), words[0], middle)
    return PersonName(" ".join(words[: place - 1] + words[place + 1 :]), words[place - 1], words[place])


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in re.sub(r"(?<=\.)(?=\w)", " ", unicodedata.normalize("NFC", text)).replace(",", " ").split():
        if words and word.casefold() in _PATRONYMIC_PARTICLES:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _without_patronymic(words: list[str]) -> PersonName:
    if not words:
        return PersonName()
    if len(words) == 1:
        return PersonName(first=words[0]) if _is_given(words[0]) else PersonName(last=words[0])
    if len(words) == 2:
        first_comes_first = _is_given(words[0]) and not _is_given(words[1])
        return PersonName(words[1], words[0]) if first_comes_first else PersonName(words[0], words[1])
    if _INITIAL.fullmatch(words[0]) and _INITIAL.fullmatch(words[1]):
        return PersonName(" ".join(words[2:]), words[0], words[1])
    return PersonName(words[0], words[1], " ".join(words[2:]))


def _is_given(word: str) -> bool:
    return name_key(word) in _GIVEN_NAMES


def name_key(text: str) -> str:
    """Key for comparing names: lower case, ё as е, hyphens and spaces alike, accents and marks dropped."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return _KEY_BREAK.sub(" ", plain).strip()


def full_name_key(last: str, first: str, middle: str = "") -> str:
    """One comparing key of a whole name, surname first."""
    return name_key(f"{last} {first} {middle}")


def sex_from_patronymic(middle: str) -> Sex | None:
    """Sex that a patronymic tells, or ``None`` when there is none or it is a foreign one."""
    key = middle.casefold().replace("ё", "е").strip()
    if _FEMALE_PATRONYMIC.search(key):
        return Sex.FEMALE
    return Sex.MALE if _MALE_PATRONYMIC.search(key) else None


def greeting(first: str, middle: str = "", company: str = "") -> str:
    """How a letter addresses the client: given name and patronymic, else what there is of them.

    A company is addressed by its name.
    """
    if company.strip():
        return company.strip()
    return " ".join(part for part in (first.strip(), middle.strip()) if part)


def initials(last: str, first: str, middle: str = "") -> str:
    """``Иванов И. П.`` for tight places."""
    short = [f"{part.strip()[0]}." for part in (first, middle) if part.strip()]
    return " ".join(part for part in (last.strip(), *short) if part)


def has_cyrillic(text: str) -> bool:
    """Whether any letter is Cyrillic."""
    return any("Ѐ" <= char <= "ӿ" for char in text)


def has_latin(text: str) -> bool:
    """Whether any letter is Latin."""
    return any(char.isalpha() and unicodedata.name(char, "").startswith("LATIN") for char in text)


def mixes_alphabets(text: str) -> bool:
    """Whether Latin and Cyrillic letters stand in one word: nearly always a typing mistake."""
    return any(has_cyrillic(word) and has_latin(word) for word in re.split(r"[^\w]+", text))


def mentions(text: str) -> list[str]:
    """What stands after each @ in a text: an e-mail address, or one or two words of a name."""
    return list(dict.fromkeys(match[1] for match in _MENTION.finditer(text)))
