"""The registry a scenario is played in: the own city, a pipe network, or one grown from a seed.

Hydraulics are an extra of the installation: only a scenario about a network brings them in.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from shared.domain.registry import Registry
from simulators.scenario_model import CityChoice, GeneratedCity, NetworkCity


def registry_of(choice: CityChoice, own: Registry, *, beside: Path | None = None) -> Registry:
    """The city; ``beside`` is the folder of the scenario file.

    Raises BadInput for a network that is not to be found here or libraries that are missing.
    """
    if isinstance(choice, NetworkCity):
        return _network(choice, beside)
    if isinstance(choice, GeneratedCity):
        return _generated(choice)
    return own


@lru_cache(maxsize=4)
def _network(choice: NetworkCity, beside: Path | None) -> Registry:
    from simulators.networks.city import network_city  # noqa: PLC0415

    return network_city(
        choice.network,
        sensors=choice.sensors,
        flows=choice.flows,
        interval_s=choice.interval_s,
        beside=beside,
    )


@lru_cache(maxsize=2)
def _generated(choice: GeneratedCity) -> Registry:
    from simulators.generator import generate  # noqa: PLC0415

    return generate(choice.seed, choice.generated)
