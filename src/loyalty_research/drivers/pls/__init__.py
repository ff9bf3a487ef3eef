"""Partial least squares on arrays: moments, weights, solutions, draws, prediction, groups."""
