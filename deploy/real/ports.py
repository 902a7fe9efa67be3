"""A free port that stays ours while its server is down.

Ports come from below the kernel's ephemeral range. Inside it, an outgoing connection of anybody
may take the port of a server that is being restarted, and a client that keeps knocking on a closed
loopback port ends up connected to itself and holds it.
"""

from __future__ import annotations

import socket
import zlib
from pathlib import Path

LOWEST = 20_000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL_START_USUAL = 32_768
SPAN_MIN = 100


def free_port(label: str, *, avoid: frozenset[int] = frozenset()) -> int:
    """A loopback port nobody listens on; where the search begins depends on the label alone.

    Raises RuntimeError when every port of the range is taken.
    """
    span = _ephemeral_start() - LOWEST
    first = zlib.crc32(label.encode()) % span
    for step in range(span):
        port = LOWEST + (first + step) % span
        if port not in avoid and _is_free(port):
            return port
    raise RuntimeError(f"no free port between {LOWEST} and {LOWEST + span - 1}")


def _ephemeral_start() -> int:
    try:
        start = int(EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return EPHEMERAL_START_USUAL
    return start if start >= LOWEST + SPAN_MIN else EPHEMERAL_START_USUAL


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
