"""The profiles of Hypothesis: ``normal``, ``long`` by LONG=1 and ``short`` by SHORT=1."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.amounts import EXAMPLES, FEW, LONG, SHORT

settings.register_profile("normal", deadline=None)
settings.register_profile(
    "long", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("short", deadline=None, max_examples=FEW)
settings.load_profile("long" if LONG else "short" if SHORT else "normal")
