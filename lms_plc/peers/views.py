"""A peer of one's own subject elsewhere, found by consent."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, load
from lms_plc.house import house
from lms_plc.peers import actions, on_home, queries
from lms_plc.peers.forms import LONGEST_HELLO, HelloForm, OfferForm
from lms_plc.peers.queries import HelloSeen, PeerSeen
from lms_plc.people.guards import actor
from lms_plc.people.said import Said, said_by
from lms_plc.people.teaching import LANGUAGES, SUBJECTS, language_names, subject_names
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["on_home", "peers"]

peers = Blueprint("peers", __name__, url_prefix="/s/<seat>", template_folder="templates")

LABELS = {"note": N_("Your hello")}


@peers.get("/peers")
def search() -> str:
    who = actor()
    language = request.args.get("language")
    language = language if language in LANGUAGES else None
    with house().database.read() as connection:
        mine = said_by(connection, [who.person_id])[who.person_id]
        subject = _subject(mine)
        hellos = queries.hellos_to(connection, who)
        page = _found(connection, who, subject, language)
        said = said_by(connection, [*(one.id for one in page.items), *(one.person_id for one in hellos)])
    return render_template(
        "peers/search.html",
        page_title=gettext("Colleagues elsewhere"),
        hellos=[(hello, _said(said[hello.person_id])) for hello in hellos],
        rows=[(peer, _said(said[peer.id])) for peer in page.items],
        subject=subject,
        subject_name=gettext(SUBJECTS[subject]) if subject else None,
        language=language or "",
        subjects=[("", gettext("Choose a subject")), *((key, gettext(label)) for key, label in SUBJECTS.items())],
        languages=[("", gettext("Any language")), *LANGUAGES.items()],
        next_url=url_for("peers.search", subject=subject, language=language or "", after=page.next_key)
        if page.next_key
        else None,
    )


@peers.get("/peers/<uuid:person_id>/hello")
def hello_form(person_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        peer: PeerSeen = load(connection, who, "peer", person_id, "peer.greet")
        said = said_by(connection, [peer.id])[peer.id]
    return _hello_page(peer, said, Answer(None, [], {}))


@peers.post("/peers/<uuid:person_id>/hello")
def say_hello(person_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(HelloForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        peer: PeerSeen = load(connection, who, "peer", person_id, "peer.greet")
        if answer.form is None:
            return _hello_page(peer, said_by(connection, [peer.id])[peer.id], answer), 422
        actions.say_hello(session, who, peer, answer.form)
    return redirect(url_for("peers.hello_form", person_id=person_id), 303)


@peers.post("/hellos/<uuid:hello_id>/accept")
def accept(hello_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        hello: HelloSeen = load(session.connection(), who, "hello", hello_id, "hello.answer")
        actions.accept(session, who, hello)
    return redirect(url_for("messages.compose", to=hello.person_id), 303)


@peers.post("/hellos/<uuid:hello_id>/rest")
def let_rest(hello_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        hello: HelloSeen = load(session.connection(), who, "hello", hello_id, "hello.answer")
        actions.let_rest(session, who, hello)
    return redirect(url_for("peers.search"), 303)


@peers.post("/peers/offer")
def answer_offer() -> Response:
    who, answer = actor(), read_form(OfferForm, request.form)
    if answer.form is None:
        return redirect(url_for("communities.mine"), 303)
    with house().database.write() as session:
        actions.answer_offer(session, who)
    if answer.form.answer == "yes":
        return redirect(url_for("peers.search", subject=request.form.get("subject", "")[:30]), 303)
    return redirect(url_for("communities.mine"), 303)


def _subject(mine: Said) -> str | None:
    """The one asked for, else one of mine."""
    asked = request.args.get("subject")
    if asked in SUBJECTS:
        return asked
    return next((key for key in SUBJECTS if key in mine.subjects), None) if asked is None else None


def _found(connection: Any, who: Actor, subject: str | None, language: str | None) -> Page[PeerSeen]:
    if subject is None:
        return Page((), None)
    return queries.peers(connection, who, subject, language=language, after=key_from(request.args, "after"))


def _said(said: Said) -> dict[str, Any]:
    return {
        "schools": said.schools,
        "subjects": subject_names(said.subjects),
        "languages": language_names(said.languages),
    }


def _hello_page(peer: PeerSeen, said: Said, answer: Answer[HelloForm]) -> str:
    return render_template(
        "peers/hello.html",
        page_title=gettext("Say hello to %(name)s", name=peer.name),
        peer=peer,
        said=_said(said),
        answer=answer,
        errors=answer.errors,
        labels={name: gettext(label) for name, label in LABELS.items()},
        longest=LONGEST_HELLO,
        draft_key=f"{actor().person_id}/hello:{peer.id}",
        draft_done=f"{actor().person_id}/hello:{peer.id}" if peer.greeted else None,
    )
