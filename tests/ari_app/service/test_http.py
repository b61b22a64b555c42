from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, Counter

from ari_app.service.http import build_app

reasons: list[str] = []


@pytest.fixture
async def client() -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    registry = CollectorRegistry()
    Counter("patchcord_calls", "calls", registry=registry).inc()
    app = build_app(not_ready=lambda: list(reasons), status=lambda: {"calls": 2}, live=lambda: {"calls": []}, registry=registry)
    async with TestClient(TestServer(app)) as client:
        yield client
    reasons.clear()


async def test_health_follows_the_reasons(client: TestClient) -> None:  # type: ignore[type-arg]
    answer = await client.get("/healthz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "reasons": []})
    reasons.append("ARI is away")
    answer = await client.get("/healthz")
    assert (answer.status, (await answer.json())["reasons"]) == (503, ["ARI is away"])


async def test_status_live_and_metrics(client: TestClient) -> None:  # type: ignore[type-arg]
    assert (await (await client.get("/status")).json())["calls"] == 2
    assert await (await client.get("/live")).json() == {"calls": []}
    assert "patchcord_calls_total 1.0" in await (await client.get("/metrics")).text()


async def test_a_page_elsewhere_cannot_reach_it_by_name(client: TestClient) -> None:  # type: ignore[type-arg]
    assert (await client.get("/status", headers={"Host": "evil.example"})).status == 403
