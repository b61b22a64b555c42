"""Everything after "get me a person": cards, queues, records, and later the desk."""
