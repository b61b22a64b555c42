"""The agent's page: ready or paused, the phone in the browser, the card of the caller, wrap-up and callbacks."""
