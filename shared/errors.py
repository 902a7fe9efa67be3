"""Everything that can go wrong on purpose.

* TocsinError
  + Transient             try again, the world may have changed
    - BusUnavailable        the bus did not take or give a record
    - BrokerUnreachable     no MQTT broker at that address
    - StoreUnavailable      the database did not answer
    - ChannelFailed         a message could not be handed over this time
  + Permanent             trying again cannot help
    - BadSettings           -> refuse to start, exit 2
    - BadRegistry           -> refuse to start, exit 1 from `tocsin check`
    - BadInput              -> a file or argument the user gave, exit 2
    - BadRecord             -> a record on the bus that cannot be decoded
    - BadCheckpoint         -> a checkpoint of another schema or half of one
    - IllegalMove           -> HTTP 409
    - NotFound              -> HTTP 404
    - ChannelRefused        -> written off, and the ladder hears of it

"Can I retry?" is answered by the class. A message names the thing, its state and the mend, in
lower case and in one line.
"""

from __future__ import annotations


class TocsinError(Exception):
    """The root; never raised itself."""


class Transient(TocsinError):
    pass


class Permanent(TocsinError):
    pass


class BusUnavailable(Transient):
    pass


class BrokerUnreachable(Transient):
    pass


class StoreUnavailable(Transient):
    pass


class ChannelFailed(Transient):
    pass


class Complaints(Permanent):
    """Several faults at once, one line each, so that nobody mends them one run at a time."""

    def __init__(self, thing: str, lines: tuple[str, ...]) -> None:
        self.thing = thing
        self.lines = lines
        head = f"{thing}: {len(lines)} thing(s) need attention"
        super().__init__("\n".join([head, *(f"  - {line}" for line in lines)]))


class BadSettings(Complaints):
    pass


class BadRegistry(Complaints):
    pass


class BadInput(Permanent):
    pass


class BadRecord(Permanent):
    pass


class BadCheckpoint(Permanent):
    pass


class IllegalMove(Permanent):
    pass


class NotFound(Permanent):
    pass


class ChannelRefused(Permanent):
    pass
