"""Which columns does the gradebook have, and what stands in them? Assignment and Grade Services 2.0.

A **line item** is a column; a **score** is what we say of one person's work; a **result** is what the platform made
of it. A score replaces the one before it, and one that is not fully graded, or says no points, takes the grade away.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FiniteFloat,
    TypeAdapter,
)
from pydantic.alias_generators import to_camel

from lti.claims import AssignmentAndGrade, Forgiving, Text, WebUrl
from lti.login import shown_origin
from lti.platforms import Platform
from lti.services.answers import IdText, read_json
from lti.services.calls import Caller
from lti.services.errors import BadAnswer, Earlier, NotGranted, Refused
from lti.services.pages import follow, same_origin, with_query

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

LINEITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINEITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"

BETWEEN_SCORES = timedelta(seconds=1)
"""Moodle stores whole seconds, and refuses a score of the second it already has."""

_ANYTHING = "*/*"
"""What to accept of an answer to a change: Moodle looks at the content type there."""


class ActivityProgress(StrEnum):
    """How far someone is (§3.4)."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """How far the grading is (§3.4). Only FULLY_GRADED puts a grade into Moodle; any other takes it away."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """What we say of one person's work (§3.4). `timestamp` is aware, and later than that of the score before it
    (see `next_timestamp`); `score_given` of `score_maximum` points, or neither. Raises ValueError."""

    user_id: str
    timestamp: datetime
    activity_progress: ActivityProgress = ActivityProgress.COMPLETED
    grading_progress: GradingProgress = GradingProgress.FULLY_GRADED
    score_given: float | None = None
    score_maximum: float | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if not self.user_id:
            raise ValueError("a score is somebody's")
        if self.timestamp.tzinfo is None:
            raise ValueError("the time of a score says its zone")
        if (self.score_given is None) != (self.score_maximum is None):
            raise ValueError("points and their maximum come together or not at all")
        if self.score_given is not None and not (math.isfinite(self.score_given) and self.score_given >= 0):
            raise ValueError("points are a number from 0")
        if self.score_maximum is not None and not (math.isfinite(self.score_maximum) and self.score_maximum > 0):
            raise ValueError("the maximum is a number above 0")

    def __repr__(self) -> str:
        return f"<Score {self.activity_progress} {self.grading_progress}>"

    def as_json(self) -> bytes:
        """The score on one line: Moodle answers a broken one with success when it has several."""
        said = {
            "userId": self.user_id,
            "timestamp": _iso(self.timestamp),
            "activityProgress": self.activity_progress.value,
            "gradingProgress": self.grading_progress.value,
            "scoreGiven": self.score_given,
            "scoreMaximum": self.score_maximum,
            "comment": self.comment,
        }
        return _compact({name: value for name, value in said.items() if value is not None})


def next_timestamp(previous: datetime | None, now: datetime) -> datetime:
    """A time for the next score of the same person and column, in whole milliseconds: now, or a second after the
    `previous` one where that is later. Both are aware."""
    earliest = now if previous is None else max(now, previous + BETWEEN_SCORES)
    # Rounded up, so that the second after the previous one stays a whole second.
    spare = -earliest.microsecond % 1000
    return earliest + timedelta(microseconds=spare)


_Filled = Annotated[Forgiving[Text], BeforeValidator(lambda value: value or None)]
"""Moodle says `""` for none."""


class LineItem(BaseModel):
    """A column of the gradebook (§3.2). `id` is its address. What a platform adds is kept and sent back."""

    model_config = ConfigDict(
        frozen=True, extra="allow", hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True
    )

    id: WebUrl
    label: Text
    score_maximum: int | FiniteFloat
    resource_link_id: _Filled = None
    resource_id: _Filled = None
    tag: _Filled = None


class Result(BaseModel):
    """What stands in the gradebook for one person (§3.3). Without a score there is no grade."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True
    )

    user_id: IdText
    result_score: Forgiving[FiniteFloat] = None
    result_maximum: Forgiving[FiniteFloat] = None
    comment: Forgiving[Text] = None
    timestamp: Forgiving[AwareDatetime] = None

    def __repr__(self) -> str:
        return "<Result>"

    __str__ = __repr__


_ITEM = TypeAdapter(LineItem)
_ITEMS = TypeAdapter(list[LineItem])
_RESULTS = TypeAdapter(list[Result])


