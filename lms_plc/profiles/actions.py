"""What can somebody say of themselves?"""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.folding import fold
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.people.models import PersonLanguage, PersonSchool, PersonSubject, Profile, School
from lms_plc.profiles.forms import ProfileForm
from lms_plc.profiles.queries import PersonSeen


def write_profile(session: Session, actor: Actor, person: PersonSeen, form: ProfileForm) -> None:
    """All of it at once, as the form shows it. Their own word for their post is kept only where it is another than the
    register's."""
    profile = upsert(session, Profile).values(
        person_id=person.id,
        post_type=form.post_type if form.post_type not in ("", person.registered_post) else None,
        about=form.about,
        about_html=render(form.about).html,
        about_renderer=RENDERER,
        may_be_found=form.may_be_found,
        changed_at=actor.at,
    )
    names = ("post_type", "about", "about_html", "about_renderer", "may_be_found", "changed_at")
    session.execute(
        profile.on_conflict_do_update(
            index_elements=["person_id"], set_={name: profile.excluded[name] for name in names}
        )
    )
    _replace(session, PersonSubject, person.id, [{"subject": key} for key in form.subjects])
    _replace(session, PersonLanguage, person.id, [{"language": key} for key in form.languages])
    schools = schools_called(session, actor.site_id, form.schools)
    _replace(session, PersonSchool, person.id, [{"school_id": one, "place": n} for n, one in enumerate(schools)])
    record_by(
        session,
        actor,
        "profile.written",
        Reference("person", person.id),
        site_id=actor.site_id,
        facts={"may_be_found": form.may_be_found},
    )


def _replace(session: Session, table: Any, person_id: UUID, rows: list[dict[str, Any]]) -> None:
    session.execute(delete(table).where(table.person_id == person_id))
    if rows:
        session.execute(upsert(session, table).values([{"person_id": person_id, **row} for row in rows]))


def schools_called(session: Session, site_id: UUID, names: list[str]) -> list[UUID]:
    """The schools of these names, made where nobody named them before; the first spelling stays."""
    by_fold = {folded: " ".join(name.split()) for name in reversed(names) if (folded := fold(name)[:400])}
    wanted = list(dict.fromkeys(fold(name)[:400] for name in names if fold(name)))
    if not wanted:
        return []
    made = [{"id": new_id(), "site_id": site_id, "name": by_fold[one], "folded": one} for one in wanted]
    session.execute(upsert(session, School).values(made).on_conflict_do_nothing(index_elements=["site_id", "folded"]))
    rows = session.execute(select(School.folded, School.id).where(School.site_id == site_id, School.folded.in_(wanted)))
    found = {row.folded: row.id for row in rows}
    return [found[one] for one in wanted]
