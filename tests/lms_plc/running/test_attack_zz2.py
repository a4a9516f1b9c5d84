import re, secrets
from uuid import uuid4, UUID
import pytest
from sqlalchemy import select, func
from .conftest import path_of, FORM
from tests.lms_plc.conftest import new_key, INSTRUCTOR
from lms_plc.meetings.models import Meeting
from tests.lms_plc.protocols.test_protocols import sent, adapt

def ok(a): 
    print(a.status_code); assert a.status_code < 500; return a

def test_protocol_modes(circle):
    form = sent(name="Our flops", form_key=new_key()); form["modes"] = ["in_person"] * 4
    ok(circle.member.post(f"{circle.home}/protocols/useful_flop/adapt", form))

@pytest.mark.parametrize("more", [{"step-1-minutes": "٣"}, {"role-1-name": "\u0085x"}, {"role-1-name": "\u2003"}, {"step-1-id": "s1", "step-2-id": "s1"}, {"use_when": "\u200b"}, {"guard_rails": "\u001c\n \u3000"}, {"name": "\ud800"} , {"step-1-minutes": "1"*5000}, {"smallest": "9"*5000}, {"step-1-produces-1": "Nonsense"}, {"bring": "a\u2028b"}, {"press": "up-step-99"}, {"press":"remove-role-0"}])
def test_protocol_odd(circle, more):
    form = sent(name="Our flops", form_key=new_key()) | more
    try:
        ok(circle.member.post(f"{circle.home}/protocols/useful_flop/adapt", form))
    except UnicodeEncodeError: pass

def test_founding_last_day(circle, house):
    circle.visitor().launch("6", "6", roles=[INSTRUCTOR])
    t = circle.visitor()
    path = t.launch("5", "6", roles=[INSTRUCTOR]).location
    a = t.post(path, {"name": "X", "day": "2199-12-31", "starts": "14:00", "every": "week", "form_key": new_key()})
    ok(a)

@pytest.mark.parametrize("more", [{"day": "2026-03-29", "starts": "02:30", "ends": "03:00", "zone": "Europe/Skopje"}, {"day": "2000-01-01"}, {"day": "2199-12-31", "starts":"00:00","ends":"23:59"}, {"zone": "localtime"}, {"zone": "Factory"}, {"day":"0001-01-01"}, {"protocol": str(uuid4())}, {"protocol": "useful_flop\u0000"}, {"link":"http://"}, {"link":"https://x\"><script>"}, {"zone":"posixrules"}, {"starts":"24:00"}, {"starts": "2026-11-25T14:00"}, {"day":"1e9"}])
def test_plan(circle, stored, more):
    a = ok(circle.member.post(f"{circle.home}/meetings/new", FORM | more))
    if a.status_code == 303:
        where = path_of(a)
        r = stored(select(Meeting.starts_at, Meeting.ends_at))
        print(r)
        for p in ("", "/edit", "/meeting.ics", "/sheet", "/run", "/roles", "/attendance", "/minutes"):
            ok(circle.member.get(where + p))
        ok(circle.member.get(circle.home + "/rhythm"))
        ok(circle.member.get(circle.home + "/holidays"))
        assert r[0].starts_at < r[0].ends_at

def test_ics_injection(circle):
    a = circle.member.post(f"{circle.home}/meetings/new", FORM | {"title": "A\r\nATTENDEE:mailto:x@y\u2028BEGIN:VEVENT;\\n,x", "place": "P\\nEND:VEVENT\n"})
    t = circle.member.get(path_of(a) + "/meeting.ics").text
    print(t)
    assert not re.search(r"(?m)^ATTENDEE", t)

def other_circle(circle):
    o = circle.visitor()
    found = o.launch("9", "77", roles=[INSTRUCTOR]).location
    a = o.post(found, {"name": "Other", "form_key": new_key()})
    home = re.sub(r"^/s/[^/]+", "", a.location.replace("https://plc.example.org", ""))
    return o, home

