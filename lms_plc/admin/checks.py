"""Is a registration well? What the LMS must hold, compared with what it sent and answers; one line a question.

Looking (`look_outside`) and judging (`judge`) are two steps: a judgement is made of values alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from lms_plc.admin.queries import RegistrationSeen, Traces
from lms_plc.sites.looking import CONTEXT_HISTORY
from lms_plc.sites.registration import CUSTOM_PARAMETERS, PURPOSES, RARE_SCOPES, SCOPES
from lms_plc.web.i18n import format_date, format_list, format_timedelta, gettext, ngettext
from lti.jose import read_key_set
from lti.services import memberships

CLOCK_MAY_DIFFER = timedelta(seconds=20)
"""Launches of some LMSs live for a minute, and their token endpoints forgive no second."""

MANY_NAMELESS = 0.5


class State(StrEnum):
    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what was asked, how it stands, what was seen, and what to do about it."""

    asked: str
    state: State
    seen: str
    todo: str = ""


class Fetches(Protocol):
    """What can be fetched; see ``sites.outgoing.Fetcher``."""

    def __call__(self, url: str) -> bytes: ...

    def date_of(self, url: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """What the platform answered just now. ``keys`` are counted; None with the failure that was met. ``ahead`` is how
    far its clock is ahead of ours, None where it does not say."""

    keys: int | None
    failure: str
    ahead: timedelta | None


def look_outside(seen: RegistrationSeen, fetch: Fetches, now: Callable[[], datetime]) -> Outside:
    """Reads the platform's key set and its clock: two small requests, bounded in time by the fetcher."""
    try:
        keys = len(read_key_set(fetch(seen.jwks_url)))
    except (OSError, ValueError) as error:
        return Outside(None, type(error).__name__, None)
    return Outside(keys, "", _ahead(seen, fetch, now))


def judge(seen: RegistrationSeen, traces: Traces, outside: Outside, *, allow_http: bool) -> list[Line]:
    """Every line of the self-check, in the order in which an operator would go through them. What only launches can
    tell is asked once there was one."""
    lines = [
        _addresses(seen, allow_http),
        _hosts(seen),
        _deployments(seen),
        _proof(seen),
        _keys(seen, outside),
        _clock(outside),
        _custom(seen),
        _scopes(seen, traces),
    ]
    return [*lines, _names(traces), _services(traces)] if seen.proved_at is not None and traces.persons else lines


def _ahead(seen: RegistrationSeen, fetch: Fetches, now: Callable[[], datetime]) -> timedelta | None:
    try:
        told = parsedate_to_datetime(fetch.date_of(seen.jwks_url) or "")
    except (OSError, ValueError):
        return None
    return told.replace(tzinfo=told.tzinfo or UTC) - now()


def _addresses(seen: RegistrationSeen, allow_http: bool) -> Line:
    asked = gettext("Are its addresses safe?")
    plain = [url for url in (seen.issuer, seen.auth_url, seen.token_url, seen.jwks_url) if _scheme(url) != "https"]
    if not plain:
        return Line(asked, State.OK, gettext("All of them are https."))
    return Line(
        asked,
        State.LOOK if allow_http else State.WRONG,
        gettext("Not https: %(addresses)s", addresses=format_list(dict.fromkeys(plain))),
        gettext("Fine for a trial on this machine. Otherwise let the LMS run on https, and register it again."),
    )


def _hosts(seen: RegistrationSeen) -> Line:
    asked = gettext("Do its addresses belong together?")
    issuer, auth = urlsplit(seen.issuer).hostname, urlsplit(seen.auth_url).hostname
    if issuer == auth:
        return Line(asked, State.OK, gettext("People sign in at %(host)s, which is also the issuer.", host=auth))
    return Line(
        asked,
        State.LOOK,
        gettext("The issuer is %(issuer)s, and people sign in at %(auth)s.", issuer=issuer, auth=auth),
        gettext("Hosted Canvas and Blackboard are like that. For any other LMS compare both with its tool details."),
    )


def _deployments(seen: RegistrationSeen) -> Line:
    asked = gettext("Is a deployment approved?")
    approved = sum(one.approved_at is not None for one in seen.deployments)
    waiting = len(seen.deployments) - approved
    if waiting:
        said = ngettext("%(num)s deployment waits.", "%(num)s deployments wait.", waiting)
        return Line(
            asked,
            State.LOOK if approved else State.WRONG,
            said,
            gettext("Compare its ID with the one the LMS shows, and approve it above."),
        )
    if approved:
        return Line(asked, State.OK, ngettext("%(num)s is approved.", "%(num)s are approved.", approved))
    return Line(
        asked,
        State.LOOK,
        gettext("No deployment is known yet."),
        gettext("Open the activity once in the LMS: its deployment then appears above and waits for you."),
    )


def _proof(seen: RegistrationSeen) -> Line:
    asked = gettext("Has somebody come in this way?")
    if seen.proved_at is not None:
        return Line(asked, State.OK, gettext("The first launch was on %(day)s.", day=format_date(seen.proved_at)))
    return Line(
        asked,
        State.LOOK,
        gettext("No launch has proved this registration yet."),
        gettext("Place the activity in a course and open it. If it is refused, its page says why."),
    )


def _keys(seen: RegistrationSeen, outside: Outside) -> Line:
    asked = gettext("Can its keys be read right now?")
    if outside.keys is not None:
        return Line(asked, State.OK, ngettext("%(num)s usable key.", "%(num)s usable keys.", outside.keys))
    return Line(
        asked,
        State.WRONG,
        gettext("Its key set could not be read (%(failure)s).", failure=outside.failure),
        gettext(
            "Open %(address)s from the machine this tool runs on, and compare it with the LMS.", address=seen.jwks_url
        ),
    )


def _clock(outside: Outside) -> Line:
    asked = gettext("Do both clocks agree?")
    if outside.ahead is None:
        unknown = gettext("It does not say what time it has.")
        return Line(asked, State.LOOK, unknown, gettext("Compare its clock with the one of this machine."))
    differs = format_timedelta(max(abs(outside.ahead), timedelta(seconds=1)))
    if abs(outside.ahead) <= CLOCK_MAY_DIFFER:
        return Line(asked, State.OK, gettext("They differ by %(time)s.", time=differs))
    ahead = outside.ahead > timedelta(0)
    return Line(
        asked,
        State.WRONG,
        gettext("Its clock is ahead of ours: %(time)s.", time=differs)
        if ahead
        else gettext("Its clock is behind ours: %(time)s.", time=differs),
        gettext("Keep both clocks right (NTP): launches and services are refused otherwise."),
    )


def _custom(seen: RegistrationSeen) -> Line:
    asked = gettext("Does it send the custom parameters?")
    if seen.registered_by != "link":
        return Line(
            asked,
            State.LOOK,
            gettext("It was registered by hand, so this cannot be seen from here."),
            gettext("Compare them in the LMS with the guide: %(names)s", names=format_list(CUSTOM_PARAMETERS)),
        )
    missing = [name for name, wanted in CUSTOM_PARAMETERS.items() if seen.custom.get(name) != wanted]
    if not missing:
        return Line(asked, State.OK, gettext("It took all of them."))
    lost = format_list(gettext(PURPOSES[name]) for name in missing)
    return Line(
        asked,
        State.LOOK if CONTEXT_HISTORY in missing else State.OK,
        gettext("It did not take %(names)s.", names=format_list(missing)),
        gettext("Without them this does not work: %(lost)s. Not every LMS has them.", lost=lost),
    )


def _scopes(seen: RegistrationSeen, traces: Traces) -> Line:
    asked = gettext("May its services be used?")
    granted = set(seen.granted) | traces.scopes
    if seen.registered_by != "link" and traces.with_memberships:
        granted.add(memberships.SCOPE)
    if not granted:
        by_hand = gettext("It was registered by hand, and no launch has said so yet.")
        return Line(
            asked,
            State.LOOK if seen.registered_by != "link" else State.WRONG,
            by_hand if seen.registered_by != "link" else gettext("It granted none."),
            gettext("Turn its services on in the tool's settings there; the guide says which."),
        )
    missing = {scope: gettext(purpose) for scope, purpose in SCOPES.items() if scope not in granted}
    if not missing:
        return Line(asked, State.OK, gettext("It granted all that was asked for."))
    return Line(
        asked,
        State.OK if missing.keys() <= RARE_SCOPES else State.LOOK,
        gettext("Not granted: %(lost)s", lost=format_list(missing.values())),
        gettext("If you want these, turn them on in the tool's settings there. Not every LMS has them."),
    )


def _names(traces: Traces) -> Line:
    asked = gettext("Does it share names?")
    if traces.nameless == 0:
        return Line(asked, State.OK, gettext("Everybody who came has a name."))
    many = traces.nameless / traces.persons >= MANY_NAMELESS
    share = round(100 * traces.nameless / traces.persons)
    return Line(
        asked,
        State.WRONG if many else State.LOOK,
        gettext("%(share)s %% of the people of this site are known by a number only.", share=max(share, 1)),
        gettext("Let the LMS share names with this tool; in Moodle “Share launcher's name with tool: Always”."),
    )


def _services(traces: Traces) -> Line:
    """What launches named. A service that no launch names cannot be used, whatever was granted."""
    asked = gettext("Do its launches name its services?")
    if not traces.courses:
        return Line(asked, State.LOOK, gettext("No launch has named one yet."))
    named = (
        (traces.with_memberships, gettext("who is in the course")),
        (traces.with_line_items, gettext("the grade book")),
        (traces.with_groups, gettext("groups")),
    )
    there = format_list(name for count, name in named if count) or "–"
    said = ngettext("In %(num)s course: %(names)s", "In %(num)s courses: %(names)s", traces.courses, names=there)
    if traces.with_memberships:
        return Line(asked, State.OK, said)
    return Line(asked, State.LOOK, said, gettext("Turn on “Names and Role Provisioning” for this tool in the LMS."))


def _scheme(url: str) -> str:
    return urlsplit(url).scheme
