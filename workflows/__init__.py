"""Durable orchestration: a thin Temporal shell around the domain."""
