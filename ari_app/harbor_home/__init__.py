"""Harbor Home, an invented shop for smart homes: the demo backend that the agents that ship work with.

``python -m ari_app.harbor_home --database URL --port N --secret-env NAME`` serves signed JSON requests; its data lie in PostgreSQL, in a
schema of their own. A real installation describes its own services in a file like ``agents/library/tools/harbor-home.yaml`` instead.
"""

from ari_app.harbor_home.state import state, state_hash

__all__ = ["state", "state_hash"]
