"""The learned space behind other players: a read-only server on loopback."""
