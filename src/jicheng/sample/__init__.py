"""Sample: a made-up zone with a planted truth; everything it makes is marked as sample."""
