"""What somebody wrote in a stage of their project, as something to choose for its portfolio: the words of one person in
one stage of one round, as they stood when that person chose them. Nobody chooses anybody else's.

By choosing it its author shows it to the portfolio's readers, also what was theirs alone. What they write later stays
with whoever reads the stage, until they choose it anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from lms_plc.communities.sealed_words import unsealed
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.core.things import Thing
from lms_plc.cycles.content import Content, Stage
from lms_plc.cycles.wording import in_language
from lms_plc.inquiry import ways
from lms_plc.inquiry.models import Consultation, EvidencePlan, InquiryNote
from lms_plc.inquiry.written import NOTES, PLANS, TALKS
from lms_plc.people.models import Person
from lms_plc.portfolios.queries import PortfolioSeen
from lms_plc.web.i18n import gettext

WRITTEN = "inquiry_stage"


@dataclass(frozen=True, slots=True)
class Words:
    """``about`` is the question they answer, where there was one."""

    about: str
    text: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    reference: Reference
    stage: str
    title: str
    author_id: UUID
    author: str
    words: tuple[Words, ...]

    def as_of(self, at: datetime) -> tuple[Words, ...]:
        """What was there when it was chosen, and is so still."""
        return tuple(one for one in self.words if one.changed_at <= at)

    def thing(self, inquiry_id: UUID) -> Thing:
        return Thing(
            reference=self.reference,
            title=self.title,
            excerpt="",
            author_id=self.author_id,
            author=self.author,
            community_id=None,
            at=max(one.changed_at for one in self.words),
            endpoint="inquiry.stage",
            values={"inquiry_id": inquiry_id, "stage": self.stage},
        )


def written(
    connection: Connection, portfolio: PortfolioSeen, seal: Seal, by: UUID | None = None
) -> dict[Reference, Written]:
    """What was written in the stages, by whom; three statements. Whoever asks shows to the actor what they wrote
    themselves, or what its author has chosen."""
    content = in_language(portfolio.content)
    found: dict[tuple[int, str, UUID], tuple[str, list[Words]]] = {}
    for round_, stage, row, words in _rows(connection, portfolio, content, seal, by):
        found.setdefault((round_, stage, row.author_id), (row.display_name, []))[1].append(words)
    names = {stage.id: stage.name for stage in content.stages}
    several = portfolio.round > 1
    made = []
    for (round_, stage, author_id), (author, here) in found.items():
        if stage not in names:
            continue
        title = (
            gettext("%(stage)s, round %(number)s: what was written", stage=names[stage], number=round_)
            if several
            else gettext("%(stage)s: what was written", stage=names[stage])
        )
        made.append(
            Written(_reference(portfolio, round_, stage, author_id), stage, title, author_id, author, tuple(here))
        )
    return {one.reference: one for one in made}


def own(connection: Connection, actor: Actor, portfolio: PortfolioSeen, seal: Seal) -> dict[Reference, Written]:
    return written(connection, portfolio, seal, by=actor.person_id)


def _reference(portfolio: PortfolioSeen, round_: int, stage: str, author_id: UUID) -> Reference:
    """The same for the same words, whenever it is asked."""
    return Reference(WRITTEN, uuid5(portfolio.inquiry_id, f"{round_}/{stage}/{author_id}"))


def _rows(
    connection: Connection, portfolio: PortfolioSeen, content: Content, seal: Seal, by: UUID | None
) -> Iterator[tuple[int, str, Any, Words]]:
    def of(model: Any, most: int) -> Sequence[Any]:
        query = (
            select(*model.__table__.columns, Person.display_name)
            .join(Person, Person.id == model.author_id)
            .where(model.inquiry_id == portfolio.inquiry_id)
            .order_by(model.id.desc())
            .limit(most)
        )
        return connection.execute(query if by is None else query.where(model.author_id == by)).all()[::-1]

    def opened(row: Any, *texts: str) -> str:
        said = (unsealed(seal, one) if row.sealed and one else one for one in texts)
        return "\n\n".join(one for one in said if one)

    stages = {stage.id: stage for stage in content.stages}
    for row in of(InquiryNote, NOTES):
        about = _prompt(stages.get(row.stage), row.prompt)
        yield row.round, row.stage, row, Words(about, opened(row, row.text), row.changed_at)
    talked = _first(content, ways.TALKS)
    for row in of(Consultation, TALKS) if talked else ():
        text = opened(row, row.said, row.changed)  # with whom is for the project's people
        if text:
            yield row.round, talked, row, Words(gettext("From a talk"), text, row.changed_at)
    planned = _first(content, ways.PLANS)
    for row in of(EvidencePlan, PLANS) if planned else ():
        text = opened(row, row.what, row.how, row.protection)
        yield row.round, planned, row, Words(gettext("What will be collected"), text, row.changed_at)


def _prompt(stage: Stage | None, number: int | None) -> str:
    return stage.prompts[number] if stage and number is not None and number < len(stage.prompts) else ""


def _first(content: Content, outputs: frozenset[str]) -> str:
    """The first stage that leaves such a thing behind."""
    return next((stage.id for stage in content.stages if outputs & set(stage.outputs)), "")
