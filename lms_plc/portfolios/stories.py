"""What does a story of a portfolio begin with? Its stages, what was chosen, and what that shows: words of whoever tells
it. What another lead may have written, and what a chosen thing of somebody else says, is not in it."""

from uuid import UUID

from sqlalchemy import Connection, exists, select

from lms_plc.communities.next_steps import Draft, drafted_from
from lms_plc.core.activity import Event
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.things import kinds, shown
from lms_plc.cycles.wording import in_language
from lms_plc.house import house
from lms_plc.portfolios.queries import KIND, PortfolioSeen, items
from lms_plc.portfolios.written import own
from lms_plc.web.i18n import gettext

WRITTEN = ("portfolio.item_chosen", "portfolio.item_changed", "portfolio.foreword_written")


@drafted_from(KIND)
def story_of_a_portfolio(connection: Connection, actor: Actor, portfolio_id: UUID) -> Draft:
    """Its words were for its readers only, and so is a story of it until its author says otherwise."""
    seen: PortfolioSeen = load(connection, actor, KIND, portfolio_id, "portfolio.read")
    if not allows(seen.roles, "portfolio.edit"):
        return Draft("", for_few=True)
    is_all_mine, seal = _is_all_mine(connection, actor, seen), house().seal
    chosen = items(connection, seen.id, seal)
    mine = own(connection, actor, seen, seal)
    things = shown(connection, actor, [one.reference for one in chosen if one.reference.kind in kinds()])
    parts = [seen.foreword_in(seal)] if is_all_mine else []
    for stage in in_language(seen.content).stages:
        words = []
        for one in chosen:
            if one.stage != stage.id:
                continue
            thing = things.get(one.reference)
            if thing and thing.author_id == actor.person_id and not thing.is_private:
                words.append(thing.title)
            if one.reference in mine and one.at:
                words += [said.text for said in mine[one.reference].as_of(one.at)]
            if is_all_mine:
                words.append(one.shows)
                words.append(f"{gettext('Does not show:')} {one.does_not_show}" if one.does_not_show else "")
        if any(words):
            parts += [f"### {stage.name}", *words]
    return Draft("\n\n".join(part for part in parts if part), for_few=True)


def _is_all_mine(connection: Connection, actor: Actor, seen: PortfolioSeen) -> bool:
    """Whether nobody else has written in it."""
    others = exists().where(
        Event.thing_kind == KIND,
        Event.thing_id == seen.id,
        Event.verb.in_(WRITTEN),
        Event.actor_id.is_distinct_from(actor.person_id),
    )
    return not connection.execute(select(others)).scalar_one()
