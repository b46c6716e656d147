"""What a room plays: the queue and the watching are pure, ``playback`` alone touches speakers."""
