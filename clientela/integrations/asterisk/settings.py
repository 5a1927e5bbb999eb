"""What an Asterisk needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """One Asterisk. Times are in seconds.

    ``trunk`` is the dial string of a number: ``{number}`` is ``+79161234567``, ``{digits}`` the same without the plus.
    ``desk`` is the dial string of a person's telephone by ``{station}``. ``sounds`` is a folder that both sides see;
    Asterisk sees it as ``sounds_there``. ``records`` is the file of `conf/cel_custom.conf`, empty when it is out of reach.
    """

    url: str
    user: str
    password: str = field(repr=False)
    trunk: str
    desk: str
    sounds: str
    sounds_there: str
    app: str = "clientela"
    listen_context: str = "clientela-listen"
    region: str = "RU"
    records: str = ""
    softphones: str = ""
    softphone_context: str = "clientela-desk"
    answer_wait: float = 5.0
    backoff: tuple[float, float] = (0.2, 10.0)
    threads: int = 8


def read_settings(environment: Mapping[str, str]) -> AsteriskSettings:
    """`CLIENTELA_ASTERISK_*`: URL, USER, PASSWORD, TRUNK, SOUNDS and, as needed, DESK, SOUNDS_THERE, APP, REGION, RECORDS,
    SOFTPHONES. Raises `KeyError` for the first five.
    """

    def value(name: str, default: str = "") -> str:
        return environment.get(f"CLIENTELA_ASTERISK_{name}", default)

    sounds = environment["CLIENTELA_ASTERISK_SOUNDS"]
    return AsteriskSettings(
        url=environment["CLIENTELA_ASTERISK_URL"].rstrip("/"),
        user=environment["CLIENTELA_ASTERISK_USER"],
        password=environment["CLIENTELA_ASTERISK_PASSWORD"],
        trunk=environment["CLIENTELA_ASTERISK_TRUNK"],
        desk=value("DESK", "PJSIP/person-{station}"),
        sounds=sounds,
        sounds_there=value("SOUNDS_THERE", sounds),
        app=value("APP", "clientela"),
        region=value("REGION", "RU"),
        records=value("RECORDS"),
        softphones=value("SOFTPHONES"),
    )
