"""Fields of the portfolio target, with the headings people give them in Russian, English and Spanish."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.imports.kinds.base import fold
from clientela.foundation.imports.targets import Field
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Bank, Product

CLIENT, VEHICLE, POLICY = _("Client"), _("Insured thing"), _("Policy")


def _aliases(text: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in text.split("|"))


def agents_by_word() -> Mapping[str, int]:
    """Agents by code, and by name where only one has it."""
    table: dict[str, int] = {}
    seen: dict[str, int] = {}
    for pk, code, last, first, middle in Agent.objects.values_list(
        "id", "code", "last_name", "first_name", "middle_name"
    ):
        table[fold(code)] = pk
        for name in {f"{last} {first} {middle}", f"{last} {first}", f"{first} {last}", last}:
            key = fold(name)
            seen[key] = pk if seen.get(key, pk) == pk else 0
    return {key: pk for key, pk in seen.items() if pk and key} | table


def products_by_word() -> Mapping[str, int]:
    """Products by code and by every name they have."""
    table: dict[str, int] = {}
    for pk, *words in Product.objects.order_by("-id").values_list(
        "id", "message_name", "name_en", "name", "code"
    ):
        table |= {fold(word): pk for word in words if word}
    return table


def banks_by_word() -> Mapping[str, int]:
    """Banks by code and name."""
    table: dict[str, int] = {}
    for pk, code, name in Bank.objects.values_list("id", "code", "name"):
        table |= {fold(name): pk, fold(code): pk}
    return table


KIND_WORDS: dict[str, tuple[str, ...]] = {
    Client.Kind.PERSON: _aliases(
        "физ. лицо|физлицо|физическое лицо|фл|ф/л|person|individual|частное лицо|ип"
    ),
    Client.Kind.COMPANY: _aliases("юр. лицо|юрлицо|юридическое лицо|юл|ю/л|company|legal entity|организация"),
}
SEX_WORDS: dict[str, tuple[str, ...]] = {
    Client.Sex.MALE: _aliases("м|муж|муж.|мужской|male|man|h|hombre"),
    Client.Sex.FEMALE: _aliases("ж|жен|жен.|женский|female|f|woman|mujer"),
}
OBJECT_WORDS: dict[str, tuple[str, ...]] = {
    InsuredObject.Kind.VEHICLE: _aliases("авто|автомобиль|тс|транспортное средство|car|мотоцикл"),
    InsuredObject.Kind.FLAT: _aliases("квартира|апартаменты|apartment|piso"),
    InsuredObject.Kind.HOUSE: _aliases("дом|дача|строение|cottage|casa"),
    InsuredObject.Kind.LIFE: _aliases("жизнь|жизнь и здоровье|нс|vida"),
    InsuredObject.Kind.OTHER: _aliases("прочее|иное|другое"),
}
STATUS_WORDS: dict[str, tuple[str, ...]] = {
    Policy.Status.ISSUED: _aliases(
        "действует|действующий|оформлен|выдан|активен|active|in force|заключен|истек"
    ),
    Policy.Status.SUSPENDED: _aliases("приостановлен|приостановлено"),
    Policy.Status.CANCELLED: _aliases("расторгнут|расторжение|аннулирован|отменен|canceled|annulled|anulada"),
}
CHANNEL_WORDS: dict[str, tuple[str, ...]] = {
    Policy.SalesChannel.AGENT: _aliases("агент|агентский|агенты|agente"),
    Policy.SalesChannel.BROKER: _aliases("брокер|брокеры|corredor"),
    Policy.SalesChannel.OFFICE: _aliases("офис|офисные продажи|прямые продажи|branch|oficina"),
    Policy.SalesChannel.WEB: _aliases("сайт|интернет|онлайн|online|internet|сеть"),
}


def _labels(choices: type) -> dict[str, object]:
    return dict(choices.choices)  # type: ignore[attr-defined]


FIELDS: tuple[Field, ...] = (
    Field("client.external_id", _("Client's key in the source"), group=CLIENT, max_length=119,
          aliases=_aliases("id|id клиента|ид клиента|код клиента|код контрагента|client id|customer id|id cliente|"
                           "уникальный номер клиента|crm id")),
    Field("client.kind", _("Person or company"), "choice", CLIENT, choices=KIND_WORDS,
          choice_labels=_labels(Client.Kind), aliases=_aliases("тип клиента|вид лица|физ юр|client type|kind")),
    Field("client.full_name", _("Full name, to be split"), "full_name", CLIENT, max_length=280,
          aliases=_aliases("фио|ф и о|фио клиента|фио страхователя|клиент|страхователь|фамилия имя отчество|"
                           "наименование|контрагент|name|full name|client|customer|policyholder|insured|asegurado|"
                           "tomador|nombre completo|собственник")),
    Field("client.last_name", _("Surname"), "name", CLIENT, max_length=120,
          aliases=_aliases("фамилия|фам|last name|surname|family name|apellido|apellidos")),
    Field("client.first_name", _("First name"), "name", CLIENT, max_length=80,
          aliases=_aliases("имя|first name|given name|nombre")),
    Field("client.middle_name", _("Patronymic"), "name", CLIENT, max_length=80,
          aliases=_aliases("отчество|отч|middle name|patronymic")),
    Field("client.company_name", _("Company's name"), "text", CLIENT, max_length=255,
          aliases=_aliases("организация|название организации|наименование организации|компания|юр лицо|company|"
                           "company name|empresa")),
    Field("client.birth_date", _("Birth date"), "birth_date", CLIENT,
          aliases=_aliases("дата рождения|дата рожд|д р|др|родился|рождение|birth date|date of birth|date birth|dob|"
                           "birthday|fecha de nacimiento")),
    Field("client.sex", _("Sex"), "choice", CLIENT, tolerant=True, choices=SEX_WORDS,
          choice_labels=_labels(Client.Sex), aliases=_aliases("пол|sex|gender|sexo")),
    Field("client.phone", _("Phone, mobile"), "phone", CLIENT, masked=True,
          aliases=_aliases("телефон|тел|сот|сотовый|мобильный|моб|моб тел|мобильный телефон|номер телефона|"
                           "контактный телефон|телефон клиента|phone|mobile|mobile phone|cell|telefono|movil")),
    Field("client.phone2", _("Phone, one more"), "phone", CLIENT, tolerant=True, masked=True,
          aliases=_aliases("тел доп|доп тел|дополнительный телефон|второй телефон|телефон 2|рабочий телефон|"
                           "домашний телефон|раб тел|дом тел|phone 2|other phone|home phone|work phone")),
    Field("client.email", _("E-mail"), "email", CLIENT, tolerant=True, masked=True,
          aliases=_aliases("почта|эл почта|электронная почта|емейл|имейл|mail|email|e mail|correo|адрес эл почты")),
    Field("client.inn", _("INN"), "inn", CLIENT, masked=True, aliases=_aliases("инн|inn|инн клиента|tax id")),
    Field("client.kpp", _("KPP"), "kpp", CLIENT, tolerant=True, aliases=_aliases("кпп|kpp")),
    Field("client.ogrn", _("OGRN"), "ogrn", CLIENT, tolerant=True, aliases=_aliases("огрн|огрнип|ogrn")),
    Field("client.snils", _("SNILS"), "snils", CLIENT, tolerant=True, masked=True, aliases=_aliases("снилс|snils")),
    Field("client.passport", _("Passport, series and number"), "passport", CLIENT, tolerant=True, masked=True,
          aliases=_aliases("паспорт|паспорт рф|серия и номер паспорта|паспортные данные|паспорт серия номер|passport")),
    Field("client.licence", _("Driving licence"), "licence", CLIENT, tolerant=True, masked=True,
          aliases=_aliases("водительское удостоверение|ву|права|серия и номер ву|driving licence|driver license")),
    Field("client.region", _("Region"), "region", CLIENT, tolerant=True,
          aliases=_aliases("регион|область|субъект рф|край|region|provincia")),
    Field("client.city", _("Town"), "text", CLIENT, max_length=120, tolerant=True,
          aliases=_aliases("город|г|населенный пункт|нас пункт|city|town|ciudad|localidad")),
    Field("client.street", _("Address"), "text", CLIENT, max_length=200, tolerant=True, masked=True,
          aliases=_aliases("адрес|адрес проживания|адрес регистрации|улица|street|address|direccion|улица дом")),
    Field("client.postal_code", _("Postal code"), "text", CLIENT, max_length=10, tolerant=True,
          aliases=_aliases("индекс|почтовый индекс|postal code|zip|zip code|codigo postal")),
    Field("client.since", _("Client since"), "date", CLIENT, tolerant=True,
          aliases=_aliases("клиент с|дата первого договора|client since|date start contract|fecha de alta")),
    Field("client.agent", _("Agent who owns the relation"), "reference", CLIENT, tolerant=True, lookup=agents_by_word,
          aliases=_aliases("ведет|закреплен за|агент клиента|owner|account manager")),
    Field("driver.experience_since", _("Driver's experience since"), "date", VEHICLE, tolerant=True,
          aliases=_aliases("стаж с|дата начала стажа|дата выдачи первого ву|date driving licence|licence date|"
                           "водительский стаж с|fecha del carnet")),
    Field("object.external_id", _("Thing's key in the source"), group=VEHICLE, max_length=119,
          aliases=_aliases("id объекта|id тс|код объекта|object id|vehicle id")),
    Field("object.kind", _("Kind of thing"), "choice", VEHICLE, choices=OBJECT_WORDS,
          choice_labels=_labels(InsuredObject.Kind), aliases=_aliases("вид объекта|тип объекта|object type")),
    Field("object.title", _("Thing, in words"), "text", VEHICLE, max_length=200,
          aliases=_aliases("объект|объект страхования|описание объекта|object|insured object|предмет страхования")),
    Field("object.make_model", _("Vehicle: make and model"), "text", VEHICLE, max_length=140,
          aliases=_aliases("марка модель|марка и модель|марка модель тс|модель тс|автомобиль|авто|тс|vehicle|car|"
                           "vehiculo|марка и модель тс")),
    Field("object.make", _("Vehicle: make"), "text", VEHICLE, max_length=60, tolerant=True,
          aliases=_aliases("марка|марка тс|марка авто|make|brand|marca")),
    Field("object.model", _("Vehicle: model"), "text", VEHICLE, max_length=80, tolerant=True,
          aliases=_aliases("модель|модель авто|model|modelo")),
    Field("object.plate", _("Vehicle: plate"), "plate", VEHICLE, tolerant=True,
          aliases=_aliases("госномер|гос номер|гос рег знак|грз|регистрационный знак|номер авто|номер тс|"
                           "гос рег номер|plate|licence plate|matricula")),
    Field("object.vin", _("Vehicle: VIN"), "vin", VEHICLE, tolerant=True,
          aliases=_aliases("vin|вин|vin номер|vin код|идентификационный номер")),
    Field("object.year", _("Year of make or building"), "year", VEHICLE, tolerant=True,
          aliases=_aliases("год выпуска|год выпуска тс|г в|год постройки|year|model year|year matriculation|ano")),
    Field("object.power", _("Power, hp"), "measure", VEHICLE, tolerant=True,
          aliases=_aliases("мощность|мощность л с|л с|power|hp|potencia|мощность двигателя")),
    Field("object.value", _("Value"), "amount", VEHICLE, tolerant=True,
          aliases=_aliases("стоимость|стоимость тс|действительная стоимость|value|value vehicle|valor")),
    Field("object.address", _("Address of the thing"), "text", VEHICLE, max_length=255, tolerant=True,
          aliases=_aliases("адрес объекта|адрес имущества|адрес страхования|object address")),
    Field("policy.number", _("Policy number"), "policy_number", POLICY,
          aliases=_aliases("номер полиса|полис|полис номер|номер договора|договор|договор номер|№ полиса|№ договора|"
                           "серия и номер полиса|policy|policy number|policy no|contract number|poliza")),
    Field("policy.product", _("Product"), "reference", POLICY, lookup=products_by_word,
          aliases=_aliases("продукт|вид страхования|вид полиса|тип полиса|программа|программа страхования|product|"
                           "line of business|line|producto|ramo|вид договора")),
    Field("policy.start_date", _("First day of cover"), "date", POLICY,
          aliases=_aliases("дата начала|начало|начало действия|действует с|дата начала действия|срок с|с|"
                           "дата начала полиса|start|start date|date from|effective date|date last renewal|inicio")),
    Field("policy.end_date", _("Last day of cover"), "date", POLICY,
          aliases=_aliases("дата окончания|окончание|окончание действия|действует по|действует до|срок по|полис до|"
                           "дата окончания действия|срок окончания|конец|по|окончание полиса|end|end date|date to|"
                           "expiry|expiry date|vencimiento")),
    Field("policy.premium", _("Premium"), "amount", POLICY,
          aliases=_aliases("премия|страховая премия|сумма премии|премия руб|взнос|страховой взнос|premium|prima|"
                           "стоимость полиса|цена")),
    Field("policy.sum_insured", _("Sum insured"), "amount", POLICY, tolerant=True,
          aliases=_aliases("страховая сумма|сумма страхования|лимит|sum insured|suma asegurada")),
    Field("policy.status", _("Status"), "choice", POLICY, tolerant=True, choices=STATUS_WORDS,
          choice_labels=_labels(Policy.Status), aliases=_aliases("статус|статус полиса|состояние|status|estado")),
    Field("policy.cancelled_on", _("Cancelled on"), "date", POLICY, tolerant=True,
          aliases=_aliases("дата расторжения|расторгнут|дата прекращения|cancelled|cancellation date|date lapse")),
    Field("policy.cancel_reason", _("Why cancelled"), "text", POLICY, tolerant=True, max_length=120,
          aliases=_aliases("причина расторжения|cancel reason")),
    Field("policy.sales_channel", _("Sales channel"), "choice", POLICY, tolerant=True, choices=CHANNEL_WORDS,
          choice_labels=_labels(Policy.SalesChannel),
          aliases=_aliases("канал|канал продаж|distribution channel|sales channel|channel|canal")),
    Field("policy.agent", _("Agent who sold it"), "reference", POLICY, tolerant=True, lookup=agents_by_word,
          aliases=_aliases("агент|код агента|фио агента|продавец|менеджер|посредник|agent|agent code|seller|agente")),
    Field("policy.bank", _("Bank that is beneficiary"), "reference", POLICY, tolerant=True, lookup=banks_by_word,
          aliases=_aliases("банк|залогодержатель|выгодоприобретатель|bank|banco")),
    Field("policy.instalments", _("Number of instalments"), "integer", POLICY, tolerant=True,
          aliases=_aliases("количество взносов|число платежей|рассрочка|instalments|payments")),
    Field("policy.loss_count", _("Claims in the term"), "integer", POLICY, tolerant=True,
          aliases=_aliases("количество убытков|число убытков|убытков|claims|n claims year|siniestros")),
    Field("policy.loss_paid", _("Paid on claims in the term"), "amount", POLICY, tolerant=True,
          aliases=_aliases("сумма убытков|выплаты|выплачено|сумма выплат|cost claims year|claims paid")),
    Field("policy.issued_on", _("Date of issue"), "date", POLICY, tolerant=True,
          aliases=_aliases("дата выдачи|дата договора|дата заключения|дата оформления|issued|issue date")),
    Field("policy.previous_number", _("Number of the policy it renews"), "policy_number", POLICY, tolerant=True,
          aliases=_aliases("предыдущий полис|пролонгация полиса|номер предыдущего полиса|previous policy")),
    Field("policy.renewal_year", _("How many times renewed"), "integer", POLICY, tolerant=True,
          aliases=_aliases("год возобновления|номер пролонгации|renewal year|лет страхования")),
)  # fmt: skip

# What a row about a policy must have beside the number.
POLICY_NEEDS = ("policy.product", "policy.start_date", "policy.end_date", "policy.premium")
NO_PRODUCT = pgettext_lazy("option", "No: the file tells it")
