"""What does an admin decide about the syncs of a site? Its rules, what happens to courses that no rule is about, and
the switches.

Each verb changes rows and records one event. Whatever makes an older plan untrue raises the site's revision, so that
such a plan is refused.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.orm import Session

from lms_plc.command_options import CommandProblem
from lms_plc.communities.models import Community, Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.policy import NotThere
from lms_plc.rostersync.models import SyncRule
from lms_plc.rostersync.rules import ABOUT, MAKES, Rule, rules_of
from lms_plc.sites.models import Course, Site
from lms_plc.web.i18n import N_, gettext

MOST_RULES = 50
"""Of one site: what somebody can still read from the top and know what comes of it."""

MOST_PATTERNS = 50
LONGEST_PATTERN = 255
LONGEST_NAME = 200
LONGEST_REGISTER = 80

SYNCS = ("apply", "ask", "off")
COVERS = ("placed", "all")
WRITES = ("cohorts", "groups", "calendar", "messages")
FEWEST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
"""See ``Site``; a worker looks every five minutes which sites are due."""


class RuleProblem(CommandProblem):
    """A rule, or a switch, cannot be so. ``what`` is a message id with ``params``, ``field`` is what it is about."""

    def __init__(self, field: str, what: str, **params: object) -> None:
        super().__init__(what % params)
        self.field, self.what, self.params = field, what, params


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided about the syncs of a site. ``has_communities``: some course of it opens one or brings its people
    to one."""

    site_id: UUID
    name: str
    url: str
    connector: str | None
    covers: str
    syncs: str
    sync_every: int | None
    register: str | None
    writes: tuple[str, ...]
    rules: tuple[Rule, ...]
    has_communities: bool

    @property
    def everything(self) -> bool:
        """Whether every visible course that no rule is about becomes a community."""
        return self.covers == "all" or not (self.has_communities or self.rules)


@dataclass(frozen=True, slots=True)
class Switches:
    """See ``Site``. ``sync_every`` is None for as often as the settings say, ``register`` for none."""

    syncs: str
    sync_every: int | None
    register: str | None
    writes: tuple[str, ...]


def decided(connection: Connection, site_id: UUID) -> Decided | None:
    """Two statements; None where there is no such site."""
    site = connection.execute(
        select(
            Site.id.label("site_id"),
            *(Site.name, Site.url, Site.connector, Site.covers, Site.syncs, Site.sync_every, Site.register),
            Site.writes,
            exists().where(Placement.course_id == Course.id, Course.site_id == Site.id).label("has_communities"),
        ).where(Site.id == site_id)
    ).one_or_none()
    if site is None:
        return None
    values = {**site._mapping, "writes": tuple(site.writes)}
    return Decided(rules=rules_of(connection, site_id), **values)


def names_of_communities(connection: Connection, rules: Iterable[Rule]) -> Mapping[UUID, str]:
    """The communities that rules name, or that are there under a rule's own id; those of them that exist."""
    wanted = [rule.shared for rule in rules if rule.makes == "one"]
    rows = connection.execute(select(Community.id, Community.name).where(Community.id.in_(wanted)))
    return {row.id: row.name for row in rows}


_WHICH: Mapping[tuple[str, bool, bool], str] = {
    ("courses", False, False): N_("Every course"),
    ("courses", True, False): N_("Every course in category %(category)s"),
    ("courses", False, True): N_("Every course called %(names)s"),
    ("courses", True, True): N_("Every course in category %(category)s called %(names)s"),
    ("groups", False, False): N_("Every group of every course"),
    ("groups", True, False): N_("Every group of the courses in category %(category)s"),
    ("groups", False, True): N_("Every group of the courses called %(names)s"),
    ("groups", True, True): N_("Every group of the courses in category %(category)s called %(names)s"),
    ("groupings", False, False): N_("Every grouping of every course"),
    ("groupings", True, False): N_("Every grouping of the courses in category %(category)s"),
    ("groupings", False, True): N_("Every grouping of the courses called %(names)s"),
    ("groupings", True, True): N_("Every grouping of the courses in category %(category)s called %(names)s"),
    ("cohorts", False, False): N_("Every cohort"),
    ("cohorts", False, True): N_("Every cohort called %(names)s"),
}
"""(about, by category, by name) → what a rule is about, as the beginning of a sentence."""

