"""What an SMPP account needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SmppSettings:
    """One SMPP account. Times are in seconds; `tps` 0 means no limit of ours.

    `sender` serves messages that name none. `time_zone` is the SMSC's (for the date of a receipt).
    `receipt_ids_in_decimal`: receipts carry in decimal the id that the submit gave in hexadecimal.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    sender: str = ""
    tls: bool = False
    window: int = 50
    tps: float = 0
    throttle_pause: float = 1.0
    connect_wait: float = 5.0
    response_timeout: float = 30.0
    enquire_interval: float = 30.0
    backoff: tuple[float, float] = (0.5, 30.0)
    time_zone: str = ""
    receipt_ids_in_decimal: bool = False


def read_settings(environment: Mapping[str, str]) -> SmppSettings:
    """`CLIENTELA_SMPP_*`: HOST, PORT, SYSTEM_ID, PASSWORD and, as needed, SYSTEM_TYPE, SENDER, TLS (1),
    WINDOW, TPS, TIME_ZONE, RECEIPT_IDS_IN_DECIMAL (1). Raises `KeyError` for the first four.
    """

    def value(name: str, default: str = "") -> str:
        return environment.get(f"CLIENTELA_SMPP_{name}", default)

    return SmppSettings(
        host=environment["CLIENTELA_SMPP_HOST"],
        port=int(environment["CLIENTELA_SMPP_PORT"]),
        system_id=environment["CLIENTELA_SMPP_SYSTEM_ID"],
        password=environment["CLIENTELA_SMPP_PASSWORD"],
        system_type=value("SYSTEM_TYPE"),
        sender=value("SENDER"),
        tls=value("TLS") == "1",
        window=int(value("WINDOW", "50")),
        tps=float(value("TPS", "0")),
        time_zone=value("TIME_ZONE"),
        receipt_ids_in_decimal=value("RECEIPT_IDS_IN_DECIMAL") == "1",
    )
