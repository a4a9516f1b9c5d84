"""The desk's pages about rules: which courses, groups and cohorts become which communities, and what comes of it."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connectors.roster import Category
from connectors.source import RosterSource
from lms_plc.admin.actions import VIA
from lms_plc.admin.asking import Trouble, ask, decided_of
from lms_plc.admin.mapping_forms import LABELS, MoveForm, OthersForm, RuleForm, given_of, rule_from, with_problems
from lms_plc.admin.pages import DONE, desk_blueprint, trail
from lms_plc.core.ids import new_id
from lms_plc.core.policy import NotThere
from lms_plc.house import house
from lms_plc.rostersync import ruling
from lms_plc.rostersync.previewing import Preview, preview, standing, words, words_about_others
from lms_plc.rostersync.rules import Rule
from lms_plc.rostersync.ruling import Decided, RuleProblem
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

PATIENCE = 15.0
"""Seconds after which a page looks at no more courses' groups: an admin waits for it."""

MOST_CATEGORIES = 500

mapping = desk_blueprint("mapping")

DONE.update(
    {
        "rule-added": N_("The rule is stored. The next sync goes by it; plans made before are not applied any more."),
        "rule-removed": N_("The rule is removed. What it made stays."),
    }
)


@mapping.get("/mapping/<uuid:site_id>")
def rules(site_id: UUID) -> str:
    """The rules; with ``?look=yes`` the LMS is asked what they make."""
    return _rules_page(decided_of(site_id), looks="look" in request.args)


@mapping.post("/mapping/<uuid:site_id>/others")
def change_others(site_id: UUID) -> AnyResponse | tuple[str, int]:
    of = decided_of(site_id)
    answer = read_form(OthersForm, request.form)
    if answer.form is None:
        return _rules_page(of, errors=answer.errors), 422
    with house().database.write() as session:
        ruling.cover(session, site_id, answer.form.covers.value, house().clock(), via=VIA)
    return _to_the_rules(site_id, "changed")


@mapping.get("/mapping/<uuid:site_id>/new")
def new_rule(site_id: UUID) -> str:
    return _form_page(decided_of(site_id), None, Answer(None, [], {"about": "courses", "makes": "each"}))


@mapping.post("/mapping/<uuid:site_id>/new")
def add_rule(site_id: UUID) -> AnyResponse | str | tuple[str, int]:
    return _take(decided_of(site_id), None)


@mapping.get("/mapping/<uuid:site_id>/rules/<uuid:rule_id>")
def rule(site_id: UUID, rule_id: UUID) -> str:
    of = decided_of(site_id)
    stored = _rule(of, rule_id)
    return _form_page(of, stored, Answer(None, [], given_of(stored)))


@mapping.post("/mapping/<uuid:site_id>/rules/<uuid:rule_id>")
def change_rule(site_id: UUID, rule_id: UUID) -> AnyResponse | str | tuple[str, int]:
    of = decided_of(site_id)
    return _take(of, _rule(of, rule_id))


@mapping.post("/mapping/<uuid:site_id>/rules/<uuid:rule_id>/move")
def move_rule(site_id: UUID, rule_id: UUID) -> AnyResponse | tuple[str, int]:
    of = decided_of(site_id)
    answer = read_form(MoveForm, request.form)
    if answer.form is None:
        return _rules_page(of), 422
    with house().database.write() as session:
        up = answer.form.where == "up"
        ruling.move_rule(session, site_id, rule_id, house().clock(), up=up, via=VIA)
    return _to_the_rules(site_id, "changed")


@mapping.get("/mapping/<uuid:site_id>/rules/<uuid:rule_id>/remove")
def removal(site_id: UUID, rule_id: UUID) -> str:
    of = decided_of(site_id)
    stored = _rule(of, rule_id)
    return render_template(
        "admin/mapping_removal.html",
        page_title=gettext("Remove this rule?"),
        breadcrumbs=_trail(of, gettext("Remove")),
        of=of,
        rule=stored,
        sentences=ruling.sentences(stored, _names(of.rules)),
    )


@mapping.post("/mapping/<uuid:site_id>/rules/<uuid:rule_id>/remove")
def remove_rule(site_id: UUID, rule_id: UUID) -> AnyResponse:
    with house().database.write() as session:
        ruling.remove_rule(session, site_id, rule_id, house().clock(), via=VIA)
    return _to_the_rules(site_id, "rule-removed")


