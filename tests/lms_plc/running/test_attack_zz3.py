import re
from sqlalchemy import select
from .conftest import path_of
from tests.lms_plc.conftest import new_key
from lms_plc.meetings.models import Meeting
def test_series(circle, stored, app, monkeypatch):
    import sqlalchemy.exc as x
    o = x.IntegrityError.__init__
    def init(self, *a, **k): print("INTEGRITY", a[:3]); o(self, *a, **k)
    monkeypatch.setattr(x.IntegrityError, "__init__", init)
    f = {"title": "R", "every": "last", "times": "200", "weekday": "2", "first": "2026-11-25", "starts": "14:00", "minutes": "75", "form_key": new_key()}
    w = path_of(circle.member.post(f"{circle.home}/series/new", f))
    print([r.occurrence.isoformat() for r in stored(select(Meeting.occurrence).order_by(Meeting.occurrence))])
    print(circle.member.post(w + "/edit", f | {"weekday": "4", "first": "2199-12-30"}).status_code)
    print([r.occurrence.isoformat() for r in stored(select(Meeting.occurrence).order_by(Meeting.occurrence))])
    print(circle.member.post(w + "/edit", f | {"weekday": "4"}).status_code)
