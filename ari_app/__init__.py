"""The call: ARI client, call life cycle, RTP media, embedded PBX, command line and service start-up."""
