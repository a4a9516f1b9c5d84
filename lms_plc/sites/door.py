"""How do ``lti`` and this house meet? It is given its stores and handlers here, and whoever arrived is led inside."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import structlog
from flask import Response, g, make_response, render_template, url_for

from lms_plc.communities.home import rooms, ways
from lms_plc.core.database import Send
from lms_plc.core.ids import new_reference
from lms_plc.house import House
from lms_plc.people.seats import carried_browser, cookie_browser, move, open_seat
from lms_plc.sites.arrivals import arrive
from lms_plc.sites.notices import take_notices
from lms_plc.sites.outgoing import fetcher
from lms_plc.sites.queries import public_face
from lms_plc.sites.registration_pages import register
from lms_plc.sites.stores import StoredLogins, StoredPlatforms, StoredTickets, StoredToolKeys, move_logins
from lms_plc.web.i18n import gettext
from lti.blueprint import Onward, Tool
from lti.browser import new_secret
from lti.claims import MESSAGES, is_storable
from lti.keysets import KeySets
from lti.launch import Launch, LaunchRules
from lti.login import LoginRedirect, origin_of
from lti.refusals import LaunchContext, Refusal

log = structlog.get_logger("lms_plc.door")


def open_door(inside: House) -> Tool:
    """Everything ``lti.blueprint`` asks of a host."""
    settings = inside.settings
    platforms = StoredPlatforms(inside.database, inside.clock)
    key_sets = KeySets(fetcher(settings), inside.clock)

    def arrived(launch: Launch) -> Mapping[str, str]:
        return arrive(inside, launch).passage()

    def refuse(refusal: Refusal, seen: LaunchContext) -> Response:
        # what the request says of itself is enough for this: only a registered platform has an address here
        issuer = seen.issuer or ""
        sender = next(iter(platforms.by_issuer(issuer)), None) if is_storable(issuer) else None
        if sender is not None:
            g.frame_origin = origin_of(sender.auth_url) or ""
        return _refuse(refusal, seen)

    def enter(passage: Mapping[str, str], mark: str, in_frame: bool) -> tuple[Response, str]:
        if not passage["person"]:
            return _show_guest(inside, passage), mark
        browser = carried_browser(mark) if in_frame else cookie_browser(mark)
        opened = open_seat(
            inside.database.send,
            browser=browser,
            person_id=UUID(passage["person"]),
            site_id=UUID(passage["site"]),
            frame_origin=passage["frame_origin"] or None,
            at=inside.clock(),
        )
        if opened.is_new and not in_frame:
            mark = _new_mark(inside.database.send, mark)
        return Onward(_inside(passage, opened.address), 303), mark

    def notified(body: bytes) -> int:
        return take_notices(inside, body, platforms, key_sets)

    return Tool(
        base_url=settings.base_url,
        platforms=platforms,
        logins=StoredLogins(inside.database),
        tickets=StoredTickets(inside.database),
        key_sets=key_sets,
        tool_keys=StoredToolKeys(inside.database, inside.seal, inside.clock),
        clock=inside.clock,
        arrive=arrived,
        enter=enter,
        keep_in_platform=_keep_in_platform,
        offer_ways_in=_offer_ways_in,
        notified=notified,
        refuse=refuse,
        about=_about,
        register=register,
        settings=LaunchRules(messages=frozenset(MESSAGES), anonymous=settings.anonymous_launches),
    )


def _new_mark(send: Send, mark: str) -> str:
    """Somebody new sits down at this browser: its mark changes, with all that hangs on it. On a school's computer the
    one before might have copied the old one."""
    new = new_secret()
    move(send, cookie_browser(mark), cookie_browser(new))
    move_logins(send, mark, new)
    return new


_MOVED = {"communities.charter": "agreements.charter"}
"""What links placed long ago still say → the page they mean."""


def _inside(passage: Mapping[str, str], seat: str) -> str:
    match passage["to"]:
        case "community":
            known = {room.endpoint for room in rooms()} | {way.endpoint for way in ways()}
            endpoint = passage.get("part") or ""
            endpoint = _MOVED.get(endpoint, endpoint)
            page = endpoint if endpoint in known else "communities.community_home"
            return url_for(page, seat=seat, community_id=passage["community"], thing=passage.get("thing") or None)
        case "left":
            return url_for("sites.left", seat=seat, course_id=passage["course"], community_id=passage["community"])
        case "page":
            return url_for("communities.mine", seat=seat).rstrip("/") + passage["page"]
        case "mine":
            return url_for("communities.mine", seat=seat)
        case "found":
            return url_for("founding.found", seat=seat, course_id=passage["course"])
        case "pick":
            return url_for("placing.pick", seat=seat, request_id=passage["thing"])
        case "review":
            about = passage["about"] or None
            return url_for("placing.completions", seat=seat, link_id=passage["thing"], person=about)
        case "privacy":
            return url_for("people.kept", seat=seat)
    return url_for(f"sites.{passage['to']}", seat=seat, course_id=passage["course"])


def _show_guest(inside: House, passage: Mapping[str, str]) -> Response:
    """Somebody the LMS does not name: what the community is for, and nothing of anybody in it."""
    g.frame_origin = passage["frame_origin"]
    community_id = UUID(passage["community"]) if passage["community"] else None
    with inside.database.read() as connection:
        face = public_face(connection, community_id) if community_id else None
    return make_response(render_template("sites/guest.html", page_title=gettext("A visit without a name"), face=face))


def _keep_in_platform(step: LoginRedirect) -> Response:
    assert step.storage is not None
    g.frame_origin = step.storage.origin
    page = render_template(
        "sites/keep_in_platform.html", page_title=gettext("One moment"), storage=step.storage, next_url=step.url
    )
    return make_response(page)


def _offer_ways_in(passage: Mapping[str, str], ticket_secret: str, launch: Launch) -> Response:
    g.frame_origin = passage["frame_origin"]
    page = render_template(
        "sites/new_window.html",
        page_title=gettext("One more step"),
        name=launch.name,
        course=launch.context.title if launch.context else None,
        ticket=ticket_secret,
        frame_origin=passage["frame_origin"],
        storage=launch.storage,
    )
    return make_response(page)


def _refuse(refusal: Refusal, seen: LaunchContext) -> Response:
    """One page for every refusal: what happened, what to do, and the reference under which the log has it."""
    reference = new_reference()
    log.warning(
        "launch refused",
        code=refusal.code,
        reference=reference,
        issuer=seen.issuer,
        client_id=seen.client_id,
        **{f"said_{name}": value for name, value in refusal.values.items()},
    )
    person = gettext(refusal.person, **refusal.values)
    page = render_template(
        "sites/refused.html",
        page_title=gettext("The activity could not be opened"),
        person=person,
        admin=gettext(refusal.admin, **refusal.values),
        code=refusal.code,
        reference=reference,
        return_url=_back_with_reason(seen.return_url, person, f"{refusal.code} {reference}"),
    )
    return make_response(page, refusal.status)


def _back_with_reason(return_url: str | None, message: str, log_line: str) -> str | None:
    """The way back to the LMS, which shows the first text to the person and writes the second to its log (LTI Core 1.3
    §5.4.4; the parameters are those of LTI 1.1 §3)."""
    if return_url is None:
        return None
    parts = urlsplit(return_url)
    ours = {"lti_errormsg": message, "lti_errorlog": log_line}
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in ours]
    return urlunsplit(parts._replace(query=urlencode([*kept, *ours.items()])))


def _about() -> Response:
    """Whoever opens the launch address by hand; Moodle does, when the activity is added, and wants a quick answer."""
    page = render_template("sites/about.html", page_title=gettext("Our learning community"))
    return make_response(page)
