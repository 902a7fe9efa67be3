"""The city for the map: assets, areas and links. It does not change while the service runs."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from services.alerts.web.doors import Doors
from services.alerts.web.schemas import Assets
from shared.domain.place import Geometry, GeometryKind
from shared.domain.registry import Registry


def routes(doors: Doors) -> APIRouter:
    """The place routes over these doors."""
    router = APIRouter(prefix="/api/v1", tags=["places"])
    body = json.dumps(city(doors.registry), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}

    @router.get("/assets", response_model=Assets)
    async def assets(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """Every asset with its geometry (GeoJSON), the area tree, and what is joined to what."""
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    return router


def city(registry: Registry) -> dict[str, Any]:
    """The registry's places as JSON."""
    return {
        "assets": [
            {
                "id": asset.id,
                "kind": asset.kind.value,
                "site": asset.site,
                "area": asset.area,
                "name": {"en": asset.name, "zh": asset.name_zh},
                "geometry": geojson(asset.geometry),
            }
            for asset in registry.assets.values()
        ],
        "areas": [
            {
                "id": area.id,
                "kind": area.kind.value,
                "parent": area.parent,
                "name": {"en": area.name, "zh": area.name_zh},
                "geometry": geojson(area.geometry),
            }
            for area in registry.areas.values()
        ],
        "links": [
            {"a": link.a, "b": link.b, "kind": link.kind.value, "length_m": link.length_m}
            for link in registry.links
        ],
        "city": {"name": registry.name, "timezone": registry.timezone},
    }


def geojson(shape: Geometry | None) -> dict[str, Any] | None:
    """The GeoJSON geometry object, or None."""
    if shape is None:
        return None
    corners: Any = [list(position) for position in shape.positions]
    if shape.kind is GeometryKind.POINT:
        corners = corners[0]
    elif shape.kind is GeometryKind.POLYGON:
        corners = [corners]
    return {"type": shape.kind.value, "coordinates": corners}
