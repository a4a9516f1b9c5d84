"""A school year of meetings for the demo: every second Thursday, one by a protocol, and one that is to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from lms_plc.actionitems.actions import record_action, update_action
from lms_plc.actionitems.queries import ActionSeen, open_ones
from lms_plc.attendance import actions as attendance
from lms_plc.attendance.actions import Mark, Method, Status
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.demo_people import DEJAN, DJURDJICA, GORAN, GUEST, IGOR, LEADER, LJUBICA, MARIJA, ZORAN, Stage
from lms_plc.meetings import actions as meetings
from lms_plc.meetings import agenda, by_protocol
from lms_plc.meetings.forms import ItemForm, ItemKind, MeetingForm, OutcomeForm
from lms_plc.meetings.paperwork import count_paperwork
from lms_plc.meetings.queries import FACILITATOR, MeetingSeen
from lms_plc.meetings.queries import agenda as items_of
from lms_plc.minutes.actions import answer_minutes, decide, write_minutes
from lms_plc.minutes.drafting import SCRIBE
from lms_plc.minutes.forms import Answered, AnswerForm, MinutesForm
from lms_plc.protocols.actions import adapt
from lms_plc.protocols.content import Content
from lms_plc.protocols.queries import protocol_for
from lms_plc.running import actions as running
from lms_plc.running.captures import PLAIN
from lms_plc.running.forms import NoteForm, PulseForm
from lms_plc.running.queries import RunSeen
from lms_plc.series.actions import lay, plan_series
from lms_plc.series.forms import SeriesForm
from lms_plc.series.holidays import add_holidays
from lms_plc.series.queries import in_series
from lms_plc.series.recurrence import Break, Every
from lms_plc.web.form_fields import new_form_key

STARTS, MINUTES, PLACE = time(13, 30), 75, "Библиотека"
TIMEKEEPER = "timekeeper"
HERE = (LEADER, GORAN, MARIJA, ZORAN, DJURDJICA, DEJAN, LJUBICA, IGOR, GUEST)
TWO_WEEKS = timedelta(weeks=2)

_SERIES = "Наша средба"
_HOLIDAY = "Распуст"
_SCHOOL_DAY = "Патронен празник на училиштето"
_BREAK_AT, _FELL_OUT_AT, _RUN_AT = 4, 3, 1
_NOT_HELD = "Наставнички совет, вонреден."


@dataclass(frozen=True, slots=True)
class _Held:
    """A meeting of so many turns ago, and what its minutes say."""

    ago: int
    title: str
    leader: str
    scribe: str
    minutes: str


_PAST = (
    _Held(8, "Што сакаме заедно", LEADER, LJUBICA, "Секој кажа една надеж. Најмногупати: децата почесто да прашуваат."),
    _Held(7, "Какви прашања слушаме", LEADER, DEJAN, "Броевме два дена: девет прашања од десет ги поставуваме ние."),
    _Held(6, "Прашање пред задачата", ZORAN, IGOR, "Тројца пробаа да почнат со прашање од учениците. Трае пет минути."),
    _Held(5, "Кога молчат", MARIJA, LJUBICA, "Молкот не е незнаење. Чекаме премалку, сите."),
    _Held(
        2,
        "Ливчиња",
        GORAN,
        DJURDJICA,
        "Ги разгледавме ливчињата од три паралелки.\n\n- Прашуваат и оние што инаку молчат.\n"
        "- Брзо здодеваат, ако потоа никој не ги чита.",
    ),
)
_BESIDES = "Што следува до следниот пат"
_FIRST_DECISION = "На секое ливче некој му одговара истата недела."
_FIRST_ACTION = "Да донесам кутија за ливчињата во зборницата"
_BROUGHT = "Стои до прозорецот, и веќе е полна."

_RUN = "Како да прашаат и тивките?"
_POINT, _CAME_OF_IT = "Што пробавме со минутата тишина", "Пробаа петмина; кај сите прашаа нови деца."
_STEPS: Sequence[Sequence[tuple[str, str, str]]] = (
    ((ZORAN, PLAIN, "Минута тишина во шесто: прашаа двајца што цела година молчеа."),),
    (
        (DEJAN, PLAIN, "Прашањето на ливче е полесно од кревање рака."),
        (GUEST, PLAIN, "In English lessons they ask in Macedonian first. I let them, and we turn it round together."),
        (GORAN, "Hunch", "Кога прашуваме прво ние, нивните прашања ги снемува."),
    ),
    ((LJUBICA, "Decision", "Две недели, на секој час: една минута тишина пред разговорот."),),
    ((MARIJA, PLAIN, "Картичка со три почетоци: „Зошто…“, „А што ако…“, „Од каде знаеме…“"),),
    (),
)
"""Step by step of the five-beat session: who wrote what."""
_ACTIONS = (
    (LEADER, "Да побарам втор клуч за кабинетот", 4),
    (MARIJA, "Да ја испечатам картичката за сите", 14),
    (GUEST, "Visit Zoran's lesson and write down who asks", 14),
    (DEJAN, "Да ги соберам првите прашања од седмо", 5),
)
"""Whose, what, and so many days after the meeting."""
_READERS = (GORAN, GUEST)
_COLLECTED = "Триесет и едно прашање. Ги носам во четврток."
_WORDS = ((4, "тивко"), (5, "корисно"), (5, "конкретно"), (4, ""), (5, "кратко"))

_MEETING = "Што прашаа учениците?"
_TOPICS = (
    ("Читаме три прашања од сопствените часови", ItemKind.LEARNING, 50),
    ("Кој води следниот пат", ItemKind.NOTICE, 5),
)
_PROTOCOL = "pupil_work_look"
_OWN_NAME = "Гледаме прашања на учениците"
_OWN_PURPOSE = "Од неколку прашања на учениците да видиме што навистина сакаат да знаат, пред да решиме што понатаму."
_OWN_STEPS = {
    "s2": ("Читаме во тишина", 4, "Прочитај ги прашањата двапати. Не поправај ги."),
    "s3": ("Само она што пишува", 11, "Кажи што прашува ученикот, со негови зборови. Без пофалба, без забелешка."),
    "s5": ("На кое прашање ќе одговориме заедно", 10, "Изберете едно прашање што ќе го носиме назад во одделение."),
}


def live_through_meetings(stage: Stage, here: CommunitySeen) -> tuple[Sequence[UUID], Mapping[UUID, Sequence[UUID]]]:
    """The rhythm with what came of it: the meetings that everybody has read about, and what some have besides."""
    today = stage.at.astimezone(stage.zone).date()
    thursday = today + timedelta(days=(3 - today.weekday()) % 7 or 7)
    by_turn = _plan(stage, here, thursday)
    for held in _PAST:
        _hold(stage, by_turn[held.ago], held)
    fell_out = by_turn[_FELL_OUT_AT]
    says = stage.actor_at(LEADER, _day(stage, thursday, _FELL_OUT_AT) + timedelta(hours=4))
    meetings.not_held(stage.session, says, _meeting(stage, says, fell_out), _NOT_HELD)
    _talk_by_a_protocol(stage, by_turn[_RUN_AT])
    _prepare(stage, here, by_turn[0])
    over = [meeting_id for turn, meeting_id in by_turn.items() if turn > _RUN_AT]
    return over, {stage.people[who][0]: [by_turn[_RUN_AT]] for who in _READERS}


def _plan(stage: Stage, here: CommunitySeen, thursday: date) -> dict[int, UUID]:
    """Every second Thursday; a break and a day of the school's are left out. Turn (0 is the next) → its meeting."""
    session, plans = stage.session, stage.actor_at(LEADER, _day(stage, thursday, 8) - timedelta(days=2))
    week = thursday - _BREAK_AT * TWO_WEEKS - timedelta(days=3)
    school_day = thursday + 2 * TWO_WEEKS
    breaks = [Break(_HOLIDAY, week, week + timedelta(days=4)), Break(_SCHOOL_DAY, school_day, school_day)]
    add_holidays(session, plans, here, breaks)
    form = SeriesForm(
        title=_SERIES,
        every=Every.TWO_WEEKS,
        weekday=3,
        first=thursday - 8 * TWO_WEEKS,
        starts=STARTS,
        minutes=MINUTES,
        place=PLACE,
        in_working_time=True,
        form_key=new_form_key(),
    )
    series_id = plan_series(session, plans, here, form, stage.zone.key)
    now = stage.actor(LEADER, 0)
    lay(session, [stage.load(now, "meeting_series", series_id, "community.read")], now.at)
    laid = in_series(session.connection(), series_id, plans.at, None)
    return {(thursday - one.occurrence) // TWO_WEEKS: one.id for one in laid if one.occurrence}


def _hold(stage: Stage, meeting_id: UUID, held: _Held) -> None:
    """A meeting as most are: a title, an agenda, a page of minutes that was found right."""
    session = stage.session
    leads, writes = _named(stage, meeting_id, held.title, held.leader), held.scribe
    _take_parts(stage, meeting_id, leads, {FACILITATOR: held.leader, SCRIBE: writes})
    for title, kind, minutes in ((held.title, ItemKind.LEARNING, 50), (_BESIDES, ItemKind.ORGANISING, 5 + held.ago)):
        point = ItemForm(title=title, kind=kind, minutes=minutes, form_key=new_form_key())
        agenda.propose_item(session, leads, _meeting(stage, leads, meeting_id), point)
    _begin_and_tick(stage, meeting_id, held.leader, away=IGOR if held.ago % 2 else ZORAN)
    begun = _meeting(stage, leads, meeting_id)
    for item in items_of(session.connection(), begun.community_id, meeting_id):
        _deal_with(stage, stage.actor_at(held.leader, begun.ends_at), item.id)
    meetings.close(session, stage.actor_at(held.leader, begun.ends_at), begun)
    scribe = stage.actor_at(writes, begun.ends_at + timedelta(hours=1))
    if held.ago == 2:
        decide(session, scribe, begun, _FIRST_DECISION)
        _agree(stage, scribe, begun, DEJAN, _FIRST_ACTION, begun.starts_at.date() + timedelta(days=9))
    form = MinutesForm(body=held.minutes, based_on=0, language="mk")
    write_minutes(session, scribe, _meeting(stage, scribe, meeting_id), form, "mk")
    count_paperwork(session, meeting_id, "attendance", 50)
    count_paperwork(session, meeting_id, "minutes", 200 + 30 * held.ago)
    _find_right(stage, meeting_id, (held.leader, GORAN, DEJAN, LJUBICA, MARIJA), timedelta(days=1))


def _talk_by_a_protocol(stage: Stage, meeting_id: UUID) -> None:
    """A five-beat session: what was written down in it are its minutes, which two have found right so far."""
    session = stage.session
    leads = _named(stage, meeting_id, _RUN, MARIJA)
    propose = ItemForm(title=_POINT, kind=ItemKind.LEARNING, minutes=50, form_key=new_form_key())
    agenda.propose_item(session, leads, _meeting(stage, leads, meeting_id), propose)
    _take_parts(stage, meeting_id, leads, {FACILITATOR: MARIJA, SCRIBE: LJUBICA, TIMEKEEPER: IGOR})
    meeting = _meeting(stage, leads, meeting_id)
    key = "five_beat_session"
    by_protocol.take(session, leads, meeting_id, key)
    _begin_and_tick(stage, meeting_id, MARIJA, away=ZORAN)
    protocol = protocol_for(session.connection(), meeting.community_id, key)
    assert protocol is not None
    moment = meeting.starts_at + timedelta(minutes=2)
    run_id = running.begin(session, stage.actor_at(MARIJA, moment), meeting, protocol, new_form_key())
    running.start(session, stage.actor_at(MARIJA, moment), _run(stage, run_id))
    _close_an_action(stage, meeting, moment)
    for place, (step, notes) in enumerate(zip(protocol.content.steps, _STEPS, strict=True)):
        written = moment + timedelta(minutes=step.minutes - 2)
        for who, kind, text in notes:
            _write(stage, run_id, stage.actor_at(who, written), place, kind, text)
        moment += timedelta(minutes=step.minutes)
        if place + 1 < len(_STEPS):
            running.next_step(session, stage.actor_at(MARIJA, moment), _run(stage, run_id), place)
    for who, text, days in _ACTIONS:
        due = meeting.starts_at.date() + timedelta(days=days)
        scribe = stage.actor_at(LJUBICA, moment - timedelta(minutes=3))
        _write(stage, run_id, scribe, len(_STEPS) - 1, "ActionItem", text, who, due)
    for who, (worth, word) in zip((LEADER, GORAN, DEJAN, GUEST, DJURDJICA), _WORDS, strict=True):
        running.give_pulse(session, stage.actor_at(who, moment), _run(stage, run_id), PulseForm(worth=worth, word=word))
    ends = stage.actor_at(MARIJA, moment)
    (point,) = items_of(session.connection(), meeting.community_id, meeting_id)
    _deal_with(stage, ends, point.id, _CAME_OF_IT)
    running.end(session, ends, _run(stage, run_id), _meeting(stage, ends, meeting_id))
    for form, seconds in (("attendance", 40), ("note", 160)):
        count_paperwork(session, meeting_id, form, seconds)
    _find_right(stage, meeting_id, _READERS, timedelta(days=1))
    _collect(stage, meeting)


def _close_an_action(stage: Stage, meeting: MeetingSeen, at: datetime) -> None:
    """On their feet: what was agreed the last time is done."""
    dejan = stage.actor_at(DEJAN, at + timedelta(minutes=3))
    for action in _open_actions(stage, dejan, meeting, _FIRST_ACTION):
        update_action(stage.session, dejan, action, "done", text=_BROUGHT, said_in=Reference("meeting", meeting.id))


def _collect(stage: Stage, meeting: MeetingSeen) -> None:
    dejan = stage.actor_at(DEJAN, meeting.starts_at + timedelta(days=4))
    for action in _open_actions(stage, dejan, meeting, _ACTIONS[-1][1]):
        update_action(stage.session, dejan, action, "done", text=_COLLECTED)


def _open_actions(stage: Stage, who: Actor, meeting: MeetingSeen, text: str) -> list[ActionSeen]:
    found = open_ones(stage.session.connection(), who, meeting.community_id)
    return [one for one in found if one.text == text]


def _prepare(stage: Stage, here: CommunitySeen, meeting_id: UUID) -> None:
    """The next one: a copy of a protocol that was made their own, points on the agenda, parts that are taken. Nobody
    leads it yet."""
    session, plans = stage.session, stage.actor(LEADER, 25)
    _name(stage, meeting_id, _MEETING, plans)
    for title, kind, minutes in _TOPICS:
        form = ItemForm(title=title, kind=kind, minutes=minutes, form_key=new_form_key())
        agenda.propose_item(session, plans, _meeting(stage, plans, meeting_id), form)
    adapts = stage.actor(MARIJA, 23)
    origin = protocol_for(session.connection(), here.id, _PROTOCOL)
    assert origin is not None
    copy_id = adapt(session, adapts, here, origin, _made_ours(origin.content), new_form_key())
    by_protocol.take(session, adapts, meeting_id, str(copy_id))
    _take_parts(stage, meeting_id, adapts, {SCRIBE: DJURDJICA, TIMEKEEPER: ZORAN})


def _made_ours(content: Content) -> Content:
    """Read instead of looked at, and with more time for what is there."""
    steps = [
        step.model_copy(update=dict(zip(("title", "minutes", "do"), _OWN_STEPS[step.id], strict=True)))
        if step.id in _OWN_STEPS
        else step
        for step in content.steps
    ]
    return content.model_copy(update={"name": _OWN_NAME, "purpose": _OWN_PURPOSE, "steps": tuple(steps)})


def _named(stage: Stage, meeting_id: UUID, title: str, who: str) -> Actor:
    """Whoever leads it says three days before what it is about."""
    starts_at = _meeting(stage, stage.actor(who, 0), meeting_id).starts_at
    leads = stage.actor_at(who, starts_at - timedelta(days=3))
    _name(stage, meeting_id, title, leads)
    return leads


def _name(stage: Stage, meeting_id: UUID, title: str, who: Actor) -> None:
    meeting = _meeting(stage, who, meeting_id)
    starts, ends = (at.astimezone(stage.zone) for at in (meeting.starts_at, meeting.ends_at))
    form = MeetingForm(
        title=title, day=starts.date(), starts=starts.time(), ends=ends.time(), place=PLACE, in_working_time=True
    )
    meetings.change_meeting(stage.session, who, meeting, form, stage.zone)


def _take_parts(stage: Stage, meeting_id: UUID, before: Actor, parts: dict[str, str]) -> None:
    for role, who in parts.items():
        takes = stage.actor_at(who, before.at)
        meetings.give_role(stage.session, takes, _meeting(stage, takes, meeting_id), role, takes.person_id)


def _begin_and_tick(stage: Stage, meeting_id: UUID, leader: str, *, away: str) -> None:
    """It begins on time; whoever leads it ticks who is there."""
    starts_at = _meeting(stage, stage.actor(leader, 0), meeting_id).starts_at
    leads = stage.actor_at(leader, starts_at)
    meeting = _meeting(stage, leads, meeting_id)
    meetings.begin(stage.session, leads, meeting)
    marks = [Mark(stage.people[who][0], Status.EXCUSED if who == away else Status.PRESENT) for who in HERE]
    attendance.mark(stage.session, leads, meeting, marks, Method.LIST)


def _deal_with(stage: Stage, who: Actor, item_id: UUID, outcome: str = "") -> None:
    item = stage.load(who, "agenda_item", item_id, "community.read")
    agenda.say_outcome(stage.session, who, item, OutcomeForm(outcome=outcome, dealt_with=True))


def _find_right(stage: Stage, meeting_id: UUID, readers: Sequence[str], after: timedelta) -> None:
    for who in dict.fromkeys(readers):
        now = _meeting(stage, stage.actor(who, 0), meeting_id)
        reads = stage.actor_at(who, now.ends_at + after)
        answer_minutes(stage.session, reads, now, AnswerForm(version=now.minutes_version, answer=Answered.RIGHT))


def _agree(stage: Stage, scribe: Actor, meeting: MeetingSeen, who: str, text: str, due: date) -> None:
    record_action(
        stage.session,
        scribe,
        community_id=meeting.community_id,
        site_id=meeting.site_id,
        text=text,
        owner_id=stage.people[who][0],
        due=due,
        origin=Reference("meeting", meeting.id),
        form_key=new_form_key(),
    )


def _write(
    stage: Stage, run_id: UUID, who: Actor, place: int, kind: str, text: str, owner: str = "", due: date | None = None
) -> None:
    owner_id = stage.people[owner][0] if owner else None
    form = NoteForm(id=uuid4(), step=place, kind=kind, text=text, owner_id=owner_id, due=due)
    running.write_note(stage.session, who, _run(stage, run_id), form, stage.seal, who.at.date())


def _meeting(stage: Stage, who: Actor, meeting_id: UUID) -> MeetingSeen:
    seen: MeetingSeen = stage.load(who, "meeting", meeting_id, "community.read")
    return seen


def _run(stage: Stage, run_id: UUID) -> RunSeen:
    seen: RunSeen = stage.load(stage.actor(MARIJA, 0), "run", run_id, "community.read")
    return seen


def _day(stage: Stage, thursday: date, ago: int) -> datetime:
    """When a meeting of so many turns ago begins."""
    return datetime.combine(thursday - ago * TWO_WEEKS, STARTS, stage.zone).astimezone(UTC)
