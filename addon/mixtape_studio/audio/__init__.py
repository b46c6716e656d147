"""Everything done to samples between the engine and the file."""
