"""Everything of an instance that cannot be made again, as one archive: database, secrets, agents, routes, and recordings if asked for."""