_COMES = {
    "each": N_("%(which)s becomes a community of its own."),
    "one": N_("%(which)s brings its people into one community: “%(community)s”."),
    "into": N_("%(which)s brings its people into a community there is: “%(community)s”."),
    "none": N_("%(which)s is left out of syncs."),
}


def sentences(rule: Rule, names: Mapping[UUID, str], categories: Mapping[str, str] | None = None) -> list[str]:
    """A rule in plain words. ``names`` are of communities, ``categories`` of what the LMS calls its categories."""
    category = rule.category or ""
    called = (categories or {}).get(category)
    which = gettext(
        _WHICH[rule.about, rule.category is not None, bool(rule.named)],
        category=f"“{called}”" if called else category,
        names=", ".join(rule.named),
    )
    comes = "into" if rule.makes == "one" and rule.community_id is not None else rule.makes
    community = names.get(rule.shared) or rule.name or str(rule.community_id)
    said = [gettext(_COMES[comes], which=which, community=community)]
    if rule.parts_named:
        said.append(gettext("Of these only those called %(names)s.", names=", ".join(rule.parts_named)))
    return said


def others_sentence(of: Decided) -> str:
    """What happens to courses that no rule is about: the last line of every list of rules."""
    if of.covers == "all":
        return gettext("Every other visible course becomes a community of its own.")
    if of.everything:
        return gettext("There is no rule and no community yet: every visible course would become one of its own.")
    return gettext("Of all other courses only those that have a community are synced.")


def problems(connection: Connection | Session, rule: Rule) -> list[RuleProblem]:
    """Everything that is wrong with a rule, in the order in which somebody fills it in; empty when it may be stored."""
    found = [
        *_wrong_kind(rule),
        *_wrong_names("named", rule.named),
        *_wrong_names("parts_named", rule.parts_named),
        *_wrong_target(connection, rule),
    ]
    texts = {"category": rule.category, "name": rule.name}
    for field, text in texts.items():
        if text is not None and not _can_be_shown(text):
            found.append(RuleProblem(field, _NOT_SHOWN))
    return found


def add_rule(session: Session, site_id: UUID, rule: Rule, at: datetime, *, via: str) -> None:
    """Stores a rule behind the others. Raises RuleProblem, NotThere for the site."""
    site = _hold(session, site_id)
    known = rules_of(session, site_id)
    if len(known) >= MOST_RULES:
        raise RuleProblem("about", N_("A site has at most %(count)d rules. Remove or join some."), count=MOST_RULES)
    _require_right(session, rule)
    last = session.execute(
        select(SyncRule.number).where(SyncRule.site_id == site_id).order_by(SyncRule.number.desc()).limit(1)
    ).scalar_one_or_none()
    stored = SyncRule(id=rule.id, site_id=site_id, number=(last or 0) + 1, created_at=at)
    _write(stored, rule)
    session.add(stored)
    _ruled(session, site, "rule.added", rule.id, at, via, {"about": rule.about, "makes": rule.makes})


def change_rule(session: Session, site_id: UUID, rule: Rule, at: datetime, *, via: str) -> None:
    """Another wording of a rule there is, in the same place. The same again changes nothing.

    Raises RuleProblem, NotThere for the rule.
    """
    site = _hold(session, site_id)
    stored = _rule(session, site_id, rule.id)
    _require_right(session, rule)
    if rule in rules_of(session, site_id):
        return
    _write(stored, rule)
    _ruled(session, site, "rule.changed", rule.id, at, via, {"about": rule.about, "makes": rule.makes})


