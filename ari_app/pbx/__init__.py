"""The embedded Asterisk: found or fetched, configured, run and watched."""

from .accounts import SipAccount, accounts
from .install import RuntimeInstall, ensure_runtime
from .secret_store import Secrets, load_or_create_secrets
from .server import AsteriskServer, Health

__all__ = ["AsteriskServer", "Health", "RuntimeInstall", "Secrets", "SipAccount", "accounts", "ensure_runtime", "load_or_create_secrets"]
