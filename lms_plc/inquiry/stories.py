"""What does a story of a project begin with? What its teller wrote in it themselves, as far as the community reads it:
no colleague's words, and none that were written for fewer."""

from uuid import UUID

from sqlalchemy import Connection

from lms_plc.communities.audiences import Audience
from lms_plc.communities.next_steps import Draft, drafted_from
from lms_plc.core.policy import Actor, load
from lms_plc.cycles.wording import in_language
from lms_plc.house import house
from lms_plc.inquiry.queries import KIND, InquirySeen, may_read_stage
from lms_plc.inquiry.written import own_notes, stages_of_rounds


@drafted_from(KIND)
def story_of_a_project(connection: Connection, actor: Actor, inquiry_id: UUID) -> Draft:
    seen: InquirySeen = load(connection, actor, KIND, inquiry_id, "inquiry.read")
    if seen.is_private:
        return Draft("")
    for_all = {
        (number, stage)
        for number, stages in stages_of_rounds(connection, seen.id).items()
        for stage, state in stages.items()
        if state.audience == Audience.COMMUNITY.value and may_read_stage(seen, state)
    }
    notes = own_notes(connection, actor, seen.id, house().seal).items[::-1]
    told = [one for one in notes if not one.is_sealed and (one.round, one.stage) in for_all]
    parts: list[str] = []
    for stage in in_language(seen.content).stages:
        texts = [one.text for one in told if one.stage == stage.id]
        parts += [f"### {stage.name}", *texts] if texts else []
    return Draft("\n\n".join(parts))
