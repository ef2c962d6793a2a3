"""The views, each a package of its own. `segue.tui.views` says how to add one."""
