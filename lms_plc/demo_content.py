"""The beginning of a conversation for the demo, in the language of its school, said by its own people."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.communities.actions import write_charter
from lms_plc.communities.forms import CharterForm
from lms_plc.communities.models import Community, Membership
from lms_plc.core.policy import Actor, load
from lms_plc.discussions.actions import react, start_topic, write_post
from lms_plc.discussions.forms import PostForm, Purpose, ReactionKind, TopicForm
from lms_plc.people.models import Person

_CHARTER = """\
## Зошто се среќаваме

Сакаме учениците почесто да прашуваат, а ние повеќе да учиме едни од други.

## Како се среќаваме

- секој втор четврток, 75 минути, во библиотеката
- секоја средба ја води некој друг
- што ќе се каже тука, останува тука
"""
_QUESTION = (
    "Како да прашуваат и тивките ученици?",
    "Во шесто одделение секогаш прашуваат истите четворица. Пробав со ливчиња, но брзо им здодеа. Како е кај вас?",
)
_ANSWER = (
    "Кај мене помогна **една минута тишина** пред разговорот: прво секој си го запишува прашањето. "
    "@{name}, дојди на час во четврток ако сакаш да видиш."
)
_AHA = (
    "Чекам премалку",
    "Денес си го измерив времето: по прашањето чекам две секунди. Од утре бројам до пет.",
)


def say_something(session: Session, community_id: UUID, at: datetime) -> None:
    """A charter, a question with an answer, and a small discovery, by the first three members."""
    rows = session.execute(
        select(Person.id, Person.display_name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.community_id == community_id, Membership.state == "active")
        .order_by(Membership.id)
        .limit(3)
    ).all()
    connection = session.connection()
    site_id = _site_of(session, community_id)
    asks, answers, wonders = (
        Actor(person_id, site_id, name, at - timedelta(hours=hours))
        for (person_id, name), hours in zip(rows, (29, 26, 3), strict=True)
    )
    community = load(connection, asks, "community", community_id, "community.read")
    write_charter(session, asks, community, CharterForm(charter=_CHARTER, based_on=0))
    title, body = _QUESTION
    topic_id = start_topic(
        session,
        asks,
        community,
        TopicForm(title=title, purpose=Purpose.QUESTION, body=body, form_key=_form_key()),
    )
    topic = load(connection, answers, "topic", topic_id, "topic.start")
    answer = PostForm(body=_ANSWER.format(name=asks.name), form_key=_form_key())
    answer_id = write_post(session, answers, community, topic, answer)
    later = replace(wonders, at=at - timedelta(hours=20))
    react(session, later, load(connection, later, "post", answer_id, "post.react"), ReactionKind.WANT_TO_TRY)
    title, body = _AHA
    start_topic(
        session,
        wonders,
        community,
        TopicForm(title=title, purpose=Purpose.AHA, body=body, form_key=_form_key()),
    )


def _site_of(session: Session, community_id: UUID) -> UUID:
    return session.execute(select(Community.site_id).where(Community.id == community_id)).scalar_one()


def _form_key() -> str:
    return secrets.token_urlsafe(18)
