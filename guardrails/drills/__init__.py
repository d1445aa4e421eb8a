"""Proofs that each policy fires: what is played, where, and what came of it."""
