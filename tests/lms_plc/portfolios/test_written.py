"""What was written in the stages can be chosen by who wrote it, and is then there for the portfolio's readers."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Event
from tests.lms_plc.inquiry.test_inquiry import SECRET, begin, bring_in, put, share, write
from tests.lms_plc.portfolios.test_portfolios import SAYS, based_on, id_in, new_key

SHOWS = {"shows": "How it was meant.", "does_not_show": ""}


@pytest.fixture
def project(circle: Any) -> str:
    third = circle.joined("3")
    project = begin(circle, circle.member, "Quiet pupils")
    bring_in(circle, circle.member, project, "3", third, "lead")
    write(circle.member, project, "concerns", SECRET)
    put(circle.member, f"{project}/stages/consult/enter")
    talk = {"who": "Person Ten", "need": "know", "day": "2026-01-10", "said": "Go on, said Etna", "form_key": new_key()}
    put(circle.member, f"{project}/stages/consult/talks", **talk)
    put(circle.member, f"{project}/stages/plan/enter")
    plan = {"what": "Exit slips", "how": "Each Friday", "protection": "No names", "form_key": new_key()}
    put(circle.member, f"{project}/stages/plan/evidence-plan", **plan)
    write(circle.member, project, "plan", "Slips for everybody")
    write(third, project, "plan", "Vesuvius is mine")
    share(circle.member, project, "plan", "consult")
    return project


@pytest.fixture
def portfolio(circle: Any, project: str) -> str:
    return f"/portfolios/{id_in(put(circle.member, f'{project}/portfolio', form_key=new_key()))}"


def offers(who: Any, portfolio: str) -> dict[str, str]:
    """Stage → the address of what one wrote in it, as the page offers it."""
    page = who.get(f"{portfolio}/items").text
    found = re.findall(r'href="[^"]*(/portfolios/[0-9a-f-]+/items/inquiry_stage/[0-9a-f-]+)\?stage=([a-z_]+)"', page)
    return {stage: path for path, stage in found}


def test_each_stage_one_wrote_in_is_offered_and_tells_of_it(circle: Any, portfolio: str, said: Any) -> None:
    offered = offers(circle.member, portfolio)
    assert sorted(offered) == ["concerns", "consult", "plan"]
    assert "Action plan: what was written" in said(circle.member.get(f"{portfolio}/items"))
    form = circle.member.get(f"{offered['plan']}?stage=plan")
    for words in ("Slips for everybody", "Exit slips", "Whoever you ask to read the portfolio sees these words"):
        assert words in said(form)
    assert "Vesuvius" not in form.text
    assert "Action plan" in said(circle.member.get(portfolio)).partition("Not told yet:")[2].partition("Nobody")[0]
    for stage, path in offered.items():
        put(circle.member, path, stage=stage, **SHOWS)
    page = said(circle.member.get(portfolio))
    assert "Every stage that has begun is told" in page
    for words in ("Slips for everybody", "Go on, said Etna", "Each Friday", SECRET):
        assert words in page
    for words in ("Vesuvius", "Person Ten"):
        assert words not in page
    assert offers(circle.member, portfolio) == {}
    assert "Slips for everybody" in said(circle.member.get(f"{portfolio}/print"))


def test_nobody_chooses_or_shows_anew_what_another_wrote(
    circle: Any, project: str, portfolio: str, said: Any, clock: Any, stored: Any
) -> None:
    third = circle.joined("3")
    hers, his = offers(circle.member, portfolio)["concerns"], offers(third, portfolio)["plan"]
    put(third, hers, 404, stage="concerns", **SHOWS)
    assert third.get(hers).status_code == 404
    put(circle.member, his, 404, stage="plan", **SHOWS)
    put(circle.member, hers, stage="concerns", **SHOWS)
    clock.move(minutes=1)
    write(circle.member, project, "concerns", "Quince, later")
    clock.move(minutes=1)
    seen = third.get(hers)
    assert "Krakatoa" not in seen.text
    put(third, hers, stage="concerns", shows="Better said.", does_not_show="", based_on=based_on(seen))
    page = said(circle.member.get(portfolio))
    assert "Better said." in page
    assert SECRET in page
    assert "Quince, later" not in page
    put(circle.member, hers, stage="concerns", **SHOWS, based_on=based_on(circle.member.get(hers)))
    assert "Quince, later" in said(circle.member.get(portfolio))
    chosen = stored(select(Event.facts).where(Event.verb == "portfolio.item_chosen"))
    assert [row.facts for row in chosen] == [{}]


def test_readers_see_the_words_that_were_chosen_and_the_stage_stays_closed(
    circle: Any, project: str, portfolio: str, said: Any
) -> None:
    reader = circle.facilitator
    put(circle.member, offers(circle.member, portfolio)["concerns"], stage="concerns", **SHOWS)
    answer = circle.member.post(f"{portfolio}/readers", {"people": [str(circle.person("1"))]})
    assert answer.status_code == 303
    page = said(reader.get(portfolio))
    assert SECRET in page
    assert "Slips for everybody" not in page
    assert reader.get(f"{project}/stages/concerns").status_code == 404
    assert "Krakatoa" not in reader.get(f"{project}/rounds").text


def test_the_stage_and_the_portfolio_say_the_same_also_once_it_is_approved(
    circle: Any, project: str, portfolio: str, said: Any, clock: Any
) -> None:
    reader = circle.facilitator
    put(circle.member, offers(circle.member, portfolio)["plan"], stage="plan", **SHOWS)
    circle.member.post(f"{portfolio}/readers", {"people": [str(circle.person("1"))]})
    put(circle.member, f"{portfolio}/submit")
    clock.move(minutes=1)
    put(reader, f"{portfolio}/review", **SAYS | {"verdict": "certified"})

    def stands() -> tuple[bool, int]:
        page = said(circle.member.get(portfolio))
        return "Not told yet" in page, said(circle.member.get(f"{project}/stages/portfolio")).count("· so it is")

    assert stands() == (True, 2)
    clock.move(minutes=1)
    put(circle.member, f"{project}/stages/lead/enter")
    assert stands() == (True, 2)
    untold = said(circle.member.get(portfolio)).partition("Not told yet:")[2].partition("Names")[0]
    assert "What matters and what troubles me" in untold
    assert "Leading the work" not in untold, "it began after the approval"
