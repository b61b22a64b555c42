"""The HTTP application: signed POST requests with a JSON object each, answered with a JSON object."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from aiohttp import web
from pydantic import ValidationError

from agents.tools.webhook_signature import SignatureRefused, verify
from ari_app.harbor_home import accounts, appointments, customers, devices, orders, outages, payments, refunds
from ari_app.harbor_home.database import Database, DatabaseAway
from ari_app.harbor_home.endpoint import Answer, Endpoint, Work
from ari_app.harbor_home.requests import KeyReused, earlier_answer, keep_answer
from ari_app.harbor_home.state import digest, read_state

log = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024
ENDPOINTS: Final[tuple[Endpoint, ...]] = tuple(
    endpoint for module in (orders, refunds, outages, devices, accounts, appointments, payments, customers) for endpoint in module.ENDPOINTS
)


@dataclass(slots=True)
class Shop:
    """What the application works with. ``now``: the shop's local time, without a zone."""

    database: Database
    secret: str
    now: Callable[[], datetime]
    ready: Callable[[], bool] = lambda: True
    clock: Callable[[], float] = time.time
    """Seconds since 1970, for the age of requests."""
    sent_codes: dict[str, str] | None = None
    """Phone to the newest code; kept only for tests."""


def build_app(shop: Shop, *, test: bool = False) -> web.Application:
    """``test``: with /test/codes, /test/reset and /test/state, which are not signed."""
    app = web.Application(client_max_size=MOST_BYTES)
    app.router.add_get("/healthz", _healthz(shop))
    for endpoint in ENDPOINTS:
        app.router.add_post(endpoint.path, _handler(shop, endpoint))
    if test:
        shop.sent_codes = {}
        _add_test_paths(app, shop)
    return app


def _handler(shop: Shop, endpoint: Endpoint) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _problem(413, "too_large")
        try:
            key = verify(request.headers, body, shop.secret, shop.clock(), method=request.method, target=request.raw_path)
        except SignatureRefused as error:
            log.warning("request_refused", extra={"path": endpoint.path, "reason": str(error)})
            return _problem(401, "bad_signature")
        try:
            given = endpoint.arguments.model_validate(json.loads(body))
        except ValidationError as error:
            fields = sorted({str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors(include_input=False)})
            return web.json_response({"error": "bad_arguments", "fields": fields}, status=422)
        except (ValueError, RecursionError):
            return _problem(400, "not_json")
        try:
            return web.json_response(dict(await _act(shop, endpoint, given, key, request.raw_path, body)))
        except DatabaseAway as error:
            log.warning("database_away", extra={"path": endpoint.path, "problem": str(error)})
            return _problem(503, "database_away")
        except KeyReused:
            return _problem(409, "key_reused")
        except psycopg.DataError:
            return _problem(422, "bad_arguments")

    return handle


async def _act(shop: Shop, endpoint: Endpoint, given: Any, key: str, target: str, body: bytes) -> Answer:
    """What it changes and its answer are kept together or not at all."""
    now = shop.now()
    async with shop.database.transaction(now.date()) as connection:
        if not endpoint.safe and (earlier := await earlier_answer(connection, key, target, body)) is not None:
            return earlier
        answer = await endpoint.run(Work(connection, now, shop.secret, _sender(shop)), given)
        if not endpoint.safe:
            await keep_answer(connection, key, answer)
        return answer


def _sender(shop: Shop) -> Callable[[str, str], None]:
    def send(phone: str, code: str) -> None:
        log.info("code_sent")
        if shop.sent_codes is not None:
            shop.sent_codes[phone] = code

    return send


def _healthz(shop: Shop) -> Callable[[web.Request], Any]:
    async def handle(_: web.Request) -> web.Response:
        ready = shop.ready()
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    return handle


def _add_test_paths(app: web.Application, shop: Shop) -> None:
    async def code(request: web.Request) -> web.Response:
        found = (shop.sent_codes or {}).get(request.match_info["phone"][-7:])
        return _problem(404, "no_code") if found is None else web.json_response({"code": found})

    async def reset(_: web.Request) -> web.Response:
        await shop.database.reset(shop.now().date())
        (shop.sent_codes or {}).clear()
        return web.json_response({"reset": True})

    async def state(_: web.Request) -> web.Response:
        async with shop.database.transaction(shop.now().date()) as connection:
            found = await read_state(connection)
        return web.json_response({"hash": digest(found), "state": found})

    app.router.add_get("/test/codes/{phone}", code)
    app.router.add_post("/test/reset", reset)
    app.router.add_get("/test/state", state)


def _problem(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)
