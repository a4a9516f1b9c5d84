"""How does what an LMS knows become communities? The rules of a site, laid over its courses, groups and cohorts.

A course is settled by the first rule about courses that fits it. Rules about groups, groupings and cohorts are each
carried out: a course may be a community, and each of its groups too. Nothing is read here but the source, and nothing
written: the same walk makes a preview and the list of rosters that a run pulls.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from connectors import roster
from connectors.source import RosterSource
from lms_plc.rostersync.models import SyncRule
from lms_plc.sites.syncing import is_ours

ABOUT = ("courses", "groups", "groupings", "cohorts")
MAKES = ("each", "one", "none")

GROUP, GROUPING, COHORT = "group:", "grouping:", "cohort:"
"""How the ids of parts of an LMS begin that have people of their own; a course's has no such beginning."""

FOR_ITS_PARTS = "parts"
"""The presence of a course that is read for the sake of its groups only: its own people are none of the sync's."""

ABOUT_PARTS = {"group": "groups", "grouping": "groupings", "cohort": "cohorts"}
"""The beginning of an id → what a rule about such is called."""


@dataclass(frozen=True, slots=True)
class Rule:
    """See ``SyncRule``, of which this is one, detached; a preview may ask about one that is not stored."""

    id: UUID
    about: str
    makes: str
    category: str | None = None
    named: tuple[str, ...] = ()
    parts_named: tuple[str, ...] = ()
    community_id: UUID | None = None
    name: str | None = None

    @property
    def shared(self) -> UUID:
        """The community of all together: the one that was named, or the rule's own."""
        return self.community_id or self.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """A roster that shall bring its people somewhere.

    ``id`` is the LMS's, with the beginning of its kind. ``rule`` is None for a course that no rule is about.
    ``community_id`` is of the shared community, None for one of its own; ``founds`` is what it is called if it is new,
    None for a course that needs no community. ``members`` (ids) are of groups, groupings
    and cohorts, ``parent`` is the course of the first two. ``for_its_parts``: nobody shall come by the course itself.
    """

    id: str
    title: str
    short_name: str
    visible: bool
    rule: Rule | None = None
    community_id: UUID | None = None
    founds: str | None = None
    parent: str | None = None
    members: tuple[str, ...] | None = field(default=None, repr=False)
    for_its_parts: bool = False


def rules_of(session: Session | Connection, site_id: UUID) -> tuple[Rule, ...]:
    """The rules of a site, in their order."""
    rows = session.execute(
        select(
            SyncRule.id,
            SyncRule.about,
            SyncRule.makes,
            SyncRule.category,
            SyncRule.named,
            SyncRule.parts_named,
            SyncRule.community_id,
            SyncRule.name,
        )
        .where(SyncRule.site_id == site_id)
        .order_by(SyncRule.number, SyncRule.id)
    )
    return tuple(
        Rule(**{**row._mapping, "named": tuple(row.named), "parts_named": tuple(row.parts_named)}) for row in rows
    )


def laid_over(
    source: RosterSource,
    courses: Iterable[roster.Course],
    rules: Sequence[Rule],
    otherwise: Callable[[roster.Course], bool],
) -> Iterator[Wanted]:
    """Every roster of these courses that the rules want, each course before its groups.

    ``otherwise`` says of a course that no rule is about whether it is wanted. A hidden course is given only where it is
    wanted otherwise: what has a community is told of, and nothing new is founded for it. A course that is there only
    for the sake of its groups comes with neither rule nor community. Raises ConnectorError.
    """
    below = _categories_below(source, rules)
    about_parts = [rule for rule in rules if rule.about in ("groups", "groupings")]
    for course in courses:
        rule = next((rule for rule in rules if rule.about == "courses" and _is_about(rule, course, below)), None)
        parts = list(_parts(source, course, [rule for rule in about_parts if _is_about(rule, course, below)]))
        if rule is not None and rule.makes == "none":
            if parts:
                yield _as_it_is(course)
        elif (rule is not None and course.visible) or otherwise(course):
            yield _course(course, rule)
        elif parts:
            yield _as_it_is(course)
        yield from parts


