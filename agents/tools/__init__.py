"""What agents may look up or do: tools in Python, webhooks, and the seam that both fit into."""

from agents.tools.call_facts import CallFacts
from agents.tools.python_tool import Tool, tool
from agents.tools.signature import ToolDefinitionError
from agents.tools.tool_set import ToolSet, ToolUse
from agents.tools.toolbox import Toolbox, ToolError, ToolInfo

__all__ = ["CallFacts", "Tool", "ToolDefinitionError", "ToolError", "ToolInfo", "ToolSet", "ToolUse", "Toolbox", "tool"]
