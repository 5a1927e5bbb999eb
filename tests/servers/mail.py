"""Postfix (SMTP with real delivery reports) -> LMTP -> Dovecot (Maildir, IMAP). Nothing leaves the machine.

Needs root, as these servers do.
"""

import os
import pwd
import shutil
import smtplib
import subprocess
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage

from imap_tools import MailBoxUnencrypted, MailMessage

from tests.servers.process import Server, ServerMissing, free_port, program, run_folder

_MASTER = "/usr/lib/postfix/sbin/master"
PASSWORD = "secret"
MAILBOXES = (
    "office@broker.test",
    "bounce@broker.test",
    "agent@broker.test",
    "kill@broker.test",
    "shared@broker.test",
    "second@broker.test",
    "client@client.test",
    "vera@client.test",
)
# Known to Postfix and unknown to Dovecot: taken, then bounced.
BOUNCING = "gone@client.test"


def _subject(mail: MailMessage) -> str:
    """As a mail program shows it; ``mail.subject`` loses the space where the header is folded."""
    return str(policy.default.header_fetch_parse("Subject", mail.obj["Subject"] or ""))


class MailServers:
    """Mail of two domains: ours (`broker.test`) and the clients' (`client.test`).

    Unknown boxes and other domains are refused at RCPT; `BOUNCING` is taken and bounced with a delivery
    report; `name+anything@` is delivered to `name@`.
    """

    def __init__(self) -> None:
        if os.getuid() != 0:
            raise ServerMissing("the mail servers need root: run these tests as root")
        dovecot, postfix = program("dovecot"), program("postfix")
        self.folder = run_folder("mail")
        self.smtp_port, self.imap_port, self._lmtp_port = free_port(), free_port(), free_port()
        self._write_folders()
        self._write_dovecot()
        self._write_postfix()
        self._dovecot = Server(
            [dovecot, "-F", "-c", str(self.folder / "dovecot/dovecot.conf")], self.folder / "dovecot"
        )
        self._dovecot.ready(self.imap_port, greeting=b"* OK")
        try:
            etc = str(self.folder / "postfix/etc")
            subprocess.run([postfix, "-c", etc, "check"], check=True, capture_output=True, timeout=30)
            self._postfix = Server([_MASTER, "-c", etc, "-d"], self.folder / "postfix")
            self._postfix.ready(self.smtp_port, greeting=b"220")
        except BaseException:
            self._dovecot.stop()
            raise

    def stop(self) -> None:
        self._postfix.stop()
        self._dovecot.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what people do with their mail

    @contextmanager
    def mailbox(self, user: str) -> Iterator[MailBoxUnencrypted]:
        """`user`'s INBOX over IMAP."""
        with MailBoxUnencrypted("127.0.0.1", self.imap_port, timeout=10).login(user, PASSWORD) as box:
            yield box

    def mails(self, user: str) -> list[MailMessage]:
        with self.mailbox(user) as box:
            return list(box.fetch(mark_seen=False))

    def wait_for_mail(self, user: str, subject: str, seconds: float = 40) -> MailMessage:
        """The first mail of `user` with this subject. Raises `TimeoutError`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in self.mails(user):
                if _subject(mail) == subject:
                    return mail
            time.sleep(0.05)
        raise TimeoutError(f"no mail {subject!r} for {user}\n{self.log()}")

    def post(self, mail: EmailMessage, *, envelope_from: str | None = None, to: str | None = None) -> None:
        """A person's program sends `mail`."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "client.test", timeout=10) as smtp:
            smtp.send_message(mail, envelope_from, to)

    def log(self) -> str:
        path = self.folder / "postfix/mail.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    # -- configuration

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def _write_folders(self) -> None:
        for name in ("boxes", "dovecot/run", "postfix/etc", "postfix/spool", "postfix/data"):
            (self.folder / name).mkdir(parents=True)
        for name, user in (("boxes", "mail"), ("postfix/data", "postfix")):
            account = pwd.getpwnam(user)
            os.chown(self.folder / name, account.pw_uid, account.pw_gid)

    def _write_dovecot(self) -> None:
        base = self.folder
        users = "".join(f"{user}:{{PLAIN}}{PASSWORD}::::::\n" for user in MAILBOXES)
        self._write("dovecot/users", users)
        self._write(
            "dovecot/dovecot.conf",
            f"""\
            protocols = imap lmtp
            listen = 127.0.0.1
            base_dir = {base}/dovecot/run
            state_dir = {base}/dovecot/run
            log_path = {base}/dovecot/log
            ssl = no
            disable_plaintext_auth = no
            recipient_delimiter = +
            mail_location = maildir:{base}/boxes/%d/%n
            mail_fsync = never
            first_valid_uid = 1
            passdb {{
              driver = passwd-file
              args = {base}/dovecot/users
            }}
            userdb {{
              driver = passwd-file
              args = username_format=%u {base}/dovecot/users
              override_fields = uid=mail gid=mail home={base}/boxes/%d/%n
            }}
            namespace inbox {{
              inbox = yes
              separator = /
            }}
            service imap-login {{
              inet_listener imap {{
                port = {self.imap_port}
              }}
              inet_listener imaps {{
                port = 0
              }}
              process_min_avail = 1
            }}
            service lmtp {{
              inet_listener lmtp {{
                address = 127.0.0.1
                port = {self._lmtp_port}
              }}
            }}
            service stats {{
              chroot =
            }}
            """,
        )

    def _write_postfix(self) -> None:
        base = self.folder / "postfix"
        self._write("postfix/etc/boxes", "".join(f"{user} ok\n" for user in (*MAILBOXES, BOUNCING)))
        self._write(
            "postfix/etc/main.cf",
            f"""\
            compatibility_level = 3.6
            queue_directory = {base}/spool
            data_directory = {base}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = mx.broker.test
            mydestination =
            mynetworks = 127.0.0.0/8
            recipient_delimiter = +
            smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
            virtual_mailbox_domains = broker.test, client.test
            virtual_mailbox_maps = texthash:{base}/etc/boxes
            virtual_transport = lmtp:inet:127.0.0.1:{self._lmtp_port}
            lmtp_destination_recipient_limit = 1
            default_transport = error:5.1.2 no way to that domain from here
            relay_transport = error:5.1.2 no way to that domain from here
            default_database_type = texthash
            alias_maps =
            local_recipient_maps =
            maillog_file = {base}/mail.log
            maillog_file_prefixes = {base}
            biff = no
            append_dot_mydomain = no
            message_size_limit = 20480000
            queue_run_delay = 3s
            minimal_backoff_time = 2s
            maximal_backoff_time = 5s
            smtpd_client_connection_rate_limit = 0
            smtputf8_enable = yes
            """,
        )
        self._write(
            "postfix/etc/master.cf",
            f"""\
            127.0.0.1:{self.smtp_port} inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            lmtp unix - - n - - lmtp
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd
            """,
        )
