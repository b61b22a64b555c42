"""``patchcord maintenance``: new calls go straight to the queue, live ones end as they like."""
