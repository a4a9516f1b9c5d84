"""Does a letter tell what is new, once, to those who want it, when they want it, and nothing to anybody else?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.communities.memberships import Because, end, pause
from lms_plc.core import mail
from lms_plc.discussions.models import Topic
from lms_plc.notifications import rounds, sending
from lms_plc.notifications.actions import keep_choice
from lms_plc.notifications.models import Digest, DigestMark, DigestRound, MailPace
from lms_plc.notifications.offering import digests_as_messages
from lms_plc.notifications.queries import Choice
from lms_plc.notifications.quiet import awake_at, is_quiet
from lms_plc.people.models import Person
from lms_plc.writeback.offers import Asked

from .conftest import FRIDAY, Letters, part

THURSDAY, SATURDAY, MONDAY = (FRIDAY + timedelta(days=days) for days in (-1, 1, 3))
ANA = "ana@example.org"


@pytest.fixture
def ana(circle: Any) -> Any:
    """Another member, whom the learning platform gives an address."""
    return circle.joined("3", name="Ana Petrovska", email=ANA)


def pace(post: Letters, circle: Any, subject: str, how: str) -> None:
    with post.house.database.write() as session:
        row = {"person_id": circle.person(subject), "community_id": circle.id, "pace": how}
        session.execute(MailPace.__table__.insert().values(row))  # type: ignore[attr-defined]


def choose(post: Letters, circle: Any, subject: str, **chosen: Any) -> None:
    with post.house.database.write() as session:
        keep_choice(session, circle.person(subject), post.house.clock(), chosen)


def test_members_get_an_insight_in_the_weekly_letter_and_not_as_a_letter_of_its_own(
    circle: Any, ana: Any, post: Letters
) -> None:
    """S3-2."""
    topic = circle.start(circle.facilitator, "A minute of silence", "They write **more**.", purpose="insight")
    question = circle.start(circle.member, "Who has a projector?", purpose="question")
    assert post.pass_by(THURSDAY) == 0
    post.pass_by(FRIDAY)
    [letter] = post.to(ANA)
    assert letter["Subject"] == "This week in “Maths circle”"
    text, html = part(letter, "plain"), part(letter, "html")
    for words in (text, html):
        for said in ("Insights and ahas", "A minute of silence", "They write more.", "Questions that wait"):
            assert said in words
        for thing in (topic, question):
            assert f"https://plc.example.org/to/topic/{thing}" in words
    assert "<img" not in html
    assert "<script" not in html
    assert len(letter.as_bytes()) < 20_000
    assert post.pass_by(FRIDAY + timedelta(days=7)) == 0, "when there is nothing new, none comes"
    ana.launch("3", name="Ana Petrovska", email=ANA)
    assert ana.get(f"/to/topic/{topic}").status_code == 303


def test_what_is_meant_for_somebody_stands_first_and_is_told_once(circle: Any, ana: Any, post: Letters) -> None:
    topic = circle.start(ana, "Exit tickets", purpose="question")
    circle.say(circle.member, topic, "I ask one question.")
    circle.say(circle.facilitator, topic, "I ask two.")
    circle.start(circle.member, "Chalk", "The white one.", purpose="insight")
    post.pass_by(FRIDAY)
    [letter] = post.to(ANA)
    text = part(letter, "plain")
    assert "Person 1 and Person 2 answered in “Exit tickets”" in text
    assert text.index("FOR YOU") < text.index("MATHS CIRCLE")
    assert text.count("Exit tickets") == 1, "and is no news of the community as well"
    assert letter["Subject"] == "This week in your learning communities"


def test_what_somebody_has_read_muted_wrote_or_may_not_see_is_not_in_their_letter(
    circle: Any, ana: Any, post: Letters, house: Any
) -> None:
    read = circle.start(circle.member, "Read already")
    ana.get(f"/topics/{read}")
    circle.start(ana, "My own")
    hidden = circle.start(circle.member, "Hidden from all")
    with house.database.write() as session:
        session.execute(update(Topic).where(Topic.id == hidden).values(hidden_at=house.clock()))
    post.pass_by(FRIDAY)
    assert post.to(ANA) == []


def test_a_question_with_an_answer_is_a_conversation(circle: Any, ana: Any, post: Letters) -> None:
    topic = circle.start(circle.member, "Who has chalk?", purpose="question")
    circle.say(circle.facilitator, topic, "I have.")
    post.pass_by(FRIDAY)
    text = part(post.to(ANA)[0], "plain")
    assert "Conversations:" in text
    assert "Questions that wait" not in text


def test_daily_is_every_working_morning_and_a_weekend_waits_for_monday(circle: Any, ana: Any, post: Letters) -> None:
    pace(post, circle, "3", "daily")
    circle.start(circle.member, "On Thursday", purpose="insight")
    assert post.pass_by(THURSDAY) >= 1
    assert post.to(ANA)[0]["Subject"] == "Today in “Maths circle”"
    post.clock.move(hours=1)
    circle.facilitator.launch("1")
    circle.start(circle.facilitator, "On Thursday, later", purpose="insight")
    post.pass_by(FRIDAY)
    post.clock.move(hours=1)
    circle.facilitator.launch("1")
    circle.start(circle.facilitator, "On Friday", purpose="insight")
    post.pass_by(SATURDAY)
    assert len(post.to(ANA)) == 2, "one for both: the day's and the week's"
    post.pass_by(MONDAY)
    assert "On Friday" in part(post.to(ANA)[2], "plain")


def test_at_once_means_what_is_meant_for_me_gathered_for_a_moment_and_not_at_night(
    circle: Any, ana: Any, post: Letters, clock: Any
) -> None:
    pace(post, circle, "3", "immediate")
    choose(post, circle, "3", quiet_weekends=False)
    circle.start(circle.member, "For all", purpose="insight")
    circle.start(circle.member, "Chalk", "@Ana Petrovska, look")
    assert post.pass_by(clock.now + timedelta(minutes=1)) == 0, "it gathers"
    circle.start(circle.facilitator, "Paper", "@Ana Petrovska, look here too")
    assert post.pass_by(clock.now + timedelta(minutes=5)) == 1
    [letter] = post.to(ANA)
    assert letter["Subject"] == "Person 1 named you in “Paper”"
    text = part(letter, "plain")
    assert "Chalk" in text
    assert "For all" not in text
    circle.start(circle.member, "Ink", "@Ana Petrovska, at night")
    assert post.pass_by(datetime(2026, 11, 23, 21, 0, tzinfo=UTC)) == 0
    assert post.pass_by(datetime(2026, 11, 24, 7, 5, tzinfo=UTC)) == 1
    post.pass_by(FRIDAY)
    assert "For all" in part(post.to(ANA)[2], "plain"), "the rest comes once a week"


def test_a_letter_composed_in_the_quiet_waits_for_its_end(circle: Any, ana: Any, post: Letters) -> None:
    choose(post, circle, "3", quiet_until=9)
    circle.start(circle.member, purpose="insight")
    post.pass_by(FRIDAY)
    assert post.to(ANA) == []
    post.pass_by(FRIDAY.replace(hour=9, minute=0))
    assert len(post.to(ANA)) == 1


@pytest.mark.parametrize("how", ["left", "paused", "less", "lms"])
def test_a_letter_that_waits_is_not_sent_to_who_has_gone_or_wants_none_any_more(
    circle: Any, ana: Any, post: Letters, stored: Any, how: str
) -> None:
    choose(post, circle, "3", quiet_until=9)
    circle.start(circle.member, purpose="insight")
    post.pass_by(FRIDAY)
    post.clock.move(minutes=1)
    people = [circle.person("3")]
    with post.house.database.write() as session:
        if how in ("left", "paused"):
            (end if how == "left" else pause)(session, circle.site_id, circle.id, people, Because(post.clock(), "sync"))
    if how in ("less", "lms"):
        choose(post, circle, "3", channel={"less": "none", "lms": "lms"}[how])
    post.pass_by(FRIDAY.replace(hour=9, minute=0))
    assert post.to(ANA) == []
    hers = select(Digest.state, Digest.text).where(Digest.person_id == circle.person("3"))
    assert [tuple(row) for row in stored(hers)] == [("refused", "")]


@pytest.mark.parametrize("how", ["pace", "channel", "address", "left"])
def test_whoever_wants_nothing_or_cannot_be_reached_gets_nothing(
    circle: Any, ana: Any, post: Letters, how: str, stored: Any
) -> None:
    circle.start(circle.member, "Chalk", "@Ana Petrovska", purpose="insight")
    if how == "pace":
        pace(post, circle, "3", "none")
    elif how == "channel":
        choose(post, circle, "3", channel="none")
    with post.house.database.write() as session:
        if how == "address":
            session.execute(update(Person).values(email=None))
        elif how == "left":
            end(session, circle.site_id, circle.id, [circle.person("3")], Because(post.clock(), "sync"))
    post.pass_by(FRIDAY)
    assert post.to(ANA) == []
    mine = select(DigestMark).where(DigestMark.person_id == circle.person("3"))
    assert stored(mine) == [], "and nothing of it counts as told"


def test_a_house_without_a_mail_server_composes_nothing(
    circle: Any, ana: Any, house: Any, stored: Any, clock: Any
) -> None:
    rounds.go_round(house)
    circle.start(circle.member, purpose="insight")
    clock.now = FRIDAY
    assert (rounds.go_round(house), sending.send_waiting(house)) == (0, 0)
    assert stored(select(Digest.__table__)) == []  # type: ignore[attr-defined]


def test_a_friday_without_a_worker_is_made_up_for(circle: Any, ana: Any, post: Letters, stored: Any) -> None:
    circle.start(circle.member, purpose="insight")
    post.pass_by(MONDAY)
    assert len(post.to(ANA)) == 1
    rows = stored(select(DigestRound.__table__).order_by(DigestRound.day))  # type: ignore[attr-defined]
    assert [(row.day, row.paces) for row in rows] == [("2026-11-22", "daily"), ("2026-11-30", "daily weekly")]


def test_a_round_cut_short_goes_on_and_writes_to_nobody_twice(
    circle: Any, ana: Any, post: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "AT_ONCE", 1)
    circle.joined("4", email="bo@example.org")
    circle.start(circle.member, purpose="insight")
    post.clock.now = FRIDAY
    post.hear()
    noted = rounds._note
    monkeypatch.setattr(rounds, "_note", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rounds.go_round(post.house)
    monkeypatch.setattr(rounds, "_note", noted)
    post.pass_by(FRIDAY)
    assert [len(post.to(one)) for one in (ANA, "bo@example.org")] == [1, 1]


def test_a_letter_that_cannot_be_written_holds_up_nobody_elses(
    circle: Any, ana: Any, post: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle.joined("4", email="bo@example.org")
    circle.start(circle.member, purpose="insight")
    real, broken = rounds.compose, circle.person("3")
    monkeypatch.setattr(rounds, "compose", lambda *given: {}["x"] if given[1].id == broken else real(*given))
    post.pass_by(FRIDAY)
    assert [len(post.to(one)) for one in (ANA, "bo@example.org")] == [0, 1]


def test_a_letter_speaks_the_language_of_its_reader(circle: Any, post: Letters) -> None:
    circle.joined("3", name="Ана", email=ANA, launch_presentation={"locale": "mk"})
    circle.start(circle.member, purpose="insight")
    post.pass_by(FRIDAY)
    assert 'lang="mk"' in part(post.to(ANA)[0], "html")


def test_a_letter_stays_small_whatever_was_written_and_calls_nobody(circle: Any, ana: Any, post: Letters) -> None:
    long = "Ш<b>&\u202e" * 49
    for number in range(9):
        for purpose in ("insight", "question", "strategy"):
            circle.start(circle.member, f"{number} {long}"[:200], f"@Ana Petrovska {long * 9}", purpose=purpose)
            circle.start(circle.facilitator, f"{number} {long}"[:200], long * 9, purpose=purpose)
    post.pass_by(FRIDAY)
    [letter] = post.to(ANA)
    html = part(letter, "html")
    assert len(html.encode()) < 20_000
    assert "and 15 more" in html, "of what was meant for her"
    assert "and 17 more" in html, "of what is new"
    assert "<b>" not in html


def test_headers_say_what_the_letter_is_and_nothing_can_be_put_into_them(circle: Any, ana: Any, post: Letters) -> None:
    pace(post, circle, "3", "immediate")
    choose(post, circle, "3", quiet_weekends=False)
    circle.start(circle.member, "Chalk\nBcc: all@example.org\r\nX-Bad: 1", "@Ana Petrovska")
    post.pass_by(post.clock.now + timedelta(minutes=6))
    [letter] = post.to(ANA)
    assert (letter["Bcc"], letter["X-Bad"], letter["To"]) == (None, None, ANA)
    assert (letter["Precedence"], letter["Auto-Submitted"]) == ("bulk", "auto-generated")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://plc.example.org/mail/less/")


def test_a_server_that_is_down_is_tried_again_with_the_same_letter_and_given_up_with_an_alarm(
    circle: Any, ana: Any, post: Letters, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(sending, "ring", lambda _, alarm: rung.append(alarm))
    circle.joined("4", email="bo@example.org")
    circle.start(circle.member, purpose="insight")
    real = mail.hand_over
    sent: list[Any] = []

    def silent(_: Any, __: Any, letter: Any) -> int:
        sent.append(letter)
        raise mail.NotTaken("the mail server went silent or broke off")

    monkeypatch.setattr(mail, "hand_over", silent)
    post.pass_by(FRIDAY)
    assert len(sent) == 1, "it is asked for one, not for each of the others"
    monkeypatch.setattr(mail, "hand_over", real)
    post.pass_by(FRIDAY + timedelta(minutes=3))
    ids = {letter["Message-ID"] for _, _, letter in post.server.letters}
    assert sent[0]["Message-ID"] in ids
    assert rung == []
    monkeypatch.setattr(mail, "hand_over", silent)
    circle.facilitator.launch("1")
    circle.start(circle.facilitator, "Later", purpose="insight")
    post.pass_by(FRIDAY + timedelta(days=7))
    post.pass_by(FRIDAY + timedelta(days=9, hours=1))
    [alarm] = rung
    assert "could not be sent" in alarm.title
    states = {row.state for row in stored(select(Digest.state))}
    assert states == {"sent", "given_up"}
    assert {(row.text, row.html, row.subject) for row in stored(select(Digest.__table__))} == {("", "", "")}  # type: ignore[attr-defined]


def test_an_address_that_is_refused_is_asked_once_and_the_settings_say_so(
    circle: Any, ana: Any, post: Letters, stored: Any
) -> None:
    post.server.refuses = frozenset({ANA})
    circle.start(circle.member, purpose="insight")
    post.pass_by(FRIDAY)
    row = stored(select(Digest.state).where(Digest.person_id == circle.person("3")))[0]
    assert row.state == "refused"
    ana.launch("3", name="Ana Petrovska", email=ANA)
    assert "did not arrive" in ana.get("/inbox/settings").text


def test_in_the_learning_platform_it_is_offered_as_a_short_message(
    circle: Any, ana: Any, post: Letters, stored: Any
) -> None:
    choose(post, circle, "3", channel="lms")
    topic = circle.start(circle.member, "Chalk", purpose="insight")
    post.pass_by(FRIDAY)
    assert post.to(ANA) == []

    def offered() -> list[Any]:
        with post.house.database.read() as connection:
            asked = Asked(circle.site_id, "https://moodle.example.org", post.clock())
            return list(digests_as_messages(connection, asked))

    [message] = offered()
    assert (message.person_id, message.community_id) == (circle.person("3"), circle.id)
    assert f"/to/topic/{topic}" in message.text
    choose(post, circle, "3", channel="none")
    assert offered() == []
    choose(post, circle, "3", channel="lms")
    assert len(offered()) == 1
    post.clock.move(days=4)
    sending.forget_sent(post.house)
    assert offered() == []
    post.clock.move(days=90)
    sending.forget_sent(post.house)
    assert stored(select(Digest.id)) == []


def test_quiet_ends_when_it_says() -> None:
    choice = Choice()
    friday_night = datetime(2026, 11, 27, 22, 10, tzinfo=UTC)
    assert awake_at(choice, friday_night, UTC) == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    assert awake_at(choice, FRIDAY, UTC) == FRIDAY
    midday = Choice(quiet_from=12, quiet_until=14, quiet_weekends=False)
    assert is_quiet(midday, datetime(2026, 11, 28, 13, tzinfo=UTC), UTC)
    assert not is_quiet(midday, friday_night, UTC)
    never = Choice(quiet_from=5, quiet_until=5, quiet_weekends=False)
    assert not is_quiet(never, friday_night.replace(hour=5), UTC)
    always_weekend = Choice(quiet_from=0, quiet_until=23)
    assert awake_at(always_weekend, friday_night, UTC) == friday_night.replace(hour=23, minute=0)
