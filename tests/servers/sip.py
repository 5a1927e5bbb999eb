"""People with telephones at the far side of the trunk: they call, are rung, speak, listen and press keys (RFC 3261, 4733).

The last three digits of the number that is rung choose what becomes of it: 200 picks up, 202 speaks on and on,
206 says a word, 000 rings until the caller gives up, any other is the SIP code it answers with.
"""

import itertools
import re
import socket
import struct
import threading
import time
import uuid
from collections import deque

from tests.servers.asterisk import PEOPLE

_ALAW, _KEYS = 8, 101
_FRAME, _FRAME_SECONDS = 160, 0.02
_QUIET = frozenset(
    b"\xd5\x55\xd4\x54\xd7\x57\xd6\x56\xd1\x51\xd0\x50\xd3\x53\xd2\x52"
)  # the smallest levels of A-law
# A loud tone of 500 Hz.
_TONE = bytes(0x2A if n // 8 % 2 else 0xAA for n in range(_FRAME))
_SILENCE = bytes([0xD5]) * _FRAME
_Address = tuple[str, int]


def _sdp(port: int) -> str:
    return (
        f"v=0\r\no=person 1 1 IN IP4 {PEOPLE}\r\ns=-\r\nc=IN IP4 {PEOPLE}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {_ALAW} {_KEYS}\r\na=rtpmap:{_ALAW} PCMA/8000\r\n"
        f"a=rtpmap:{_KEYS} telephone-event/8000\r\na=fmtp:{_KEYS} 0-16\r\na=ptime:20\r\n"
    )


class Message:
    """A SIP message: its first line, its headers as they came, its body."""

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.decode().partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = [tuple(line.split(":", 1)) for line in lines if ":" in line]

    def all(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.headers if key.lower() == name]

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0]

    @property
    def method(self) -> str:
        return self["cseq"].split()[1]

    @property
    def code(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def media(self) -> _Address:
        port = re.search(r"^m=audio (\d+)", self.body, re.M)
        host = re.search(r"^c=IN IP4 (\S+)", self.body, re.M)
        assert port is not None
        assert host is not None
        return host[1], int(port[1])


class Call:
    """One telephone in a call. `state` goes from ringing through talking to over."""

    def __init__(self, people: "People", number: str, call_id: str) -> None:
        self.people, self.number, self.call_id = people, number, call_id
        self.state, self.code, self.began = "ringing", 0, time.monotonic()
        self.took = 0.0
        self.peer: _Address = people.pbx
        self.local = self.remote = self.target = ""
        self.invite: Message | None = None
        self.answer = ""
        self.rtp = socket.socket(type=socket.SOCK_DGRAM)
        self.rtp.bind((PEOPLE, 0))
        self._far: _Address | None = None
        self._heard: deque[tuple[float, bool]] = deque(maxlen=50)
        self._talking = threading.Event()
        self._sequence = itertools.count(1)
        self._stamp = 0
        self._keys = threading.Lock()  # no sound while a key is held

    # -- what a person does

    def wait(self, state: str, seconds: float = 40) -> "Call":
        """Raises `TimeoutError`."""
        with self.people.news:
            if not self.people.news.wait_for(lambda: self.state == state, seconds):
                raise TimeoutError(f"{self.number} is {self.state}, not {state}")
        return self

    def talk(self) -> None:
        """Speak until `hush`."""
        self._talking.set()

    def hush(self) -> None:
        self._talking.clear()

    def press(self, keys: str) -> None:
        for key in keys:
            with self._keys:
                self._stamp += _FRAME
                for step in range(1, 9):
                    event = struct.pack(
                        ">BBH",
                        "0123456789*#".index(key),
                        (0x80 if step > 5 else 0) | 10,
                        min(step, 5) * _FRAME,
                    )
                    self._send(_KEYS, event, step == 1)
                    time.sleep(_FRAME_SECONDS)
            time.sleep(0.06)

    def hang_up(self) -> None:
        self.people.bye(self)

    def hears(self) -> bool:
        """Whether the last half second was mostly loud."""
        return self._loud_frames() > 12

    def hears_something(self) -> bool:
        """Whether any of the last half second was loud: a beep."""
        return self._loud_frames() > 0

    def hears_nothing(self) -> bool:
        """Whether all of the last half second was silence."""
        return self._loud_frames() == 0

    def _loud_frames(self) -> int:
        since = time.monotonic() - 0.5
        return sum(loud for at, loud in list(self._heard) if at >= since)

    # -- its media

    def connect(self, far: _Address) -> None:
        self._far = far
        if self.people.ears:
            for work in (self._hear, self._speak):
                threading.Thread(target=work, daemon=True).start()

    def _hear(self) -> None:
        self.rtp.settimeout(1)
        while self.state != "over":
            try:
                packet = self.rtp.recv(2048)
            except TimeoutError:
                continue
            except OSError:
                return
            if packet[1] & 0x7F == _ALAW:
                sound = packet[12:]
                loud = sum(byte not in _QUIET for byte in sound) > len(sound) // 2
                self._heard.append((time.monotonic(), loud))

    def _speak(self) -> None:
        """A telephone sends sound all the time, of a silent room too."""
        following = time.monotonic()
        while self.state != "over":
            with self._keys:
                self._stamp += _FRAME
                self._send(_ALAW, _TONE if self._talking.is_set() else _SILENCE, False)
            following += _FRAME_SECONDS
            time.sleep(max(0.0, following - time.monotonic()))

    def _send(self, kind: int, payload: bytes, mark: bool) -> None:
        assert self._far is not None
        header = struct.pack(
            ">BBHII",
            0x80,
            kind | (0x80 if mark else 0),
            next(self._sequence) & 0xFFFF,
            self._stamp,
            id(self) & 0xFFFFFFFF,
        )
        try:
            self.rtp.sendto(header + payload, self._far)
        except OSError:
            self.state = "over"


class People:
    """All of them behind one SIP address. Without ``ears`` nobody listens to the sound, which costs much."""

    def __init__(self, port: int, pbx_port: int, *, ears: bool = True) -> None:
        self.pbx = ("127.0.0.1", pbx_port)
        self.ears = ears
        self.calls: dict[str, Call] = {}
        self.news = threading.Condition()
        self._ids = itertools.count(1)
        self._stopping = False
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((PEOPLE, port))
        self._here = f"{PEOPLE}:{port}"
        self._thread = threading.Thread(target=self._serve, name="people", daemon=True)
        self._thread.start()

    def call(self, to: str, from_: str = "79161112233") -> Call:
        """Somebody rings a number of ours."""
        name = f"{uuid.uuid4().hex}@{self._here}"
        call = Call(self, to, name)
        call.local = f"<sip:{from_}@{self._here}>;tag=a{next(self._ids)}"
        call.target = f"sip:{to}@127.0.0.1:{self.pbx[1]}"
        call.remote = f"<{call.target}>"
        self.calls[name] = call
        self._request(call, "INVITE", 1, _sdp(call.rtp.getsockname()[1]))
        return call

    def rung(self, number: str, seconds: float = 40) -> Call:
        """The latest call to somebody's number, once there is one. Raises `TimeoutError`."""

        def found() -> Call | None:
            return next((c for c in reversed(list(self.calls.values())) if c.number == number), None)

        with self.news:
            if not self.news.wait_for(found, seconds):
                raise TimeoutError(f"{number} was not rung")
            call = found()
            assert call is not None
            return call

    def stop(self) -> None:
        """Everybody hangs up."""
        for call in list(self.calls.values()):
            if call.state != "over":
                self.bye(call)
            call.rtp.close()
        self._stopping = True
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    # -- the wire

    def bye(self, call: Call) -> None:
        if call.state == "talking":
            self._request(call, "BYE", 2)
        elif call.invite is None and call.state == "ringing":
            self._request(call, "CANCEL", 1)
        self._become(call, "over")

    def _become(self, call: Call, state: str) -> None:
        with self.news:
            call.state = state
            self.news.notify_all()

    def _request(self, call: Call, method: str, sequence: int, body: str = "", branch: str = "") -> None:
        branch = (
            branch
            or f"z9hG4bK{call.call_id.partition('@')[0]}{'' if method in ('INVITE', 'CANCEL') else method}"
        )
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._put(
            f"{method} {call.target} SIP/2.0\r\nVia: SIP/2.0/UDP {self._here};branch={branch}\r\nMax-Forwards: 70\r\n"
            f"From: {call.local}\r\nTo: {call.remote}\r\nCall-ID: {call.call_id}\r\nCSeq: {sequence} {method}\r\n"
            f"Contact: <sip:{self._here}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _reply(self, request: Message, code: int, call: Call | None = None, body: str = "") -> str:
        to = request["to"] if "tag=" in request["to"] else f"{request['to']};tag=b{next(self._ids)}"
        if call is not None:
            call.local = call.local or to
            to = call.local
        lines = [f"SIP/2.0 {code} Said", *(f"Via: {via}" for via in request.all("via"))]
        lines += [f"From: {request['from']}", f"To: {to}", f"Call-ID: {request['call-id']}"]
        lines += [f"CSeq: {request['cseq']}", f"Contact: <sip:{self._here}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self._put(text)
        return text

    def _put(self, text: str) -> None:
        self._socket.sendto(text.encode(), self.pbx)

    def _serve(self) -> None:
        while not self._stopping:
            data = self._socket.recv(65536)
            if not data.strip():
                continue
            message = Message(data)
            call = self.calls.get(message["call-id"])
            if message.code:
                if call is not None:
                    self._answered(call, message)
            elif message.method == "INVITE":
                self._rung(call, message)
            elif message.method != "ACK":
                self._reply(message, 200)
                if call is not None:
                    if message.method == "CANCEL" and call.invite is not None:
                        self._reply(call.invite, 487, call)
                    if message.method in ("CANCEL", "BYE"):
                        self._become(call, "over")

    def _rung(self, call: Call | None, message: Message) -> None:
        if call is not None:
            if call.answer:
                self._put(call.answer)  # the answer was lost
            return
        number = message.first.split()[1].removeprefix("sip:").partition("@")[0]
        call = Call(self, number, message["call-id"])
        call.invite, call.remote = message, message["from"]
        contact = re.search(r"<([^>]+)>", message["contact"])
        assert contact is not None
        call.target = contact[1]
        self.calls[call.call_id] = call
        self._reply(message, 180, call)
        code = int(number[-3:]) if number[-3:].isdecimal() else 200
        if 200 <= code < 300:
            call.answer = self._reply(message, 200, call, _sdp(call.rtp.getsockname()[1]))
            call.connect(message.media)
            self._become(call, "talking")
            if code in (202, 206):
                call.talk()
            if code == 206:
                threading.Timer(0.6, call.hush).start()
        elif code:
            call.answer = self._reply(message, code, call)
            self._become(call, "over")
        else:
            self._become(call, "ringing")

    def _answered(self, call: Call, message: Message) -> None:
        if message.method != "INVITE" or message.code < 200:
            return
        call.remote = message["to"]
        invited = f"z9hG4bK{call.call_id.partition('@')[0]}"
        if message.code == 200:
            self._request(call, "ACK", 1)
            if call.state == "ringing":
                call.took = time.monotonic() - call.began
                call.connect(message.media)
                self._become(call, "talking")
        else:
            self._request(call, "ACK", 1, branch=invited)
            if call.state == "ringing":
                call.code = message.code
                self._become(call, "over")
