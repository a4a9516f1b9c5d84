"""How the web services send messages from person to person."""

from html import escape
from typing import Any

from lms_plc.practice_lms.webservices.arguments import Arguments
from lms_plc.practice_lms.webservices.call import Call

_HTML = 1
_NOT_WANTED = "You can't message this user due to their message preferences. Try adding them as a contact."


def send_instant_messages(call: Call) -> list[dict[str, Any]]:
    """One answer a message, in their order; a message that was not taken has the number -1 and a reason."""
    items = call.records("messages", "touserid text", "textformat clientmsgid")
    asked = [(item, item.number("touserid"), _as_html(item)) for item in items]
    with call.state.lock:
        refused = {user_id: reason for _, user_id, _ in asked if (reason := _refusal(call, user_id))}
        now = int(call.state.now())
        before = max(call.state.messages, default=0)
        call.state.change_all(
            "send_message",
            [
                {"from_id": call.me.id, "user_id": user_id, "text": text, "sent": now}
                for _, user_id, text in asked
                if user_id not in refused
            ],
        )
        numbers = iter(number for number in call.state.messages if number > before)
    return [_answer(call, item, user_id, refused.get(user_id), numbers) for item, user_id, _ in asked]


def _answer(call: Call, item: Arguments, user_id: int, refusal: str | None, numbers: Any) -> dict[str, Any]:
    mark = {"clientmsgid": item.text("clientmsgid")} if "clientmsgid" in item.arguments else {}
    if refusal:
        return {"msgid": -1, **mark, "errormessage": refusal, "candeletemessagesforallusers": False}
    message = call.state.messages[next(numbers)]
    return {
        "msgid": message.id,
        **mark,
        "text": message.text,
        "timecreated": message.sent,
        "conversationid": user_id,
        "useridfrom": message.from_id,
        "candeletemessagesforallusers": False,
    }


def _refusal(call: Call, user_id: int) -> str | None:
    person = call.state.person(user_id)
    if person is None:
        return f"You cannot send a message to a user ID ({user_id}) that doesn't exist."
    return None if person.takes_messages else _NOT_WANTED


def _as_html(item: Arguments) -> str:
    """HTML as it is but for a lone ampersand, anything else as plain text."""
    text = item.text("text")
    if item.number("textformat", _HTML) == _HTML:
        return f"<p>{text.replace('& ', '&amp; ')}</p>"
    return f"<p>{escape(text, quote=False)}</p>".replace("\n", "<br />")
