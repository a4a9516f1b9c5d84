"""A community in the middle of its year, for the demo: said in the language of its school, by its own people.

Everything is done by the rooms' own actions, so the pages show what they would show of a real one. One colleague and a
teacher of another school read English, and write it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFilter
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.agreements import actions as agreements
from lms_plc.agreements.forms import CharterForm, Proposed
from lms_plc.board import actions as board
from lms_plc.board.forms import IssueForm
from lms_plc.communities.audiences import Audience
from lms_plc.communities.consent import Proposal, Stand, adopt_round, answer_round, open_round
from lms_plc.communities.forms import FoundedBy, FoundingForm
from lms_plc.communities.founding import record_founding
from lms_plc.communities.models import Membership
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import shown
from lms_plc.demo_inquiry import lead_their_own
from lms_plc.demo_meetings import live_through_meetings
from lms_plc.demo_people import (
    DEJAN,
    DJURDJICA,
    ELSEWHERE,
    GORAN,
    GUEST,
    IGOR,
    LEADER,
    LJUBICA,
    MARIJA,
    ZORAN,
    Stage,
)
from lms_plc.discussions import actions as discussions
from lms_plc.discussions.forms import AhaForm, PostForm, Purpose, ReactionKind, TopicForm
from lms_plc.discussions.keeping_order import mark_answer
from lms_plc.discussions.queries import first_post
from lms_plc.files.actions import attach, take_in
from lms_plc.files.arrivals import Brought, look_at
from lms_plc.house import House
from lms_plc.library import actions as library
from lms_plc.library.forms import PracticeForm, StoryForm, TriedForm
from lms_plc.library.queries import KIND, Origin
from lms_plc.library.shapes import Licence, Shape, StoryKind
from lms_plc.meetings import agenda
from lms_plc.notifications import job, listening
from lms_plc.notifications.actions import mark_opened
from lms_plc.notifications.models import Notification
from lms_plc.people.models import Identity, Person
from lms_plc.profiles.actions import write_profile
from lms_plc.profiles.forms import ProfileForm
from lms_plc.schoolnews.actions import tell
from lms_plc.schoolnews.forms import ItemForm as NewsForm
from lms_plc.schoolnews.queries import schools_of
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import speaking

_SCHOOL = "ООУ „Вардарска искра“"
_CHARTER = CharterForm(
    charter="Сакаме учениците почесто да прашуваат, а ние повеќе да учиме едни од други.",
    definition="Заедница сме ако секој од нас барем еднаш донел нешто што не му успеало.",
    rhythm="Секој втор четврток, 75 минути, во библиотеката. Секоја средба ја води некој друг.",
    leaves_room="Надвор излегува само она што сите ќе го кажеме заедно.",
    photos="На фотографиите се гледаат работи, не лица.",
    languages="Секој на својот јазик; преведуваме кога треба.",
    based_on=0,
)
_BEGAN = "Ни беше жал за прашањата што никој не ги слушна."
_PROMISES = (
    "Што ќе се каже тука, останува тука.",
    "Кој доаѓа на час, доаѓа да учи, не да оценува.",
)
_GOAL = "До крајот на полугодието секој од нас ќе биде на два часа кај колега."
_WORRY = "Да внимаваме на распоредот: во прва смена нема кој да нѐ замени."
_DECISION = "Средбите да почнуваат во 13:30, за да стигнат на автобус и колегите од селата."
_NOT_YET = "Имам час до 13:35. Може ли во 13:45?"
_QUESTION = (
    "Како да прашуваат и тивките ученици?",
    "Во шесто одделение секогаш прашуваат истите четворица. Пробав со ливчиња, но брзо им здодеа. Како е кај вас?",
)
_ANSWER = (
    "Кај мене помогна **една минута тишина** пред разговорот: прво секој си го запишува прашањето. "
    "@{name}, дојди на час во четврток ако сакаш да видиш."
)
_IT_HELPED = "Пробав денес. Прашаа двајца што цела година молчеа."
_INSIGHT = (
    "Мостот од хартија држи повеќе ако прво го нацртаат",
    "Им реков прво да го нацртаат, па потоа да виткаат. Мостот од еден лист издржа дваесет и три парички. "
    "И прашаа сами: зошто свитканата хартија не паѓа?",
)
_PHOTO = "Мост од свиткана хартија меѓу две книги, врз него парички"
_VISITS = (
    "Lesson visits next week: who opens their door?",
    "One question a visit, agreed before: what did the quiet ones do? I can bring coffee.",
)
_COME_TO_ME = "@{name}, дојдете кај мене во четврток, втор час. Читаме песна, а никој не смее да ја објасни прв."
_AHA = "Чекам премалку: по прашањето избројав две секунди. Од утре бројам до пет."
_ISSUE = (
    "Микроскопите се заклучени, а клуч има само еден",
    "Клучот е кај домарот, а тој доаѓа по вториот час. Трипати го менував часот.",
)
_NEWS = (
    "Отворени часови во четврток",
    "Вториот и третиот час се отворени за сите колеги. Дојдете со едно прашање; оценки нема.",
)
_FLOP = (
    "Проектот што никој не го прочита",
    "Три недели правевме весник. Секој си го напиша својот дел, јас ги споив и го испечатив.\n\n"
    "Никој не го отвори. Прашав зошто, и едно девојче рече: „Ние знаеме што пишува, а другите не прашаа ништо.“\n\n"
    "Следниот пат ќе почнам од читателот: прво ќе прашаме некого што сака да знае.",
)
_CARD: Mapping[str, Any] = {
    "title": "Three questions before the answer",
    "what": "Nobody answers before there are three questions on the board. Then the class chooses where to begin.",
    "language": "en",
    "subject": "languages",
    "licence": Licence.BY,
    "audience": Audience.PLATFORM,
    "tags": "questions",
    "ages": "12–13 years",
    "school": "town school, one shift",
    "size": "24",
    "languages": "Serbian, some Hungarian at home",
    "before": "They were used to answering, and to being right.",
    "how": "1. Show a picture or one sentence.\n2. Wait until there are three questions. Write them as they are said.\n"
    "3. Let the class choose one.\n4. Only now does somebody try an answer.",
    "happened": "The third question took four minutes, and it was the good one.",
    "watch": "Do not improve the questions while writing them down.",
}
_ADAPTED: Mapping[str, Any] = {
    **_CARD,
    "title": "Three questions before the answer, on slips",
    "tags": "questions, slips",
    "ages": "10–11 years",
    "school": "two shifts, lessons of 40 minutes",
    "size": "31",
    "languages": "Macedonian, two pupils Romani",
    "how": "1. Show a picture or one sentence.\n2. One minute of silence: everybody writes a question on a slip.\n"
    "3. Wait until there are three questions on the board.\n4. Let the class choose one.\n"
    "5. Only now does somebody try an answer.",
    "happened": "With slips also those asked who never say a word aloud.",
}
_TRIED = "Седум прашања, пет од деца што инаку молчат."
_PROFILES: Mapping[str, ProfileForm] = {
    LEADER: ProfileForm(
        school=_SCHOOL,
        subjects=["mathematics"],
        languages=["mk"],
        about="Дваесет години во шесто одделение. Собирам прашања што децата ги поставиле, а јас не ги знаев.",
    ),
    MARIJA: ProfileForm(school=_SCHOOL, subjects=["science"], languages=["mk", "sr"], may_be_found=True),
    GUEST: ProfileForm(
        school=_SCHOOL,
        subjects=["foreign_languages"],
        languages=["en", "mk"],
        about="English, years 5 to 9. I like lessons in which I talk less than half the time.",
        may_be_found=True,
    ),
    ELSEWHERE: ProfileForm(
        school="OŠ „Dunavska zora“",
        subjects=["foreign_languages"],
        languages=["en", "sr"],
        about="French, as a second foreign language. Ask me about songs.",
        may_be_found=True,
    ),
}


def live_a_little(house: House, site_id: UUID, here_id: UUID, elsewhere_id: UUID) -> None:
    """What the members of a community, and one of another, did in the last days; and whoever should hears of it."""
    photo = look_at("most.png", _paper_bridge(), scan_command=None)
    with house.database.write() as session:
        zone = ZoneInfo(house.settings.timezone)
        stage = Stage(session, site_id, _people(session, site_id), house.clock(), zone, house.seal)
        here, elsewhere = (
            stage.load(stage.actor(who, 0), "community", community_id, "community.read")
            for who, community_id in ((LEADER, here_id), (ELSEWHERE, elsewhere_id))
        )
        for who, form in _PROFILES.items():
            actor = stage.actor(who, 80)
            write_profile(session, actor, stage.load(actor, "person", actor.person_id, "profile.edit"), form)
        with speaking("mk"):
            led = lead_their_own(stage, here)
        goal_id = _agree(stage, here)
        _talk(stage, here, photo, quota=house.settings.files_quota_mb * 1024**2)
        _keep(stage, here, elsewhere)
        with speaking("mk"):
            over, read_by = live_through_meetings(stage, here)
        _put_an_issue_on_the_agenda(stage, here)
        leader = stage.actor(LEADER, 1)
        title, body = _NEWS
        schools = [one.id for one in schools_of(session.connection(), leader, here.id)]
        tell(session, leader, here, NewsForm(title=title, body=body, schools=schools, form_key=new_form_key()), schools)
    assert job.ROOMS  # whoever says who hears of what
    listening.listen(house)
    with house.database.write() as session:
        for person_id in session.execute(select(Notification.person_id).distinct()).scalars().all():
            # it is agreed, over, or answered: nobody is asked
            for thing_id in (goal_id, *over, *led, *read_by.get(person_id, ())):
                mark_opened(session, Actor(person_id, site_id, "", house.clock()), thing_id)


def _people(session: Session, site_id: UUID) -> dict[str, tuple[UUID, str]]:
    rows = session.execute(
        select(Identity.subject, Person.id, Person.display_name)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.site_id == site_id)
    )
    return {subject: (person_id, name) for subject, person_id, name in rows}


def _agree(stage: Stage, here: CommunitySeen) -> UUID:
    """A charter with promises, a goal everybody answered, one of them with a worry, and a proposal that waits; the
    round of the goal."""
    session, leader = stage.session, stage.actor(LEADER, 79)
    began = FoundingForm(
        founded_by=FoundedBy.OWN_NEED, first_purpose="Ни беше жал за прашањата што никој не ги слушна."
    )
    record_founding(session, leader, here.id, here.site_id, began)
    agreements.write_charter(session, leader, here, _CHARTER)
    for promise in _PROMISES:
        agreements.add_norm(session, leader, here, promise)
    goal = open_round(session, leader, here, Proposal(Proposed.GOAL.value, _GOAL), new_form_key())
    for who in _members(stage, here):
        worried = who == ZORAN
        _say(stage, here, goal, who, Stand.YES_WITH_WORRY if worried else Stand.YES, _WORRY if worried else "")
    adopter = stage.actor(LEADER, 50)
    adopt_round(session, adopter, here, stage.load(adopter, "consent_round", goal, "consent.adopt"))
    proposal = Proposal(Proposed.DECISION.value, _DECISION, answer_by=(stage.at + timedelta(days=6)).date())
    decision = open_round(session, stage.actor(MARIJA, 30), here, proposal, new_form_key())
    for who, stand, words in ((MARIJA, Stand.YES, ""), (LJUBICA, Stand.YES, ""), (DEJAN, Stand.NOT_YET, _NOT_YET)):
        _say(stage, here, decision, who, stand, words)
    return goal


def _members(stage: Stage, here: CommunitySeen) -> Sequence[str]:
    inside = set(
        stage.session.execute(
            select(Membership.person_id).where(Membership.community_id == here.id, Membership.state == "active")
        ).scalars()
    )
    return [subject for subject, (person_id, _) in stage.people.items() if person_id in inside]


def _say(stage: Stage, here: CommunitySeen, round_id: UUID, who: str, stand: Stand, words: str) -> None:
    actor = stage.actor(who, 28)
    asked = stage.load(actor, "consent_round", round_id, "consent.answer")
    answer_round(stage.session, actor, here, asked, stand, words)


def _talk(stage: Stage, here: CommunitySeen, photo: Brought, *, quota: int) -> None:
    """A question that was answered, an insight with a photo, visits to be arranged, an aha."""
    session = stage.session
    asks = stage.actor(LEADER, 53)
    question_id = _start(stage, here, asks, Purpose.QUESTION, *_QUESTION)
    answer_id = _answer(stage, here, stage.actor(ZORAN, 50), question_id, _ANSWER.format(name=asks.name))
    wants = stage.actor(GUEST, 48)
    discussions.react(session, wants, stage.load(wants, "post", answer_id, "post.react"), ReactionKind.WANT_TO_TRY)
    asks = stage.actor(LEADER, 27)
    _answer(stage, here, asks, question_id, _IT_HELPED)
    helpful = stage.load(asks, "post", answer_id, "post.react")
    discussions.react(session, asks, helpful, ReactionKind.TRIED)
    mark_answer(session, asks, stage.load(asks, "topic", question_id, "topic.answer"), helpful)

    shows = stage.actor(MARIJA, 26)
    insight_id = _start(stage, here, shows, Purpose.INSIGHT, *_INSIGHT)
    file_id = take_in(session, shows, here, photo, quota=quota, alt=_PHOTO)
    attach(session, shows, [file_id], Reference("post", first_post(session.connection(), insight_id)))

    guest = stage.actor(GUEST, 7)
    visits_id = _start(stage, here, guest, Purpose.STRATEGY, *_VISITS)
    _answer(stage, here, stage.actor(GORAN, 5), visits_id, _COME_TO_ME.format(name=guest.name))
    aha = AhaForm(line=_AHA, form_key=new_form_key())
    discussions.share_aha(session, stage.actor(DJURDJICA, 3), here, aha)


def _start(stage: Stage, here: CommunitySeen, who: Actor, purpose: Purpose, title: str, body: str) -> UUID:
    form = TopicForm(title=title, purpose=purpose, body=body, form_key=new_form_key())
    return discussions.start_topic(stage.session, who, here, form)


def _answer(stage: Stage, here: CommunitySeen, who: Actor, topic_id: UUID, body: str) -> UUID:
    topic = stage.load(who, "topic", topic_id, "post.write")
    return discussions.write_post(stage.session, who, here, topic, PostForm(body=body, form_key=new_form_key()))


def _keep(stage: Stage, here: CommunitySeen, elsewhere: CommunitySeen) -> None:
    """A card of another school's, what a colleague made of it, who tried that, and a story of a flop."""
    session = stage.session
    card = PracticeForm(**_CARD, findable=True, form_key=new_form_key())
    card_id = library.add(session, stage.actor(ELSEWHERE, 70), elsewhere, Shape.PRACTICE, card)
    guest = stage.actor(GUEST, 24)
    original = stage.load(guest, KIND, card_id, "library_item.adapt")
    adapted = PracticeForm(**_ADAPTED, form_key=new_form_key())
    origin = Origin(KIND, original.id, original.version)
    adapted_id = library.add(session, guest, here, Shape.PRACTICE, adapted, origin=origin, adapted=original)
    tries = stage.actor(LEADER, 4)
    library.try_it(session, tries, stage.load(tries, KIND, adapted_id, "library_item.try"), TriedForm(words=_TRIED))
    title, page = _FLOP
    story = StoryForm(
        title=title,
        page=page,
        language="mk",
        story_kind=StoryKind.FLOP,
        audience=Audience.COMMUNITY,
        show_name=True,
        form_key=new_form_key(),
    )
    library.add(session, stage.actor(DEJAN, 20), here, Shape.STORY, story)


