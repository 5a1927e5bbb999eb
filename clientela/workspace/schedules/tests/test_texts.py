"""The words of a step: variables, size, the NDA, a real client."""

from django.urls import reverse

from clientela.modules.renewals.queries.texts import OFFERED, variables
from clientela.workspace.schedules.tests.helpers import HX, plain


def test_the_variables_offered_are_those_a_touch_can_fill(vera_renewal):
    assert set(OFFERED) == set(variables(vera_renewal))


def test_the_preview_shows_a_client_of_the_portfolio_and_the_size(manager, draft, at, vera_renewal):
    text = "{greeting}, Ваш полис {product} заканчивается {end_date}."

    response = manager.post(
        at("preview", "motor-5-sms"), {"text": text, "client": vera_renewal.pk}, headers=HX
    )

    shown = plain(response)
    assert "Вера Николаевна, Ваш полис ОСАГО заканчивается 05.12.26." in shown
    assert "Орлова Вера Николаевна" in shown
    assert "56 знаков · 1 сообщение" in shown
    assert "без ссылок, NDA соблюдён" in shown
    assert draft.steps.get(key="motor-5-sms").text != text


def test_a_link_past_the_agent_breaks_the_nda(manager, draft, at, vera_renewal):
    data = {"text": "Купите на www.prichal.example", "client": vera_renewal.pk}

    shown = plain(manager.post(at("preview", "motor-5-sms"), data, headers=HX))

    assert "www.prichal.example" in shown
    assert "NDA соблюдён" not in shown


def test_an_unknown_variable_is_told_before_anything_is_sent(manager, draft, at, vera_renewal):
    data = {"text": "Здравствуйте, {name}", "client": vera_renewal.pk}

    assert "{name}" in plain(manager.post(at("preview", "motor-5-sms"), data, headers=HX))


def test_a_preview_never_shows_a_client_of_another_scope(sign_in, anna, centre, vera_renewal, boris_renewal):
    address = reverse("schedules:preview", args=[centre.pk, 1, "motor-5-sms"])

    shown = plain(sign_in(anna).post(address, {"client": boris_renewal.pk}, headers=HX))

    assert "Зимин" not in shown


def test_another_client_is_the_next_one_and_then_the_first_again(manager, draft, at, anna, osago, ending):
    first, second = (ending(anna.agent, osago, days=31) for _ in range(2))
    address = at("preview", "motor-30-sms") + "?next=1"

    shown = [plain(manager.post(address, {"client": one.pk}, headers=HX)) for one in (first, second)]

    assert second.client.name in shown[0]
    assert first.client.name in shown[1]
