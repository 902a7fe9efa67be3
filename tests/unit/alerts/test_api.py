"""The API over HTTP, from a running service, held against its own published shapes."""

from __future__ import annotations

import asyncio

import pytest

from services.alerts.web.schemas import Assets, Card, IncidentDetail, IncidentList
from shared.bus import codec
from shared.bus.topics import DECISIONS, LEDGER, REFUSED
from shared.domain.level import Level
from shared.errors import BadSettings
from tests.support.alerts_server import serving
from tests.support.make_events import changed, raised

pytestmark = pytest.mark.slow


@pytest.fixture
async def served(tmp_path):
    async with serving(tmp_path) as service:
        yield service


async def test_what_is_answered_has_the_published_shapes(served):
    await served.publish(raised())
    (card,) = await served.cards()
    listed = await served.http.get("/api/v1/incidents")
    one = await served.http.get(f"/api/v1/incidents/{card['id']}")
    places = await served.http.get("/api/v1/assets")

    assert IncidentList.model_validate_json(listed.content).incidents
    detail = IncidentDetail.model_validate_json(one.content)
    assert Assets.model_validate_json(places.content).city["timezone"] == "Asia/Shanghai"
    (curve,) = detail.evidence
    assert (curve.sensor, curve.unit, len(curve.points)) == ("vc-07-o2", "%vol", 20)
    assert [(limit.level, limit.value) for limit in curve.limits] == [(Level.ORANGE, 18.0)]
    assert detail.events[0]["id"] == raised().id
    assert listed.json()["now"].endswith("Z")


async def test_acknowledge_then_resolve_then_nothing_more(served):
    await served.publish(raised())
    (card,) = await served.cards()
    path = f"/api/v1/incidents/{card['id']}"

    acked = await served.http.post(f"{path}/ack", json={"by": "Chen Wei", "note": "on my way"})
    assert acked.status_code == 200
    assert Card.model_validate_json(acked.content).acknowledged_by == "Chen Wei"
    done = await served.http.post(f"{path}/resolve", json={"by": "Chen Wei", "reason": "fixed"})
    assert (done.status_code, done.json()["phase"]) == (200, "resolved")
    again = await served.http.post(f"{path}/ack", json={"by": "Li Na"})
    assert again.status_code == 409
    assert set(again.json()) == {"error", "mend", "card"}
    assert again.json()["card"]["resolution"] == "fixed"


async def test_an_act_on_what_was_seen_before_a_rise_is_a_conflict(served):
    event = raised()
    await served.publish(event)
    (card,) = await served.cards()
    await served.publish(changed(event, Level.RED))
    await served.cards(query="state=all&level=red")

    act = {"by": "Chen Wei", "version": card["version"]}
    refused = await served.http.post(f"/api/v1/incidents/{card['id']}/ack", json=act)
    assert refused.status_code == 409
    assert refused.json()["card"]["level"] == "red"


BAD_BODIES = (
    {},
    {"by": ""},
    {"by": "   "},
    {"by": "x" * 121},
    {"by": "Li Na", "note": "x" * 2001},
    {"by": "Li Na", "version": "three"},
    {"by": "Li Na", "surprise": 1},
    [],
)


async def test_a_bad_body_is_named_and_changes_nothing(served):
    await served.publish(raised())
    (card,) = await served.cards()
    for body in BAD_BODIES:
        answer = await served.http.post(f"/api/v1/incidents/{card['id']}/ack", json=body)
        assert answer.status_code == 422, body
        assert set(answer.json()) == {"error", "mend"}
    assert (await served.cards())[0]["phase"] == "calling"


BAD_PATHS = {
    "/api/v1/incidents/unknown": 404,
    "/api/v1/nothing": 404,
    "/api/v1/incidents?state=ajar": 422,
    "/api/v1/incidents?level=purple": 422,
    "/api/v1/incidents?area=atlantis": 422,
    "/api/v1/incidents?cursor=x": 422,
    "/api/v1/incidents?limit=0": 422,
    "/api/v1/incidents?levle=red": 422,
    "/api/v1/feed?after=-1": 422,
}


async def test_every_refusal_says_what_and_how_to_mend_it(served):
    for path, status in BAD_PATHS.items():
        answer = await served.http.get(path)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"error", "mend"}
        assert all(answer.json().values())


async def test_acts_on_the_unknown_and_large_bodies_are_refused(served):
    unknown = await served.http.post("/api/v1/incidents/unknown/ack", json={"by": "Li Na"})
    assert unknown.status_code == 404
    large = await served.http.post(
        "/api/v1/incidents/unknown/ack", json={"by": "Li Na", "note": "x" * 100_000}
    )
    assert large.status_code == 413
    plain = await served.http.post(
        "/api/v1/incidents/unknown/ack",
        content=b'{"by": "Li Na"}',
        headers={"content-type": "text/plain"},
    )
    assert plain.status_code == 422, "a form of another page cannot act"


