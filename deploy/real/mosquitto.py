"""A real Mosquitto: anonymous on loopback only, keeps sessions and queues over a kill.

Nothing is ever dropped for lack of room (``max_queued_messages 0``), so a lost message in a test
was lost by us.
"""

from __future__ import annotations

import socket
from typing import ClassVar

from deploy.real.places import program
from deploy.real.server import RealServer

CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_queued_messages 0
max_queued_bytes 0
max_inflight_messages 1000
persistence true
persistence_location {data}/
autosave_interval 1
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
# Started as root it would drop to a user that cannot reach this folder.
user root
"""

CLIENT_ID = b"tocsin-knock"
CONNECT = (
    bytes([0x10, 12 + len(CLIENT_ID)])
    + b"\x00\x04MQTT\x04\x02\x00\x0a"
    + bytes([0, len(CLIENT_ID)])
    + CLIENT_ID
)
"""MQTT 3.1.1 section 3.1: clean session, keep-alive 10 s."""
ACCEPTED = b"\x20\x02\x00\x00"
DISCONNECT = b"\xe0\x00"


class MosquittoServer(RealServer):
    name: ClassVar[str] = "Mosquitto"

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def _prepare(self) -> list[str]:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        config = self.folder / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, data=data))
        return [str(program("mosquitto", of=self.name)), "-c", str(config)]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(CONNECT)
                accepted = line.recv(len(ACCEPTED)) == ACCEPTED
                line.sendall(DISCONNECT)
        except OSError:
            return False
        return accepted