class LineItems:
    """The gradebook columns one launch may see: `endpoint` is its claim, and says what is allowed.

    Every method raises a ServiceError; NotGranted before any call where the claim does not offer what is needed.
    """

    def __init__(self, caller: Caller, platform: Platform, endpoint: AssignmentAndGrade) -> None:
        self._caller = caller
        self._platform = platform
        self._endpoint = endpoint

    def find(
        self,
        *,
        resource_link_id: str | None = None,
        tag: str | None = None,
        resource_id: str | None = None,
        limit: int | None = None,
    ) -> Iterator[LineItem]:
        """The columns with this link, tag and resource, from all pages, in the platform's order; `limit` is a wish
        for the size of a page."""
        scopes, url = self._scopes(SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY), self._lineitems_url()
        asked = {"resource_link_id": resource_link_id, "tag": tag, "resource_id": resource_id}
        kept = {name: value for name, value in asked.items() if value is not None}
        pages = follow(
            self._caller, self._platform, scopes, with_query(url, **kept, limit=limit), accept=LINEITEMS, kept=kept
        )
        for page in pages:
            for item in read_json(page.answer, _ITEMS, shown_origin(url)):
                self._check_place(item.id)
                # A platform that does not know a filter sends every column.
                if _fits(item, resource_link_id, tag, resource_id):
                    yield item

    def find_or_create(
        self,
        label: str,
        score_maximum: float,
        resource_link_id: str,
        tag: str,
        resource_id: str | None = None,
        *,
        lock: AbstractContextManager[object],
    ) -> LineItem:
        """The column of this link with this tag, made when there is none; of several, the first.

        Platforms make the same column twice when asked twice, so `lock` has to keep everybody else of the host from
        being in here for this link and tag at the same time.
        """
        scopes, url = self._scopes(SCOPE_LINEITEM), self._lineitems_url()
        with lock:
            for found in self.find(resource_link_id=resource_link_id, tag=tag):
                return found
            wanted = {
                "label": label,
                "scoreMaximum": score_maximum,
                "resourceLinkId": resource_link_id,
                "tag": tag,
                "resourceId": resource_id,
            }
            return self._change("POST", url, scopes, {n: value for n, value in wanted.items() if value is not None})

    def get(self, item_url: str) -> LineItem:
        """The column at this address."""
        scopes = self._scopes(SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY)
        answer = self._caller.call(self._platform, scopes, "GET", item_url, accept=LINEITEM)
        return read_json(answer, _ITEM, shown_origin(item_url))

    def update(self, item_url: str, *, label: str | None = None, score_maximum: float | None = None) -> LineItem:
        """The column with another name or maximum. It is read first and sent back whole: platforms wipe what is
        not sent (Moodle tag and resource)."""
        scopes = self._scopes(SCOPE_LINEITEM)
        changes = {"label": label, "scoreMaximum": score_maximum}
        whole = self.get(item_url).model_dump(mode="json", by_alias=True, exclude_none=True)
        return self._change("PUT", item_url, scopes, whole | {n: v for n, v in changes.items() if v is not None})

    def delete(self, item_url: str) -> None:
        """Remove the column and the grades in it; one that is gone already is as it should be."""
        scopes = self._scopes(SCOPE_LINEITEM)
        try:
            self._caller.call(self._platform, scopes, "DELETE", item_url, accept=_ANYTHING)
        except Refused as refused:
            if refused.code != "gone":
                raise

    def post_score(self, item_url: str, score: Score) -> None:
        """Put a score into a column. Raises Earlier when the platform has one of the same time or later, and
        Refused also where a platform says no with a 200 (Moodle's `[]`)."""
        url, scopes = _below(item_url, "scores"), self._scopes(SCOPE_SCORE)
        host = shown_origin(url)
        try:
            answer = self._caller.call(
                self._platform, scopes, "POST", url, accept=_ANYTHING, body=score.as_json(), content_type=SCORE
            )
        except Refused as refused:
            if refused.status == 409:
                raise Earlier("score_earlier", status=409, reason=refused.reason, host=host) from None
            if refused.status == 400:
                raise Refused("score_refused", status=400, reason=refused.reason, host=host) from None
            raise
        if answer.body.strip() == b"[]":
            raise Refused("score_refused", status=answer.status, host=host)

    def results(self, item_url: str, *, user_id: str | None = None, limit: int | None = None) -> Iterator[Result]:
        """What stands in a column, of everybody or of one, from all pages. Leave `limit` away at a Moodle: it
        breaks there."""
        scopes, url = self._scopes(SCOPE_RESULT_READONLY), _below(item_url, "results")
        kept = {} if user_id is None else {"user_id": user_id}
        pages = follow(
            self._caller, self._platform, scopes, with_query(url, **kept, limit=limit), accept=RESULTS, kept=kept
        )
        for page in pages:
            for result in read_json(page.answer, _RESULTS, shown_origin(url)):
                if user_id is None or result.user_id == user_id:
                    yield result

    def _change(self, method: str, url: str, scopes: tuple[str, ...], said: Mapping[str, Any]) -> LineItem:
        answer = self._caller.call(
            self._platform, scopes, method, url, accept=_ANYTHING, body=_compact(said), content_type=LINEITEM
        )
        item = read_json(answer, _ITEM, shown_origin(url))
        self._check_place(item.id)
        return item

    def _scopes(self, *enough: str) -> tuple[str, ...]:
        """The first of `enough` that the launch offers. Raises NotGranted."""
        for scope in enough:
            if scope in self._endpoint.scope:
                return (scope,)
        raise NotGranted("service_not_offered", missing=enough[:1], host=shown_origin(self._platform.token_url))

    def _lineitems_url(self) -> str:
        """Raises NotGranted: a launch may offer one column only (§3.1)."""
        if self._endpoint.lineitems is None:
            raise NotGranted(
                "service_not_offered", missing=(SCOPE_LINEITEM,), host=shown_origin(self._platform.token_url)
            )
        return self._endpoint.lineitems

    def _check_place(self, item_url: str) -> None:
        """A column elsewhere is not believed: our token would go there."""
        if self._endpoint.lineitems is not None and not same_origin(item_url, self._endpoint.lineitems):
            raise BadAnswer("foreign", host=shown_origin(self._endpoint.lineitems))


def _fits(item: LineItem, resource_link_id: str | None, tag: str | None, resource_id: str | None) -> bool:
    """Some platforms do not repeat the link in a list of one link's columns."""
    return (
        (resource_link_id is None or item.resource_link_id in (None, resource_link_id))
        and (tag is None or item.tag == tag)
        and (resource_id is None or item.resource_id == resource_id)
    )


def _below(item_url: str, name: str) -> str:
    """The address of a column's scores or results: before its query, which Moodle has (§3.3, §3.4)."""
    try:
        parts = urlsplit(item_url)
    except ValueError:
        raise BadAnswer("bad_address") from None
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def _compact(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, separators=(",", ":"), allow_nan=False).encode("ascii")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
