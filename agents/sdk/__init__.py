"""Agents in Python: what ``from agents import Agent, tool`` gives."""
