"""GoldenHour."""
