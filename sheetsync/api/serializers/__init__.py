"""How things look in JSON: times in UTC with a Z, ids as numbers, whatever the host's own API prefers."""
