"""What is done after its reason, in a process of its own: reviews of calls, webhooks, callbacks, recordings, retention."""
