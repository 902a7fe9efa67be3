"""Incidents over HTTP: the list, one in full, and what people do to it."""

from __future__ import annotations

import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from starlette.responses import Response

from services.alerts.core.happenings import Acknowledged, Resolved
from services.alerts.ports import Detail
from services.alerts.ports import Query as Wanted
from services.alerts.web.doors import Doors
from services.alerts.web.evidence import curves
from services.alerts.web.problems import RESPONSES, problem
from services.alerts.web.schemas import (
    Ack,
    Card,
    Conflict,
    IncidentDetail,
    IncidentList,
    IncidentQuery,
    Problem,
    Resolve,
)
from shared.domain.hazard import Hazard
from shared.domain.level import Level
from shared.domain.registry import Registry
from shared.errors import BadInput, IllegalMove

_ACT_RESPONSES: dict[int | str, dict[str, Any]] = {
    **RESPONSES,
    401: {"model": Problem, "description": "alerts.api_token is set and was not sent."},
    404: {"model": Problem, "description": "There is no such incident."},
    409: {"model": Conflict, "description": "Not possible any more, or it has risen meanwhile."},
}


def routes(doors: Doors) -> APIRouter:
    """The incident routes over these doors."""
    router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])
    _add_looking(router, doors)
    _add_acting(router, doors)
    return router


def _add_looking(router: APIRouter, doors: Doors) -> None:
    below = _areas_below(doors.registry)

    @router.get("", response_model=IncidentList, responses=RESPONSES)
    async def incidents(query: Annotated[IncidentQuery, Query()]) -> Response:
        """Open before resolved, worst first, newest first."""
        if query.area is not None and query.area not in below:
            raise BadInput(f"there is no area {query.area}")
        page = await doors.ledger.page(
            Wanted(
                state=query.state,
                levels=_members(Level, query.level),
                hazards=_members(Hazard, query.hazard),
                areas=below[query.area] if query.area is not None else None,
                run=query.run,
                cursor=query.cursor,
                limit=query.limit,
            )
        )
        tail = {"cursor": page.cursor, "sequence": page.sequence, "now": _iso(doors)}
        return _raw(f'{{"incidents":[{",".join(page.cards)}],{json.dumps(tail)[1:]}')

    @router.get(
        "/{incident}",
        response_model=IncidentDetail,
        responses={**RESPONSES, 404: {"model": Problem}},
    )
    async def incident(incident: str) -> Response:
        """The card, and with it the events, the readings that caused them, and the story."""
        return _raw(_whole(doors, await doors.acts.detail(incident)))


def _add_acting(router: APIRouter, doors: Doors) -> None:
    async def may_act(authorization: Annotated[str, Header()] = "") -> None:
        if doors.api_token is None:
            return
        wanted = f"Bearer {doors.api_token.get_secret_value()}"
        if not hmac.compare_digest(authorization.encode(), wanted.encode()):
            raise HTTPException(401, "acting needs the API token")

    allowed = [Depends(may_act)]

    @router.post(
        "/{incident}/ack", response_model=Card, responses=_ACT_RESPONSES, dependencies=allowed
    )
    async def ack(incident: str, body: Ack) -> Response:
        """Somebody has it in hand: calls stop until it rises above the level acknowledged."""
        act = Acknowledged(body.by.strip(), body.note or "", body.version)
        return await _acted(doors, incident, act)

    @router.post(
        "/{incident}/resolve", response_model=Card, responses=_ACT_RESPONSES, dependencies=allowed
    )
    async def resolve(incident: str, body: Resolve) -> Response:
        """A person closes it and says why. A later raise opens a new incident, linked to it."""
        act = Resolved(body.by.strip(), body.reason, body.note or "", body.version)
        return await _acted(doors, incident, act)


async def _acted(doors: Doors, incident: str, act: Acknowledged | Resolved) -> Response:
    try:
        return _raw(await doors.acts.act(incident, act))
    except IllegalMove as error:
        now = json.loads((await doors.acts.detail(incident)).card)
        return problem(409, str(error), "look at the incident as it is now", card=now)


def _whole(doors: Doors, detail: Detail) -> str:
    notifications = [
        {
            "person": one.person,
            "name": one.name,
            "team": one.team,
            "channel": one.channel,
            "why": one.why.value,
            "level": one.level.value,
            "round": one.round,
            "step": one.step,
            "reminder": one.reminder,
            "state": one.state.value,
            "attempts": one.attempts,
            "owed_at": one.owed_at.isoformat(),
            "settled_at": one.settled_at.isoformat() if one.settled_at else None,
            "because": one.because,
            "text": one.text,
        }
        for one in detail.notifications
    ]
    events = ",".join(doors.written(event) for event in detail.events)
    timeline = ",".join(doors.written(entry) for entry in detail.timeline)
    return (
        f'{detail.card[:-1]},"events":[{events}],"evidence":{json.dumps(curves(detail.events))},'
        f'"timeline":[{timeline}],"notifications":{json.dumps(notifications)}}}'
    )


def _areas_below(registry: Registry) -> dict[str, frozenset[str]]:
    """For each area, itself and every area below it."""
    below: dict[str, set[str]] = {area: set() for area in registry.areas}
    for area in registry.areas:
        for above in registry.upwards(area):
            below[above.id].add(area)
    return {area: frozenset(those) for area, those in below.items()}


def _members(kind: Any, given: list[str] | None) -> tuple[Any, ...]:
    words = [word for part in given or [] for word in part.split(",") if word]
    try:
        return tuple(kind(word) for word in words)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise BadInput(f"{error}; known are {known}") from error


def _iso(doors: Doors) -> str:
    return doors.clock.now().isoformat().replace("+00:00", "Z")


def _raw(body: str) -> Response:
    return Response(body, media_type="application/json")
