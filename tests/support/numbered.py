"""Numbered readings of many sensors, so that each one can be accounted for afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import paho.mqtt.client as mqtt

from shared.domain.quantity import Quantity
from shared.domain.registry import Registry

# Quiet values in canonical units, away from every limit.
CALM = {
    Quantity.CH4: 0.01,
    Quantity.CO: 1.0,
    Quantity.CO2: 500.0,
    Quantity.H2S: 0.2,
    Quantity.O2: 20.9,
    Quantity.SMOKE: 0.005,
    Quantity.TEMPERATURE: 21.0,
    Quantity.HUMIDITY: 45.0,
    Quantity.WATER_PRESSURE: 0.35,
    Quantity.FIRE_WATER_PRESSURE: 0.6,
    Quantity.FLOW: 20.0,
    Quantity.WATER_LEVEL: 0.05,
    Quantity.RUNNING: 1.0,
    Quantity.VIBRATION: 0.03,
    Quantity.CURRENT: 1.2,
    Quantity.VOLTAGE: 230.0,
}


@dataclass(frozen=True, slots=True)
class Numbered:
    topic: str
    payload: bytes


def numbered_readings(
    registry: Registry, *, sensors: Sequence[str], each: int, start: datetime, step_s: float = 10.0
) -> Iterator[Numbered]:
    """``each`` readings of every sensor in turn; every tenth methane sensor leaks for a while."""
    for number in range(each):
        for place, sensor in enumerate(sensors):
            quantity = registry.sensors[sensor].quantity
            value = CALM[quantity] + 0.001 * ((number * 7 + place) % 5)
            if quantity is Quantity.CH4 and each // 3 <= number < 2 * each // 3:
                value = 1.4
            body = {
                "measured_at": (start + timedelta(seconds=number * step_s)).isoformat(),
                "value": round(value, 4),
                "unit": None,
                "seq": number,
            }
            del body["unit"]
            yield Numbered(registry.topic_of(sensor), json.dumps(body).encode())


class Publisher:
    """A QoS 1 device that waits for every acknowledgement and never gives up."""

    def __init__(self, host: str, port: int, *, window: int = 200) -> None:
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id="numbered-device", clean_session=False
        )
        self._client.max_inflight_messages_set(window)
        self._client.max_queued_messages_set(0)
        self._client.connect(host, port)
        self._client.loop_start()
        self._owed: list[mqtt.MQTTMessageInfo] = []

    def publish(self, message: Numbered) -> None:
        self._owed.append(self._client.publish(message.topic, message.payload, qos=1))

    def settle(self, *, within_s: float) -> None:
        """Wait for the broker's word on everything published so far."""
        for owed in self._owed:
            owed.wait_for_publish(timeout=within_s)
            assert owed.is_published(), "the broker never acknowledged a reading"
        self._owed.clear()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
