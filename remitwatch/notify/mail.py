"""A mail of an alert: plain text and HTML with the charts inside. apprise reads the address (it knows the servers of
the large providers); the mail is composed here, so that its text part is ours and its Message-ID is the key."""

from __future__ import annotations

import datetime as dt
import smtplib
from email.header import Header
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import Any, cast

from remitwatch.errors import PartialError
from remitwatch.notify.rendered import Picture, Rendered

_PRIORITY = {"critical": "1"}
_PERMANENT = 500
_ID_LENGTH = 40
"""So much of the key is in the Message-ID: longer ones are broken over lines."""


def compose(rendered: Rendered, sender: tuple[str, str], to: tuple[str, str], reply_to: list[str]) -> MIMEMultipart:
    """The mail to one recipient. `sender` and `to` are (name, address); a name may be empty."""
    words = MIMEMultipart("alternative")
    words.attach(MIMEText(rendered.text, "plain", "utf-8"))
    html = MIMEText(rendered.html, "html", "utf-8")
    if rendered.pictures:
        related = MIMEMultipart("related")
        related.attach(html)
        for picture in rendered.pictures:
            related.attach(_picture(picture))
        words.attach(related)
    else:
        words.attach(html)
    # Header splits long words of other scripts well; the newer EmailMessage loses spaces between them
    subject: Any = Header(" ".join(rendered.subject.split()), "utf-8")
    words["Subject"] = subject
    words["From"] = formataddr(sender)
    words["To"] = formataddr(to)
    if reply_to:
        words["Reply-To"] = ", ".join(reply_to)
    words["Date"] = format_datetime(rendered.made_at.astimezone(dt.UTC))
    words["Message-ID"] = f"<{rendered.key[:_ID_LENGTH]}@{sender[1].rpartition('@')[2]}>"
    words["Idempotency-Key"] = rendered.key
    words["Auto-Submitted"] = "auto-generated"
    words["Content-Language"] = rendered.language
    if rendered.severity in _PRIORITY:
        words["X-Priority"] = _PRIORITY[rendered.severity]
    return words


def _picture(picture: Picture) -> MIMEImage:
    part = MIMEImage(picture.body, "png")
    part["Content-ID"] = f"<{picture.name}>"
    part.add_header("Content-Disposition", "inline", filename=picture.name)
    return part


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