def move_rule(session: Session, site_id: UUID, rule_id: UUID, at: datetime, *, up: bool, via: str) -> None:
    """One place up or down; the first stays the first. Raises NotThere."""
    site = _hold(session, site_id)
    _rule(session, site_id, rule_id)
    rows = list(
        session.execute(
            select(SyncRule).where(SyncRule.site_id == site_id).order_by(SyncRule.number, SyncRule.id)
        ).scalars()
    )
    here = next(place for place, row in enumerate(rows) if row.id == rule_id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for number, row in enumerate(rows, start=1):
        row.number = number
    _ruled(session, site, "rule.moved", rule_id, at, via, {"number": there + 1})


def remove_rule(session: Session, site_id: UUID, rule_id: UUID, at: datetime, *, via: str) -> None:
    """Forgets a rule. What it made stays: communities, who is in them, and which courses bring their people there.

    Raises NotThere.
    """
    site = _hold(session, site_id)
    _rule(session, site_id, rule_id)
    session.execute(delete(SyncRule).where(SyncRule.id == rule_id))
    _ruled(session, site, "rule.removed", rule_id, at, via, {})


def cover(session: Session, site_id: UUID, covers: str, at: datetime, *, via: str) -> None:
    """Decides about courses that no rule is about: ``all`` or ``placed``. The same again changes nothing.

    Raises RuleProblem, NotThere.
    """
    if covers not in COVERS:
        raise RuleProblem("covers", _CHOOSE, choices=", ".join(COVERS))
    site = _hold(session, site_id)
    if site.covers == covers:
        return
    site.covers = covers
    site.sync_revision += 1
    _record(session, "site.covered", Reference("site", site_id), site_id, at, via, {"covers": covers})


def switch(session: Session, site_id: UUID, to: Switches, at: datetime, *, via: str) -> None:
    """What happens by the clock, by whose numbers people are counted, and what may be written into the LMS.

    The same again changes nothing. Raises RuleProblem, NotThere.
    """
    for wrong in wrong_switches(to):
        raise wrong
    site = _hold(session, site_id)
    to = replace(to, writes=tuple(one for one in WRITES if one in to.writes))
    if to == Switches(site.syncs, site.sync_every, site.register, tuple(site.writes)):
        return
    if site.register != to.register:  # who is one person may be another question now
        site.sync_revision += 1
    site.syncs, site.sync_every, site.register, site.writes = to.syncs, to.sync_every, to.register, list(to.writes)
    facts = {"syncs": to.syncs, "every": to.sync_every, "has_register": to.register is not None, "writes": to.writes}
    _record(session, "site.switched", Reference("site", site_id), site_id, at, via, facts)


def wrong_switches(to: Switches) -> list[RuleProblem]:
    found = []
    if to.syncs not in SYNCS:
        found.append(RuleProblem("syncs", _CHOOSE, choices=", ".join(SYNCS)))
    if to.sync_every is not None and not FEWEST_MINUTES <= to.sync_every <= MOST_MINUTES:
        limits = {"fewest": FEWEST_MINUTES, "most": MOST_MINUTES}
        found.append(RuleProblem("sync_every", N_("Choose from %(fewest)d to %(most)d minutes."), **limits))
    if to.register is not None and len(to.register) > LONGEST_REGISTER:
        found.append(RuleProblem("register", _TOO_LONG, most=LONGEST_REGISTER))
    if to.register is not None and not _can_be_shown(to.register):
        found.append(RuleProblem("register", _NOT_SHOWN))
    if not set(to.writes) <= set(WRITES):
        found.append(RuleProblem("writes", _CHOOSE, choices=", ".join(WRITES)))
    return found


_CHOOSE = N_("Choose one of: %(choices)s.")
_TOO_LONG = N_("This is too long: at most %(most)d characters.")
_NOT_SHOWN = N_("This holds characters that cannot be shown.")


def _wrong_kind(rule: Rule) -> Iterable[RuleProblem]:
    if rule.about not in ABOUT:
        yield RuleProblem("about", _CHOOSE, choices=", ".join(ABOUT))
    if rule.category is not None and rule.about == "cohorts":
        yield RuleProblem("category", N_("Cohorts belong to no category of courses. Leave this empty."))
    if rule.category is not None and not 0 < len(rule.category) <= LONGEST_PATTERN:
        yield RuleProblem("category", _TOO_LONG, most=LONGEST_PATTERN)
    if rule.parts_named and rule.about not in ("groups", "groupings"):
        yield RuleProblem("parts_named", N_("This is for rules about groups or groupings. Leave it empty."))


def _wrong_names(field: str, patterns: Sequence[str]) -> Iterable[RuleProblem]:
    if len(patterns) > MOST_PATTERNS:
        yield RuleProblem(field, N_("At most %(most)d names, please; * stands for any letters."), most=MOST_PATTERNS)
    elif any(not 0 < len(pattern) <= LONGEST_PATTERN for pattern in patterns):
        yield RuleProblem(field, N_("A name has at most %(most)d characters, and at least one."), most=LONGEST_PATTERN)
    elif not all(map(_can_be_shown, patterns)):
        yield RuleProblem(field, _NOT_SHOWN)


def _wrong_target(connection: Connection | Session, rule: Rule) -> Iterable[RuleProblem]:
    if rule.makes not in MAKES:
        yield RuleProblem("makes", _CHOOSE, choices=", ".join(MAKES))
    elif rule.makes != "one":
        if rule.name is not None or rule.community_id is not None:
            yield RuleProblem("makes", N_("Only what is brought together has a community with a name of its own."))
    elif rule.name is None and rule.community_id is None:
        yield RuleProblem("name", N_("Say what the community of all together is called."))
    elif rule.name is not None and rule.community_id is not None:
        yield RuleProblem("name", N_("Say a new name, or a community there is, and not both."))
    elif rule.name is not None and not 0 < len(rule.name) <= LONGEST_NAME:
        yield RuleProblem("name", _TOO_LONG, most=LONGEST_NAME)
    elif rule.community_id is not None:
        there = select(Community.id).where(Community.id == rule.community_id)
        if connection.execute(there).one_or_none() is None:
            yield RuleProblem("community", N_("There is no such community."))


def _can_be_shown(text: str) -> bool:
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


def _require_right(session: Session, rule: Rule) -> None:
    for wrong in problems(session, rule):
        raise wrong


def _hold(session: Session, site_id: UUID) -> Site:
    """The site, locked: rules are ordered and changed by one after the other, and no run begins in between."""
    site = session.execute(select(Site).where(Site.id == site_id).with_for_update(key_share=True)).scalar_one_or_none()
    if site is None:
        raise NotThere("site")
    return site


def _rule(session: Session, site_id: UUID, rule_id: UUID) -> SyncRule:
    stored = session.execute(
        select(SyncRule).where(SyncRule.id == rule_id, SyncRule.site_id == site_id)
    ).scalar_one_or_none()
    if stored is None:
        raise NotThere("rule")
    return stored


def _write(stored: SyncRule, rule: Rule) -> None:
    stored.about, stored.makes, stored.category = rule.about, rule.makes, rule.category
    stored.named, stored.parts_named = list(rule.named), list(rule.parts_named)
    stored.community_id, stored.name = rule.community_id, rule.name


def _ruled(
    session: Session, site: Site, verb: str, rule_id: UUID, at: datetime, via: str, facts: Mapping[str, object]
) -> None:
    site.sync_revision += 1
    _record(session, verb, Reference("rule", rule_id), site.id, at, via, facts)


def _record(
    session: Session, verb: str, thing: Reference, site_id: UUID, at: datetime, via: str, facts: Mapping[str, object]
) -> None:
    record(session, verb, thing, at=at, actor_id=None, via=via, site_id=site_id, facts=facts)
