"""The alert service's HTTP application: the API, the probes and the page."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from services.alerts.web import feed, incidents, places, problems, readings
from services.alerts.web.doors import Doors
from services.alerts.web.guard import Guard
from shared import probes
from shared.errors import NotFound


def make_app(doors: Doors) -> FastAPI:
    """The application over these doors."""
    app = FastAPI(
        title="Tocsin",
        version=version("tocsin"),
        summary="A city's incidents: what happens, who has it in hand, and what comes next.",
        docs_url=None,  # its scripts come from elsewhere, which the content policy forbids
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(incidents.routes(doors))
    app.include_router(feed.routes(doors))
    app.include_router(places.routes(doors))
    app.include_router(readings.routes(doors))
    app.router.routes.extend(probes.routes(doors.probes))
    _document_probes(app)
    _serve_page(app, doors)
    app.add_middleware(Guard, body_bytes_max=doors.body_bytes_max)
    return app


class _Static(StaticFiles):
    """Files a browser asks about every time and seldom has to fetch again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.setdefault("cache-control", "no-cache")
        return response


def _serve_page(app: FastAPI, doors: Doors) -> None:
    index = doors.page / "index.html"
    if doors.page.is_dir():
        app.mount("/static", _Static(directory=doors.page), name="static")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        if not index.is_file():
            raise NotFound("this installation has no page; the API is at /openapi.json")
        return FileResponse(index, headers={"cache-control": "no-cache"})


_PROBES = {
    "/healthz": ("Does the work advance?", True),
    "/readyz": ("May input come?", True),
    "/ledger": ("Does every reading have exactly one outcome?", False),
    "/metrics": ("Prometheus metrics, as text.", False),
}


def _document_probes(app: FastAPI) -> None:
    """The probes are plain routes; the document should name them all the same."""
    drawn = app.openapi

    def openapi() -> dict[str, Any]:
        document = drawn()
        paths: MutableMapping[str, Any] = document["paths"]
        for path, (summary, can_fail) in _PROBES.items():
            answers = {"200": {"description": "Yes." if can_fail else "As asked."}}
            if can_fail:
                answers["503"] = {"description": "No; `wrong` says what, part by part."}
            paths[path] = {"get": {"summary": summary, "tags": ["probes"], "responses": answers}}
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way to extend it
