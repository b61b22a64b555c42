"""Agents and their knobs: what they say, when they are open, how they take turns; drafts, versions and trying an agent out.

Edits change the YAML where the words stand and nowhere else. A draft belongs to one user and may be wrong; what is published may not.
"""
