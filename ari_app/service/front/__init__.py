"""One page for the whole instance: what the workers say, joined. The workers have pages of their own on Unix sockets."""
