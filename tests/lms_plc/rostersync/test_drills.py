"""A sync that is killed or cut off anywhere ends, resumed, where an undisturbed one ends; nothing happens
twice."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

MID_PULL = [
    ("INSERT INTO plc_sync_course", 1),
    ("INSERT INTO plc_sync_page", 3),
    ("UPDATE plc_sync_course", 2),
]
MID_APPLY = [
    ("INSERT INTO plc_sync_change", 1),
    ("INSERT INTO plc_event", 2),
    ("applied_at=", 2),
    ("INSERT INTO plc_enrolment", 1),
    ("DELETE FROM plc_sync_page", 1),
]


@pytest.mark.drill
def test_a_sync_killed_again_and_again_ends_as_if_nothing_had_happened(new_world, tmp_path):
    rosters = {course: {f"{course}-{n}": "active" for n in range(130)} for course in ("1", "2", "3")}
    broken, undisturbed = new_world(), new_world()
    for world in (broken, undisturbed):
        for course, people in rosters.items():
            world.source.put(course, **people)
    file = tmp_path / "roster.json"
    file.write_text(json.dumps(rosters))
    script = Path(__file__).parent / "killed_sync.py"
    for words, number in MID_PULL + MID_APPLY:
        command = [broken.database.url, str(broken.site_id), str(file), words, str(number)]
        ended = subprocess.run([sys.executable, str(script), *command], capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, (words, ended.stderr)
    broken.source.page_size = 40
    broken.now = broken.last_sign_of_life()
    last = broken.sync()
    assert (last.state, last.resumed) == ("done", True)
    assert broken.source.asked == []
    assert undisturbed.sync().counts == last.counts
    assert broken.state() == undisturbed.state()
    assert set(broken.events().values()) == {1, 3}  # each joined once, three communities founded
    assert broken.changes(broken.sync()) == []


class PowerCut(BaseException):
    pass


@pytest.mark.drill
def test_a_sync_cut_off_before_any_statement_loses_nothing_and_repeats_nothing(new_world):
    broken, undisturbed = new_world(), new_world()
    for world in (broken, undisturbed):
        world.source.put("1", ann="active", ben="active", cem="active", dea="active student")
        world.source.put("2", ann="active", eva="active")
        world.sync()
        world.source.put("1", ann="active", ben="active", dea="active student")
        world.sync()
        world.wait(days=1)
        world.source.put("1", ann="suspended", ben="active student", dea="active student", fin="active")
        world.source.put_course("2", title="Maths")
        world.source.put("3", ann="active", eva="active")
        world.source.rosters["2"].clear()
        world.source.enrol("2", "ann", name="Ann Other")
    undisturbed.sync("1", "2", "3")
    allowed, left = 0, 0

    def cut(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCut

    cuts = 0
    event.listen(broken.database.engine, "before_cursor_execute", cut)
    try:
        while True:
            allowed += 1
            left = allowed
            try:
                last = broken.sync("1", "2", "3")
                break
            except PowerCut:
                cuts += 1
    finally:
        event.remove(broken.database.engine, "before_cursor_execute", cut)
    assert cuts > 15
    assert last.state == "done"
    assert broken.state() == undisturbed.state()
    assert broken.changes(last) == undisturbed.changes(undisturbed.latest())
