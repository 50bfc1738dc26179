"""Bring a lab up in containers on this machine, prove that mail flows, and take it down."""
