"""The connection to the studio, and what belongs to one config entry."""