def _put_an_issue_on_the_agenda(stage: Stage, here: CommunitySeen) -> None:
    """Something in the way that somebody has taken on, for the next meeting."""
    session = stage.session
    raises, takes = stage.actor(LJUBICA, 22), stage.actor(IGOR, 6)
    title, body = _ISSUE
    issue_id = board.raise_issue(session, raises, here, IssueForm(title=title, body=body, form_key=new_form_key()))
    board.take_on(session, takes, stage.load(takes, "issue", issue_id, "issue.work_on"))
    reference = Reference("issue", issue_id)
    issue = shown(session.connection(), takes, [reference])[reference]
    agenda.put_on_agenda(session, takes, here, issue, new_form_key())


def _paper_bridge() -> bytes:
    """The photo, drawn: a folded sheet between two books, with coins on it."""
    width, height, table = 1200, 800, 560
    picture = Image.new("RGB", (width, height), "#d9cbb2")
    draw = ImageDraw.Draw(picture)
    for row in range(table):
        draw.line((0, row, width, row), fill=(214 - row // 14, 222 - row // 16, 224 - row // 18))
    for row in range(table, height):
        draw.line((0, row, width, row), fill=(176 - (row - table) // 6, 132 - (row - table) // 7, 88))
    draw.polygon([(150, 640), (1060, 640), (1130, 690), (90, 690)], fill="#8a6238")  # their shadow
    picture = picture.filter(ImageFilter.GaussianBlur(6))
    draw = ImageDraw.Draw(picture)
    for left, colours in ((110, ("#7d2f36", "#26506b", "#4d6b3c")), (850, ("#3b5a70", "#a0602c", "#5b3a63"))):
        for place, colour in enumerate(colours):
            top = 600 - 70 * place
            shift = 12 * (place % 2)
            draw.rounded_rectangle((left + shift, top, left + 250 - shift, top + 66), 10, fill=colour)
            draw.rectangle((left + 14 + shift, top + 52, left + 250 - shift, top + 60), fill="#efe7d4")
    folds, step = 16, 40
    ridge = [(285 + n * step, 414 if n % 2 else 460) for n in range(folds)]
    for n, ((x, y), (x2, y2)) in enumerate(zip(ridge, ridge[1:], strict=False)):
        shade = "#fbf8ef" if n % 2 else "#e4dece"
        draw.polygon([(x, y), (x2, y2), (x2 + 26, y2 - 74), (x + 26, y - 74)], fill=shade, outline="#cfc7b3")
    for x, y in ((430, 352), (500, 358), (575, 352), (650, 358), (725, 352), (540, 336), (615, 336)):
        draw.ellipse((x, y, x + 62, y + 26), fill="#b9924a", outline="#8d6a2c", width=3)
        draw.ellipse((x + 4, y - 6, x + 58, y + 14), fill="#d8b56d", outline="#a07a36", width=2)
    drawn = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.8)).save(drawn, "PNG")
    return drawn.getvalue()
