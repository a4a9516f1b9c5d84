"""How is somebody sent a message in Moodle?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from connectors.errors import N_, BadAnswer
from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.faults import TELL_US
from connectors.moodle.records import Record
from connectors.moodle.writing import PLAIN, Written, write


class SentMessage(Record):
    """What became of one message. `msgid` is -1 where Moodle did not take it; its reason names people and is dropped.

    `clientmsgid` is the message's place in the list that was sent. `timecreated` is Unix seconds.
    """

    msgid: int
    clientmsgid: str | None = None
    timecreated: int | None = None
    conversationid: int | None = None

    @property
    def sent(self) -> bool:
        """Whether Moodle took the message."""
        return self.msgid > 0


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to one person, in plain text."""

    user_id: int
    text: str = field(repr=False)


_SENT = TypeAdapter(list[SentMessage])


def send_instant_messages(client: MoodleClient, messages: Sequence[NewMessage]) -> Written[SentMessage]:
    """core_message_send_instant_messages: one record a message, in their order, sent or not.

    Who may be written to is the person's own choice in Moodle, so some not being sent is no error.

    Raises `PartlyWritten`, and `BadAnswer` when the answers do not fit the messages.
    """
    items: list[Argument] = [
        {"touserid": message.user_id, "text": message.text, "textformat": PLAIN, "clientmsgid": str(index)}
        for index, message in enumerate(messages)
    ]
    function = "core_message_send_instant_messages"
    records = [record for answer in write(client, function, "messages", items, _SENT) for record in answer]
    if [record.clientmsgid for record in records] != [str(index) for index in range(len(messages))]:
        raise BadAnswer(
            N_("Moodle did not say of every message whether it was sent."), TELL_US, code="partial", function=function
        )
    return Written(tuple(records))
