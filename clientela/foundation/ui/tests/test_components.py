from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import Template
from django.template.context import RequestContext
from django.test import RequestFactory, override_settings
from django.utils.translation import override
from django_cotton.compiler_regex import CottonCompiler

from clientela.foundation.ui.middleware import content_security_policy


def render(source: str, path: str = "/", **values: Any) -> str:
    request = RequestFactory().get(path)
    with override("ru"):
        template = Template(CottonCompiler().process(source))
        context = RequestContext(request, values, processors=[lambda request: {"request": request}])
        return " ".join(template.render(context).split())


class PhoneForm(forms.Form):
    phone = forms.CharField(label="Телефон", help_text="С кодом города", required=True)
    note = forms.CharField(label="Заметка", required=False)


def test_button_passes_attributes_on_and_its_class_once() -> None:
    html = render('<c-button kind="primary" class="w-full" hx-post="/x/" disabled>Да</c-button>')
    assert html == '<button type="button" class="btn btn-primary w-full" hx-post="/x/" disabled>Да</button>'


def test_button_with_an_address_is_a_link() -> None:
    html = render('<c-button href="/a/" label="Открыть" icon="x" />')
    assert html.startswith('<a href="/a/" class="btn btn-icon " aria-label="Открыть" title="Открыть"')
    assert html.endswith("</a>")


def test_field_ties_label_hint_and_error_to_the_control() -> None:
    html = render('<c-field :of="form.phone" />', form=PhoneForm({"phone": ""}))
    assert '<label class="label" for="id_phone">Телефон</label>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'id="id_phone_error"' in html
    assert 'id="id_phone_helptext">С кодом города' in html


def test_only_optional_fields_are_marked() -> None:
    form = PhoneForm()
    assert "необязательно" not in render('<c-field :of="form.phone" />', form=form)
    assert "необязательно" in render('<c-field :of="form.note" />', form=form)


def test_error_summary_links_to_the_fields() -> None:
    html = render('<c-errors :form="form" />', form=PhoneForm({}))
    assert "Не сохранено: исправьте 1 поле" in html
    assert '<a href="#id_phone"' in html
    assert render('<c-errors :form="form" />', form=PhoneForm()) == ""


@pytest.mark.parametrize(
    ("order", "state", "link"),
    [
        ("end", "ascending", "?view=2&amp;order=-end"),
        ("-end", "descending", "?view=2&amp;order=end"),
        ("name", "none", "?view=2&amp;order=end"),
    ],
)
def test_sorted_head(order: str, state: str, link: str) -> None:
    html = render('<c-th sort="end" order="{{ order }}">До</c-th>', path="/?view=2&page=3", order=order)
    assert f'aria-sort="{state}"' in html
    assert f'href="{link}"' in html


def test_pagination_keeps_the_rest_of_the_address() -> None:
    page = Paginator(range(1284), 100).page(2)
    html = render('<c-pagination :page="page" total="1 284" />', path="/?q=ор&page=2", page=page)
    assert "страница 2 из 13" in html
    assert 'href="?q=%D0%BE%D1%80&amp;page=3"' in html


def test_named_slots_stay_out_of_a_component_that_was_given_none() -> None:
    html = render(
        '<c-head title="Заявки" /><c-empty title="Пусто">Нет</c-empty>', actions="CHANGED", marks="CHANGED"
    )
    assert "CHANGED" not in html


def test_drawer_names_itself_by_its_title() -> None:
    html = render(
        '<c-drawer title="Орлова" href="/c/1/" back="/r/"><c-slot name="foot">ножка</c-slot>тело</c-drawer>'
    )
    assert 'role="dialog" aria-labelledby="drawer-title" data-back="/r/"' in html
    assert '<div class="drawer-foot">ножка</div>' in html


def test_meter_tells_below_and_above_the_norm() -> None:
    assert '<i class="warn" style="width:71%"></i><u style="left:75%"></u>' in render(
        '<c-meter :value="71" :norm="75" label="71 %" />'
    )
    assert '<i class="good" style="width:100%"></i>' in render(
        '<c-meter :value="120" :norm="75" label="120 %" />'
    )


@override_settings(LIVE_URL="http://127.0.0.1:8001/live/")
def test_policy_admits_only_our_own_files_and_the_live_stream() -> None:
    response = content_security_policy(lambda request: HttpResponse())(RequestFactory().get("/"))
    value = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in value
    assert value.endswith("connect-src 'self' http://127.0.0.1:8001")
