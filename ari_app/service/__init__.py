"""Starting, watching and ending the processes that together answer calls."""
