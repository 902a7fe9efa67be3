"""The table's topics, made in Kafka with the table's partitions, retention and clean-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.bus.kafka.errors import mapped, ours
from shared.bus.kafka.wire import CALL_S, WIRE_BYTES_MAX, Names, answered, client, ended, patiently
from shared.bus.topics import DAY_MS, TOPICS, Topic
from shared.clock import Clock
from shared.config.sections import BusSettings

REPLICAS_MAX: Final = 3
KEEP_FOR_EVER: Final = -1


async def ensure(settings: BusSettings, names: Names, *, clock: Clock) -> None:
    """Create what is missing; a topic that is there is left as it is."""

    async def connected() -> AIOKafkaAdminClient:
        made = AIOKafkaAdminClient(**client(settings))
        try:
            await answered(made.start())
        except BaseException:
            await ended(made.close())
            raise
        return made

    admin = await patiently("connecting to make topics", settings.servers, connected, clock=clock)
    try:
        with mapped("making topics"):
            await answered(_create(admin, names), within_s=CALL_S * 3)
    finally:
        await ended(admin.close())


def plan(topics: Sequence[Topic], names: Names, *, brokers: int) -> list[NewTopic]:
    """What to ask Kafka for, with as many replicas as are worth having."""
    replicas = min(REPLICAS_MAX, max(1, brokers))
    return [
        NewTopic(
            names.topic(topic.name),
            topic.partitions,
            replicas,
            topic_configs=_configs(topic, replicas),
        )
        for topic in topics
    ]


def _configs(topic: Topic, replicas: int) -> dict[str, str]:
    configs = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "max.message.bytes": str(WIRE_BYTES_MAX),
        # With acks=all this many have a record before anybody is told that it is safe.
        "min.insync.replicas": str(max(1, replicas - 1)),
    }
    if topic.compacted:
        configs["delete.retention.ms"] = str(DAY_MS)
    else:
        kept_ms = KEEP_FOR_EVER if topic.retention_ms is None else topic.retention_ms
        configs["retention.ms"] = str(kept_ms)
    return configs


async def _create(admin: AIOKafkaAdminClient, names: Names) -> None:
    there = set(await admin.list_topics())
    missing = [topic for topic in TOPICS if names.topic(topic.name) not in there]
    if not missing:
        return
    brokers = len((await admin.describe_cluster())["brokers"])
    answer = await admin.create_topics(plan(missing, names, brokers=brokers))
    for topic, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise ours(f"making topic {topic}", error())
