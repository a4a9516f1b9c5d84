"""Who somebody is to their colleagues: schools, subjects, languages; and whose words one does not want."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.core.policy import allows, load
from lms_plc.core.text import shown
from lms_plc.house import house
from lms_plc.people import blocks
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.people.said import Said, said_by
from lms_plc.people.teaching import LANGUAGES, POSTS, SUBJECTS, language_names, post_name, subject_names
from lms_plc.profiles import on_home, queries
from lms_plc.profiles.actions import write_profile
from lms_plc.profiles.forms import SCHOOLS, ProfileForm
from lms_plc.profiles.queries import PersonSeen
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, gettext

__all__ = ["on_home", "profiles"]

profiles = Blueprint("profiles", __name__, url_prefix="/s/<seat>", template_folder="templates")

open_entry(60, "profiles.me", N_("My profile"))

LABELS = {
    "school": N_("My school"),
    "school_2": N_("A second school"),
    "school_3": N_("A third school"),
    "about": N_("A few lines about me"),
}


@profiles.get("/people/<uuid:person_id>")
def profile(person_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        person: PersonSeen = load(connection, who, "person", person_id, "profile.read")
        said = said_by(connection, [person.id])[person.id]
        together = queries.communities_together(connection, who, person.id)
    return render_template(
        "profiles/profile.html",
        page_title=person.name,
        person=person,
        own=person.id == who.person_id,
        post=post_name(person.post_type),
        said=said,
        subjects=subject_names(said.subjects),
        languages=language_names(said.languages),
        about=shown(person.about, person.about_html, person.about_renderer) if person.about else None,
        together=together,
        may_write=allows(person.roles, "person.write_to") and not person.blocked,
        may_block=allows(person.roles, "person.block"),
    )


@profiles.get("/me")
def me() -> str:
    who = actor()
    with house().database.read() as connection:
        person: PersonSeen = load(connection, who, "person", who.person_id, "profile.edit")
        said = said_by(connection, [person.id])[person.id]
        schools = queries.schools_named(connection, who.site_id)
        blocked = queries.blocked(connection, who)
    return _form(Answer(None, [], _given(person, said)), person, schools, blocked)


@profiles.post("/me")
def write() -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ProfileForm, with_lists(request.form, "subjects", "languages"))
    with house().database.write() as session:
        connection = session.connection()
        person: PersonSeen = load(connection, who, "person", who.person_id, "profile.edit")
        if answer.form is None:
            schools = queries.schools_named(connection, who.site_id)
            return _form(answer, person, schools, queries.blocked(connection, who)), 422
        write_profile(session, who, person, answer.form)
    return redirect(url_for("profiles.me", kept="yes"), 303)


@profiles.post("/people/<uuid:person_id>/block")
def block(person_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        person: PersonSeen = load(session.connection(), who, "person", person_id, "person.block")
        blocks.block(session, who, person.id)
    return redirect(url_for("profiles.profile", person_id=person_id), 303)


@profiles.post("/people/<uuid:person_id>/unblock")
def unblock(person_id: UUID) -> Response:
    """Undone where it is listed, also for somebody one shares no community with any more."""
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        load(connection, who, "block", person_id, "block.undo")
        blocks.unblock(session, who, person_id)
        still_seen = queries.show_people(connection, who, [person_id])
    where = url_for("profiles.profile", person_id=person_id) if still_seen else url_for("profiles.me")
    return redirect(where, 303)


def _given(person: PersonSeen, said: Said) -> dict[str, str]:
    return {
        **dict(zip(SCHOOLS, said.schools, strict=False)),
        "subjects": " ".join(said.subjects),
        "languages": " ".join(said.languages),
        "post_type": person.post_type or "",
        "about": person.about,
        "may_be_found": "yes" if person.may_be_found else "",
    }


def _form(answer: Answer[ProfileForm], person: PersonSeen, schools: list[str], blocked: list[tuple[UUID, str]]) -> str:
    chosen = {name: answer.given.get(name, "").split() for name in ("subjects", "languages")}
    saved = request.method == "GET" and request.args.get("kept") == "yes"
    return render_template(
        "profiles/form.html",
        page_title=gettext("My profile"),
        person=person,
        answer=answer,
        errors=answer.errors,
        labels={name: gettext(label) for name, label in LABELS.items()},
        notice={"text": gettext("Saved. Your colleagues see it from now on.")} if saved else None,
        schools=schools,
        subjects=[(key, gettext(label), key in chosen["subjects"]) for key, label in SUBJECTS.items()],
        chosen_subjects=subject_names(chosen["subjects"]),
        languages=[(key, label, key in chosen["languages"]) for key, label in LANGUAGES.items()],
        chosen_languages=language_names(chosen["languages"]),
        posts=[("", gettext("Not said")), *((key, gettext(label)) for key, label in POSTS.items())],
        blocked=blocked,
    )