def cohorts_wanted(source: RosterSource, rules: Sequence[Rule]) -> Iterator[Wanted]:
    """Every cohort that the rules want. Raises ConnectorError."""
    about_cohorts = [rule for rule in rules if rule.about == "cohorts"]
    for cohort in source.cohorts() if about_cohorts else ():
        if is_ours(cohort.id_number):
            continue
        named = (cohort.id, cohort.name, cohort.id_number)
        rule = next((rule for rule in about_cohorts if _fits(rule.named, *named)), None)
        if rule is not None and rule.makes != "none":
            yield _part(COHORT + cohort.id, cohort.name, cohort.id_number or "", rule, cohort.member_ids, None)


def _course(course: roster.Course, rule: Rule | None) -> Wanted:
    title = course.title or course.short_name
    shared = rule.shared if rule and rule.makes == "one" and course.visible else None
    return Wanted(course.id, title, course.short_name, course.visible, rule, shared, _new_name(rule, title))


def _as_it_is(course: roster.Course) -> Wanted:
    title = course.title or course.short_name
    return Wanted(course.id, title, course.short_name, course.visible, for_its_parts=True)


def _parts(source: RosterSource, course: roster.Course, rules: Sequence[Rule]) -> Iterator[Wanted]:
    """The groups and groupings of one course that its rules want, each by the first rule that fits."""
    if not rules or not course.visible:
        return
    groups = {group.id: group for group in source.groups(course.id)}
    theirs = [group for group in groups.values() if not is_ours(group.id_number)]
    found = [("groups", GROUP, group.id, group.name, group.member_ids) for group in theirs]
    if any(rule.about == "groupings" for rule in rules):
        for grouping in source.groupings(course.id):
            together = {who for group in grouping.group_ids if group in groups for who in groups[group].member_ids}
            found.append(("groupings", GROUPING, grouping.id, grouping.name, tuple(sorted(together))))
    for about, beginning, part_id, name, members in found:
        rule = next((r for r in rules if r.about == about and _fits(r.parts_named, part_id, name)), None)
        if rule is not None and rule.makes != "none":
            title = f"{course.title or course.short_name}: {name}"
            yield _part(beginning + part_id, title, name, rule, members, course.id)


def _part(
    part_id: str, title: str, short_name: str, rule: Rule, members: tuple[str, ...], parent: str | None
) -> Wanted:
    shared = rule.shared if rule.makes == "one" else None
    return Wanted(part_id, title, short_name, True, rule, shared, _new_name(rule, title), parent, members)


def _new_name(rule: Rule | None, title: str) -> str:
    """What a community is called that is founded for it."""
    return ((rule.name if rule and rule.makes == "one" else None) or title)[:200]


def _is_about(rule: Rule, course: roster.Course, below: Mapping[str, frozenset[str]]) -> bool:
    if rule.category is not None and course.category_id not in below[rule.category]:
        return False
    return _fits(rule.named, course.id, course.short_name, course.title, course.id_number)


def _fits(patterns: Sequence[str], *names: str | None) -> bool:
    """Whether any of the patterns is any of the names, whatever their case; no pattern fits all."""
    if not patterns:
        return True
    known = [name.casefold() for name in names if name]
    plain = [pattern.casefold().replace("[", "[[]") for pattern in patterns]  # only * and ? mean something
    return any(fnmatchcase(name, pattern) for pattern in plain for name in known)


def _categories_below(source: RosterSource, rules: Sequence[Rule]) -> Mapping[str, frozenset[str]]:
    """Category → itself and everything below it, for the categories that rules name."""
    named = {rule.category for rule in rules if rule.category is not None}
    if not named:
        return {}
    children: dict[str | None, list[str]] = {}
    for category in source.categories():
        children.setdefault(category.parent_id, []).append(category.id)
    below = {}
    for top in named:
        reached, fresh = {top}, [top]
        while fresh:
            fresh = [child for one in fresh for child in children.get(one, ()) if child not in reached]
            reached.update(fresh)
        below[top] = frozenset(reached)
    return below
