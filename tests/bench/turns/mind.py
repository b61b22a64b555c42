"""The mind process of the measurement's own instance: as always, but the front desk is the measurement's agent."""

from ari_app.service.mind import serve_calls
from tests.bench.turns.agent import bench_agent

if __name__ == "__main__":
    serve_calls(library={"front-desk": bench_agent()})
