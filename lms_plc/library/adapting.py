"""What may be made of an item, where, and for whom? Its licence and its audience say so.

An adaptation reaches no further than its original was open to: what was told to one community is not carried into
another, whatever its licence, and not by way of an adaptation of the adaptation. An author may do with what is all
their own what they like.
"""

from uuid import UUID

from lms_plc.communities.audiences import Audience
from lms_plc.core.policy import INSIDE, Actor
from lms_plc.library.forms import FiledForm, ItemForm, ResourceForm
from lms_plc.library.queries import ItemSeen
from lms_plc.library.shapes import SHAPES, SHARED_ALIKE, STAYS_INSIDE, Licence, Shape, reaches
from lms_plc.web.i18n import gettext

_OUTSIDE = reaches(Audience.PLATFORM)


def is_own(actor: Actor, item: ItemSeen) -> bool:
    return item.author_id == actor.person_id


def stays_here(actor: Actor, item: ItemSeen) -> bool:
    """Whether it may be adapted in its own community only."""
    reach = reach_for(actor, item)
    return reach is not None and (item.licence in STAYS_INSIDE or reaches(reach) < _OUTSIDE)


def is_adaptable(actor: Actor, item: ItemSeen) -> bool:
    """Whether there is any place where this actor may make something of it."""
    return SHAPES[Shape(item.shape)].filed and (not stays_here(actor, item) or bool(item.roles & INSIDE))


def reach_for(actor: Actor, item: ItemSeen) -> str | None:
    """The widest audience an adaptation by this actor may have; None where nothing bounds it. What they made of
    somebody else's work stays bound as it was."""
    return item.reach if is_own(actor, item) else item.audience


def why_not_outside(item: ItemSeen) -> str:
    """Said to a reader who cannot take it along."""
    if item.licence == "ask":
        return gettext("%(name)s wants to be asked before this is used elsewhere.", name=item.author)
    return gettext("%(name)s keeps this within “%(community)s”.", name=item.author, community=item.community)


def licence_fits(licence: Licence, original: str) -> bool:
    """Whether an adaptation may have this licence: what asks to stay the same does, and of what may not be sold nothing
    is made that may."""
    if original in SHARED_ALIKE | STAYS_INSIDE:
        return licence.value == original
    return original != Licence.BY_NC or licence not in (Licence.BY, Licence.BY_SA, Licence.CC0)


def problems(form: ItemForm, *, has_files: bool, reach: str | None, bound_by: str | None) -> list[dict[str, str]]:
    """What is wrong with a form that is right by itself; ``bound_by`` is the licence it has to fit."""
    found: list[tuple[str, str]] = []
    if form.audience is Audience.NAMED_PEOPLE and not form.people:
        found.append(("audience", gettext("Please choose at least one person below.")))
    if reach is not None and reaches(form.audience) > reaches(reach):
        found.append(("audience", gettext("This may reach no further than the original does.")))
    if isinstance(form, ResourceForm) and not (has_files or form.link or form.about):
        found.append(("about", gettext("Describe it, give a link or attach a file.")))
    if bound_by and isinstance(form, FiledForm) and not licence_fits(form.licence, bound_by):
        found.append(("licence", gettext("The original asks that this stays the same.")))
    return [{"field": field, "message": message} for field, message in found]


def may_go_to(actor: Actor, item: ItemSeen, community_id: UUID) -> bool:
    return community_id == item.community_id or not stays_here(actor, item)
