"""What a line of the inbox, or of a letter, says: who did what, and about which thing."""

from collections.abc import Sequence
from unicodedata import bidirectional

from lms_plc.core.hearing import Why
from lms_plc.core.things import Thing
from lms_plc.notifications.queries import Line
from lms_plc.web.i18n import N_, format_date, format_list, format_time, gettext, ngettext

CHANGES = {
    "time": N_("the time"),
    "starts_at": N_("the time"),
    "ends_at": N_("the time"),
    "place": N_("the place"),
    "link": N_("the link"),
    "title": N_("the title"),
    "speaker": N_("who speaks"),
    "points": N_("the agenda is open for your points"),
    "confirmed": N_("it is confirmed"),
    "cancelled": N_("it is cancelled"),
    "planned": N_("it is planned after all"),
}
"""A fact's name for what was changed → what people call it."""

SAYS = {
    Why.MENTION: N_("%(names)s named you in “%(title)s”"),
    Why.MESSAGE: N_("%(names)s wrote to you"),
    Why.ASKED: N_("%(names)s asks whether you agree: “%(title)s”"),
    Why.ASSIGNED: N_("%(names)s put “%(title)s” into your hands"),
    Why.ANSWERED: N_("%(names)s marked what answers “%(title)s”"),
    Why.REPLY: N_("%(names)s answered in “%(title)s”"),
    Why.MODERATION: N_("%(title)s: there is something for you to read"),
    Why.ADAPTED: N_("%(names)s made something of yours: “%(title)s”"),
    Why.TRIED: N_("%(names)s tried “%(title)s”"),
    Why.CONNECTION: N_("%(names)s says hello"),
    Why.CHANGED: N_("“%(title)s” has changed"),
    Why.FOLLOWED: N_("%(names)s wrote in “%(title)s”"),
}

SAYS_OF = {
    (Why.ASKED, "action_item"): N_("The day for “%(title)s” has passed. Another date?"),
    (Why.ASKED, "meeting"): N_("Was “%(title)s” held? Please say so on its page."),
    (Why.ASKED, "minutes"): N_("%(title)s: they wait to be read"),
    (Why.ASKED, "inquiry"): N_("%(names)s asks you into a project: “%(title)s”"),
    (Why.ANSWERED, "inquiry"): N_("%(names)s asked a question in “%(title)s”"),
    (Why.CHANGED, "inquiry"): N_("There is something new about who works on “%(title)s”"),
    (Why.ASKED, "knowledge_node"): N_("%(names)s asks what else could explain “%(title)s”"),
    (Why.CHANGED, "knowledge_node"): N_("%(names)s has looked at “%(title)s”"),
    (Why.ASKED, "practice_change"): N_("You do this differently: “%(title)s”. How is it going?"),
    (Why.ASKED, "feedback_request"): N_("%(names)s asks you: “%(title)s”"),
    (Why.ASKED, "portfolio"): N_("%(names)s asks you to read their portfolio: “%(title)s”"),
    (Why.REPLY, "portfolio"): N_("%(names)s has read your portfolio: “%(title)s”"),
    (Why.ANSWERED, "portfolio"): N_("%(names)s withdrew the approval of your portfolio: “%(title)s”"),
    (Why.CHANGED, "portfolio"): N_("A portfolio you were asked to read is ready: “%(title)s”"),
    (Why.ASKED, "data_conversation"): N_("%(names)s asks what you expect to see: “%(title)s”"),
    (Why.ASKED, "visit"): N_("%(names)s proposes a visit to a lesson: “%(title)s”"),
    (Why.CHANGED, "feedback_request"): N_("%(names)s thanks you for your answer to “%(title)s”"),
    (Why.CHANGED, "visit"): N_("There is something new about the visit “%(title)s”"),
    (Why.ASKED, "journal_part"): N_("%(names)s lets you read a part of their notebook"),
    (Why.ASSIGNED, "meeting"): N_("%(names)s asks you to take a part in “%(title)s”"),
}
"""Where the same reason reads differently for one kind of thing."""


def says(line: Line, title: str) -> str:
    """One short sentence, whatever happened about the thing."""
    changed = dict.fromkeys(CHANGES[one] for one in line.changed if one in CHANGES)
    if line.why is Why.CHANGED and changed:
        what = format_list([gettext(one) for one in changed])
        return gettext("Changed in “%(title)s”: %(what)s", what=what, title=kept_apart(title))
    words = SAYS_OF.get((line.why, line.kind), SAYS[line.why])
    return gettext(words, names=people(line.names), title=kept_apart(title))


def words_of(thing: Thing, title: str) -> str:
    """What stands below a line: when a meeting is, until when something is to be done, or the beginning of what was
    said, unless the line says it."""
    if thing.reference.kind == "meeting":
        return f"{format_date(thing.at, 'full')}, {format_time(thing.at)}"
    if thing.day is not None:
        return gettext("by %(day)s", day=format_date(thing.day, "full"))
    words = " ".join(thing.excerpt.split())
    return "" if words in (title, thing.title) else words


def people(names: Sequence[str]) -> str:
    """“Ana”, “Ana and Bojan”, “Ana and 2 others”."""
    if not names:
        return gettext("Somebody")
    if len(names) <= 2:
        return format_list([kept_apart(name) for name in names])
    others = len(names) - 1
    return ngettext("%(name)s and %(num)s other", "%(name)s and %(num)s others", others, name=kept_apart(names[0]))


def kept_apart(words: str) -> str:
    """What is written from the right would turn the sentence round it; Unicode's isolates keep it to itself."""
    from_the_right = any(bidirectional(letter) in ("R", "AL") for letter in words)
    return f"\N{FIRST STRONG ISOLATE}{words}\N{POP DIRECTIONAL ISOLATE}" if from_the_right else words
