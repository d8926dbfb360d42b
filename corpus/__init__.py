"""The ground floor: what we know. No torch, no network."""
