"""The doctor against real servers: it finds what is there, and makes nothing."""

import pytest

from services.alerts.adapters.ledger.database import migrate, open_engine
from services.examination.broker import examine_broker
from services.examination.bus import examine_bus
from services.examination.database import examine_database, newest_revision
from services.ingest.settings import MqttSettings
from shared.bus.connect import open_bus
from shared.bus.inspect import topic_states
from shared.bus.topics import BY_NAME, TOPICS
from shared.clock import SystemClock
from shared.config.sections import BusSettings
from shared.metrics import Metrics

pytestmark = pytest.mark.real


async def test_mosquitto_lets_the_doctor_in(mosquitto_server):
    finding = await examine_broker(MqttSettings(url=mosquitto_server.url), embedded=False)

    assert finding.verdict == "ok", str(finding)


async def test_kafka_topics_are_those_of_the_table(kafka_server):
    settings = BusSettings(kind="kafka", servers=kafka_server.bootstrap)
    before = await topic_states(settings)
    assert await topic_states(settings) == before, "looking made a topic"
    async with open_bus(settings, clock=SystemClock(), metrics=Metrics()) as bus:
        await bus.ensure_topics()

    states = await topic_states(settings)
    findings = await examine_bus(settings)

    assert set(states) == set(BY_NAME)
    assert {name: state.partitions for name, state in states.items()} == {
        topic.name: topic.partitions for topic in TOPICS
    }
    assert [str(one) for one in findings if one.verdict != "ok"] == []


async def test_postgresql_is_seen_empty_then_migrated(postgres_server):
    url = postgres_server.fresh_database()

    assert "is empty" in (await examine_database(url)).what
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()

    finding = await examine_database(url)
    assert finding.verdict == "ok", str(finding)
    assert newest_revision() in finding.what
