"""A home for an evening: a studio, Home Assistant, three speakers and a voice, all of them the real programs."""
