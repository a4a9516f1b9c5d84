"""One letter for one person: what was meant for them first, then what is new where they belong, then their school's.

A letter is composed with its own marks in one transaction: what it tells is told by no other, and what there is nothing
to tell of moves no mark.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from lms_plc.communities import queries as communities
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.database import upsert
from lms_plc.core.exports import Left, note_export
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing
from lms_plc.house import House
from lms_plc.notifications import letters, news, queries
from lms_plc.notifications.listening import sites_of
from lms_plc.notifications.models import Digest, DigestMark, Notification
from lms_plc.notifications.queries import Choice, Line
from lms_plc.notifications.quiet import awake_at
from lms_plc.people.models import Person
from lms_plc.schoolnews import queries as school
from lms_plc.schoolnews.queries import Told

MEANT, A_PART, A_COMMUNITY, COMMUNITIES, OF_SCHOOL = 12, 4, 10, 5, 6
"""At most so many lines meant for the person, of one part, of one community, so many communities, and lines of the
school in one letter."""

LOOKED_BACK = timedelta(days=8)
"""How far back the first letter of a place looks."""

LATECOMERS = timedelta(minutes=1)
"""What was recorded so shortly ago may not be committed yet; it is for the next letter."""

SOON = {"weekly": timedelta(days=8), "daily": timedelta(hours=36)}
"""How far ahead a letter speaks of meetings."""

_LEAVES = {"mail": Left.LETTER, "lms": Left.LMS}
"""Channel → how what a letter speaks of leaves."""

SCHOOL = "school"
"""The mark of what a school was told."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A line meant for this person, and the thing as it is now."""

    line: Line
    about: Thing
    thing: Thing


@dataclass(frozen=True, slots=True)
class Place:
    """A community with what is new there: part → things, and how many more there are."""

    id: UUID
    name: str
    parts: Mapping[str, Sequence[Thing]]
    more: int


