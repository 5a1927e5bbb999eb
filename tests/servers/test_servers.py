"""The servers themselves: they start, keep what real ones keep, and end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import smpp34

from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.modules.contacts.ports import IncomingMessage, OutgoingMessage, Receipt
from tests.servers.postgres import start_postgres
from tests.servers.process import Server, ServerMissing, free_port, program
from tests.servers.redis import Redis
from tests.servers.smsc import Smsc
from tests.servers.smsc_control import RemoteSmsc

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]


def test_the_run_has_one_postgres(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn) as connection:
        row = connection.execute(
            "SELECT current_user, current_setting('fsync'), current_setting('server_encoding')"
        ).fetchone()

    assert row == ("postgres", "off", "UTF8")
    assert start_postgres() == postgres_dsn


def test_redis_answers(redis_server: Redis) -> None:
    with socket.create_connection(("127.0.0.1", redis_server.port), 5) as link:
        link.sendall(b"PING\r\n")
        assert link.recv(100) == b"+PONG\r\n"


def test_a_missing_program_names_the_remedy() -> None:
    with pytest.raises(
        ServerMissing, match=r"no-such-server is not installed: run tests/servers/install\.sh"
    ):
        program("no-such-server")


def test_a_server_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    script = (
        "from tests.servers.redis import Redis; import time; r = Redis(); "
        "print(r._server.pid, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert run.stdout is not None
    with run.stdout:
        pid = int(run.stdout.readline())
    os.kill(run.pid, signal.SIGKILL)
    run.wait()

    deadline = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < deadline, "the server outlived its run"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = Server([program("redis-server"), "--port", "nonsense"], tmp_path)

    server._process.wait(10)
    server.stop()

    assert "nonsense" in server.log.read_text()


async def _bare_client(smsc: Smsc) -> list[str]:
    """smpp34's own client: another reading of SMPP than our adapter's."""
    client = smpp34.Client("127.0.0.1", smsc.port, "clientela", "secret", bind_type="TRX")
    session = await client.connect()
    answer = await session.submit_sm(
        "79990000010", "Привет".encode("utf-16-be"), data_coding=8, registered_delivery=1
    )
    smsc.say("79990000010", "0999", "Да")
    seen = [answer.message_id or ""]
    for _ in range(2):
        event = await asyncio.wait_for(session.next(), 5)
        assert isinstance(event, smpp34.DeliverSmEvent)
        seen.append(event.short_message.decode("utf-16-be" if event.data_coding == 8 else "ascii")[:13])
    await session.unbind()
    await client.stop()
    return seen


def test_the_smsc_understands_another_client(smsc: Smsc) -> None:
    seen = asyncio.run(_bare_client(smsc))

    assert seen[0] == "0000000001"
    assert sorted(seen[1:]) == ["id:0000000001", "Да"]
    assert smsc.texts("79990000010") == ["Привет"]


class _Inbox:
    def __init__(self) -> None:
        self.taken: list[Receipt] = []

    def receipts(self, receipts: list[Receipt]) -> None:
        self.taken += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        raise AssertionError("nobody writes here")


async def _bare_server(port: int, ready: asyncio.Event, texts: list[str]) -> None:
    server = smpp34.Server("127.0.0.1", port, system_id="OTHER")
    await server.start()
    ready.set()
    links: dict[str, smpp34.Esme] = {}
    while not isinstance(event := await server.next(), smpp34.Unbound):
        if isinstance(event, smpp34.Esme):
            links[event.session_id] = event
        elif isinstance(event, smpp34.SubmitSmEvent):
            texts.append(event.short_message.decode("utf-16-be"))
            event.accept("x1")
            await links[event.session_id].deliver_sm(
                event.source_addr,
                b"id:x1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:",
                source_addr=event.destination_addr,
                esm_class=4,
            )
    await server.stop()


def test_our_adapter_understands_another_server() -> None:
    async def talk() -> tuple[list[str], list[Receipt]]:
        port, ready, texts, inbox = free_port(), asyncio.Event(), [], _Inbox()
        serving = asyncio.create_task(_bare_server(port, ready, texts))
        await ready.wait()
        transport = SmppTransport(
            SmppSettings(
                host="127.0.0.1",
                port=port,
                system_id="a",
                password="b",
                sender="Prichal",
                backoff=(0.05, 0.2),
            )
        )
        transport.start(inbox)
        messages = [OutgoingMessage(1, "sms", "+79990000010", "Привет")]
        [result] = await asyncio.to_thread(transport.send, messages)
        assert (result.outcome, result.provider_ids) == ("accepted", ("x1",))
        while not inbox.taken:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(transport.close)
        await asyncio.wait_for(serving, 5)
        return texts, inbox.taken

    texts, receipts = asyncio.run(talk())

    assert texts == ["Привет"]
    assert [(receipt.outcome, receipt.provider_id) for receipt in receipts] == [("delivered", "x1")]


def test_the_smsc_runs_as_a_process_too() -> None:
    server = RemoteSmsc()
    inbox = _Inbox()
    transport = SmppTransport(
        SmppSettings(
            host="127.0.0.1",
            port=server.port,
            system_id="clientela",
            password="secret",
            sender="Prichal",
            backoff=(0.05, 0.2),
        )
    )
    try:
        transport.start(inbox)
        server.command("throttle", submits=1)
        first = transport.send([OutgoingMessage(1, "sms", "+79990000010", "Привет")])
        second = transport.send([OutgoingMessage(1, "sms", "+79990000010", "Привет")])
        while not inbox.taken:
            time.sleep(0.01)
        state = server.state()
    finally:
        transport.close()
        server.stop()

    assert [result.outcome for result in first + second] == ["retry", "accepted"]
    assert state["accepted"] == [["79990000010", "Привет", 1]]
    assert (state["submits"], state["throttled"]) == (2, 1)
