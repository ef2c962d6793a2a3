"""Walking the space: functions over a library and, where given, the listener's state."""
