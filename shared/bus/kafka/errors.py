"""Kafka's errors in our words, and the client's chatter kept out of the logs.

Law: what waiting may mend is BusUnavailable, what only a person can mend names the mend.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

from shared.errors import BadInput, BadRecord, BusUnavailable, TocsinError

_FORBIDDEN: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)


def ours(doing: str, error: BaseException) -> TocsinError:
    """The error to raise for what went wrong while ``doing`` something."""
    why = str(error) or type(error).__name__
    if isinstance(error, MessageSizeTooLargeError):
        return BadRecord(f"kafka takes no record of this size while {doing}: {why}; split it")
    if isinstance(error, _FORBIDDEN):
        return BadInput(f"kafka forbids {doing}: {why}; grant this client the right")
    return BusUnavailable(f"kafka did not answer while {doing}: {why}")


@contextmanager
def mapped(doing: str) -> Iterator[None]:
    """Kafka's errors and time-outs inside become ours."""
    try:
        yield
    except (KafkaError, TimeoutError, OSError) as error:
        raise ours(doing, error) from error


def quieten() -> None:
    """Silence aiokafka: it says each of hundreds of retries, and we say each outage once.

    What it could not mend by itself it raises, and that we report.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
