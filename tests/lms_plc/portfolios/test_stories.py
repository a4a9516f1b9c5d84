"""A story told of a project or of its portfolio begins with its teller's own words, and with nobody else's."""

from typing import Any

import pytest
from sqlalchemy import func, select

from lms_plc.library.models import Item
from tests.lms_plc.inquiry.test_inquiry import SECRET, begin, bring_in, its_id, put, share, write
from tests.lms_plc.portfolios.test_portfolios import id_in, new_key


@pytest.fixture
def project(circle: Any) -> str:
    """The member's, with words of hers that are for her, for its people, and for all; and words of a colleague."""
    third = circle.joined("3")
    project = begin(circle, circle.member, "Quiet pupils")
    bring_in(circle, circle.member, project, "3", third, "co_worker")
    write(circle.member, project, "concerns", SECRET)
    put(circle.member, f"{project}/stages/consult/enter")
    put(circle.member, f"{project}/stages/plan/enter")
    put(circle.member, f"{project}/stages/consult/audience", audience="named_people")
    write(circle.member, project, "consult", "Etna is for us")
    write(circle.member, project, "plan", "Slips for everybody")
    write(third, project, "plan", "Vesuvius is mine")
    share(circle.member, project, "plan")
    return project


def draft(circle: Any, who: Any, kind: str, id_: Any, **more: str) -> Any:
    given = {"kind": "success", "from_kind": kind, "from": str(id_), **more}
    answer = who.get(f"{circle.home}/stories/new", query_string=given)
    assert answer.status_code == 200
    return answer


def test_a_story_of_a_project_begins_with_what_its_teller_wrote_for_all(
    circle: Any, project: str, said: Any, stored: Any
) -> None:
    page = draft(circle, circle.member, "inquiry", its_id(project))
    assert "Slips for everybody" in page.text
    assert "### Action plan" in page.text
    assert "Quiet pupils" in page.text
    assert "nothing is kept until you save" in said(page)
    for words in ("Krakatoa", "Etna", "Vesuvius"):
        assert words not in page.text
    assert stored(select(func.count()).select_from(Item))[0][0] == 0
    nothing = draft(circle, circle.facilitator, "inquiry", its_id(project))
    assert "nothing is kept until you save" not in said(nothing)
    assert "Slips" not in nothing.text


def test_a_story_of_a_private_project_begins_without_its_words(circle: Any) -> None:
    project = begin(circle, circle.member, "Quiet pupils")
    put(circle.member, f"{project}/stages/plan/enter")
    write(circle.member, project, "plan", "Slips for everybody")
    assert "Slips" not in draft(circle, circle.member, "inquiry", its_id(project)).text


def test_a_story_of_a_portfolio_begins_with_its_stages_and_notes_and_for_oneself(
    circle: Any, project: str, said: Any, stored: Any
) -> None:
    portfolio = id_in(put(circle.member, f"{project}/portfolio", form_key=new_key()))
    change = {"what": "Slips at the door", "audience": "community", "form_key": new_key()}
    answer = circle.member.post(
        f"{circle.home}/changes/new", {**change, "from_kind": "inquiry", "from": its_id(project)}
    )
    assert answer.status_code == 303, answer.text
    kept = answer.location.rpartition("/")[2].partition("?")[0]
    item = {"stage": "lead", "shows": "How it moved.", "does_not_show": "Why it helped."}
    put(circle.member, f"/portfolios/{portfolio}/items/practice_change/{kept}", **item)
    put(circle.member, f"/portfolios/{portfolio}/foreword", foreword="Read slowly.")
    page = draft(circle, circle.member, "portfolio", portfolio)
    for words in ("Read slowly.", "Slips at the door", "How it moved.", "Does not show: Why it helped."):
        assert words in page.text
    assert "It was for few readers" in said(page)
    form = {"title": "Quiet pupils", "story_kind": "success", "page": "Ours", "language": "en", "audience": "only_me"}
    origin = {"from_kind": "portfolio", "from": str(portfolio), "form_key": new_key()}
    assert circle.member.post(f"{circle.home}/stories/new", {**form, **origin}).status_code == 303
    assert tuple(stored(select(Item.origin_kind))[0])[0] == "portfolio"


def test_what_another_lead_may_have_written_is_not_in_the_draft(circle: Any, project: str) -> None:
    portfolio = id_in(put(circle.member, f"{project}/portfolio", form_key=new_key()))
    put(circle.member, f"/portfolios/{portfolio}/foreword", foreword="Read slowly.")
    put(circle.member, f"{project}/people/lead", person_id=str(circle.person("3")))
    third = circle.joined("3")
    assert "Read slowly." not in draft(circle, third, "portfolio", portfolio).text
    assert "Read slowly." in draft(circle, circle.member, "portfolio", portfolio).text


def test_a_reader_of_a_portfolio_gets_no_word_of_it(circle: Any, project: str) -> None:
    portfolio = id_in(put(circle.member, f"{project}/portfolio", form_key=new_key()))
    put(circle.member, f"/portfolios/{portfolio}/foreword", foreword="Read slowly.")
    answer = circle.member.post(f"/portfolios/{portfolio}/readers", {"people": [str(circle.person("1"))]})
    assert answer.status_code == 303
    assert circle.facilitator.get(f"/portfolios/{portfolio}").status_code == 200
    assert "Read slowly." not in draft(circle, circle.facilitator, "portfolio", portfolio).text
