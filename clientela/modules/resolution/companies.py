"""How cards of companies are compared."""

from clientela.modules.resolution.subjects import Key, Subject, both, both_lists, comparison, lists, shared

_OTHER_NUMBERS = "inn_l <> inn_r AND (ogrn_l IS NULL OR ogrn_r IS NULL OR ogrn_l <> ogrn_r)"
_ONE_NUMBER = "(coalesce(inn_l = inn_r, FALSE) OR coalesce(ogrn_l = ogrn_r, FALSE))"
_COMMON = "len(list_intersect(words_l, words_r))"
_WORDS = f"(len(words_l) = len(words_r) AND {_COMMON} = len(words_l))"
_NEAR = "damerau_levenshtein(name_l, name_r) <= 1"

COMPANIES = Subject(
    kind="company",
    columns={
        "unique_id": "BIGINT", "name": "VARCHAR", "words": "VARCHAR[]", "form": "VARCHAR", "inn": "VARCHAR",
        "kpp": "VARCHAR", "ogrn": "VARCHAR", "phones": "VARCHAR[]", "emails": "VARCHAR[]", "domains": "VARCHAR[]",
        "address": "VARCHAR[]", "city": "VARCHAR", "postal": "VARCHAR",
    },
    spelt=frozenset(("name",)),
    keys={
        "k_inn": Key("inn", 50),
        "k_ogrn": Key("ogrn", 50),
        "k_name": Key("name"),
        "k_name_city": Key("name || '|' || city"),
        "k_start_city": Key("left(name, 5) || '|' || city", 10),
        "k_start_postal": Key("left(name, 3) || '|' || postal"),
        "k_street": Key("CASE WHEN len(address) > 1 THEN array_to_string(address, ' ') || '|' || coalesce(postal, city) END"),
    },
    lists={"k_phones": Key("phones"), "k_emails": Key("emails"), "k_domains": Key("domains")},
    comparisons=[
        comparison(
            "name", both("name"), ("same", "name_l = name_r"),
            ("words", _WORDS), ("near", _NEAR),
            ("part", f"{both_lists('words')} AND {_COMMON} = least(len(words_l), len(words_r))"), often="name",
        ),
        comparison("form", both("form"), ("same", "form_l = form_r")),
        comparison("inn", both("inn"), ("same", "inn_l = inn_r")),
        comparison("ogrn", both("ogrn"), ("same", "ogrn_l = ogrn_r")),
        comparison("kpp", both("kpp"), ("same", "kpp_l = kpp_r"), often="kpp"),
        lists("phones"), lists("emails"), lists("domains"), shared("address"),
        comparison(
            "place", "(postal_l IS NOT NULL OR city_l IS NOT NULL) AND (postal_r IS NOT NULL OR city_r IS NOT NULL)",
            ("same", "postal_l = postal_r AND city_l = city_r"), ("near", "postal_l = postal_r OR city_l = city_r"),
        ),
    ],
    # Companies of one holding share phone, address and half of the name: with another INN it is another company, unless the
    # registration number says that the INN was misspelt, and so it is with another name where no number is the same.
    apart=f"""NOT coalesce({_OTHER_NUMBERS}, FALSE)
        AND ({_ONE_NUMBER} OR name_l IS NULL OR name_r IS NULL OR name_l = name_r OR {_WORDS} OR {_NEAR})""",
    household=None,
    surest=("inn", "ogrn"),
    same={
        "name": "name", "form": "form", "inn": "inn", "ogrn": "ogrn", "kpp": "kpp", "phones": "unnest(phones)",
        "emails": "unnest(emails)", "domains": "unnest(domains)", "address": "CASE WHEN len(address) > 0 THEN address END",
        "place": "postal || '|' || city",
    },
    sessions=(("inn",), ("name",)),
    strongest=frozenset(("name", "inn")),
    hidden=lambda row, hashed: row | {
        name: sorted(hashed(one) for one in row[name]) for name in ("phones", "emails", "domains", "address")
    } | {name: hashed(row[name]) if row[name] else None for name in ("inn", "kpp", "ogrn", "city", "postal")},
)  # fmt: skip
