"""How is a cycle shown: its stages, what helps in each, and what was changed in it?"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from lms_plc.communities import adapted
from lms_plc.communities.adapted import Apart, Changed, Parts
from lms_plc.cycles.content import Content, Stage
from lms_plc.cycles.wording import VISIBLE, in_language, output_name, owner_name, stage_name
from lms_plc.protocols.content import shipped as protocols
from lms_plc.protocols.wording import said as protocol_said
from lms_plc.web.i18n import format_list, gettext, ngettext


@dataclass(frozen=True, slots=True)
class StageShown:
    """``goes`` says how it stands to other stages, ``protocols`` are (name, address)."""

    number: int
    id: str
    name: str
    purpose: str
    weeks: str
    only_me: bool
    goes: tuple[str, ...]
    prompts: tuple[str, ...]
    outputs: tuple[str, ...]
    exit: tuple[str, ...]
    protocols: tuple[tuple[str, str], ...]


def page_of(content: Content, community_id: UUID) -> dict[str, Any]:
    """What every page of a cycle shows, in the language of the page."""
    shown = in_language(content)
    return {
        "content": shown,
        "stages": [_stage(number, stage, shown, community_id) for number, stage in enumerate(shown.stages, 1)],
        "months": months(shown.typical_months),
        "owner": owner_name(shown.owner),
    }


def months(count: int) -> str:
    return ngettext("about %(num)s month", "about %(num)s months", count)


def weeks(count: int) -> str:
    return ngettext("about %(num)s week", "about %(num)s weeks", count) if count else gettext("a moment")


def protocol_names() -> list[tuple[str, str]]:
    return [(key, protocol_said(one.content.name)) for key, one in protocols().items()]


def _stage(number: int, stage: Stage, content: Content, community_id: UUID) -> StageShown:
    return StageShown(
        number=number,
        id=stage.id,
        name=stage.name,
        purpose=stage.purpose,
        weeks=weeks(stage.typical_weeks),
        only_me=stage.visible_by_default_to == "only_me",
        goes=tuple(_goes(stage, content)),
        prompts=stage.prompts,
        outputs=tuple(output_name(word) for word in stage.outputs),
        exit=stage.exit,
        protocols=tuple(
            (
                protocol_said(protocols()[key].content.name),
                url_for("protocols.protocol", community_id=community_id, key=key),
            )
            for key in stage.protocols
            if key in protocols()
        ),
    )


def _goes(stage: Stage, content: Content) -> list[str]:
    alongside = content.stage(stage.runs_alongside or "")
    back = content.stage(stage.loop_to or "")
    found = [gettext("Gone through again and again")] if stage.loops else []
    if alongside:
        found.append(gettext("Runs alongside “%(name)s”", name=stage_name(alongside.name)))
    if back:
        found.append(gettext("Then again from “%(name)s”", name=stage_name(back.name)))
    return found


def differences(before: Content, after: Content) -> list[Changed]:
    return adapted.differences(_parts(before), _parts(after))


def apart(mine: Content, theirs: Content) -> list[Apart]:
    return adapted.apart(_parts(mine), _parts(theirs))


def _parts(content: Content) -> Parts:
    """Key → label and words of each part of a cycle, in reading order."""
    shown = in_language(content)
    parts = {
        "name": (gettext("What it is called"), shown.name),
        "short": (gettext("What it is"), shown.short),
        "owner": (gettext("Who does it"), owner_name(shown.owner)),
        "lead_rule": (gettext("Who may begin"), shown.lead_rule),
        "months": (gettext("How long"), months(shown.typical_months)),
        "portfolio": (gettext("Portfolio"), gettext("with a portfolio") if shown.portfolio else gettext("without one")),
        "always_ask": (gettext("Always ask"), "\n".join(shown.always_ask)),
        "order": (gettext("Stages"), "\n".join(stage.name for stage in shown.stages)),
    }
    for stage in shown.stages:
        parts[f"stage {stage.id}"] = (gettext("Stage “%(name)s”", name=stage.name), _words(stage))
    return parts


def _words(stage: Stage) -> str:
    helps = [protocol_said(protocols()[key].content.name) for key in stage.protocols if key in protocols()]
    lines = (
        *(stage.purpose, weeks(stage.typical_weeks), *stage.prompts, *stage.exit),
        gettext(VISIBLE[stage.visible_by_default_to]),
        gettext("Gone through again and again") if stage.loops else "",
        format_list(helps) if helps else "",
    )
    return "\n".join(line for line in lines if line)
