"""Facts about the demo company «Причал Страхование»: branches, renewal centres, named people."""

from dataclasses import dataclass

COMPANY = "Причал Страхование"
MAIL_DOMAIN = "prichal.example"
PASSWORD = "prichal-demo-2026"
AGENTS = 300


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A branch: ``share`` of the company's clients, the regions it serves (its own first), its teams."""

    code: str
    name: str
    city: str
    zone: str
    share: float
    regions: tuple[str, ...]
    teams: tuple[str, ...]


BRANCHES = (
    BranchFacts("kazan", "Казань", "Казань", "Europe/Moscow", 0.17, ("RU-TA", "RU-ME", "RU-CU"),
                ("Казань-Центр", "Казань-Север", "Зеленодольск", "Набережные Челны")),
    BranchFacts("ulyanovsk", "Ульяновск", "Ульяновск", "Europe/Ulyanovsk", 0.05, ("RU-ULY",), ("Ульяновск",)),
    BranchFacts("samara", "Самара", "Самара", "Europe/Samara", 0.09, ("RU-SAM", "RU-ORE", "RU-SAR"),
                ("Самара-Центр", "Тольятти")),
    BranchFacts("ufa", "Уфа", "Уфа", "Asia/Yekaterinburg", 0.09, ("RU-BA",), ("Уфа-Центр", "Стерлитамак")),
    BranchFacts("moscow", "Москва", "Москва", "Europe/Moscow", 0.18, ("RU-MOW", "RU-MOS", "RU-TUL", "RU-KLU"),
                ("Москва-Центр", "Москва-Юг", "Подмосковье")),
    BranchFacts("petersburg", "Санкт-Петербург", "Санкт-Петербург", "Europe/Moscow", 0.10,
                ("RU-SPE", "RU-LEN", "RU-NGR", "RU-PSK"), ("Петербург-Центр", "Петербург-Север")),
    BranchFacts("kaliningrad", "Калининград", "Калининград", "Europe/Kaliningrad", 0.03, ("RU-KGD",),
                ("Калининград",)),
    BranchFacts("krasnodar", "Краснодар", "Краснодар", "Europe/Moscow", 0.09,
                ("RU-KDA", "RU-AD", "RU-ROS", "RU-STA", "RU-DA"), ("Краснодар", "Ростов", "Сочи")),
    BranchFacts("yekaterinburg", "Екатеринбург", "Екатеринбург", "Asia/Yekaterinburg", 0.09,
                ("RU-SVE", "RU-CHE", "RU-PER", "RU-TYU"), ("Екатеринбург", "Челябинск")),
    BranchFacts("novosibirsk", "Новосибирск", "Новосибирск", "Asia/Novosibirsk", 0.06,
                ("RU-NVS", "RU-OMS", "RU-TOM", "RU-KEM", "RU-ALT"), ("Новосибирск", "Омск")),
    BranchFacts("krasnoyarsk", "Красноярск", "Красноярск", "Asia/Krasnoyarsk", 0.03, ("RU-KYA", "RU-IRK", "RU-BU"),
                ("Красноярск",)),
    BranchFacts("vladivostok", "Владивосток", "Владивосток", "Asia/Vladivostok", 0.02,
                ("RU-PRI", "RU-KHA", "RU-SAK"), ("Владивосток",)),
)  # fmt: skip

# code, name, time zone, branches
CENTRES = (
    ("volga", "ЦВ «Поволжье»", "Europe/Moscow", ("kazan", "ulyanovsk", "samara", "ufa")),
    ("centre", "ЦВ «Центр»", "Europe/Moscow", ("moscow",)),
    ("north-west", "ЦВ «Северо-Запад»", "Europe/Moscow", ("petersburg", "kaliningrad")),
    ("south", "ЦВ «Юг»", "Europe/Moscow", ("krasnodar",)),
    ("ural", "ЦВ «Урал»", "Asia/Yekaterinburg", ("yekaterinburg",)),
    ("siberia", "ЦВ «Сибирь»", "Asia/Novosibirsk", ("novosibirsk", "krasnoyarsk")),
    ("far-east", "ЦВ «Дальний Восток»", "Asia/Vladivostok", ("vladivostok",)),
)
CENTRE_SUPPORT_SHARE = 0.6

# last, first, middle, agreement, kind, centre support: the team of the screens, first of their branch.
NAMED_AGENTS = (
    ("Соколова", "Анна", "Игоревна", "16-00482", "agent", True),
    ("Закирова", "Лилия", "Маратовна", "16-00511", "agent", True),
    ("Громов", "Павел", "Сергеевич", "16-00298", "agent", False),
    ("Орехов", "Денис", "Юрьевич", "16-00604", "agent", True),
    ("Ибрагимова", "Камила", "Рустамовна", "16-00731", "agent", True),
    ("Валиуллин", "Ирек", "Наилевич", "16-00455", "agent", False),
    ("Мартынова", "Софья", "Андреевна", "16-00688", "agent", True),
    ("Самсонов", "Олег", "Викторович", "16-Б-0041", "broker", False),
)
NAMED_TEAM = "Казань-Центр"

# role, last, first, middle, branch, team, centre: people the demo shows by name.
NAMED_STAFF = (
    ("administrator", "Лаптев", "Игорь", "Павлович", None, None, None),
    ("renewals_manager", "Гареев", "Марат", "Ильдарович", None, None, None),
    ("marketer", "Дорохова", "Ксения", "Олеговна", None, None, None),
    ("quality", "Рощин", "Павел", "Андреевич", None, None, None),
    ("auditor", "Ветрова", "Нина", "Сергеевна", None, None, None),
    ("product_manager", "Ахметов", "Тимур", "Ринатович", None, None, None),
    ("product_manager", "Ким", "Лариса", "Викторовна", None, None, None),
    ("underwriter", "Зорин", "Глеб", "Андреевич", None, None, None),
    ("branch_head", "Фадеева", "Елена", "Викторовна", "kazan", None, None),
    ("team_lead", "Ткаченко", "Роман", "Алексеевич", "kazan", "Казань-Центр", None),
    ("centre_operator", "Мухина", "Светлана", "Юрьевна", None, None, "volga"),
    ("adjuster", "Рогов", "Виктор", "Сергеевич", "kazan", None, None),
)
OPERATORS_A_CENTRE = {
    "volga": 12,
    "centre": 8,
    "north-west": 5,
    "south": 4,
    "ural": 4,
    "siberia": 4,
    "far-east": 2,
}
