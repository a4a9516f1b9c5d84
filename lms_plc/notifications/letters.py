"""How is a letter written? In the person's language, as plain text and as simple HTML that calls nobody: no picture, no
script, nothing that tells us whether it was opened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.message import Message
from email.utils import parseaddr
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader

from lms_plc.core import mail
from lms_plc.core.activity import Reference
from lms_plc.core.text import excerpt
from lms_plc.house import House
from lms_plc.meetings.calendar_file import calendar_file, invitation
from lms_plc.notifications import tokens
from lms_plc.notifications.news import SECTIONS
from lms_plc.notifications.wording import kept_apart, says, words_of
from lms_plc.series.queries import Entered
from lms_plc.web import i18n, speak_in_templates
from lms_plc.web.i18n import N_, gettext, ngettext, speaking

if TYPE_CHECKING:
    from lms_plc.notifications.digests import Content

LENGTHS = ((200, 140), (120, 60), (80, 0))
"""Characters of a title and of the words below it; a letter that would be too large has shorter ones."""

LARGEST = 19_000
"""Bytes of the HTML: a letter is read on 2G too."""

LONGEST_SUBJECT = 150
IN_SHORT = 5
"""Lines of a message in the learning platform."""

UNSUBSCRIBE, CONFIRM = "less", "confirm"
"""What a token in a letter is for; the second one together with the address."""

_WHEN = {
    "weekly": (N_("This week in “%(name)s”"), N_("This week in your learning communities")),
    "daily": (N_("Today in “%(name)s”"), N_("Today in your learning communities")),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """``short`` is the letter as a message in the learning platform."""

    subject: str
    text: str
    html: str
    short: str


def zone(house: House) -> tzinfo:
    return ZoneInfo(house.settings.timezone)


def write(
    house: House, person_id: UUID, locale: str | None, content: "Content", paces: Collection[str], at: datetime
) -> Letter:
    with speaking(locale or house.settings.default_locale, zone(house), now=at):
        subject = _subject(content, paces)
        given = {
            "subject": subject,
            "settings_url": f"{house.settings.base_url}/mail/settings",
            "less_url": less_url(house, person_id),
            "why": gettext("You get this because you are in a learning community of your learning platform."),
        }
        for titles, words in LENGTHS:
            parts = _parts(house, content, titles, words)
            html = _html("digest", parts=parts, **given)
            if len(html.encode()) <= LARGEST:
                break
        return Letter(subject, _text(parts=parts, **given), html, _short(parts))


def confirmation(house: House, person_id: UUID, locale: str | None, address: str, at: datetime) -> Letter:
    """Asks whoever reads mail at an address whether it is theirs."""
    key = house.settings.secret_key.get_secret_value()
    signed = tokens.token(key, f"{CONFIRM}|{address}", person_id)
    url = f"{house.settings.base_url}/mail/confirm/{signed}"
    with speaking(locale or house.settings.default_locale, zone(house), now=at):
        subject = gettext("Is this your address?")
        asked = gettext("Somebody, we hope you, asked for mail of their learning communities to this address.")
        press = gettext("Press this link within a week to say yes:")
        otherwise = gettext("If it was not you, do nothing: nothing more will come.")
        text = f"{asked}\n\n{press}\n{url}\n\n{otherwise}\n"
        html = _html("confirm", subject=subject, asked=asked, press=press, url=url, otherwise=otherwise)
        return Letter(subject, text, html, text)


def as_mail(house: House, digest: Any, address: str, meetings: Sequence[Entered] = ()) -> Message:
    """A kept letter, ready for the mail server; the same one has the same Message-ID however often it is sent. One
    meeting is an invitation, several are a file for the calendar."""
    settings = house.settings
    assert settings.mail_from is not None
    message = mail.write(
        sender=settings.mail_from,
        to=[address],
        subject=digest.subject,
        text=digest.text,
        html=digest.html,
        at=digest.composed_at,
        message_id=f"{digest.id}@{urlsplit(settings.base_url).hostname}",
        calendar=_calendar(house, address, meetings) if meetings else None,
    )
    message["Precedence"] = "bulk"
    if digest.address is None:
        # RFC 8058: one press in the mail program, without a page
        message["List-Unsubscribe"] = f"<{less_url(house, digest.person_id)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def _calendar(house: House, address: str, meetings: Sequence[Entered]) -> tuple[str, bytes]:
    settings, host = house.settings, urlsplit(house.settings.base_url).hostname or ""
    if len(meetings) > 1:
        return "PUBLISH", calendar_file(meetings, host, settings.timezone)
    organiser = parseaddr(settings.mail_from or "")[1]
    return invitation(meetings[0], host, settings.timezone, organiser=organiser, to=address)


def less_url(house: House, person_id: UUID) -> str:
    signed = tokens.token(house.settings.secret_key.get_secret_value(), UNSUBSCRIBE, person_id)
    return f"{house.settings.base_url}/mail/less/{signed}"


def _subject(content: "Content", paces: Collection[str]) -> str:
    for pace, (one, several) in _WHEN.items():
        if pace in paces:
            names = [place.name for place in content.places]
            named = len(names) == 1 and not content.meant and not content.school
            return _cut(gettext(one, name=names[0]) if named else gettext(several))
    first = content.meant[0]
    return _cut(says(first.line, first.about.title))


def _parts(house: House, content: "Content", titles: int, words: int) -> list[dict[str, Any]]:
    """What both forms of a letter show: parts with a heading, each with groups of lines."""

    def line(thing: Reference, title: str, below: str, by: str = "") -> dict[str, str]:
        url = f"{house.settings.base_url}/to/{thing.kind}/{thing.id}"
        return {"title": _cut(title, titles), "words": _cut(below, words) if words else "", "by": by, "url": url}

    parts = []
    if content.meant:
        lines = [
            line(one.thing.reference, says(one.line, one.about.title), words_of(one.thing, one.about.title))
            for one in content.meant
        ]
        groups = [{"heading": "", "lines": lines}]
        parts.append({"heading": gettext("For you"), "groups": groups, "more": _more(content.more_meant)})
    for place in content.places:
        groups = [
            {
                "heading": gettext(SECTIONS[part]),
                "lines": [line(it.reference, kept_apart(it.title), words_of(it, it.title), it.author) for it in some],
            }
            for part, some in place.parts.items()
        ]
        parts.append({"heading": place.name, "groups": groups, "more": _more(place.more)})
    if content.school:
        lines = [
            line(Reference("school_item", it.id), kept_apart(it.title), excerpt(it.body), it.community)
            for it in content.school
        ]
        parts.append({"heading": gettext("From your school"), "groups": [{"heading": "", "lines": lines}], "more": ""})
    return parts


def _more(count: int) -> str:
    return ngettext("and %(num)s more", "and %(num)s more", count) if count else ""


def _text(*, subject: str, parts: Sequence[dict[str, Any]], why: str, settings_url: str, less_url: str) -> str:
    lines = [subject, ""]
    for part in parts:
        lines += [part["heading"].upper() if part["heading"].isascii() else part["heading"], ""]
        for group in part["groups"]:
            lines += [group["heading"] + ":", ""] if group["heading"] else []
            for line in group["lines"]:
                lines.append(f"- {line['title']}" + (f" ({line['by']})" if line["by"] else ""))
                lines += [f"  {line['words']}"] if line["words"] else []
                lines += [f"  {line['url']}", ""]
        lines += [part["more"], ""] if part["more"] else []
    change = gettext("How often you hear from us: %(url)s", url=settings_url)
    stop = gettext("Less mail, or none: %(url)s", url=less_url)
    return "\n".join([*lines, "--", why, change, stop, ""])


def _html(name: str, **given: Any) -> str:
    return _environment().get_template(f"notifications/mail_{name}.html").render(**given)


def _short(parts: Sequence[dict[str, Any]]) -> str:
    lines = [line for part in parts for group in part["groups"] for line in group["lines"]]
    told = [f"{line['title']}\n{line['url']}" for line in lines[:IN_SHORT]]
    more = _more(len(lines[IN_SHORT:]))
    return "\n\n".join([gettext("New in your learning communities:"), *told, *([more] if more else [])])


@cache
def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("lms_plc.notifications", "templates"), autoescape=True)
    speak_in_templates(environment)
    environment.globals.update(text_direction=i18n.text_direction)
    return environment


def _cut(text: str, longest: int = LONGEST_SUBJECT) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
