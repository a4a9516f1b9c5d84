"""What would the rules of a site make of what its LMS has now? The same walk as a run's, with nothing written.

A run settles every course, group and cohort by ``rules``; so does this, and then counts by rule. Only where a run has
all the time it needs, somebody waits for a preview: courses that come one by one and their groups are asked for as long
as its patience lasts, and what was left is said.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, select

from connectors import roster
from connectors.source import RosterSource
from lms_plc.communities.models import Community, Placement
from lms_plc.core.policy import NotThere
from lms_plc.rostersync.rules import Rule, Wanted, cohorts_wanted, laid_over
from lms_plc.rostersync.ruling import decided, names_of_communities
from lms_plc.sites.models import Course
from lms_plc.web.i18n import N_, format_number, gettext, ngettext

MOST_NAMED = 200
"""Names told of each rule; counts are of all."""


@dataclass(frozen=True, slots=True)
class Fed:
    """A community that a rule makes or brings people to. ``rosters`` are the courses, groups or cohorts it does so
    from, ``people`` who is in them, None for courses: those are not read for a preview."""

    name: str
    is_new: bool
    rosters: int
    people: int | None


@dataclass(frozen=True, slots=True)
class Comes:
    """What comes of one rule. ``fed`` and ``left_out`` (titles) are at most 200 each, the numbers are of all.

    ``keep_own`` of the rosters that go together have a community already and keep it too. ``empty`` are groups or
    cohorts without anybody: they get a community of their own once somebody is in them.
    """

    rule: Rule
    rosters: int
    communities: int
    new: int
    keep_own: int
    empty: int
    people: int | None
    fed: tuple[Fed, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``others_…`` are visible courses that no rule is about: they keep their community, get one, or have none.

    ``hidden`` courses get nothing new. ``is_cut``: there were more courses than patience lasted for; ``unasked`` is of
    how many courses the groups were not looked at any more;
    ``categories`` is what the LMS calls the categories that rules name.
    """

    rules: tuple[Comes, ...]
    courses: int
    others_kept: int
    others_new: int
    others_none: int
    named_new: tuple[str, ...]
    named_none: tuple[str, ...]
    hidden: int
    is_cut: bool
    unasked: int
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored and the rules are laid over: ``placed`` is, by the LMS's id, what opens a community or has its
    people in one, ``names`` are of the communities that rules bring people together in."""

    rules: tuple[Rule, ...]
    everything: bool
    placed: Mapping[str, tuple[UUID, str]]
    names: Mapping[UUID, str]


def standing(connection: Connection, site_id: UUID, rules: Sequence[Rule] | None = None) -> Standing:
    """How things stand, with the rules that are stored or with others. Raises NotThere."""
    site = decided(connection, site_id)
    if site is None:
        raise NotThere("site")
    if rules is not None:
        site = replace(site, rules=tuple(rules))
    names = names_of_communities(connection, site.rules)
    return Standing(site.rules, site.everything, _placed(connection, site_id), names)


def preview(source: RosterSource, now: Standing, *, patience: float | None = None) -> Preview:
    """What the LMS has, settled by the rules. Reads nothing of ours, so that nothing of ours waits for an LMS.

    ``patience`` is in seconds from the first course on, None for as long as it takes; one call to the LMS is never cut
    short. Raises ConnectorError.
    """
    patient = _Patient(source, patience)
    # what is left out is settled like the rest, so that it can be counted
    spoken = [replace(rule, makes="each", name=None, community_id=None) if _omits(rule) else rule for rule in now.rules]
    courses = {course.id: course for course in patient.courses()}

    def otherwise(course: roster.Course) -> bool:
        return course.id in now.placed or (now.everything and course.visible)

    asked = cast(RosterSource, patient)
    walked = (*laid_over(asked, courses.values(), spoken, otherwise), *cohorts_wanted(asked, spoken))
    wanted = {one.id: one for one in walked}
    tallies = {rule.id: _Tally(rule, now) for rule in now.rules}
    for one in wanted.values():
        if one.rule is not None and one.visible:
            tallies[one.rule.id].take(one)
    ruled = {one.id for one in wanted.values() if one.rule is not None}
    others = [course for course in courses.values() if course.visible and course.id not in ruled]
    rest = [course.title or course.short_name for course in others if course.id not in now.placed]
    new, none = (rest, []) if now.everything else ([], rest)
    return Preview(
        rules=tuple(tally.told() for tally in tallies.values()),
        courses=len(courses),
        others_kept=len(others) - len(rest),
        others_new=len(new),
        others_none=len(none),
        named_new=tuple(new[:MOST_NAMED]),
        named_none=tuple(none[:MOST_NAMED]),
        hidden=sum(not course.visible for course in courses.values()),
        is_cut=patient.is_cut,
        unasked=len(patient.unasked),
        categories=patient.called,
    )


def words(comes: Comes) -> list[str]:
    """What comes of a rule, in sentences."""
    if not comes.rosters:
        return [gettext("Nothing in the LMS fits this now, or the rules above settle all that does.")]
    if _omits(comes.rule):
        return [gettext("Left out of syncs: %(what)s.", what=_counted(comes))]
    if comes.rule.makes == "one":
        said = [_brought(comes)]
        if comes.keep_own:
            said.append(
                ngettext(
                    "%(num)s of them has a community already, and keeps it too.",
                    "%(num)s of them have communities already, and keep them too.",
                    comes.keep_own,
                )
            )
    else:
        said = [_made(comes)] if comes.communities else []
        if comes.empty:
            said.append(
                ngettext(
                    "%(num)s that fits is empty; it becomes a community once somebody is in it.",
                    "%(num)s that fit are empty; they become communities once somebody is in them.",
                    comes.empty,
                )
            )
    if comes.people is not None:
        said.append(gettext("People in them: %(count)s.", count=format_number(comes.people)))
    return said


def words_about_others(seen: Preview) -> list[str]:
    """What happens to whatever no rule is about, and what this look did not see."""
    said = []
    if seen.others_kept:
        said.append(
            ngettext(
                "%(num)s other course has a community already and is synced.",
                "%(num)s other courses have communities already and are synced.",
                seen.others_kept,
            )
        )
    if seen.others_new:
        said.append(
            ngettext(
                "%(num)s other course becomes a community of its own.",
                "%(num)s other courses become communities of their own.",
                seen.others_new,
            )
        )
    if seen.others_none:
        said.append(
            ngettext(
                "No rule is about %(num)s course; nothing happens to it.",
                "No rule is about %(num)s courses; nothing happens to them.",
                seen.others_none,
            )
        )
    if seen.hidden:
        said.append(
            ngettext(
                "%(num)s course is hidden; nothing new is made of it.",
                "%(num)s courses are hidden; nothing new is made of them.",
                seen.hidden,
            )
        )
    if seen.is_cut:
        said.append(
            ngettext(
                "Only %(num)s course was looked at, because the LMS takes long; a sync looks at all.",
                "Only %(num)s courses were looked at, because the LMS takes long; a sync looks at all.",
                seen.courses,
            )
        )
    if seen.unasked:
        said.append(
            ngettext(
                "The groups of %(num)s course were not looked at, because the LMS takes long; a sync looks at all.",
                "The groups of %(num)s courses were not looked at, because the LMS takes long; a sync looks at all.",
                seen.unasked,
            )
        )
    return said


def as_dict(seen: Preview) -> dict[str, Any]:
    """Everything, in types that JSON has."""
    return {
        "rules": [
            {
                "id": str(comes.rule.id),
                "rosters": comes.rosters,
                "communities": comes.communities,
                "new": comes.new,
                "keep_own": comes.keep_own,
                "empty": comes.empty,
                "people": comes.people,
                "named": [
                    {"name": fed.name, "new": fed.is_new, "rosters": fed.rosters, "people": fed.people}
                    for fed in comes.fed
                ],
                "left_out": list(comes.left_out),
            }
            for comes in seen.rules
        ],
        "courses": seen.courses,
        "hidden": seen.hidden,
        "others": {
            "kept": seen.others_kept,
            "new": seen.others_new,
            "none": seen.others_none,
            "named_new": list(seen.named_new),
            "named_none": list(seen.named_none),
        },
        "more_courses_not_looked_at": seen.is_cut,
        "groups_not_looked_at": seen.unasked,
    }


class _Patient:
    """As much of a source as the rules ask, which is asked for courses and groups only until patience has run out.

    It begins with the first course: some sources give all of them in one answer, however long that takes, and others
    ask for each by itself.
    """

    def __init__(self, source: RosterSource, patience: float | None) -> None:
        self._source = source
        self._patience = patience
        self._until: float | None = None
        self.is_cut = False
        self.unasked: set[str] = set()
        self.called: dict[str, str] = {}

    def courses(self) -> Iterator[roster.Course]:
        for course in self._source.courses():
            if self._patience is not None and self._until is None:
                self._until = time.monotonic() + self._patience
            if self._has_run_out():
                self.is_cut = True
                return
            yield course

    def groups(self, course_id: str) -> Iterator[roster.Group]:
        return self._source.groups(course_id) if self._may_ask(course_id) else iter(())

    def groupings(self, course_id: str) -> Iterator[roster.Grouping]:
        return self._source.groupings(course_id) if self._may_ask(course_id) else iter(())

    def cohorts(self) -> Iterator[roster.Cohort]:
        return self._source.cohorts()

    def categories(self) -> Iterator[roster.Category]:
        for category in self._source.categories():
            self.called[category.id] = category.name
            yield category

    def _may_ask(self, course_id: str) -> bool:
        if self._has_run_out():
            self.unasked.add(course_id)
        return course_id not in self.unasked

    def _has_run_out(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until


@dataclass(slots=True)
class _Sum:
    name: str
    is_new: bool
    rosters: int = 0
    people: set[str] | None = None


@dataclass(slots=True)
class _Tally:
    """What is found of one rule, while it is found."""

    rule: Rule
    now: Standing
    rosters: int = 0
    keep_own: int = 0
    empty: int = 0
    sums: dict[UUID | str, _Sum] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, one: Wanted) -> None:
        self.rosters += 1
        if _omits(self.rule):
            if len(self.left_out) < MOST_NAMED:
                self.left_out.append(one.title)
            return
        own = self.now.placed.get(one.id)
        key: UUID | str
        if one.community_id is not None:
            key, there = one.community_id, self.now.names.get(one.community_id)
            self.keep_own += own is not None and own[0] != one.community_id
        elif own is None and one.members == ():
            self.empty += 1
            return
        else:
            key, there = own if own is not None else (one.id, None)
        feeds = self.sums.setdefault(key, _Sum(there or one.founds or one.title, there is None))
        feeds.rosters += 1
        if one.members is not None:
            feeds.people = (feeds.people or set()).union(one.members)

    def told(self) -> Comes:
        sums = self.sums.values()
        everybody = [one.people for one in sums if one.people is not None]
        fed = [Fed(one.name, one.is_new, one.rosters, None if one.people is None else len(one.people)) for one in sums]
        return Comes(
            rule=self.rule,
            rosters=self.rosters,
            communities=len(fed),
            new=sum(one.is_new for one in fed),
            keep_own=self.keep_own,
            empty=self.empty,
            people=len(set().union(*everybody)) if everybody else None,
            fed=tuple(fed[:MOST_NAMED]),
            left_out=tuple(self.left_out),
        )


def _omits(rule: Rule) -> bool:
    return rule.makes == "none"


_COUNTED: Mapping[str, Callable[[int], str]] = {
    "courses": lambda count: ngettext("%(num)s course", "%(num)s courses", count),
    "groups": lambda count: ngettext("%(num)s group", "%(num)s groups", count),
    "groupings": lambda count: ngettext("%(num)s grouping", "%(num)s groupings", count),
    "cohorts": lambda count: ngettext("%(num)s cohort", "%(num)s cohorts", count),
}


def _counted(comes: Comes) -> str:
    """``14 courses``."""
    return _COUNTED[comes.rule.about](comes.rosters)


def _brought(comes: Comes) -> str:
    into = comes.fed[0]
    if into.is_new:
        text = N_("The people of these come together in the new community “%(community)s”: %(what)s.")
    else:
        text = N_("The people of these come together in the community “%(community)s”: %(what)s.")
    return gettext(text, community=into.name, what=_counted(comes))


def _made(comes: Comes) -> str:
    if comes.new == comes.communities:
        return ngettext(
            "This rule makes %(num)s community, which is new.",
            "This rule makes these %(num)s communities; all of them are new.",
            comes.communities,
        )
    if comes.new == 0:
        return ngettext(
            "This rule makes %(num)s community, which is there already.",
            "This rule makes these %(num)s communities; all of them are there already.",
            comes.communities,
        )
    return ngettext(
        "This rule makes these %(all)s communities; %(num)s of them is new.",
        "This rule makes these %(all)s communities; %(num)s of them are new.",
        comes.new,
        all=format_number(comes.communities),
    )


def _placed(connection: Connection, site_id: UUID) -> Mapping[str, tuple[UUID, str]]:
    """What the LMS has that some community opens from or has its people from: by its id, the community it opens, or
    else one of the others."""
    rows = connection.execute(
        select(Course.lms_id, Placement.community_id, Community.name)
        .join(Placement, Placement.course_id == Course.id)
        .join(Community, Community.id == Placement.community_id)
        .where(Course.site_id == site_id)
        .order_by(Placement.link_id == "", Placement.id)
    )
    return {row.lms_id: (row.community_id, row.name) for row in rows}