async def test_acting_needs_the_token_when_there_is_one_and_reading_does_not(tmp_path):
    async with serving(tmp_path, api_token="open sesame") as served:
        await served.publish(raised())
        (card,) = await served.cards()
        path, act = f"/api/v1/incidents/{card['id']}/ack", {"by": "Li Na"}
        assert (await served.http.post(path, json=act)).status_code == 401
        wrong = {"authorization": "Bearer close sesame"}
        assert (await served.http.post(path, json=act, headers=wrong)).status_code == 401
        right = {"authorization": "Bearer open sesame"}
        assert (await served.http.post(path, json=act, headers=right)).status_code == 200


async def test_the_document_names_every_path_with_examples_and_the_probes(served):
    document = (await served.http.get("/openapi.json")).json()
    assert {
        "/api/v1/incidents",
        "/api/v1/incidents/{incident}",
        "/api/v1/incidents/{incident}/ack",
        "/api/v1/incidents/{incident}/resolve",
        "/api/v1/feed",
        "/api/v1/assets",
        "/healthz",
        "/readyz",
        "/metrics",
        "/ledger",
    } <= set(document["paths"])
    shapes = document["components"]["schemas"]
    assert shapes["Ack"]["example"]["by"]
    assert "409" in document["paths"]["/api/v1/incidents/{incident}/ack"]["post"]["responses"]
    feed = document["paths"]["/api/v1/feed"]["get"]["responses"]["200"]["content"]
    assert list(feed) == ["text/event-stream"]


async def test_answers_forbid_everything_foreign_and_probes_answer(served):
    for path in ("/healthz", "/readyz", "/metrics", "/ledger", "/api/v1/incidents"):
        answer = await served.http.get(path)
        assert answer.status_code == 200, path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await served.http.get("/api/v1/incidents")).headers["cache-control"] == "no-store"


async def test_the_city_is_asked_for_once(served):
    first = await served.http.get("/api/v1/assets")
    second = await served.http.get(
        "/api/v1/assets", headers={"if-none-match": first.headers["etag"]}
    )
    assert (first.status_code, second.status_code) == (200, 304)
    assert first.json()["assets"][0]["geometry"] == {"type": "Point", "coordinates": [120.1, 30.2]}


async def test_the_books_add_what_services_state_to_what_was_refused(served):
    def statement(service: str, instance: str, **counts: int) -> bytes:
        named = {name.replace("__", ".").replace("_x_", "-"): n for name, n in counts.items()}
        return codec.encode_statement(
            codec.Statement(service=service, instance=instance, stated_at_us=1, counts=named)
        )

    refused = codec.Refused(
        reason="not-a-number", detail="x", topic="t", received_at_us=1,
        payload=b"x", payload_size=1, readings=2,
    )  # fmt: skip
    await served.bus.publish(REFUSED, "t", codec.encode_refused(refused))
    said = statement("ingest", "a", received=10, stored=8, refused__nan=2, in_flight=0)
    await served.bus.publish(LEDGER, "ingest/a", said)
    for partition, read in (("0", 3), ("1", 4)):
        said = statement("detector", partition, read=read, scored=read - 1, late=1)
        await served.bus.publish(LEDGER, f"detector/{partition}", said)

    async with asyncio.timeout(10):
        while True:
            books = (await served.http.get("/ledger")).json()
            if books["refused"] and len(books["statements"]) == 3:
                break
            await asyncio.sleep(0)
    assert books["balanced"]
    assert (books["ingest"]["received"], books["detector"]["read"]) == (10, 7)
    assert (books["waiting"], books["refused"]) == (1, {"not-a-number": 2})

    wrong = statement("detector", "1", read=5, scored=3, late=1)
    await served.bus.publish(LEDGER, "detector/1", wrong)
    async with asyncio.timeout(10):
        while True:
            books = (await served.http.get("/ledger")).json()
            if not books["balanced"]:
                break
    assert books["faults"] == ["detector/1"]


async def test_decisions_reach_their_topic_in_order(served):
    event = raised()
    await served.publish(event)
    (card,) = await served.cards()
    await served.http.post(f"/api/v1/incidents/{card['id']}/ack", json={"by": "Li Na"})

    async with asyncio.timeout(10):
        while True:
            ends = await served.bus.ends(DECISIONS)
            if sum(ends.values()) >= 2:
                break
            await asyncio.sleep(0)
    (place,) = [partition for partition, end in ends.items() if end]
    records = await served.bus.read(DECISIONS, place.index, first=0, most=10)
    said = [codec.msgspec.json.decode(record.value) for record in records]
    assert [one["happening"] for one in said] == ["shown", "acknowledged"]
    assert said[1]["by"] == "Li Na"
    assert {record.key for record in records} == {card["id"]}


async def test_a_taken_port_is_refused_by_name(tmp_path, served):
    _, port = served.alerts.address
    (tmp_path / "second").mkdir()
    with pytest.raises(BadSettings, match=f"{port} cannot be listened on"):
        async with serving(tmp_path / "second", http={"port": port}):
            pass
