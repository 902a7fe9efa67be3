"""The bus: does it answer, and are its topics what the table says."""

from __future__ import annotations

from services.examination.finding import Finding
from shared.bus.inspect import topic_states
from shared.bus.topics import TOPICS
from shared.config.sections import BusSettings
from shared.errors import BadInput, BusUnavailable


async def examine_bus(settings: BusSettings) -> tuple[Finding, ...]:
    """One finding for the bus, and one for each topic that is not as it should be."""
    where = f"Kafka at {settings.servers}" if settings.kind == "kafka" else str(settings.path)
    try:
        states = await topic_states(settings)
    except BadInput as error:
        return (Finding("bus", "fail", str(error)),)
    except (BusUnavailable, ValueError) as error:
        mend = "start Kafka, or correct bus.servers" if settings.kind == "kafka" else (
            "stop what holds the file, or correct bus.path")  # fmt: skip
        return (Finding("bus", "fail", f"{where} does not answer: {error}", mend),)
    if not states:
        what = f"{where} has no topics yet"
        return (Finding("bus", "ok", f"{what}; the first service to start makes them"),)
    missing = [topic.name for topic in TOPICS if topic.name not in states]
    findings = [Finding("bus", "ok", f"{where} answers with {len(states)} topics")]
    if missing:
        mend = "start a service, which makes them"
        findings.append(Finding("bus", "warn", f"no topic {', '.join(missing)}", mend))
    for topic in TOPICS:
        state = states.get(topic.name)
        if state is not None and (differences := state.differences(topic)):
            what = f"topic {topic.name} is {' and '.join(differences)}"
            # With other partitions a site's records would lie where nobody looks for them.
            grave = state.partitions != topic.partitions
            mend = "empty and remake it" if grave else "alter its configuration"
            findings.append(Finding("bus", "fail" if grave else "warn", what, mend))
    return tuple(findings)