@dataclass(frozen=True, slots=True)
class Content:
    meant: Sequence[Meant] = ()
    places: Sequence[Place] = ()
    school: Sequence[Told] = ()
    more_meant: int = 0
    names: Mapping[UUID, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.meant or self.places or self.school)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody as a letter needs them."""

    id: UUID
    site_id: UUID
    locale: str | None
    email: str | None
    choice: Choice
    paces: Mapping[UUID, str]


class News:
    """What is new in communities, read once for all who are written to at that moment."""

    def __init__(self, connection: Connection, until: datetime) -> None:
        self._connection, self.until = connection, until
        self._known: dict[UUID, tuple[list[news.Piece], set[UUID]]] = {}

    def of(self, community_id: UUID) -> tuple[list[news.Piece], set[UUID]]:
        """The pieces, and which of their questions have an answer."""
        if community_id not in self._known:
            pieces = news.news_of(self._connection, community_id, self.until - 2 * LOOKED_BACK, self.until)
            self._known[community_id] = pieces, news.answered(self._connection, pieces)
        return self._known[community_id]


def addressee(connection: Connection, person_id: UUID) -> Addressee | None:
    """None for somebody no learning platform knows any more."""
    sites = sites_of(connection, [person_id]).get(person_id)
    row = connection.execute(select(Person.locale, Person.email).where(Person.id == person_id)).one_or_none()
    if row is None or not sites:
        return None
    choice, paces = queries.choice_of(connection, person_id), queries.paces_of(connection, person_id)
    return Addressee(person_id, sites[0], row.locale, row.email, choice, paces)


def compose(house: House, whom: Addressee, paces: Collection[str], period: str, news_read: News) -> bool:
    """Writes one letter with all that is due; whether there was anything to say, and nobody had said it."""
    if not is_reached(house, whom):
        return False
    at = house.clock()
    with house.database.read() as connection:
        content, told = _gather(connection, whom, paces, at, news_read)
    if not content:
        return False
    letter = letters.write(house, whom.id, whom.locale, content, paces, at)
    asleep_until = awake_at(whom.choice, at, letters.zone(house))
    with house.database.write() as session:
        new = _keep(session, whom, period, letter, content, at, asleep_until)
        if new:
            note_export(session, _spoken_of(content, whom.choice.channel), _LEAVES[whom.choice.channel], at)
            _mark(session, whom, content, told, news_read.until, at)
    return new


def is_reached(house: House, whom: Addressee) -> bool:
    if whom.choice.channel == "lms":
        return True
    by_mail = house.settings.smtp_url is not None and house.settings.mail_from is not None
    return whom.choice.channel == "mail" and whom.email is not None and by_mail


def _gather(
    connection: Connection, whom: Addressee, paces: Collection[str], at: datetime, news_read: News
) -> tuple[Content, set[str]]:
    """What to say, and the places it speaks of."""
    who = Actor(whom.id, whom.site_id, "", at)
    mine = {one.id: one.name for one in communities.mine(connection, who, size=200).items}
    due = {one for one in mine if whom.paces.get(one, "weekly") in paces}
    # what is said at once to whom it is meant is no news yet to who hears of a community once a week
    news_due = due if "immediate" not in paces else set()
    if "weekly" in paces:
        news_due = due | {one for one in mine if whom.paces.get(one) == "immediate"}
    lines = [
        line
        for line in queries.unsent(connection, whom.id)
        if (line.community_id in due if line.community_id in mine else whom.choice.pace in paces)
    ]
    marks = _marks(connection, whom.id)
    since = news_read.until - LOOKED_BACK
    pieces = [
        piece
        for community in news_due
        for piece in news_read.of(community)[0]
        if piece.at > marks.get(str(community), since) and piece.author_id != whom.id
    ]
    ahead = SOON["weekly" if "weekly" in paces else "daily"]
    to_do = news.actions_due(connection, whom.id, news_due, at.date(), (at + ahead).date())
    pieces = news.meetings_soon(connection, news_due, at, at + ahead) + to_do + pieces
    meant_things = {line.about for line in lines}
    known = news.known_to(connection, whom.id, pieces)
    pieces = [piece for piece in pieces if piece.thing not in meant_things and piece.thing.id not in known]
    wanted = [one for line in lines for one in (line.about, line.thing)] + [piece.thing for piece in pieces]
    shown = things.shown(connection, who, wanted)
    meant = [
        Meant(line, shown[line.about], shown[line.thing])
        for line in lines
        if line.about in shown and line.thing in shown
    ]
    pieces = list({piece.thing: piece for piece in reversed(pieces)}.values())[::-1]
    places = [_place(one, mine[one], pieces, shown, news_read) for one in sorted(news_due)]
    places = [place for place in places if place.parts][:COMMUNITIES]
    tell_school = "immediate" not in paces
    told = school.told_to(connection, who, after=marks.get(SCHOOL, since), size=OF_SCHOOL) if tell_school else []
    content = Content(meant[:MEANT], places, told, len(meant[MEANT:]), mine)
    return content, {*map(str, news_due), *([SCHOOL] if tell_school else [])}


def _place(
    community_id: UUID, name: str, pieces: Sequence[news.Piece], shown: Mapping[Reference, Thing], news_read: News
) -> Place:
    _, have_answers = news_read.of(community_id)
    parts: dict[str, list[Thing]] = defaultdict(list)
    for piece in pieces:
        if piece.community_id == community_id and piece.thing in shown:
            part = "talks" if piece.part == "questions" and piece.thing.id in have_answers else piece.part
            parts[part].append(shown[piece.thing])
    ordered: dict[str, Sequence[Thing]] = {}
    left = A_COMMUNITY
    for part in news.SECTIONS:
        if some := parts.get(part, [])[: min(A_PART, left)]:
            ordered[part] = some
            left -= len(some)
    more = sum(map(len, parts.values())) - (A_COMMUNITY - left)
    return Place(community_id, name, ordered, more)


def _marks(connection: Connection, person_id: UUID) -> dict[str, datetime]:
    rows = connection.execute(
        select(DigestMark.place, DigestMark.told_to).where(DigestMark.person_id == person_id).limit(500)
    )
    return {row.place: row.told_to for row in rows}


def _keep(
    session: Session,
    whom: Addressee,
    period: str,
    letter: letters.Letter,
    content: Content,
    at: datetime,
    asleep_until: datetime,
) -> bool:
    """Whether the letter is new; one of the same occasion stands."""
    first = next((one.line.community_id for one in content.meant if one.line.community_id in content.names), None)
    if first is None:
        first = next((place.id for place in content.places), next(iter(content.names), None))
    digest = upsert(session, Digest).values(
        id=new_id(),
        person_id=whom.id,
        period=period,
        channel=whom.choice.channel,
        state="composed",
        community_id=first,
        subject=letter.subject,
        text=letter.text if whom.choice.channel == "mail" else letter.short,
        html=letter.html if whom.choice.channel == "mail" else "",
        meetings=_meetings(content, at) if whom.choice.channel == "mail" else None,
        tries=0,
        composed_at=at,
        next_try_at=asleep_until,
    )
    kept = digest.on_conflict_do_nothing(index_elements=["person_id", "period"]).returning(Digest.id)
    return session.execute(kept).one_or_none() is not None


def _spoken_of(content: Content, channel: str) -> list[Reference]:
    """The things whose title or beginning leaves with a letter, in its order; a message in the learning platform is
    short."""
    lines = [(one.thing.reference, one.about.reference) for one in content.meant]
    lines += [(one.reference,) * 2 for place in content.places for part in place.parts.values() for one in part]
    lines += [(Reference("school_item", one.id),) * 2 for one in content.school]
    shown = lines[: letters.IN_SHORT] if channel == "lms" else lines
    return [reference for line in shown for reference in line]


def _meetings(content: Content, at: datetime) -> list[str] | None:
    """Those to come that the letter speaks of, the one meant for the person first."""
    things = [one.about for one in content.meant]
    things += [thing for place in content.places for thing in place.parts.get("meetings", ())]
    ahead = [str(one.reference.id) for one in things if one.reference.kind == "meeting" and one.at > at]
    return list(dict.fromkeys(ahead)) or None


def _mark(
    session: Session, whom: Addressee, content: Content, places: Collection[str], until: datetime, at: datetime
) -> None:
    told = [one for meant in content.meant for one in meant.line.notifications]
    session.execute(
        update(Notification).where(Notification.id.in_(told)).values(mailed_at=at),
        execution_options={"synchronize_session": False},
    )
    if places:
        mark = upsert(session, DigestMark)
        session.execute(
            mark.on_conflict_do_update(index_elements=["person_id", "place"], set_={"told_to": mark.excluded.told_to}),
            [{"person_id": whom.id, "place": place, "told_to": until} for place in sorted(places)],
        )
