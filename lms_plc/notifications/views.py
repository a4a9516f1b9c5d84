"""The inbox, how somebody wants to be reached, and the way from a line to its thing."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import queries as communities
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.mail import as_address
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.things import Thing
from lms_plc.house import house
from lms_plc.notifications import actions, queries
from lms_plc.notifications import on_home as on_home
from lms_plc.notifications.forms import AddressForm, Channel, Pace, PaceForm, SettingsForm
from lms_plc.notifications.listening import community_names
from lms_plc.notifications.sending import write_confirmation
from lms_plc.notifications.wording import says, words_of
from lms_plc.people.guards import actor, current_seat
from lms_plc.people.navigation import open_entry
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

notifications = Blueprint("notifications", __name__, url_prefix="/s/<seat>", template_folder="templates")

open_entry(10, "notifications.inbox", N_("Inbox"), counts=True)

PACES = {
    Pace.WEEKLY: N_("Once a week, on Friday morning"),
    Pace.DAILY: N_("Once a day, in the morning"),
    Pace.IMMEDIATE: N_("At once, what is meant for me; the rest once a week"),
    Pace.NONE: N_("Nothing"),
}
COMMUNITIES = 100
"""Communities on the page of settings."""


@notifications.get("/inbox")
def inbox() -> str:
    """What waits for somebody, and what did lately. What they may no longer see is left out, and waits no more."""
    who = actor()
    with house().database.read() as connection:
        page = queries.lines(connection, who.person_id, before=key_from(request.args, "before"))
        shown = things.shown(connection, who, [it for line in page.items for it in (line.about, line.thing)])
        names = community_names(connection, {line.community_id for line in page.items if line.community_id})
    seen = [line for line in page.items if line.about in shown]
    gone = [line for line in page.items if line.unread and line.about not in shown]
    if gone:
        with house().database.write() as session:
            for line in gone:
                actions.mark_read(session, who, line.about.id)
    return render_template(
        "notifications/inbox.html",
        page_title=gettext("Inbox"),
        lines=[
            {
                "id": line.id,
                "text": says(line, shown[line.about].title),
                "words": words_of(shown.get(line.thing, shown[line.about]), shown[line.about].title),
                "place": names.get(line.community_id) if line.community_id else None,
                "at": line.at,
                "unread": line.unread,
            }
            for line in seen
        ],
        any_unread=any(line.unread for line in seen),
        older_url=url_for("notifications.inbox", before=page.next_key) if page.next_key else None,
    )


@notifications.get("/inbox/<uuid:notification_id>")
def open_line(notification_id: UUID) -> Response:
    """To the thing of a line, which is read by that."""
    who = actor()
    with house().database.write() as session:
        row = queries.notification(session.connection(), who.person_id, notification_id)
        if row is None:
            raise NotThere("notification")
        actions.mark_read(session, who, row.about_id)
    with house().database.read() as connection:
        wanted = [Reference(row.thing_kind, row.thing_id), Reference(row.about_kind, row.about_id)]
        shown = things.shown(connection, who, wanted)
    thing = next((shown[one] for one in wanted if one in shown), None)
    if thing is None:
        raise NotThere("notification")
    return redirect(address_of(thing), 303)


@notifications.post("/inbox/<uuid:notification_id>/read")
def mark_read(notification_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        row = queries.notification(session.connection(), who.person_id, notification_id)
        if row is None:
            raise NotThere("notification")
        actions.mark_read(session, who, row.about_id)
    return redirect(url_for("notifications.inbox"), 303)


@notifications.post("/inbox/read")
def mark_all_read() -> Response:
    who = actor()
    with house().database.write() as session:
        actions.mark_read(session, who)
    return redirect(url_for("notifications.inbox"), 303)


@notifications.get("/to/<kind>/<uuid:thing_id>")
def to(kind: str, thing_id: UUID) -> Response:
    """The way from a letter to a thing, wherever it stands; what waited about it is read."""
    who = actor()
    if kind not in things.kinds():
        raise NotThere(kind)
    wanted = Reference(kind, thing_id)
    with house().database.read() as connection:
        thing = things.shown(connection, who, [wanted]).get(wanted)
    if thing is None:
        raise NotThere(kind)
    with house().database.write() as session:
        actions.mark_opened(session, who, thing_id)
    return redirect(address_of(thing), 303)


@notifications.get("/inbox/settings")
def settings() -> str:
    with house().database.read() as connection:
        choice = queries.choice_of(connection, actor().person_id)
        given = {
            "channel": choice.channel,
            "pace": choice.pace,
            "quiet_from": str(choice.quiet_from),
            "quiet_until": str(choice.quiet_until),
            "quiet_weekends": "yes" if choice.quiet_weekends else "",
        }
        return _settings_page(connection, actor(), Answer(None, [], given), saved="saved" in request.args)


@notifications.post("/inbox/settings")
def save_settings() -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(SettingsForm, request.form)
    with house().database.write() as session:
        mine = communities.mine(session.connection(), who, size=COMMUNITIES).items
        given = {one.id: read_form(PaceForm, {"pace": request.form.get(f"pace-{one.id}", "weekly")}) for one in mine}
        wrong = [{**error, "field": f"pace-{community}"} for community, read in given.items() for error in read.errors]
        reach = queries.reach_of(session.connection(), who.person_id, who.site_id)
        if answer.form is not None and answer.form.channel == Channel.LMS and not reach.by_lms:
            wrong.append({"field": "channel", "message": gettext("Please choose one of these.")})
        if answer.form is None or wrong:
            rejected: Answer[SettingsForm] = Answer(None, [*answer.errors, *wrong], request.form)
            return _settings_page(session.connection(), who, rejected), 422
        paces = {community: str(read.form.pace) for community, read in given.items() if read.form is not None}
        actions.choose(session, who, answer.form, paces)
    return redirect(url_for("notifications.settings", saved=1), 303)


@notifications.post("/inbox/settings/address")
def save_address() -> str | Response | tuple[str, int]:
    """An address of one's own, asked for by a letter; or the learning platform's again."""
    who = actor()
    if "forget" in request.form:
        with house().database.write() as session:
            actions.forget_address(session, who)
        return redirect(url_for("notifications.settings", saved=1), 303)
    answer = read_form(AddressForm, request.form)
    with house().database.write() as session:
        errors = answer.errors
        if answer.form is None and as_address(request.form.get("address")) is None:
            errors = [{"field": "address", "message": gettext("Please write an address like ana@example.org.")}]
        if answer.form is not None:
            try:
                write_confirmation(house(), session, who, current_seat().locale, answer.form.address)
            except actions.AskedTooOften:
                message = gettext("We have asked often enough today. Please try again tomorrow.")
                errors = [{"field": "address", "message": message}]
        if errors:
            return _settings_page(session.connection(), who, Answer(None, errors, request.form)), 422
    return redirect(url_for("notifications.settings", saved=1), 303)


def address_of(thing: Thing) -> str:
    anchor: dict[str, Any] = {"_anchor": thing.anchor} if thing.anchor else {}
    return url_for(thing.endpoint, **thing.values, **anchor)


def _settings_page(connection: Connection, who: Actor, answer: Answer[Any], *, saved: bool = False) -> str:
    choice = queries.choice_of(connection, who.person_id)
    paces = queries.paces_of(connection, who.person_id)
    reach = queries.reach_of(connection, who.person_id, who.site_id)
    mine = communities.mine(connection, who, size=COMMUNITIES).items
    labels = {"channel": gettext("How shall we reach you?"), "address": gettext("Another address")}
    given = answer.given
    if "channel" not in given:  # the form of the address was sent; the other one stands as it is kept
        given = {
            **given,
            "channel": choice.channel,
            "pace": choice.pace,
            "quiet_from": str(choice.quiet_from),
            "quiet_until": str(choice.quiet_until),
            "quiet_weekends": "yes" if choice.quiet_weekends else "",
        }
    return render_template(
        "notifications/settings.html",
        page_title=gettext("How you hear from us"),
        notice={"text": gettext("Saved.")} if saved else None,
        answer=answer,
        given=given,
        errors=answer.errors,
        labels=labels | {f"pace-{one.id}": one.name for one in mine},
        reach=reach,
        problem=choice.problem,
        channels=_channels(reach),
        paces=[(pace.value, gettext(label)) for pace, label in PACES.items()],
        communities=[(one.id, one.name, given.get(f"pace-{one.id}") or paces.get(one.id, "weekly")) for one in mine],
        hours=[(str(hour), f"{hour:02}:00") for hour in range(24)],
        mail_is_sent=house().settings.smtp_url is not None and house().settings.mail_from is not None,
    )


def _channels(reach: queries.Reach) -> list[tuple[str, str, str]]:
    by_mail = (Channel.MAIL.value, gettext("By mail"), gettext("To the address below"))
    by_lms = (
        Channel.LMS.value,
        gettext("As a message in the learning platform"),
        gettext("It says by its own means that something has come"),
    )
    nothing = (Channel.NONE.value, gettext("Not at all"), gettext("Everything waits in your inbox here"))
    return [by_mail, *([by_lms] if reach.by_lms else []), nothing]
