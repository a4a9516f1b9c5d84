"""What pages call how a community began."""

from lms_plc.communities.forms import FoundedBy
from lms_plc.web.i18n import N_, gettext

FOUNDED_BY = {
    FoundedBy.OWN_NEED: (N_("From our own need"), N_("Some of us wanted it")),
    FoundedBy.PROJECT: (N_("By a project"), N_("A project or an organisation brought it to us")),
    FoundedBy.MANDATE: (N_("By mandate"), N_("The school or an authority asked for it")),
}


def founding_choices() -> list[tuple[str, str, str]]:
    return [(kind.value, gettext(name), gettext(hint)) for kind, (name, hint) in FOUNDED_BY.items()]
