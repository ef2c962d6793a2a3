"""The page `docs/keys.md`, made from the commands: `python docs/keys.py > docs/keys.md`."""

import sys

from segue.tui.commands import Command, shown_keys
from segue.tui.controllers import APP_COMMANDS
from segue.tui.controllers.views import command_groups

HEAD = """# Keys

Made from the commands by `python docs/keys.py > docs/keys.md`.

The palette (`:`) finds every command by name, and F1 explains the focused pane. To change a key, write its
command into `settings.toml` (`segue locate settings` prints where the file is):

```toml
[keys]
"radio.start" = "r,ctrl+o"
```

In a list, a number before a motion repeats it: `5j`, `20G`. `g g` goes to the top, `g p` to the track that
plays.
"""


def page() -> str:
    """Return the page's text."""
    parts = [HEAD]
    for group in command_groups(APP_COMMANDS):
        lines = [_line(command) for command in group.commands]
        table = "\n".join(["| key | command | what it does |", "|---|---|---|", *lines])
        parts.append(f"## {group.title}\n\n{group.about}\n\n{table}\n")
    return "\n".join(parts)


def _line(command: Command) -> str:
    keys = " ".join(f"`{key}`" for key in shown_keys(command.keys))
    return f"| {keys} | `{command.id}` | {command.help} |"


if __name__ == "__main__":
    sys.stdout.write(page())
