"""A real Apache Kafka: one node, broker and KRaft controller in one process, from its Maven jars.

It answers when its metadata names a broker that is not fenced, which is when clients can work.
"""

from __future__ import annotations

import base64
import socket
import struct
from pathlib import Path
from typing import ClassVar

from deploy.real.places import java_path, kafka_jars
from deploy.real.ports import free_port
from deploy.real.server import RealServer, run_tool

CLUSTER_ID = base64.urlsafe_b64encode(b"tocsin-realkafka").decode().rstrip("=")
JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-Djava.awt.headless=true")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
message.max.bytes=2097152
replica.fetch.max.bytes=2097152
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=16777216
# A killed broker may register again only after its old session ran out.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""

LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %m (%c{1})%n%throwable{short}
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
logger.server.name=kafka.server
logger.server.level=info
"""

METADATA, METADATA_VERSION, NO_TOPICS = 3, 1, 0
ASK = struct.pack(">hhih", METADATA, METADATA_VERSION, 1, -1) + struct.pack(">i", NO_TOPICS)
"""Request header v1 (no client id) and Metadata v1 for no topic: names the living brokers."""


class KafkaServer(RealServer):
    name: ClassVar[str] = "Apache Kafka"

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        super().__init__(folder, port=port)
        self._controller = free_port(f"{self.folder}/controller", avoid=frozenset({self.port}))

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _prepare(self) -> list[str]:
        properties = self.folder / "server.properties"
        logging = self.folder / "log4j2.properties"
        data = self.folder / "data"
        java = self._java(logging)
        logging.write_text(LOGGING)
        properties.write_text(
            PROPERTIES.format(port=self.port, controller=self._controller, data=data)
        )
        if not (data / "meta.properties").exists():
            storage = ["kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted"]
            run_tool([*java, *storage, "-t", CLUSTER_ID, "-c", str(properties)], of=self.name)
        return [*java, "kafka.Kafka", str(properties)]

    def _java(self, logging: Path) -> list[str]:
        logs = f"-Dlog4j2.configurationFile={logging}"
        return [str(java_path()), *JVM, logs, "-cp", f"{kafka_jars()}/*"]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(struct.pack(">i", len(ASK)) + ASK)
                answer = line.makefile("rb").read(12)
        except OSError:
            return False
        if len(answer) < 12:  # noqa: PLR2004 - size, correlation, broker count: four bytes each
            return False
        brokers: int = struct.unpack(">iii", answer)[2]
        return brokers > 0
