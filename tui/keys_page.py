"""The page `docs/keys.md`, made from the command table: `python -m segue.tui.keys_page > docs/keys.md`."""

import sys

from segue.tui.commands import Command, contexts, shown_keys

HEAD = """# Keys

Made from the command table by `python -m segue.tui.keys_page > docs/keys.md`.

Every command can be found by name in the palette (`:`), and F1 explains the pane that has the focus. To
change a key, write its command into `settings.toml` (`segue locate settings` prints the file's place):

```toml
[keys]
"radio.start" = "r,ctrl+o"
```

In a list, a number before a motion repeats it: `5j`, `20G`. `g g` goes to the top, `g p` to the track that
plays.
"""


def page() -> str:
    """Give the page's text."""
    parts = [HEAD]
    for context in contexts().values():
        lines = [_line(command) for command in context.commands]
        table = "\n".join(["| key | command | what it does |", "|---|---|---|", *lines])
        parts.append(f"## {context.title}\n\n{context.about}\n\n{table}\n")
    return "\n".join(parts)


def _line(command: Command) -> str:
    keys = " ".join(f"`{key}`" for key in shown_keys(command.keys))
    return f"| {keys} | `{command.id}` | {command.help} |"


if __name__ == "__main__":
    sys.stdout.write(page())
