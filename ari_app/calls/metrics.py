"""What Prometheus may know of calls."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class CallMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.calls = Counter("patchcord_calls", "Calls that reached the application", ["route"], registry=registry)
        self.outcomes = Counter("patchcord_call_outcomes", "Calls by how they ended", ["outcome"], registry=registry)
        self.refused = Counter("patchcord_calls_refused", "Calls that admission sent to the queue", ["reason"], registry=registry)
        self.events = Counter("patchcord_call_faults", "Faults and rescues during calls", ["kind"], registry=registry)
        self.reaped = Counter("patchcord_reaped", "Orphans found at Asterisk and given back", ["kind"], registry=registry)
        self.audio = Counter("patchcord_call_audio_faults", "Callers not heard or not served with audio", ["fault"], registry=registry)
        self.lag = Gauge("patchcord_worker_lag_seconds", "How late the worker's event loop came to what was due", registry=registry)
        self.overloaded = Gauge("patchcord_worker_overloaded", "1 while new calls are refused since the worker is late", registry=registry)
        self.live = Gauge("patchcord_calls_live", "Calls by state", ["state"], registry=registry)
        self.setup = Histogram(
            "patchcord_call_setup_seconds",
            "From a call's arrival to its audio path",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3),
            registry=registry,
        )
