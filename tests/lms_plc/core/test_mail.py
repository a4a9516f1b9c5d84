"""Is an address one, and is it told apart whether a letter is unwanted or the server is not there?"""

import smtplib

import pytest

from lms_plc.core.mail import NotTaken, _is_for_good, as_address, hand_over, write
from tests.conftest import NOW
from tests.post_office import PostOffice


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (" Ana.P+lists@Example.ORG ", "Ana.P+lists@example.org"),
        ("a@b.c", "a@b.c"),
        (None, None),
        ("", None),
        ("ana", None),
        ("@example.org", None),
        ("ana@localhost", None),
        ("ana@.", None),
        ("a@b@example.org", None),
        ("ana@example.org\nBcc: all@example.org", None),
        ("Ana <ana@example.org>", None),
        ("ana@example.org,bo@example.org", None),
        ("ана@example.org", None),
        ("a\x00na@example.org", None),
        (f"{'a' * 250}@example.org", None),
    ],
)
def test_only_what_fits_a_header_is_an_address(said: str | None, kept: str | None) -> None:
    assert as_address(said) == kept


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (451, b"later")}), False),
        (smtplib.SMTPDataError(552, b"too much"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPSenderRefused(550, b"no", "a@b.c"), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), False),
        (TimeoutError(), False),
    ],
)
def test_a_letter_that_is_not_wanted_is_told_from_a_server_that_takes_none(error: Exception, for_good: bool) -> None:
    assert _is_for_good(error) == for_good


def test_a_letter_of_two_forms_arrives_as_it_was_written(post_office: PostOffice) -> None:
    server = post_office.open()
    given = {"sender": "plc@example.org", "to": ["a@b.c"], "at": NOW, "message_id": "1@plc.example.org"}
    letter = write(subject="Здраво\nBcc: x@y.z", text="Здраво", html="<p>Здраво</p>", **given)  # type: ignore[arg-type]
    assert hand_over(server.url, None, letter) == 0
    [(_, receivers, taken)] = server.letters
    assert receivers == ["a@b.c"]
    assert taken["Subject"] == "Здраво Bcc: x@y.z"
    assert [part.get_content_type() for part in taken.iter_parts()] == ["text/plain", "text/html"]
    server.refuses = frozenset({"a@b.c"})
    with pytest.raises(NotTaken) as refused:
        hand_over(server.url, None, letter)
    assert refused.value.for_good
    assert "a@b.c" not in str(refused.value)