def _take(of: Decided, stored: Rule | None) -> AnyResponse | str | tuple[str, int]:
    """A form about a rule: stored, or shown again with what it would make or which categories there are."""
    answer = read_form(RuleForm, request.form)
    if "categories" in request.form:
        return _form_page(of, stored, Answer(None, [], answer.given), ask(of.site_id, _categories))
    with house().database.read() as connection:
        answer, wanted = rule_from(answer, stored.id if stored else new_id(), connection)
    if wanted is None:
        return _form_page(of, stored, answer), 422
    if "look" in request.form:
        every = [wanted if one.id == wanted.id else one for one in of.rules]
        seen = _look(of.site_id, every if stored else [*every, wanted])
        return _form_page(of, stored, answer, seen=seen, wanted=wanted)
    try:
        with house().database.write() as session:
            store = ruling.change_rule if stored else ruling.add_rule
            store(session, of.site_id, wanted, house().clock(), via=VIA)
    except RuleProblem as problem:
        return _form_page(of, stored, with_problems(answer, [problem])), 422
    return _to_the_rules(of.site_id, "changed" if stored else "rule-added")


def _rules_page(of: Decided, *, looks: bool = False, errors: Sequence[dict[str, str]] = ()) -> str:
    seen = _look(of.site_id, of.rules) if looks else None
    names = _names(of.rules)
    found = seen if isinstance(seen, Preview) else None
    comes = {one.rule.id: one for one in found.rules} if found else {}
    categories = found.categories if found else None
    lines = [
        {"rule": one, "sentences": ruling.sentences(one, names, categories), "comes": comes.get(one.id)}
        for one in of.rules
    ]
    return render_template(
        "admin/mapping.html",
        page_title=gettext("Rules of %(site)s", site=of.name),
        breadcrumbs=trail(None, gettext("Rules of %(site)s", site=of.name)),
        of=of,
        lines=lines,
        others=ruling.others_sentence(of),
        errors=errors,
        **_told(seen),
    )


def _form_page(
    of: Decided,
    stored: Rule | None,
    answer: Answer[RuleForm],
    categories: Sequence[Category] | Trouble | None = None,
    *,
    seen: Preview | Trouble | None = None,
    wanted: Rule | None = None,
) -> str:
    title = gettext("Change a rule") if stored else gettext("Add a rule")
    found = seen if isinstance(seen, Preview) else None
    comes = next((one for one in found.rules if wanted and one.rule.id == wanted.id), None) if found else None
    said = ruling.sentences(wanted, _names([wanted]), found.categories if found else None) if wanted else []
    return render_template(
        "admin/mapping_rule.html",
        page_title=title,
        breadcrumbs=_trail(of, title),
        of=of,
        stored=stored,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
        categories=categories if not isinstance(categories, Trouble) else None,
        categories_trouble=categories if isinstance(categories, Trouble) else None,
        wanted_sentences=said,
        comes=comes,
        **_told(seen),
    )


def _told(seen: Preview | Trouble | None) -> dict[str, Any]:
    """What a page needs to say what came of a look."""
    return {
        "seen": seen if isinstance(seen, Preview) else None,
        "trouble": seen if isinstance(seen, Trouble) else None,
        "others_words": words_about_others(seen) if isinstance(seen, Preview) else [],
        "words": words,
    }


def _look(site_id: UUID, rules: Sequence[Rule]) -> Preview | Trouble:
    with house().database.read() as connection:
        now = standing(connection, site_id, rules)
    return ask(site_id, partial(preview, now=now, patience=PATIENCE))


def _categories(source: RosterSource) -> Sequence[Category]:
    found = sorted(source.categories(), key=lambda category: category.name.casefold())
    return found[:MOST_CATEGORIES]


def _names(rules: Sequence[Rule]) -> dict[UUID, str]:
    with house().database.read() as connection:
        return dict(ruling.names_of_communities(connection, rules))


def _rule(of: Decided, rule_id: UUID) -> Rule:
    """Raises NotThere."""
    found = next((one for one in of.rules if one.id == rule_id), None)
    if found is None:
        raise NotThere("rule")
    return found


def _trail(of: Decided, here: str) -> list[dict[str, str]]:
    return trail((url_for(".rules", site_id=of.site_id), gettext("Rules of %(site)s", site=of.name)), here)


def _to_the_rules(site_id: UUID, done: str) -> AnyResponse:
    return redirect(url_for(".rules", site_id=site_id, done=done), 303)