def test_other_community(circle, run_of, stored):
    run = run_of()
    note = run.write(circle.member, "secret words", 0)
    act = None
    o, home = other_circle(circle)
    print(home)
    assert o.get(home).status_code == 200
    m = path_of(o.post(f"{home}/meetings/new", FORM | {"form_key": new_key()}))
    copy = adapt(circle.member, circle.id)
    print("plan with foreign copy", o.post(f"{home}/meetings/new", FORM | {"protocol": str(copy)}).status_code)
    print("run with foreign copy", o.post(f"{m}/run", {"protocol": str(copy), "form_key": new_key()}).status_code)
    r2 = path_of(o.post(f"{m}/run", {"protocol": "useful_flop", "form_key": new_key()}))
    print("start", o.post(f"{r2}/steer", {"what": "start"}).status_code)
    # collision
    print("collide", o.post(f"{r2}/notes", {"id": note, "step": 0, "kind": "AgendaNote", "text": "overwrite"}).status_code)
    assert "overwrite" not in str(run.now(circle.member))
    for p in ("edit", "remove"):
        print(p, o.post(f"/run-notes/{note}/{p}", {"text": "gone"}).status_code)
    for verb, where in (("get", run.at), ("get", run.at + "/now"), ("get", run.meeting + "/minutes/write"), ("get", run.meeting + "/attendance"), ("get", run.meeting + "/sheet"), ("get", run.meeting + "/sheet/enter"), ("get", f"{circle.home}/rhythm"), ("get", f"{circle.home}/actions"), ("get", f"{circle.home}/thoughts"), ("get", f"{home}/protocols/{copy}"), ("get", f"{home}/protocols/{copy}/print"), ("get", f"{home}/protocols/{copy}/adapt"), ("get", f"{home}/holidays/from/{circle.id}"), ("post", run.meeting + "/attendance/code"), ("post", run.meeting+"/sheet/enter"), ("post", f"{home}/protocols/{copy}/use"), ("post", f"{circle.home}/turn"), ("get", f"{home}/one-meeting?thing={run.meeting.rpartition('/')[2]}")):
        a = getattr(o, verb)(where, *( [{}] if verb == "post" else []))
        print(verb, where[-40:], a.status_code, a.location)
        assert a.status_code in (404, 303), where
    # turn with foreign meeting
    a = o.post(f"{home}/turn", {"answer": "yes", "meeting_id": run.meeting.rpartition("/")[2]}); print("turn", a.status_code)
    # action owner outside
    a = o.post(f"{r2}/notes", {"id": str(uuid4()), "step": 0, "kind": "ActionItem", "text": "do", "owner_id": circle.person("2")}); print("owner", a.status_code)
    assert "Person 2" not in str(o.get(f"{r2}/now").json)
    a = o.post(f"{m}/actions", {"action": "x", "owner": circle.person("2"), "form_key": new_key()}); print(a.status_code)
    a = o.post(f"{home}/actions/new", {"text": "x", "owner_id": circle.person("2"), "form_key": new_key()}); print(a.status_code)
    assert "Person 2" not in o.get(f"{home}/actions").text
    a = o.post(f"{m}/roles", {"role": "facilitator", "person_id": circle.person("2")}); print(a.status_code)
    a = o.post(f"{home}/agenda", {"thing_kind": "run_note", "thing_id": note, "form_key": new_key()}); print(a.status_code)

def test_feed_after_leaving(circle, run_of, said):
    a = circle.member.post("/calendar", {})
    addr = re.search(r"https://plc.example.org(/calendar/[^<\"&]+\.ics)", a.text)[1]
    circle.facilitator.post(f"{circle.home}/meetings/new", FORM)
    t = circle.visitor().client.get(addr, base_url="https://plc.example.org")
    print(t.status_code, "Wednesday" in t.text)
    circle.member.post(f"{circle.home}/leave", {})
    t = circle.visitor().client.get(addr, base_url="https://plc.example.org")
    print(t.status_code, "Wednesday" in t.text)
    assert "Wednesday" not in t.text

def test_statements(circle, run_of, statements, house):
    run = run_of()
    for i in range(40):
        run.write(circle.member, f"n{i}", i % 3, ["AgendaNote", "ActionItem", "Decision", "Hunch"][i % 4], owner_id=circle.person("2"))
    def count(where):
        statements.clear(); assert circle.member.get(where).status_code == 200; n = len(statements); return n
    print("live", {w: count(w) for w in (run.at, run.at + "/now", run.meeting, run.meeting + "/minutes")})
    run.steer(circle.member, "end", 0)
    print("over", {w: count(w) for w in (run.at, run.meeting, run.meeting + "/minutes", run.meeting + "/minutes/write", circle.home + "/actions", circle.home + "/rhythm", circle.home + "/thoughts", circle.home + "/protocols", circle.home + "/meetings", circle.home)})

