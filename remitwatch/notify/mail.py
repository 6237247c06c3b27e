"""A mail of an alert: plain text and HTML with the charts inside. apprise reads the address (it knows the servers of
the large providers); the mail is composed here, so that its text part is ours and its Message-ID is the key."""

from __future__ import annotations

import datetime as dt
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any, cast

from remitwatch.errors import PartialError
from remitwatch.notify.rendered import Rendered

_PRIORITY = {"critical": "1"}
_PERMANENT = 500


def compose(rendered: Rendered, sender: tuple[str, str], to: tuple[str, str], reply_to: list[str]) -> EmailMessage:
    """The mail to one recipient. `sender` and `to` are (name, address); a name may be empty."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(rendered.subject.split())
    mail["From"] = formataddr(sender)
    mail["To"] = formataddr(to)
    if reply_to:
        mail["Reply-To"] = ", ".join(reply_to)
    mail["Date"] = format_datetime(rendered.made_at.astimezone(dt.UTC))
    mail["Message-ID"] = f"<{rendered.key}@{sender[1].rpartition('@')[2]}>"
    mail["Idempotency-Key"] = rendered.key
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = rendered.language
    if rendered.severity in _PRIORITY:
        mail["X-Priority"] = _PRIORITY[rendered.severity]
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    html = mail.get_payload(1)
    for picture in rendered.pictures:
        html.add_related(  # type: ignore[union-attr]
            picture.body, "image", "png", cid=f"<{picture.name}>", filename=picture.name, disposition="inline"
        )
    return mail


def send_mail(plugin: Any, rendered: Rendered) -> str | None:
    """Send to every recipient of the address, each with a mail of their own. Returns what was less than whole.

    A recipient that the server refuses for good does not keep the others' mails coming again: it is only noted. Raises
    OSError or SMTPException where nobody was reached, and PartialError where someone may be reached later.
    """
    from apprise.plugins.email.smtp import AppriseSMTPController

    controller = AppriseSMTPController(
        host=plugin.smtp_host,
        port=plugin.port,
        secure_mode=plugin.secure_mode,
        user=plugin.user,
        password=plugin.password,
        verify_certificate=plugin.verify_certificate,
        socket_connect_timeout=plugin.socket_connect_timeout,
    )
    name, address = plugin.from_addr
    copies = [*sorted(plugin.cc), *sorted(plugin.bcc)]
    everyone = [*((one[0] or "", one[1]) for one in plugin.targets), *(("", one) for one in copies)]
    refused: list[smtplib.SMTPRecipientsRefused] = []
    with controller:
        server: smtplib.SMTP = cast(Any, controller)._socket
        for recipient in everyone:
            mail = compose(rendered, (name or "", address), recipient, sorted(plugin.reply_to))
            try:
                server.send_message(mail, address, [recipient[1]])
            except smtplib.SMTPRecipientsRefused as error:
                refused.append(error)
    if not refused:
        return None
    told = "; ".join(f"{code} {words.decode('utf-8', 'replace')}" for code, words in map(_answer, refused))
    if len(refused) == len(everyone):
        raise PartialError(f"every recipient was refused: {told}")
    if any(_answer(one)[0] < _PERMANENT for one in refused):
        raise PartialError(f"{len(refused)} of {len(everyone)} recipients were refused for now: {told}")
    return f"{len(refused)} of {len(everyone)} recipients were refused: {told}"


def _answer(refused: smtplib.SMTPRecipientsRefused) -> tuple[int, bytes]:
    return next(iter(refused.recipients.values()))
