"""The supervisor's floor: live calls, queues, agents, and what a supervisor may do about them."""
