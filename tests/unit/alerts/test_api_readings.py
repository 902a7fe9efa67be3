"""A sensor's past over HTTP: thinned, honest about gaps, and refusals that say what to do."""

from __future__ import annotations

import pytest

from services.alerts.web.schemas import SensorReadings
from shared.archive.writing import mark
from tests.support.alerts_server import serving
from tests.support.archived import keep
from tests.support.detector_city import NOON_US, SECOND_US, city, packed

pytestmark = pytest.mark.slow
PATH = "/api/v1/sensors/t3-s4-o2/readings"
AROUND = "from=2026-10-26T00:00:00Z&to=2026-10-27T00:00:00Z"


@pytest.fixture
async def http(tmp_path):
    archive = tmp_path / "archive"
    steady = [("t3-s4-o2", 10.0 * step, 20.0 + step % 7) for step in range(900)]
    keep(archive, city(), [
        packed("t3", *steady),
        packed("t3", ("t3-s4-co", 0, 1.0), ("t3-s4-co", 10, 2.0, 2), ("t3-s4-co", 20, 3.0)),
        packed("t3", ("t3-s4-o2", 0, 17.0), run="drill"),
        packed("t3", ("t3-s4-temp", 0, 17.0), ("t3-s4-temp", 7200, 18.0)),
    ])  # fmt: skip
    mark(archive, 0, position=4, until_us=NOON_US + 60 * SECOND_US)
    async with serving(tmp_path, city=city(), archive=archive) as service:
        yield service.http


async def ask(http, path):
    answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    SensorReadings.model_validate_json(answer.content)
    return answer.json()


async def test_a_curve_has_the_published_shape_and_no_more_points_than_asked_for(http):
    told = await ask(http, f"{PATH}?{AROUND}&points=50")
    assert (told["sensor"], told["quantity"], told["unit"]) == ("t3-s4-o2", "o2", "%vol")
    assert (told["readings"], len(told["points"]), told["run"]) == (900, 50, "")
    assert told["points"][0] == ["2026-10-26T07:33:20.000Z", 20.0]
    assert told["known_until"] == "2026-10-26T07:34:20Z"
    whole = await ask(http, f"{PATH}?{AROUND}&points=10000")
    assert len(whole["points"]) == 900
    assert all(point in whole["points"] for point in told["points"])


async def test_a_window_and_a_run_narrow_it(http):
    two = await ask(http, f"{PATH}?from=2026-10-26T07:33:30Z&to=2026-10-26T15:33:40%2B08:00")
    assert [value for _, value in two["points"]] == [21.0, 22.0]
    drill = await ask(http, f"{PATH}?{AROUND}&run=drill")
    assert drill["points"] == [["2026-10-26T07:33:20.000Z", 17.0]]
    nothing = await ask(http, PATH)
    assert (nothing["readings"], nothing["points"]) == (0, [])


async def test_a_bad_reading_and_a_long_pause_break_the_line(http):
    for sensor, values in (("t3-s4-co", [1.0, None, 3.0]), ("t3-s4-temp", [17.0, None, 18.0])):
        told = await ask(http, f"/api/v1/sensors/{sensor}/readings?{AROUND}")
        assert [value for _, value in told["points"]] == values
        moments = [moment for moment, _ in told["points"]]
        assert moments == sorted(moments)


async def test_every_refusal_says_what_and_how_to_mend_it(http):
    refused = {
        "/api/v1/sensors/nobody/readings": 404,
        f"{PATH}?from=2026-10-27T00:00:00Z&to=2026-10-26T00:00:00Z": 422,
        f"{PATH}?from=yesterday": 422,
        f"{PATH}?points=1": 422,
        f"{PATH}?points=1000000": 422,
        f"{PATH}?point=10": 422,
    }
    for path, status in refused.items():
        answer = await http.get(path)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"error", "mend"}
        assert all(answer.json().values())


async def test_without_an_archive_the_answer_says_which_setting_is_missing(tmp_path):
    async with serving(tmp_path, city=city()) as service:
        answer = await service.http.get(PATH)
        document = (await service.http.get("/openapi.json")).json()
    assert answer.status_code == 404
    assert "alerts.archive" in answer.json()["error"]
    described = document["paths"]["/api/v1/sensors/{sensor}/readings"]["get"]
    assert {one["name"] for one in described["parameters"]} >= {"from", "to", "points", "run"}


async def test_a_broken_file_is_named_and_hides_nothing_else(tmp_path, http):
    (broken,) = (tmp_path / "archive" / "runs" / "drill").rglob("*.parquet")
    broken.write_bytes(b"PAR1 not really PAR1")
    answer = await http.get(f"{PATH}?{AROUND}&run=drill")
    assert answer.status_code == 503
    assert broken.name in answer.json()["error"]
    assert (await ask(http, f"{PATH}?{AROUND}"))["readings"] == 900