def test_minutes_abuse(circle, run_of, events, said):
    run = run_of()
    run.write(circle.member, "We meet on Mondays", 0, "Decision")
    run.steer(circle.member, "end", 0)
    m = run.meeting
    v = 1
    print(circle.facilitator.post(f"{m}/minutes/answer", {"version": 0, "answer": "right"}).status_code)
    print(circle.facilitator.post(f"{m}/minutes/answer", {"version": v, "answer": "right"}).status_code)
    print([e.verb for e in events()][-2:])
    print(circle.member.post(f"{m}/minutes/write", {"body": "other", "based_on": v}).status_code)
    a = circle.facilitator.post(f"{m}/minutes/write", {"body": "my long words", "based_on": v}); print(a.status_code, "my long words" in a.text)
    print(circle.facilitator.post(f"{m}/minutes/answer", {"version": v, "answer": "right"}).status_code)
    print(ok(circle.member.post(f"{m}/minutes/write", {"body": "x" * 70000, "based_on": 2})).status_code)
    ok(circle.member.post(f"{m}/minutes/write", {"body": "x", "based_on": 2**31 - 1}))
    ok(circle.member.post(f"{m}/minutes/write", {"body": "x", "based_on": 2**31 - 2}))
    ok(circle.member.get(f"{m}/minutes/in/../x"))
    ok(circle.member.post(f"{m}/minutes/in/de", {"body": "x", "based_on": 0, "of_version": 2}))
    ok(circle.member.post(f"{m}/minutes/write", {"body": "> " * 20000, "based_on": 2}))
    ok(circle.member.get(f"{m}/minutes"))
    ok(circle.member.post(f"{m}/minutes/write", {"body": "[" * 50000, "based_on": 3}))
    ok(circle.member.get(f"{m}/minutes"))

def test_sheet_and_series_garbage(circle, run_of):
    run = run_of()
    base = {"title": "R", "every": "week", "weekday": "2", "first": "2026-11-25", "starts": "14:00", "minutes": "75", "form_key": new_key()}
    for more in ({"first": "2199-12-31"}, {"first": "2199-12-31", "until": "2199-12-31"}, {"times": "200", "every": "last"}, {"until": "2199-12-31"}, {"zone": "Factory"}, {"first": "2000-01-01"}, {"starts": "02:30", "zone": "Europe/Skopje", "first": "2027-03-01", "weekday": "6"}):
        f = base | {"form_key": new_key()} | more
        ok(circle.member.post(f"{circle.home}/series/new", f | {"look": "1"}))
        a = ok(circle.member.post(f"{circle.home}/series/new", f))
        if a.status_code == 303:
            w = path_of(a); ok(circle.member.get(w)); ok(circle.member.get(w + "/edit")); ok(circle.member.post(w + "/edit", f | {"weekday": "4", "first": "2199-12-30"})); ok(circle.member.post(w + "/edit", f | {"weekday": "4"})); ok(circle.member.post(w + "/end", {}))
    ok(circle.member.post(f"{circle.home}/holidays", {"name": "x", "first_day": "2199-12-31", "last_day": "2199-12-31"}))
    ok(circle.member.post(f"{circle.home}/holidays", {"choosing": "1", "breaks": "2199-12-31/x"}))
    for f in ({"until-1": "0001-01-01", "what-1": "x"}, {"until-1": "2026-W01-1", "what-1": "x"}, {"n-step-1": "x" * 5000}, {"decisions": "\n".join(f"d{i}" for i in range(100))}, {"guests": "x\n" * 3000}):
        ok(circle.member.post(f"{run.meeting}/sheet/enter", f))
    ok(circle.member.post(f"{run.meeting}/attendance", {"guests": "x" * 5000, "m-x": "1"}))
    who = circle.person("1").hex
    for m in ("²", "1" * 5000, "-1", "0", "٣"):
        ok(circle.member.post(f"{run.meeting}/attendance", {f"saw-{who}": ":", f"s-{who}": "present", f"m-{who}": m}))
    for c in ("²" * 6, "x" * 50, "①②③④⑤⑥", "\u0000"):
        ok(circle.facilitator.post(f"{run.meeting}/attendance/code", {"code": c}))
    for w in (f"{circle.home}/protocols?people=²&minutes=9{'9'*5000}", f"{circle.home}/protocols/{'x'*500}", f"{circle.home}/protocols/%00", f"{run.at}?step=²", f"{run.at}?step={'9'*5000}", f"{run.at}/now?since=²", f"{run.at}/now?since={'9'*5000}", f"{run.at}/now?since=-99999999999999999999", f"{circle.home}/meetings/new?protocol=%00<script>", f"{run.meeting}/roles?role=<script>", f"{circle.home}/series?x=1", f"{circle.home}/thoughts?from=²&from_kind=meeting", f"{circle.home}/actions/new?from_kind=run_note&from={uuid4()}", f"{circle.home}/rhythm?over=²"):
        ok(circle.member.get(w))
    for t in ("9" * 5000, "²", "-5", "99999999999999999999"):
        ok(circle.member.post(f"{run.at}/notes", {"id": str(uuid4()), "step": 0, "kind": "AgendaNote", "text": "x", "took": t, "shown_at": t, "at": t}))
