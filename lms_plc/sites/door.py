"""How do ``lti`` and this house meet? It is given its stores and handlers here, and whoever arrived is led inside."""

from collections.abc import Mapping
from uuid import UUID

import structlog
from flask import Response, g, make_response, redirect, render_template, url_for

from lms_plc.core.ids import new_reference
from lms_plc.house import House, house
from lms_plc.people.seats import open_seat
from lms_plc.sites.arrivals import arrive, origin_of
from lms_plc.sites.outgoing import Fetcher
from lms_plc.sites.registration import tool_values
from lms_plc.sites.stores import StoredLogins, StoredPlatforms, StoredTickets, StoredToolKeys
from lms_plc.web.i18n import gettext
from lti.blueprint import Tool
from lti.browser import digest
from lti.claims import is_storable
from lti.keysets import KeySets
from lti.launch import Launch
from lti.refusals import LaunchContext, Refusal

log = structlog.get_logger("lms_plc.door")


def open_door(inside: House) -> Tool:
    """Everything ``lti.blueprint`` asks of a host."""
    platforms = StoredPlatforms(inside.database, inside.clock)

    def arrived(launch: Launch) -> Mapping[str, str]:
        return arrive(inside.database, launch, inside.clock()).passage()

    def refuse(refusal: Refusal, seen: LaunchContext) -> Response:
        # what the request says of itself is enough for this: only a registered platform has an address here
        issuer = seen.issuer or ""
        sender = next(iter(platforms.by_issuer(issuer)), None) if is_storable(issuer) else None
        if sender is not None:
            g.frame_origin = origin_of(sender.auth_url) or ""
        return _refuse(refusal, seen)

    def enter(passage: Mapping[str, str], mark: str) -> Response:
        with inside.database.write_briefly() as connection:
            word = open_seat(
                connection,
                browser_digest=digest(mark),
                person_id=UUID(passage["person"]),
                site_id=UUID(passage["site"]),
                frame_origin=passage["frame_origin"] or None,
                at=inside.clock(),
            )
        return redirect(_inside(passage, word), 303)  # type: ignore[return-value]

    settings = inside.settings
    return Tool(
        base_url=settings.base_url,
        platforms=platforms,
        logins=StoredLogins(inside.database),
        tickets=StoredTickets(inside.database),
        key_sets=KeySets(Fetcher(allow_private_hosts=settings.allow_private_hosts), inside.clock),
        tool_keys=StoredToolKeys(inside.database, inside.seal, inside.clock),
        clock=inside.clock,
        arrive=arrived,
        enter=enter,
        offer_new_window=_offer_new_window,
        refuse=refuse,
        about=_about,
        register=_register,
    )


def _inside(passage: Mapping[str, str], word: str) -> str:
    if passage["to"] == "community":
        return url_for("communities.community_home", seat=word, community_id=passage["community"])
    if passage["to"] == "page":
        return url_for("communities.mine", seat=word).rstrip("/") + passage["page"]
    return url_for(f"sites.{passage['to']}", seat=word, course_id=passage["course"])


def _offer_new_window(passage: Mapping[str, str], ticket_secret: str, launch: Launch) -> Response:
    g.frame_origin = passage["frame_origin"]
    page = render_template(
        "sites/new_window.html",
        page_title=gettext("One more step"),
        name=launch.name,
        course=launch.context.title if launch.context else None,
        ticket=ticket_secret,
        frame_origin=passage["frame_origin"],
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
    page = render_template(
        "sites/refused.html",
        page_title=gettext("The activity could not be opened"),
        person=gettext(refusal.person, **refusal.values),
        admin=gettext(refusal.admin, **refusal.values),
        code=refusal.code,
        reference=reference,
        return_url=seen.return_url,
    )
    return make_response(page, refusal.status)


def _about() -> Response:
    """Whoever opens the launch address by hand; Moodle does, when the activity is added, and wants a quick answer."""
    page = render_template("sites/about.html", page_title=gettext("Our learning community"))
    return make_response(page)


def _register() -> Response:
    """An LMS that asks to be registered is told how it is done by hand."""
    page = render_template(
        "sites/register.html",
        page_title=gettext("Register this tool in your learning platform"),
        values=[(gettext(label), value) for label, value in tool_values(house().settings.base_url)],
    )
    return make_response(page, 403)
