"""The context card, for whoever picks up: behind a link that is good for minutes."""
