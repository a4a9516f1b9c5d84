"""For whom the learning platform's own messages are the better way: the letter, in short, is offered to it.

Whether anything is written there is the site's switch and its plan (``writeback``)."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, select

from lms_plc.communities.models import Community
from lms_plc.notifications.models import Digest, MailChoice
from lms_plc.writeback.offers import Asked, MessageOffer, offers_messages

MOST = 5000


@offers_messages
def digests_as_messages(connection: Connection, asked: Asked) -> Iterator[MessageOffer]:
    rows = connection.execute(
        select(Digest.id, Digest.community_id, Digest.person_id, Digest.text)
        .join(Community, Community.id == Digest.community_id)
        .join(MailChoice, and_(MailChoice.person_id == Digest.person_id, MailChoice.channel == "lms"))
        .where(
            Community.site_id == asked.site_id,
            Digest.channel == "lms",
            Digest.state == "composed",
            Digest.next_try_at <= asked.at,
        )
        .order_by(Digest.id)
        .limit(MOST)
    )
    for row in rows:
        yield MessageOffer(f"digest:{row.id}", row.community_id, row.person_id, row.text)
