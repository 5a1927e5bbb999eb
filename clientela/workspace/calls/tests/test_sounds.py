"""Sounds that people give: kept, heard in the browser, chosen for menus, announcements and queues."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.calls.models import Call, Menu, QueueMusic, Sound
from clientela.modules.calls.operations.numbers import save_menu
from clientela.modules.calls.operations.sounds import add_sound, choose_music, load_shipped
from clientela.modules.calls.queries import music_of, recorded, sound_of, sound_of_menu
from clientela.modules.calls.telephone_sound import waiting_tone
from clientela.workspace.today.tests.helpers import plain

pytestmark = pytest.mark.django_db
WAV = waiting_tone().wav


def _file(content: bytes = WAV) -> SimpleUploadedFile:
    return SimpleUploadedFile("x.mp3", content)


def test_a_sound_is_given_heard_and_put_away(sign_in, administrator, anna):
    browser = sign_in(administrator)
    bad = browser.post("/calls/sounds/", {"name": "Вирус", "file": _file(b"MZ")})
    assert (bad.status_code, Sound.objects.count()) == (422, 0)
    assert "дайте файл WAV или MP3" in plain(bad)

    browser.post("/calls/sounds/", {"name": "Приветствие", "text": "Здравствуйте!", "file": _file()})

    sound = Sound.objects.get()
    assert (sound.seconds, sound.uploaded_by, Entry.objects.latest("id").action) == (
        10,
        administrator,
        "sound.added",
    )
    page = browser.get("/calls/sounds/")
    assert "«Здравствуйте!»" in plain(page)
    heard = browser.get(f"/calls/sounds/{sound.pk}/")
    assert (heard.headers["Content-Type"], heard.content[:4]) == ("audio/wav", b"RIFF")
    assert sign_in(anna).get("/calls/sounds/").status_code == 403

    browser.post(f"/calls/sounds/{sound.pk}/putting-away/")
    assert list(Sound.objects.filter(is_active=True)) == []


def test_the_page_says_when_there_is_no_voice(sign_in, administrator, monkeypatch):
    monkeypatch.setenv("CLIENTELA_SPEECH", "no-such-program --now")
    assert "нет программы no-such-program" in plain(sign_in(administrator).get("/calls/sounds/"))


def test_a_recording_takes_the_place_of_what_would_be_spoken(administrator, anna, now):
    with pytest.raises(PermissionDenied):
        add_sound(actor=anna, now=now, name="x", data=WAV)
    sound = add_sound(
        actor=administrator, now=now, name="Запись", text="Разговор пишется", use="recording", data=WAV
    )
    menu = Menu.objects.create(name="x", greeting="Добрый день", greeting_sound=sound, updated_at=now)

    assert (sound_of("recording"), sound_of_menu(menu, "greeting")) == (sound.code, sound.code)
    assert sound_of("call-back").startswith("call-back.")
    assert (recorded(sound.code) or b"")[:4] == b"RIFF"


def test_each_queue_has_its_music_and_the_shipped_tone_is_for_all_others(volga, kazan, administrator, now):
    load_shipped(now=now)
    own = add_sound(actor=administrator, now=now, name="Волна", data=WAV)
    choose_music(actor=administrator, now=now, queue=f"centre:{volga.pk}", sound=own)
    tone = Sound.objects.get(name="Сигнал ожидания")

    assert music_of(Call(centre=volga, branch=kazan)) == own.code
    assert music_of(Call(branch=kazan)) == tone.code
    QueueMusic.objects.all().delete()
    assert music_of(Call(branch=kazan)) is None


def test_other_programs_give_sounds_and_choose_music(sign_in, administrator, volga):
    browser = sign_in(administrator)
    made = browser.post(
        "/api/v1/telephony/sounds", {"name": "Волна", "file": _file()}, headers={"Idempotency-Key": "a"}
    )
    assert made.status_code == 201
    chosen = browser.put(
        "/api/v1/telephony/music",
        {"queue": f"centre:{volga.pk}", "sound_id": made.json()["id"]},
        "application/json",
    )
    assert [one["sound_id"] for one in chosen.json()] == [None, made.json()["id"], None][: len(chosen.json())]
    gone = browser.delete(f"/api/v1/telephony/sounds/{made.json()['id']}")
    assert (gone.status_code, "очереди" in gone.json()["detail"]) == (422, True)


def test_a_menu_gets_another_sound_and_the_journal_names_it(administrator, now):
    sound = add_sound(actor=administrator, now=now, name="Приветствие", text="Здравствуйте!", data=WAV)
    values = {
        "name": "Главное",
        "greeting": "Здравствуйте",
        "opens": None,
        "closes": None,
        "closed": "",
        "greeting_sound": None,
        "closed_sound": None,
    }
    menu = save_menu(actor=administrator, now=now, menu=None, values=values, keys=[])
    save_menu(actor=administrator, now=now, menu=menu, values=values | {"greeting_sound": sound}, keys=[])
    assert Menu.objects.get().greeting_sound == sound
    assert Entry.objects.latest("id").changes == {"greeting_sound": [None, "Приветствие"]}
