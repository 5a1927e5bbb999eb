"""An Asterisk of the test run, unpacked into `var/cache/asterisk` (`CLIENTELA_TEST_ASTERISK`), with the configuration Clientela ships.

Everything outside is one trunk whose far side is `People` (`tests/servers/sip.py`) on 127.0.0.2.
"""

import os
import shutil
import socket
import subprocess
import textwrap
import time
from pathlib import Path

import httpx

from tests.servers.process import Server, ServerMissing, free_port, run_folder

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("CLIENTELA_TEST_ASTERISK", ROOT / "var/cache/asterisk"))
UNPACKED, UNAVAILABLE = CACHE / "root", CACHE / "unavailable"
SHIPPED = ROOT / "clientela/integrations/asterisk/conf"
USER, PASSWORD, APP = "clientela", "secret", "clientela"
PEOPLE = "127.0.0.2"

# Every module by name: left to itself Asterisk loads every driver it finds.
MODULES = """
res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_timing_timerfd
res_pjsip res_pjsip_session res_pjsip_sdp_rtp chan_pjsip res_rtp_asterisk res_srtp res_crypto
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_registrar
res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_rfc3326 res_pjsip_nat res_pjsip_pubsub
res_pjsip_acl res_pjsip_transport_websocket
bridge_simple bridge_softmix bridge_native_rtp bridge_holding
codec_alaw codec_ulaw codec_a_mu codec_resample format_wav format_pcm format_sln
res_http_websocket res_websocket_client res_stasis res_stasis_answer res_stasis_playback
res_stasis_recording res_stasis_snoop res_stasis_device_state app_stasis
res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings
res_musiconhold chan_bridge_media app_amd func_callerid func_channel func_logic func_strings
pbx_config res_cdrel_custom cel_custom
"""


def _libraries() -> list[Path]:
    """Where its libraries are; older suites keep some of them in `/lib`."""
    found = [*(UNPACKED / "usr/lib").glob("*-linux-gnu"), *(UNPACKED / "lib").glob("*-linux-gnu")]
    if not (CACHE / "ready").exists() or not found:
        raise ServerMissing("Asterisk is not unpacked: run tests/servers/install.sh")
    return found


def _udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Asterisk:
    """A private PBX. `crash` and `come_back` keep its ports and its folder."""

    def __init__(self) -> None:
        libraries = _libraries()
        self._modules = next((UNPACKED / "usr/lib").glob("**/asterisk/modules"))
        loader = next(one for folder in libraries for one in folder.glob("ld-linux-*.so.*"))
        path = ":".join(map(str, [*libraries, UNPACKED / "usr/lib"]))
        self._program = [str(loader), "--library-path", path, str(UNPACKED / "usr/sbin/asterisk")]
        self.folder = run_folder("asterisk")
        self.http, self.sip, self.people = free_port(), _udp_port(), _udp_port()
        self.sounds = self.folder / "sounds"
        self.sounds.mkdir()
        self._rtp = 20000 + self.http % 150 * 200
        self._configure()
        self.come_back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def records(self) -> Path:
        return self.folder / "log/cel-custom/clientela.csv"

    def settings(self) -> dict[str, str]:
        """What an installation sets to use this exchange."""
        return {
            "CLIENTELA_ASTERISK_URL": self.url,
            "CLIENTELA_ASTERISK_USER": USER,
            "CLIENTELA_ASTERISK_PASSWORD": PASSWORD,
            "CLIENTELA_ASTERISK_TRUNK": "PJSIP/{number}@trunk",
            "CLIENTELA_ASTERISK_DESK": "PJSIP/desk-{station}@trunk",
            "CLIENTELA_ASTERISK_SOUNDS": str(self.sounds),
            "CLIENTELA_ASTERISK_RECORDS": str(self.records),
            "CLIENTELA_ASTERISK_SOFTPHONES": f"ws://127.0.0.1:{self.http}/ws",
        }

    @property
    def pid(self) -> int:
        return self._server.pid

    def come_back(self) -> None:
        """Starts it; returns when ARI answers."""
        self._server = Server(
            [*self._program, "-C", str(self.folder / "etc/asterisk.conf"), "-f", "-n"], self.folder
        )
        deadline = time.monotonic() + 90
        while True:
            try:
                if httpx.get(f"{self.url}/ari/asterisk/ping", auth=(USER, PASSWORD)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline or self._server._process.poll() is not None:
                words = self._server.log.read_text(errors="replace")[-2000:]
                self.stop()
                raise RuntimeError(words)
            time.sleep(0.02)

    def crash(self) -> None:
        """Ends it at once, with every call it has."""
        self._server._process.kill()
        self._server._process.wait()

    def console(self, command: str) -> str:
        """What the command line of Asterisk answers."""
        config = str(self.folder / "etc/asterisk.conf")
        return subprocess.run(
            [*self._program, "-C", config, "-rx", command], capture_output=True, text=True, check=False
        ).stdout

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self) -> None:
        etc, var = self.folder / "etc", self.folder
        for name in ("etc", "lib", "spool/recording", "lib/keys", "log/cel-custom", "run", "music"):
            (self.folder / name).mkdir(parents=True)
        music = b"".join((n * 2000 % 30000 - 15000).to_bytes(2, "little", signed=True) for n in range(16000))
        (self.folder / "music/tone.sln").write_bytes(music)
        share = UNPACKED / "usr/share/asterisk"
        files = {
            "asterisk.conf": f"""
                [directories]
                astetcdir => {etc}
                astmoddir => {self._modules}
                astvarlibdir => {var}/lib
                astdbdir => {var}/lib
                astkeydir => {var}/lib
                astdatadir => {share}
                astspooldir => {var}/spool
                astrundir => {var}/run
                astlogdir => {var}/log
                [options]
                nocolor = yes
                transmit_silence = yes
                """,
            "logger.conf": "[general]\n[logfiles]\nconsole => notice,warning,error\n",
            "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={self.http}\nsessionlimit=500\n",
            "ari.conf": f"[general]\nenabled=yes\nwebsocket_write_timeout=1000\n[{USER}]\ntype=user\npassword={PASSWORD}\n",
            "rtp.conf": f"[general]\nrtpstart={self._rtp}\nrtpend={self._rtp + 199 if self._rtp < 49000 else 49199}\n",
            **{path.name: path.read_text() for path in SHIPPED.glob("*.conf")},
            "musiconhold.conf": f"[default]\nmode=files\ndirectory={var}/music\n",
            "pjsip.conf": f"""
                [global]
                type=global
                endpoint_identifier_order=ip,username
                [system]
                type=system
                timer_t1=250
                [udp]
                type=transport
                protocol=udp
                bind=127.0.0.1:{self.sip}
                [ws]
                type=transport
                protocol=ws
                bind=127.0.0.1
                [trunk]
                type=endpoint
                transport=udp
                disallow=all
                allow=alaw
                direct_media=no
                rtp_timeout=30
                context=clientela-inbound
                aors=trunk
                [trunk]
                type=aor
                contact=sip:{PEOPLE}:{self.people}
                [trunk]
                type=identify
                endpoint=trunk
                match={PEOPLE}
                """,
            "modules.conf": "[modules]\nautoload=no\n"
            + "".join(f"load={name}.so\n" for name in MODULES.split()),
        }
        for name in (
            "amd",
            "cdr",
            "features",
            "ccss",
            "udptl",
            "codecs",
            "pjproject",
            "dtmf",
        ):
            files[f"{name}.conf"] = "[general]\n"
        for name, text in files.items():
            (etc / name).write_text(textwrap.dedent(text))
