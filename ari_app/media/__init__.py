"""The media process: RTP sockets, packet clock, voice activity, playout; and the link by which the mind uses it.

The mind imports ``ari_app.media.link``; everything else here runs in the process ``python -m ari_app.media``.
"""
