"""Errors become answers here and nowhere else: ``{"error", "mend"}`` and a status."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.alerts.web.schemas import Problem
from shared.errors import BadInput, NotFound, StoreUnavailable

MENDS = {
    401: "send `Authorization: Bearer` with the token of alerts.api_token",
    404: "look at /openapi.json for what there is",
    405: "look at /openapi.json for the methods of this path",
    413: "send less",
    415: "send content-type application/json",
}

RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "The request is not what the schema asks for."},
    503: {"model": Problem, "description": "The database does not answer; try again."},
}


def problem(status: int, error: str, mend: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": error, "mend": mend, **more}, status_code=status)


def install(app: FastAPI) -> None:
    """Give every expected failure its answer."""

    @app.exception_handler(NotFound)
    async def _(_: Request, error: NotFound) -> Response:
        return problem(404, str(error), "look at the list again")

    @app.exception_handler(BadInput)
    async def _(_: Request, error: BadInput) -> Response:
        return problem(422, str(error), "correct the request")

    @app.exception_handler(StoreUnavailable)
    async def _(_: Request, error: StoreUnavailable) -> Response:
        return problem(503, str(error), "try again in a moment")

    @app.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> Response:
        mend = MENDS.get(error.status_code, "correct the request")
        return problem(error.status_code, str(error.detail), mend)

    @app.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> Response:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        ]
        return problem(422, "; ".join(faults), "send what /openapi.json asks for")
