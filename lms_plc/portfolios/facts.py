"""What does a stage of a project look at to say whether its portfolio is whole? The same that the portfolio's own page
says it lacks (``showing.lacks``)."""

from typing import Any

from sqlalchemy import String, and_, func, literal, select

from lms_plc.core.database import one_of
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceItem
from lms_plc.inquiry.models import InquiryStage
from lms_plc.inquiry.situation import IT, tells_facts
from lms_plc.portfolios.models import Portfolio, PortfolioItem, PortfolioReview
from lms_plc.portfolios.queries import CERTIFIED, IDLE, is_outside

_ITS_ITEMS = and_(Portfolio.inquiry_id == IT, PortfolioItem.portfolio_id == Portfolio.id)


def _count(name: str, *where: Any) -> Any:
    return select(literal(name, String()), func.count()).where(*where)


tells_facts(
    _count("portfolios_approved", Portfolio.inquiry_id == IT, Portfolio.state == CERTIFIED),
    _count("portfolio_items", _ITS_ITEMS),
    _count(
        "portfolio_items_unchecked",
        _ITS_ITEMS,
        PortfolioItem.thing_kind == NODE,
        EvidenceItem.node_id == PortfolioItem.thing_id,
        EvidenceItem.state != "usable",
    ),
    _count(
        "portfolio_readers_outside",
        Portfolio.inquiry_id == IT,
        PortfolioReview.portfolio_id == Portfolio.id,
        PortfolioReview.answered_at.is_not(None),
        is_outside(Portfolio.inquiry_id, Portfolio.author_id),
    ),
    select(literal("portfolio_tells:", String()) + PortfolioItem.stage, func.count())
    .where(_ITS_ITEMS, PortfolioItem.shows != "")
    .group_by(PortfolioItem.stage),
    select(literal("begun_since_approval:", String()) + InquiryStage.stage, func.count())
    .join(Portfolio, Portfolio.inquiry_id == InquiryStage.inquiry_id)
    .where(InquiryStage.inquiry_id == IT, Portfolio.state == CERTIFIED, ~one_of(InquiryStage.state, IDLE))
    .group_by(InquiryStage.stage, Portfolio.certified_at)
    .having(func.min(InquiryStage.entered_at) >= Portfolio.certified_at),
)
