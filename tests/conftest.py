"""The profiles of Hypothesis: ``normal``, and ``long`` where LONG=1 asks for it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.amounts import EXAMPLES, LONG

settings.register_profile("normal", deadline=None)
settings.register_profile(
    "long", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("long" if LONG else "normal")
