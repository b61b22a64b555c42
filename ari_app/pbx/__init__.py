"""The embedded Asterisk: found or fetched, configured, run and watched."""
