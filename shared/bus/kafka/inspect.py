"""The topics of a Kafka cluster as they are; asks only for topics that exist, so makes none."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from shared.bus.inspect import TopicState
from shared.bus.kafka.errors import mapped, quieten
from shared.bus.kafka.wire import CALL_S, CLOSE_S, client
from shared.bus.topics import BY_NAME
from shared.config.sections import BusSettings


async def states(settings: BusSettings) -> Mapping[str, TopicState]:
    """The table's topics that are there, by name; does not wait for a cluster that is away."""
    quieten()
    admin = AIOKafkaAdminClient(**client(settings))
    try:
        with mapped("looking at the topics"):
            async with asyncio.timeout(CALL_S):
                await admin.start()
                return await _states(admin)
    finally:
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_S):
                await admin.close()


async def _states(admin: AIOKafkaAdminClient) -> Mapping[str, TopicState]:
    there = sorted(set(await admin.list_topics()) & set(BY_NAME))
    if not there:
        return {}
    counts = {
        topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(there)
    }
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
    configs: dict[str, dict[str, Any]] = {}
    for answer in await admin.describe_configs(asked):
        for _, _, _, name, entries, *_ in answer.resources:
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return {name: _state(counts[name], configs.get(name, {})) for name in there}


def _state(partitions: int, config: Mapping[str, Any]) -> TopicState:
    kept_ms = int(config.get("retention.ms", -1))
    compacted = "compact" in str(config.get("cleanup.policy", ""))
    # A compacted topic keeps the newest of each key, whatever its retention says.
    return TopicState(partitions, None if kept_ms < 0 or compacted else kept_ms, compacted)
