"""The desk's page of switches: what happens by the clock, by whose numbers people are counted, what may be written."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms_plc.admin.actions import VIA
from lms_plc.admin.asking import decided_of
from lms_plc.admin.mapping_forms import LABELS, SwitchesForm, with_switches_checked
from lms_plc.admin.pages import desk_blueprint, trail
from lms_plc.house import house
from lms_plc.rostersync import ruling
from lms_plc.rostersync.ruling import Decided
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext

WRITES_INTO = "moodle"
"""The one kind of LMS that something can be written into."""

switches = desk_blueprint("switches")


@switches.get("/switches/<uuid:site_id>")
def show(site_id: UUID) -> str:
    of = decided_of(site_id)
    given = {
        "syncs": of.syncs,
        "sync_every": "" if of.sync_every is None else str(of.sync_every),
        "register_name": of.register or "",
        **{f"write_{what}": "yes" for what in of.writes},
    }
    return _page(of, Answer(None, [], given))


@switches.post("/switches/<uuid:site_id>")
def change(site_id: UUID) -> AnyResponse | tuple[str, int]:
    of = decided_of(site_id)
    answer = with_switches_checked(read_form(SwitchesForm, request.form))
    if answer.form is None:
        return _page(of, answer), 422
    with house().database.write() as session:
        ruling.switch(session, site_id, answer.form.switches(), house().clock(), via=VIA)
    return redirect(url_for(".show", site_id=site_id, done="changed"), 303)


def _page(of: Decided, answer: Answer[SwitchesForm]) -> str:
    title = gettext("Switches of %(site)s", site=of.name)
    return render_template(
        "admin/switches.html",
        page_title=title,
        breadcrumbs=trail(None, title),
        of=of,
        usual=house().settings.sync_every_minutes,
        may_write=of.connector == WRITES_INTO,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
    )
