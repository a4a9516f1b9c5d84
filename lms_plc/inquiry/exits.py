"""When is it time to leave a stage? One table: what a shipped exit says → how the tool sees that it is so.

Where the tool cannot see it, somebody who works on the project ticks it. Nothing here keeps anybody from going on: what
is missing is said, and that is all. A cycle a community adapted keeps these checks wherever it keeps the sentence.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from lms_plc.cycles.content import Content

Facts = Mapping[str, int]
"""Name → how many, of one inquiry in one round; ``written:<stage>`` and the like are counted for each stage."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a check is given: the facts, and the stage it is asked for."""

    facts: Facts
    stage: str
    decided: bool = False
    round_decided: bool = False
    to_tell: frozenset[str] = frozenset()
    """Stages a portfolio is to tell of."""

    def count(self, name: str) -> int:
        return self.facts.get(name, 0)

    def here(self, name: str) -> int:
        return self.facts.get(f"{name}:{self.stage}", 0)

    def portfolio(self, *, so: bool) -> bool:
        """One with nothing in it is not whole."""
        return self.count("portfolio_items") >= 1 and so

    def is_told(self, stage: str) -> bool:
        """Of a portfolio that was approved nobody asks that it tells of what has begun since."""
        return bool(self.count(f"portfolio_tells:{stage}") or self.count(f"begun_since_approval:{stage}"))


Check = Callable[[Looked], bool]

CHECKS: Mapping[str, Check] = {
    "a critical friend has read it and asked a question": lambda at: at.here("asked") >= 1,
    "at least two conversations logged, one with a person who holds resources": lambda at: (
        at.count("talks") >= 2 and at.count("talks_with_means") >= 1
    ),
    "one change made to the plan because of them": lambda at: at.count("talks_that_changed") >= 1,
    "dated steps with owners": lambda at: at.count("steps") >= 1 and at.count("steps") == at.count("steps_dated"),
    "evidence plan passed the privacy check": lambda at: (
        at.count("plans") >= 1 and at.count("plans") == at.count("plans_checked")
    ),
    "at least three dated try-outs with a note": lambda at: at.count("tries") >= 3,
    "at least one colleague besides the lead has tried it": lambda at: at.count("tries_of_others") >= 1,
    "at least one outcome claim with stated strength": lambda at: at.count("claims") >= 1,
    "every stage has at least one item with a note": lambda at: at.portfolio(
        so=all(at.is_told(stage) for stage in at.to_tell)
    ),
    "consents complete": lambda at: at.portfolio(so=at.count("portfolio_items_unchecked") == 0),
    "someone outside the project has read it": lambda at: at.portfolio(
        so=at.count("portfolios_approved") >= 1 or at.count("portfolio_readers_outside") >= 1
    ),
    "decision recorded: keep, adapt or drop": lambda at: at.decided,
    "one entry, written or spoken": lambda at: at.here("written") >= 1,
    "at least two hunches": lambda at: at.count("hunches") >= 2,
    "one other person has replied": lambda at: at.here("replied") >= 1,
    "change has a date and a sign to watch": lambda at: at.count("changes_to_watch") >= 1,
    "one line of before/after with number of pupils or 'impression only'": lambda at: at.count("claims_compared") >= 1,
    "decision: again, share, drop": lambda at: at.round_decided,
    "at least two hunches about our own practice, one of them checked": lambda at: (
        at.count("hunches") >= 2 and at.count("hunches_checked") >= 1
    ),
    "every participating member has at least one dated try-out": lambda at: (
        at.count("people") == at.count("triers") > 0
    ),
    "claim with strength recorded": lambda at: at.count("claims") >= 1,
}

ELSEWHERE_TOO = frozenset({"one entry, written or spoken", "one other person has replied"})
"""What the tool sees in a stage, and cannot see where it was done elsewhere: on a page of one's notebook, by a reply to
a request, in a meeting. It can be ticked as well."""

OF_A_PORTFOLIO = frozenset(
    {
        "every stage has at least one item with a note",
        "consents complete",
        "someone outside the project has read it",
    }
)
"""What is said of a portfolio is said to who leads the project: nobody else reads one, nor how it stands."""

IN_TWO_SENTENCES = "at least one concern written in two sentences"
_END = re.compile(r"[.!?…。؟]+(?=\s|$)")


def to_be_told(content: Content, begun: Collection[str]) -> frozenset[str]:
    """Stages a portfolio is to tell of: those that have begun, but for the one in which it is made itself."""
    return frozenset(stage.id for stage in content.stages if stage.id in begun and "Portfolio" not in stage.outputs)


def told_by_words(text: str) -> list[str]:
    """The exits that what somebody has just written meets: its words are sealed afterwards, and seen only now."""
    return [IN_TWO_SENTENCES] if len(_END.findall(text)) >= 2 else []


@dataclass(frozen=True, slots=True)
class Exit:
    """One condition: ``by_hand`` where somebody may tick it, ``met`` whether it is so, ``seen``: the tool sees it.
    ``sentence`` is what the cycle says, in whichever language the page does."""

    number: int
    words: str
    by_hand: bool
    met: bool
    seen: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What there is to leave a stage by."""

    exits: tuple[Exit, ...] = field(default=())

    @property
    def missing(self) -> list[Exit]:
        return [one for one in self.exits if not one.met]


def leaving(
    written: tuple[str, ...],
    words: tuple[str, ...],
    ticked: frozenset[int],
    looked: Looked,
    unsaid: Collection[str] = (),
) -> Leaving:
    """``written`` are the sentences as the cycle has them, ``words`` the same in the language of the page; of those in
    ``unsaid`` nothing is said."""
    found = []
    for number, (sentence, said) in enumerate(zip(written, words, strict=True)):
        if sentence in unsaid:
            continue
        check = CHECKS.get(sentence)
        by_hand, seen = check is None or sentence in ELSEWHERE_TOO, check is not None and check(looked)
        found.append(Exit(number, said, by_hand, seen or (by_hand and number in ticked), seen, sentence))
    return Leaving(tuple(found))
