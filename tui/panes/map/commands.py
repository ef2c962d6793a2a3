"""The keys of the map."""

from segue.tui.commands import Command, Context

CONTEXT = Context(
    "map",
    "The map",
    "Every track is a dot; dense places look dense. The crosshair points at the most played track of "
    "its cell. A map of two dimensions misleads, so the list beside it holds what is near in truth; 1 "
    "to 9 mark it on the map. A click moves the crosshair, a second one goes in, the wheel zooms.",
    (
        Command("map.left", "h,left", "left", "Move the crosshair left; at the edge the map moves."),
        Command("map.down", "j,down", "down", "Move the crosshair down; at the edge the map moves."),
        Command("map.up", "k,up", "up", "Move the crosshair up; at the edge the map moves."),
        Command("map.right", "l,right", "right", "Move the crosshair right; at the edge the map moves."),
        Command("map.far_left", "shift+left,ctrl+b", "far left", "Move the map by half of the sight."),
        Command("map.far_down", "shift+down,ctrl+d", "far down", "Move the map by half of the sight."),
        Command("map.far_up", "shift+up,ctrl+u", "far up", "Move the map by half of the sight."),
        Command("map.far_right", "shift+right,ctrl+f", "far right", "Move the map by half of the sight."),
        Command("map.zoom_in", "+", "closer", "Look closer at what is under the crosshair.", 99),
        Command("map.zoom_out", "-", "wider", "See more of the map.", 98),
        Command("map.whole", "0", "whole map", "See the whole map.", 84),
        Command("map.jump", "g", "go to name", "Put a letter on every name; the letter goes there.", 97),
        Command("map.recentre", "enter", "go in", "Go to the track under the crosshair.", 96, "track"),
        Command("map.home", "c", "to here", "Put the crosshair on the place where you are.", 83),
        Command("map.layer_here", "1", "here", "Show or hide where you are."),
        Command("map.layer_near", "2", "near", "Show or hide what is near in truth."),
        Command("map.layer_path", "3", "path", "Show or hide the path."),
        Command("map.layer_heard", "4", "heard", "Show or hide what you heard."),
        Command("map.layer_names", "5", "names", "Show or hide the names."),
        Command("map.lay_out", "o", "lay out", "Lay out a map where the library has none.", 99),
    ),
)  # fmt: skip
