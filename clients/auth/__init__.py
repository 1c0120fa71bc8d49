"""Signing in to Spotify, and staying signed in without a person."""
