"""What the demo's teachers lead themselves: projects, a notebook, class results, a visit and what came of each."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from lms_plc.actionitems.actions import record_action
from lms_plc.classdata import actions as classdata
from lms_plc.classdata.tables import Column, Table, Use
from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.cycles.actions import adapt
from lms_plc.cycles.queries import cycle_for
from lms_plc.cycles.wording import in_language
from lms_plc.demo_people import DEJAN, DJURDJICA, GORAN, GUEST, IGOR, LEADER, LJUBICA, MARIJA, ZORAN, Stage
from lms_plc.evidence import actions as evidence
from lms_plc.evidence.forms import Look
from lms_plc.evidence.kinds import NODE, Level, Sort, Strength
from lms_plc.feedback import actions as feedback
from lms_plc.feedback.forms import AnswerForm, AskForm
from lms_plc.innovations import actions as innovations
from lms_plc.innovations.forms import CardForm
from lms_plc.inquiry import actions as inquiry
from lms_plc.inquiry import planning, taking_part
from lms_plc.inquiry.ending import decide_round
from lms_plc.inquiry.forms import (
    BeginForm,
    CheckForm,
    Need,
    NewTalkForm,
    NoteForm,
    OfTheRound,
    Part,
    PlanForm,
    Reads,
    RoundForm,
    ThoughtForm,
)
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.inquiry.written import plans, stages_of_rounds
from lms_plc.journal import actions as journal
from lms_plc.journal.forms import ConcernForm, EntryForm, Mood, Prompt
from lms_plc.portfolios import actions as portfolios
from lms_plc.portfolios.forms import ForewordForm, ItemForm
from lms_plc.practicechanges.actions import add_try, keep_change
from lms_plc.practicechanges.queries import ChangeSeen
from lms_plc.visits import actions as visits
from lms_plc.visits.forms import NoteForm as ObservationForm
from lms_plc.visits.forms import PlanForm as VisitPlanForm
from lms_plc.visits.forms import ProposeForm, VisitKind
from lms_plc.visits.forms import Sort as Noted
from lms_plc.visits.queries import VisitSeen
from lms_plc.web.form_fields import new_form_key

LONG, SHORT = "tldw", "reflect_improve_repeat"
_DAY = 24

_PROJECT = "Од нашите прашања до нивните"
_WROTE = {
    "concerns": (
        "Во седмо, на опитот со сенките, прашав четириесет пати за еден час. Тие прашаа двапати.",
        "Да се чудат гласно. И да не им биде срам кога не знаат.",
    ),
    "priority": (
        "Првите десет минути од часот. За тоа не ми треба ни буџет, ни дозвола.",
        "Горан и Зоран: и кај нив прашуваат истите четворица.",
    ),
    "consult": ("Директорот мора да се согласи, родителите треба да знаат, Зоран може да се вклучи.",),
    "plan": ("Зоран прави исто во шесто и бележи. Не го известувам, туку го замолив да ме поправа.",),
    "lead": ("Првиот пат беше тивко и ми се стори вечно. Третиот пат една девојка рече: „Чекајте, јас имам две.“",),
}
_FRIEND_ASKS = "What would you hear in that lesson if it went well? Give me one sentence of a pupil."
_FOCUS = "Ученици од седмо сами ставаат прашање пред опитот; знак е барем десет различни имиња во две недели."
_TALKS = (
    ("Директорот", Need.AGREE, True, "Може, ако не се губи час.", "Два часа во кабинетот, среда.", ""),
    (
        "Родители на седмо одделение",
        Need.KNOW,
        False,
        "Се плашат дека ќе се учи помалку.",
        "",
        "Прашањата ги носат и дома.",
    ),
    (
        "Зоран",
        Need.JOIN,
        False,
        "Ќе проба и во шесто.",
        "Ќе ми го даде својот лист.",
        "Почнуваме со цртеж, не со текст.",
    ),
)
_STEP = "Да го подготвам листот со три почетоци на прашање"
_PLAN = (
    "Различни имиња што прашале",
    "Зоран става цртичка на листот, секоја среда.",
    "Само цртички по одделение. Ниту едно име не се запишува.",
)
_BEFORE = "Денес замолчев, зашто ми снема глас. И тие почнаа."
_CHANGE = ("Пред опитот секој си запишува едно прашање. Јас молчам две минути.", "Седмо, среда, трет час")
_SIGN = "Прашуваат и оние од задната клупа."
_TRIES = (
    (27, "Тишина. Шест прашања, сите за оценката."),
    (20, "Единаесет прашања; едно не знаев да го одговорам и тоа им се допадна."),
    (6, "Прашањата ги подредија сами. Опитот почна од третото."),
)
_SHOWN = (
    "Лист со цртички од три среди: 6, 11 и 14 различни ученици.",
    "Колку различни ученици прашале.",
    "Дали прашањата се подобри, ниту што научиле.",
)
_CLAIM = ("Во седмо прашуваат повеќе ученици отколку порано.", "6 од 28", "14 од 28")
_FOREWORD = "Мислев дека им недостига љубопитност. Им недостигаа две минути."
_PORTFOLIO = (
    ("priority", "Што сакав, и по што ќе се познае.", "Зошто баш ова одделение."),
    ("lead", "Каде се смени мојот час.", "Дали ќе трае и без мене."),
    ("lead", "Дека не е само мој впечаток.", "Што прашале."),
    ("embed", "Што смеам да тврдам.", ""),
)

_LOOP = "Две секунди се премалку"
_LOOP_WROTE = {
    "notice": ("По прашањето чекав две секунди и самата одговорив. Беше аха: бројав наглас. Ги погоди тивките.",),
    "unpack": ("На листовите имаат одговор, само не го кажуваат.",),
}
_HUNCHES = ("Ми е непријатна тишината, не ним.", "Знаат дека ако почекаат, ќе кажам јас.")
_FRIEND_REPLIES = "Count on your fingers, behind your back. It helped me."
_LOOP_CHANGE = (
    "По секое прашање бројам до пет, на прсти.",
    "Шесто, математика",
    "Се јавува некој што не е од првите четворица.",
)
_LOOP_TRIED = "До пет е долго. Се јавија двајца нови."
_LOOP_CLAIM = ("Почекав, и се јавија двајца што инаку молчат.", "Истите четворица", "Истите четворица и уште двајца")
_LOOP_AGAIN = "Истото, но прво секој му кажува на соседот."
_LOOP_ANEW = "Со соседот зборуваат сите. Пред сите, сè уште шестмина."

_DRAFT = "Дали смеам да престанам да давам домашни?"
_DRAFT_NOTE = "Половината ги препишуваат. Другата половина ги прават без мене. За кого се тогаш?"
_PAGE = "Денес ја оставив тетратката дома, и часот беше подобар. Не знам дали смеам тоа некому да му го кажам."
_CONCERN = "Домашните не ми кажуваат што знаат. Им кажуваат дека не им верувам."
_PAGE_IN_ENGLISH = (
    "Somebody asked why English has no word for “inat”. Nobody laughed. We spent ten minutes looking for one.\n\n"
    "I had planned the past perfect. I am still a little ashamed that I looked at the clock."
)

_NEW = ("Глас наместо белешка", "Учениците снимаат една минута што разбрале, наместо да препишуваат од табла.")
_NEW_NOTES = (
    "Кај кого оди снимката? Нека остане на нивниот телефон.",
    "Пробуваме две недели: Игор во петто, Дејан во седмо.",
)

_DATA = ("Што сметаат и што прашуваат шестите одделенија?", "Задачи од општинскиот тест")
_GROUPS, _PUPILS = ("VI-а", "VI-б", "VI-в", "VI-г", "Подрачно училиште"), (28, 27, 25, 12, 4)
_SOLVED = ((71.0, 38.0), (64.0, 42.0), (69.0, 35.0), (58.0, 33.0), (75.0, 50.0))
_COLUMNS = ("Сметаат точно", "Ставаат свое прашање")
_GUESSES = (
    (GORAN, "Сметаат добро, прашуваат слабо. Некаде околу половина."),
    (LEADER, "Мислам дека VI-а е најслабо, оти таму најмногу доцнам."),
    (GUEST, "I expect all three to be alike. We teach from one book."),
)
_LOOKED = (
    (DEJAN, "Finding", "Во сите три одделенија прашањето стои барем дваесет проценти под сметањето."),
    (DJURDJICA, "Caveat", "Прашањето било последна задача. Можеби само немале време."),
    (GORAN, "Hunch", "Прашање никогаш не сме им побарале. Тестот го побара прв."),
)

_ASKED = (
    "Ќе прашаат ли, или само ќе одговорат?",
    "Задача за петок: „Во една кутија има дванаесет јајца. Што сè може да се праша?“",
)
_ANSWERED = ("Зборот „сè“ го отвора.", "Што правиш ако прашаат само „колку“?", "Стави кутија со скршено јајце.")

_LOOK_AT = "Кој прашува прв, и што правам јас потоа?"
_NOTED = (
    (Noted.SEEN, "Две минути никој не зборува. Сите пишуваат.", "цела училница"),
    (Noted.HEARD, "„А ако сенката е поголема од човекот?“", "задна клупа, до прозорец"),
    (Noted.GUESS, "Прашуваат едни со други кога наставничката е свртена.", ""),
)
_LEARNED = "Најдоброто прашање дојде додека бришевме табла. Следниот пат бришеме подолго."

_OWN_CYCLE = "Од четврток до четврток"
_OWN_SHORT = "Нашиот пат за две средби: еден час, една промена, еден збор за тоа."


def lead_their_own(stage: Stage, here: CommunitySeen) -> Sequence[UUID]:
    """All of it, said by its people; answers what is over, or asked and answered."""
    project_id = _lead_a_project(stage, here)
    loop_id = _go_round(stage, here)
    _begin_in_private(stage, here)
    _bring_something_new(stage, here)
    set_id, talk_id = _look_at_results(stage, here)
    _ask_for_feedback(stage, here)
    visit_id = _visit(stage, here, project_id)
    _make_a_way_their_own(stage, here)
    return project_id, loop_id, set_id, talk_id, visit_id


def _lead_a_project(stage: Stage, here: CommunitySeen) -> UUID:
    """A project of a school year, in the middle of its work: its lead, a colleague who joins, a friend who asks."""
    session, seal = stage.session, stage.seal
    project_id = _open(stage, here, MARIJA, 75, _PROJECT, LONG)
    for who, part in ((ZORAN, Part.CO_WORKER), (GUEST, Part.CRITICAL_FRIEND)):
        marija = _ago(stage, MARIJA, 73)
        taking_part.ask(session, marija, _project(stage, marija, project_id), stage.people[who][0], part)
        joins = _ago(stage, who, 72)
        taking_part.answer(session, joins, seal, _project(stage, joins, project_id), yes=True)

    _write(stage, MARIJA, 71, project_id, "concerns", _WROTE["concerns"])
    marija = _ago(stage, MARIJA, 70)
    seen = _project(stage, marija, project_id)
    inquiry.let_read(session, marija, seal, seen, _stages(stage, seen)["concerns"], Reads.NAMED_PEOPLE)
    _write(stage, GUEST, 69, project_id, "concerns", (_FRIEND_ASKS,), answers=False)
    _leave(stage, MARIJA, 66, project_id, "concerns")

    _write(stage, MARIJA, 65, project_id, "priority", _WROTE["priority"])
    marija = _ago(stage, MARIJA, 64)
    inquiry.open_to_community(session, marija, seal, _project(stage, marija, project_id), {"1-priority"})
    seen = _project(stage, marija, project_id)
    form = ThoughtForm(kind="FocusStatement", thought=_FOCUS, form_key=new_form_key())
    focus_id = inquiry.keep_thought(session, marija, seal, seen, _stages(stage, seen)["priority"], form)
    focus = Reference(NODE, focus_id)
    evidence.link(session, marija, focus, "led_to", seen.reference)
    inquiry.tick(session, marija, seen, "priority", 0, met=True)
    _leave(stage, MARIJA, 60, project_id, "priority")

    _talk_it_through(stage, project_id)
    _plan(stage, here, project_id)
    _collect(stage, project_id, (focus, *_work(stage, project_id)))
    return project_id


def _talk_it_through(stage: Stage, project_id: UUID) -> None:
    for days, (who, need, holds, said, promised, changed) in zip((58, 55, 50), _TALKS, strict=True):
        marija = _ago(stage, MARIJA, days)
        talk = {"who": who, "need": need, "holds": "yes" if holds else "", "day": marija.at.date()}
        talk |= {"said": said, "promised": promised, "changed": changed, "form_key": new_form_key()}
        form = NewTalkForm.model_validate(talk)
        planning.log_talk(stage.session, marija, stage.seal, _project(stage, marija, project_id), form)
    _write(stage, MARIJA, 49, project_id, "consult", _WROTE["consult"])
    _leave(stage, MARIJA, 48, project_id, "consult")


def _plan(stage: Stage, here: CommunitySeen, project_id: UUID) -> None:
    session, marija = stage.session, _ago(stage, MARIJA, 45)
    _write(stage, MARIJA, 46, project_id, "plan", _WROTE["plan"])
    seen = _project(stage, marija, project_id)
    record_action(
        session,
        marija,
        community_id=here.id,
        site_id=here.site_id,
        text=_STEP,
        owner_id=marija.person_id,
        due=(stage.at + timedelta(days=9)).date(),
        origin=seen.reference,
        form_key=new_form_key(),
    )
    what, how, protection = _PLAN
    form = PlanForm(what=what, how=how, protection=protection, due=None, form_key=new_form_key())
    planning.plan_evidence(session, marija, stage.seal, seen, form)
    zoran = _ago(stage, ZORAN, 43)
    (planned,) = plans(session.connection(), project_id, stage.seal, seen.round)
    looked = CheckForm(nobody="yes", names="yes", asked="yes")
    planning.check_plan(session, zoran, _project(stage, zoran, project_id), planned, looked)
    _leave(stage, MARIJA, 40, project_id, "plan")


def _work(stage: Stage, project_id: UUID) -> tuple[Reference, Reference, Reference]:
    """A change that was tried three times, what shows it, and what may be said of it; nobody else has tried it yet."""
    session, marija = stage.session, _ago(stage, MARIJA, 34)
    what, place = _CHANGE
    seen = _project(stage, marija, project_id)
    change = _change(stage, marija, seen, what, place, _SIGN, first_try=27)
    journal.link_change(session, marija, _page(stage, marija, _BEFORE, Mood.CURIOUS, None), change.reference)
    for days, happened in _TRIES:
        _try(stage, _ago(stage, MARIJA, days), change.id, happened)
    _write(stage, MARIJA, 19, project_id, "lead", _WROTE["lead"])
    marija = _ago(stage, MARIJA, 5)
    text, shows, does_not_show = _SHOWN
    shown_id = evidence.keep_evidence(
        session,
        marija,
        community_id=seen.community_id,
        site_id=seen.site_id,
        sort=Sort.TOTALS.value,
        text=text,
        shows=shows,
        does_not_show=does_not_show,
        taken_on=marija.at.date(),
        origin=seen.reference,
        form_key=new_form_key(),
        look=Look(people_visible="no", names_removed="yes"),
    )
    claim_id = _claim(stage, marija, change.reference, seen, _CLAIM, Level.PUPILS, Strength.BEFORE_AFTER_NUMBERS, 28)
    claim, shown = Reference(NODE, claim_id), Reference(NODE, shown_id)
    evidence.link(session, marija, claim, "shown_by", shown)
    return change.reference, shown, claim


def _collect(stage: Stage, project_id: UUID, things: Sequence[Reference]) -> None:
    session, marija = stage.session, _ago(stage, MARIJA, 4)
    portfolio_id = portfolios.begin(session, marija, _project(stage, marija, project_id))
    portfolio = stage.load(marija, "portfolio", portfolio_id, "portfolio.edit")
    portfolios.write_foreword(session, marija, stage.seal, portfolio, ForewordForm(foreword=_FOREWORD))
    for thing, (at, shows, does_not_show) in zip(things, _PORTFOLIO, strict=True):
        form = ItemForm(stage=at, shows=shows, does_not_show=does_not_show)
        portfolios.choose(session, marija, stage.seal, portfolio, thing, form)


def _go_round(stage: Stage, here: CommunitySeen) -> UUID:
    """A short loop, once around and begun again."""
    session, seal = stage.session, stage.seal
    loop_id = _open(stage, here, LEADER, 24, _LOOP, SHORT)
    _write(stage, LEADER, 24, loop_id, "notice", _LOOP_WROTE["notice"])
    _leave(stage, LEADER, 23, loop_id, "notice")
    leader = _ago(stage, LEADER, 22)
    inquiry.open_to_community(session, leader, seal, _project(stage, leader, loop_id), {"1-unpack"})
    taking_part.ask(session, leader, _project(stage, leader, loop_id), stage.people[GUEST][0], Part.CRITICAL_FRIEND)
    guest = _ago(stage, GUEST, 21)
    taking_part.answer(session, guest, seal, _project(stage, guest, loop_id), yes=True)
    for thought in _HUNCHES:
        seen = _project(stage, leader, loop_id)
        form = ThoughtForm(kind="Hunch", thought=thought, form_key=new_form_key())
        inquiry.keep_thought(session, leader, seal, seen, _stages(stage, seen)["unpack"], form)
    _write(stage, LEADER, 21, loop_id, "unpack", _LOOP_WROTE["unpack"])
    _write(stage, GUEST, 21, loop_id, "unpack", (_FRIEND_REPLIES,), answers=False)
    _leave(stage, LEADER, 20, loop_id, "unpack")

    leader = _ago(stage, LEADER, 19)
    what, place, sign = _LOOP_CHANGE
    change = _change(stage, leader, _project(stage, leader, loop_id), what, place, sign, first_try=17)
    _leave(stage, LEADER, 19, loop_id, "improve")
    _try(stage, _ago(stage, LEADER, 17), change.id, _LOOP_TRIED)
    leader = _ago(stage, LEADER, 13)
    seen = _project(stage, leader, loop_id)
    _claim(stage, leader, change.reference, seen, _LOOP_CLAIM, Level.PUPILS, Strength.IMPRESSION, None)
    _leave(stage, LEADER, 12, loop_id, "compare")
    leader = _ago(stage, LEADER, 11)
    seen = _project(stage, leader, loop_id)
    last = seen.content.stage("repeat")
    assert last is not None
    decide_round(session, leader, seal, seen, last, RoundForm(decision=OfTheRound.AGAIN, changes=_LOOP_AGAIN))
    _write(stage, LEADER, 10, loop_id, "notice", (_LOOP_ANEW,))
    _leave(stage, LEADER, 9, loop_id, "notice")
    return loop_id


def _begin_in_private(stage: Stage, here: CommunitySeen) -> None:
    """What nobody knows of yet: a page, the concern it gave rise to, a project that begins with it."""
    session, leader = stage.session, _ago(stage, LEADER, 3)
    page = _page(stage, leader, _PAGE, Mood.WORRIED, Prompt.SURPRISED)
    concern = ConcernForm(text=_CONCERN, community_id=here.id, audience=Audience.ONLY_ME, form_key=new_form_key())
    concern_id = journal.keep_concern(session, leader, stage.seal, page, here, concern)
    draft_id = _open(stage, here, LEADER, 2, _DRAFT, LONG, Reference(NODE, concern_id))
    _write(stage, LEADER, 2, draft_id, "concerns", (_DRAFT_NOTE,))
    _page(stage, _ago(stage, GUEST, 1), _PAGE_IN_ENGLISH, Mood.CURIOUS, None)


def _bring_something_new(stage: Stage, here: CommunitySeen) -> None:
    title, text = _NEW
    card = CardForm(title=title, text=text, form_key=new_form_key())
    card_id = innovations.raise_card(stage.session, _ago(stage, IGOR, 18), here, card)
    noted, moved = _NEW_NOTES
    for who, days, verb, words in ((LJUBICA, 16, innovations.add_note, noted), (IGOR, 8, innovations.move_on, moved)):
        says = _ago(stage, who, days)
        verb(stage.session, says, stage.load(says, "innovation", card_id, "innovation.move"), words, new_form_key())


def _look_at_results(stage: Stage, here: CommunitySeen) -> tuple[UUID, UUID]:
    """Two groups are too small to be shown; of the others everybody guessed before they looked."""
    session, brings = stage.session, _ago(stage, GORAN, 7)
    columns = tuple(Column(name, Use.PERCENT) for name in _COLUMNS)
    question, source = _DATA
    set_id = classdata.add_data_set(
        session,
        brings,
        community_id=here.id,
        site_id=here.site_id,
        table=Table(_GROUPS, _PUPILS, columns, _SOLVED),
        question=question,
        source=source,
        day=brings.at.date() - timedelta(days=20),
        came="paste",
        form_key=new_form_key(),
    )
    seen = stage.load(brings, "data_set", set_id, "data_set.read")
    talk_id = classdata.begin_talk(session, brings, seen, new_form_key())
    for who, text in _GUESSES:
        classdata.say(session, _ago(stage, who, 6), seen, "Prediction", text, new_form_key())
    opens = _ago(stage, GORAN, 5)
    classdata.uncover(session, opens, stage.load(opens, "data_conversation", talk_id, "data_set.uncover"))
    for who, kind, text in _LOOKED:
        classdata.say(session, _ago(stage, who, 4), seen, kind, text, new_form_key())
    return set_id, talk_id


def _ask_for_feedback(stage: Stage, here: CommunitySeen) -> None:
    asks = _ago(stage, LJUBICA, 2)
    question, text = _ASKED
    people = [stage.people[who][0] for who in (LEADER, IGOR)]
    due = (stage.at + timedelta(days=4)).date()
    form = AskForm(question=question, text=text, people=people, due=due, form_key=new_form_key())
    request_id = feedback.ask(stage.session, asks, here, form, people, None)
    igor = _ago(stage, IGOR, 1)
    saw, wonders, idea = _ANSWERED
    asked = stage.load(igor, "feedback_request", request_id, "feedback.answer")
    feedback.answer(stage.session, igor, asked, AnswerForm(saw=saw, asks=wonders, idea=idea))


def _visit(stage: Stage, here: CommunitySeen, project_id: UUID) -> UUID:
    """A lesson looked at by one question, talked over, and what came of it told to all."""
    session, dejan = stage.session, _ago(stage, DEJAN, 13)
    host, visitors = stage.people[MARIJA][0], [stage.people[who][0] for who in (DEJAN, LJUBICA)]
    form = ProposeForm(kind=VisitKind.PEER_OBSERVATION, host_id=host, people=visitors, form_key=new_form_key())
    visit_id = visits.propose(session, dejan, here, form, visitors, Reference("inquiry", project_id))

    def seen(who: Actor) -> VisitSeen:
        visit: VisitSeen = stage.load(who, "visit", visit_id, "visit.see")
        return visit

    marija = _ago(stage, MARIJA, 12)
    visits.agree(session, marija, seen(marija), _LOOK_AT)
    starts = _lesson(stage, 6)
    when = VisitPlanForm(day=starts, starts=time(10, 5), minutes=40, place="Кабинет по физика")
    visits.plan(session, marija, seen(marija), when, stage.zone)
    in_class = datetime.combine(starts, time(10, 20), stage.zone).astimezone(stage.at.tzinfo)
    for who, (sort, text, place) in zip((DEJAN, DEJAN, LJUBICA), _NOTED, strict=True):
        notes = stage.actor_at(who, in_class)
        noted = ObservationForm(sort=sort, text=text, place=place, form_key=new_form_key())
        visits.note(session, notes, seen(notes), noted)
    for verb in (
        lambda who: visits.debrief(session, who, seen(who)),
        lambda who: visits.report(session, who, seen(who), _LEARNED),
        lambda who: visits.share(session, who, seen(who), shared=True),
    ):
        verb(stage.actor_at(MARIJA, in_class + timedelta(hours=2)))
    return visit_id


def _lesson(stage: Stage, days: int) -> date:
    """A school day so many days ago, or the last before it."""
    day = (stage.at - timedelta(days=days)).date()
    return day - timedelta(days=max(0, day.weekday() - 4))


def _make_a_way_their_own(stage: Stage, here: CommunitySeen) -> None:
    """A copy of the short loop, in the words of this school."""
    adapts = _ago(stage, DJURDJICA, 15)
    origin = cycle_for(stage.session.connection(), here.id, SHORT)
    assert origin is not None
    content = in_language(origin.content).model_copy(
        update={"name": _OWN_CYCLE, "short": _OWN_SHORT, "typical_months": 1}
    )
    adapt(stage.session, adapts, here, origin, content, new_form_key())


def _open(
    stage: Stage,
    here: CommunitySeen,
    who: str,
    days: float,
    title: str,
    cycle: str,
    origin: Reference | None = None,
) -> UUID:
    actor = _ago(stage, who, days)
    found = cycle_for(stage.session.connection(), here.id, cycle)
    assert found is not None
    form = BeginForm(title=title, cycle=cycle, form_key=new_form_key())
    return inquiry.open_inquiry(stage.session, actor, stage.seal, here, form, found, origin)


def _project(stage: Stage, who: Actor, inquiry_id: UUID) -> InquirySeen:
    seen: InquirySeen = stage.load(who, "inquiry", inquiry_id, "inquiry.read")
    return seen


def _stages(stage: Stage, seen: InquirySeen) -> Any:
    return stages_of_rounds(stage.session.connection(), seen.id)[seen.round]


def _write(
    stage: Stage, who: str, days: float, inquiry_id: UUID, at: str, texts: Sequence[str], *, answers: bool = True
) -> None:
    """Answers to the prompts of a stage, in their order; or just a note."""
    actor = _ago(stage, who, days)
    seen = _project(stage, actor, inquiry_id)
    for prompt, text in enumerate(texts):
        form = NoteForm(text=text, prompt=prompt if answers else None, form_key=new_form_key())
        inquiry.write_note(stage.session, actor, stage.seal, seen, _stages(stage, seen)[at], form)


def _leave(stage: Stage, who: str, days: float, inquiry_id: UUID, at: str) -> None:
    actor = _ago(stage, who, days)
    seen = _project(stage, actor, inquiry_id)
    left = seen.content.stage(at)
    assert left is not None
    inquiry.leave(stage.session, actor, seen, left, 0)


def _change(
    stage: Stage, actor: Actor, seen: InquirySeen, what: str, place: str, sign: str, *, first_try: int
) -> ChangeSeen:
    change_id = keep_change(
        stage.session,
        actor,
        community_id=seen.community_id,
        site_id=seen.site_id,
        what=what,
        place=place,
        sign=sign,
        first_try=(stage.at - timedelta(days=first_try)).date(),
        origin=seen.reference,
        round=seen.round,
        seal=stage.seal,
        form_key=new_form_key(),
    )
    return _kept(stage, actor, change_id)


def _try(stage: Stage, actor: Actor, change_id: UUID, happened: str) -> None:
    change, day = _kept(stage, actor, change_id), actor.at.date()
    add_try(stage.session, actor, change, day=day, happened=happened, seal=stage.seal, form_key=new_form_key())


def _kept(stage: Stage, actor: Actor, change_id: UUID) -> ChangeSeen:
    change: ChangeSeen = stage.load(actor, "practice_change", change_id, "practice_change.read")
    return change


def _claim(
    stage: Stage,
    actor: Actor,
    origin: Reference,
    seen: InquirySeen,
    words: tuple[str, str, str],
    level: Level,
    strength: Strength,
    n: int | None,
) -> UUID:
    text, before, after = words
    return evidence.state_claim(
        stage.session,
        actor,
        community_id=seen.community_id,
        site_id=seen.site_id,
        level=level.value,
        text=text,
        before=before,
        after=after,
        n=n,
        strength=strength.value,
        origin=origin,
        form_key=new_form_key(),
    )


def _page(stage: Stage, actor: Actor, text: str, mood: Mood, prompt: Prompt | None) -> UUID:
    form = EntryForm(text=text, mood=mood, prompt=prompt, form_key=new_form_key())
    return journal.write_entry(stage.session, actor, stage.seal, form, actor.at.astimezone(stage.zone).date())


def _ago(stage: Stage, who: str, days: float) -> Actor:
    return stage.actor(who, days * _DAY)
