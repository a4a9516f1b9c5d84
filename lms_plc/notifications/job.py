"""Hearing, composing and sending in a worker, by the clock."""

from datetime import timedelta

from lms_plc.actionitems import hearing as actionitems_hearing
from lms_plc.actionitems import queries as actionitems
from lms_plc.agreements import queries as agreements
from lms_plc.board import hearing as board_hearing
from lms_plc.board import queries as board
from lms_plc.classdata import hearing as classdata_hearing
from lms_plc.classdata import knowing as classdata_knowing
from lms_plc.classdata import queries as classdata
from lms_plc.discussions import hearing as discussions_hearing
from lms_plc.discussions import pointing as discussions
from lms_plc.evidence import hearing as evidence_hearing
from lms_plc.evidence import queries as evidence
from lms_plc.feedback import hearing as feedback_hearing
from lms_plc.feedback import queries as feedback
from lms_plc.house import House
from lms_plc.innovations import queries as innovations
from lms_plc.inquiry import hearing as inquiry_hearing
from lms_plc.inquiry import queries as inquiry
from lms_plc.jobs import Queue, Steps, job, schedule
from lms_plc.journal import hearing as journal_hearing
from lms_plc.journal import queries as journal
from lms_plc.library import queries as library
from lms_plc.meetings import hearing as meetings_hearing
from lms_plc.meetings import queries as meetings
from lms_plc.messages import queries as messages
from lms_plc.minutes import hearing as minutes_hearing
from lms_plc.minutes import queries as minutes
from lms_plc.moderation import queries as moderation
from lms_plc.moderation import telling as moderation_telling
from lms_plc.notifications import listening, offering, rounds, rules, sending
from lms_plc.peers import queries as peers
from lms_plc.portfolios import hearing as portfolios_hearing
from lms_plc.portfolios import queries as portfolios
from lms_plc.practicechanges import hearing as practicechanges_hearing
from lms_plc.practicechanges import queries as practicechanges
from lms_plc.schoolnews import queries as schoolnews
from lms_plc.series import hearing as series_hearing
from lms_plc.visits import hearing as visits_hearing
from lms_plc.visits import queries as visits

LISTEN_EVERY = timedelta(seconds=30)
SEND_EVERY = timedelta(minutes=1)

_LISTENING = Queue("hearing", at_once=1)
_SENDING = Queue("letters", at_once=1)
"""Of its own: a mail server that takes its time holds up nothing else."""

ROOMS = (
    offering,
    rules,
    actionitems,
    actionitems_hearing,
    agreements,
    board,
    board_hearing,
    classdata,
    classdata_hearing,
    classdata_knowing,
    discussions,
    discussions_hearing,
    evidence,
    evidence_hearing,
    feedback,
    feedback_hearing,
    innovations,
    journal,
    journal_hearing,
    inquiry,
    inquiry_hearing,
    library,
    meetings,
    meetings_hearing,
    series_hearing,
    messages,
    minutes,
    minutes_hearing,
    moderation,
    moderation_telling,
    peers,
    portfolios,
    portfolios_hearing,
    practicechanges,
    practicechanges_hearing,
    schoolnews,
    visits,
    visits_hearing,
)
"""Whoever says what somebody hears of, what the learning platform is offered, and how things are shown: a worker, which
has no pages, knows them by having imported them."""


def register(house: House) -> None:
    """Makes the jobs known to this worker, and puts them on the timetable."""

    @job("listen-to-events", queue=_LISTENING, one_per=())
    def listen(steps: Steps) -> None:
        steps.run("listen", listening.listen, house)
        steps.run("notice what was read", listening.notice_what_was_read, house)

    @job("send-letters", queue=_SENDING, one_per=())
    def send(steps: Steps) -> None:
        steps.run("tell at once", rounds.tell_at_once, house)
        steps.run("go round", rounds.go_round, house)
        steps.run("send", sending.send_waiting, house)

    @job("forget-letters", one_per=())
    def forget(steps: Steps) -> None:
        steps.run("letters", sending.forget_sent, house)
        steps.run("lines", listening.forget_old, house)

    schedule("listen-to-events", every=LISTEN_EVERY)
    schedule("send-letters", every=SEND_EVERY)
    schedule("forget-letters", every=timedelta(hours=6))
