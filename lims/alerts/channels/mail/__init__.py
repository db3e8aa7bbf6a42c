"""Mail by SMTP (RFC 5321), encrypted and with the server's certificate checked.

A mail is thin: what it says is written elsewhere and holds a number, a level and a link. Headers
tell other machines that a machine wrote (RFC 3834) and of which list it is (RFC 2919). A line
break in a header cannot be written: the library refuses it, and so does the list of recipients.
"""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from lims.alerts.channels.deadline import Deadline, within
from lims.alerts.channels.letter import Letter
from lims.alerts.delivering import SENT, Outcome, later, never
from lims.foundation.settings import Settings
from lims.foundation.words import Message, _

TIMEOUT = 20.0
"""Seconds of silence that a server may take for one answer."""
DEADLINE = 90.0
"""Seconds for the whole conversation; well under the lease of a delivery."""
NO_DOMAIN = "balise.invalid"
FAULTS: tuple[tuple[type[Exception], Message], ...] = (
    (smtplib.SMTPAuthenticationError, _("The mail server does not accept our account.")),
    (
        smtplib.SMTPNotSupportedError,
        _("The mail server offers no encryption or no log-in. Nothing was sent."),
    ),
    (
        smtplib.SMTPServerDisconnected,
        _("The mail server broke off. It is not known whether it took the message."),
    ),
    (ssl.SSLError, _("The certificate of the mail server cannot be trusted. Nothing was sent.")),
    (TimeoutError, _("The mail server does not answer in time.")),
)
WRITTEN = SMTP.clone(cte_type="7bit")


def mail_channel(settings: Settings) -> MailChannel:
    """Return the channel as the installation has it set."""
    return MailChannel(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password_file=settings.smtp_password_file,
        certificates_file=settings.certificates_file,
    )


def written(letter: Letter, sender: str) -> EmailMessage:
    """Return a letter as a mail; raises ValueError for what cannot stand in a header."""
    domain = domain_of(sender)
    mail = EmailMessage(policy=WRITTEN)
    mail["From"] = sender or f"noreply@{NO_DOMAIN}"
    mail["To"] = letter.address
    mail["Subject"] = letter.subject
    mail["Date"] = letter.queued_at
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["List-Id"] = f"<alerts.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.body)  # which takes away headers of content that stood before
    mail["Content-Language"] = letter.language
    return mail


def domain_of(sender: str) -> str:
    """Return the domain of the sending office; it stands in every Message-ID."""
    return sender.rpartition("@")[2] or NO_DOMAIN


@dataclass(frozen=True)
class MailChannel:
    """A mail server, and how it is spoken to."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str = ""
    password_file: str = ""
    certificates_file: str = ""
    timeout: float = TIMEOUT
    deadline: float = DEADLINE

    def send(self, letter: Letter) -> Outcome:
        """Hand a letter to the mail server, once; what became of it, in words."""
        wrong = self._not_set()
        if wrong is not None:
            return later(wrong)
        try:
            mail = written(letter, self.sender)
        except ValueError:
            return never(_("This address cannot be written in a mail."))
        try:
            with within(self.deadline) as deadline, self._server(deadline) as server:
                server.send_message(mail, self.sender, [letter.address])
        except (smtplib.SMTPException, OSError, ValueError) as refusal:
            return _outcome(refusal)
        return SENT

    def _not_set(self) -> Message | None:
        if not self.host or "@" not in self.sender:
            return _("No mail server is set (LIMS_SMTP_HOST, LIMS_MAIL_FROM).")
        if self.tls not in ("starttls", "implicit", "none"):
            return _("LIMS_SMTP_TLS is none of starttls, implicit, none.")
        if self.tls == "none" and not _is_here(self.host):
            return _("Mail is sent without encryption to a server on this machine only.")
        return None

    @contextmanager
    def _server(self, deadline: Deadline) -> Iterator[smtplib.SMTP]:
        name = domain_of(self.sender)  # not the name of this machine
        if self.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, name, timeout=self.timeout, context=self._trust()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, name, timeout=self.timeout)
        try:
            deadline.watch(server.sock)
            if self.tls == "starttls":
                server.starttls(context=self._trust())
                deadline.watch(server.sock)
            if self.user:
                password = Path(self.password_file).read_text(encoding="utf-8").strip()
                server.login(self.user, password)
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the message is accepted already
        finally:
            server.close()

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.certificates_file:
            context.load_verify_locations(self.certificates_file)
        return context


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _outcome(refusal: Exception) -> Outcome:
    """Return what a refusal means; the server's own words are not kept, they may say anything."""
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        code = max((code for code, _words in refusal.recipients.values()), default=451)
        if code >= 500:
            return never(_("The mail server refuses this mailbox (%(code)s).", code=code))
        return later(_("The mail server asks to come back later (%(code)s).", code=code))
    if isinstance(refusal, smtplib.SMTPDataError) and refusal.smtp_code >= 500:
        return never(_("The mail server refuses this message (%(code)s).", code=refusal.smtp_code))
    for kind, words in FAULTS:
        if isinstance(refusal, kind):
            return later(words)
    if isinstance(refusal, smtplib.SMTPResponseException):
        return later(_("The mail server answers %(code)s.", code=refusal.smtp_code))
    return later(_("The mail server cannot be reached."))
