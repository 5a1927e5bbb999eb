"""How cards of people are compared."""

from clientela.modules.resolution.subjects import Key, Subject, both, comparison, lists, shared, spelt

_NA = spelt("на")
_NEAR_DAY = """(damerau_levenshtein(birth_l, birth_r) <= 1
    OR (left(birth_l, 4) = left(birth_r, 4) AND substr(birth_l, 6, 2) = substr(birth_r, 9, 2)
        AND substr(birth_l, 9, 2) = substr(birth_r, 6, 2)))"""
_INITIAL = """((length("{0}_l") = 1 OR length("{0}_r") = 1) AND left("{0}_l", 1) = left("{0}_r", 1))"""
_NEAR_FIRST = f"(jaro_winkler_similarity(first_l, first_r) >= 0.88 OR {_INITIAL.format('first')})"
_SWAPPED = "last_l = first_r AND first_l = last_r"
_GIVEN = f"(first_l IS NULL OR first_r IS NULL OR first_l = first_r OR {_NEAR_FIRST} OR ({_SWAPPED}))"
_BORN = f"""(birth_l = birth_r OR CASE WHEN birth_l IS NULL OR birth_r IS NULL
        THEN middle_l IS NULL OR middle_r IS NULL OR jaro_winkler_similarity(middle_l, middle_r) >= 0.93
            OR {_INITIAL.format("middle")}
        ELSE {_NEAR_DAY} END)"""

PEOPLE = Subject(
    kind="person",
    columns={
        "unique_id": "BIGINT", "last": "VARCHAR", "first": "VARCHAR", "middle": "VARCHAR", "birth": "VARCHAR",
        "phones": "VARCHAR[]", "emails": "VARCHAR[]", "documents": "VARCHAR[]", "address": "VARCHAR[]",
        "city": "VARCHAR", "postal": "VARCHAR",
    },
    spelt=frozenset(("last", "first", "middle")),
    # The day alone brings together in a small base only: in a large one too many people share it.
    keys={
        "k_birth": Key("birth", 10),
        "k_birth_last": Key("birth || '|' || left(last, 3)"),
        "k_birth_first": Key("birth || '|' || first"),
        "k_year": Key("last || '|' || first || '|' || left(birth, 4)"),
        "k_day": Key("last || '|' || first || '|' || right(birth, 5)"),
        "k_name": Key("last || '|' || first || '|' || coalesce(middle, '')"),
        "k_street": Key("CASE WHEN len(address) > 1 THEN array_to_string(address, ' ') END"),
        "k_place": Key("last || '|' || postal"),
    },
    lists={"k_phones": Key("phones", 50), "k_emails": Key("emails", 50), "k_documents": Key("documents", 50)},
    comparisons=[
        comparison(
            "last", both("last"), ("same", "last_l = last_r"),
            ("near", "jaro_winkler_similarity(last_l, last_r) >= 0.9 OR damerau_levenshtein(last_l, last_r) <= 1"),
            ("swapped", _SWAPPED), ("crossed", "last_l = first_r OR last_r = first_l"),
            ("maiden", f"right(middle_l, 2) = '{_NA}' OR right(middle_r, 2) = '{_NA}' OR right(last_l, 1) = '{_NA[1]}'"), often="last",
        ),
        comparison(
            "first", both("first"), ("same", "first_l = first_r"), ("initial", _INITIAL.format("first")),
            ("near", "jaro_winkler_similarity(first_l, first_r) >= 0.88"), ("swapped", _SWAPPED),
            ("crossed", "last_l = first_r OR last_r = first_l"), often="first",
        ),
        comparison(
            "middle", both("middle"), ("same", "middle_l = middle_r"), ("initial", _INITIAL.format("middle")),
            ("near", "jaro_winkler_similarity(middle_l, middle_r) >= 0.93"), often="middle",
        ),
        comparison("birth", both("birth"), ("same", "birth_l = birth_r"), ("near", _NEAR_DAY)),
        lists("phones"), lists("emails"), lists("documents"), shared("address"),
        comparison(
            "place", "(postal_l IS NOT NULL OR city_l IS NOT NULL) AND (postal_r IS NOT NULL OR city_r IS NOT NULL)",
            ("same", "postal_l = postal_r AND city_l = city_r"), ("near", "postal_l = postal_r OR city_l = city_r"),
        ),
    ],
    # A family shares surname, patronymic, phone and address: another given name or another birth date is another person,
    # unless the number of a document is the same.
    apart=f"""(({_GIVEN} AND {_BORN})
        OR (list_has_any(documents_l, documents_r) AND ({_GIVEN} OR {_BORN})))""",
    household=("jaro_winkler_similarity(last_l, last_r) >= 0.9", f"NOT {_GIVEN} AND NOT {_BORN}"),
    surest=("last || '|' || first || '|' || birth", "unnest(documents)"),
    same={
        "last": "last", "first": "first", "middle": "middle", "birth": "birth", "phones": "unnest(phones)",
        "emails": "unnest(emails)", "documents": "unnest(documents)",
        "address": "CASE WHEN len(address) > 0 THEN address END", "place": "postal || '|' || city",
    },
    # Blocks of one phone would teach families as matches; a birth date is shared by strangers and by oneself.
    sessions=(("birth",), ("last", "first")),
    strongest=frozenset(("last", "first", "birth", "phones", "documents")),
    hidden=lambda row, hashed: row | {
        name: sorted(hashed(one) for one in row[name]) for name in ("phones", "emails", "documents", "address")
    } | {name: hashed(row[name]) if row[name] else None for name in ("city", "postal")},
)  # fmt: skip
