"""Dispatch policies on arrays: no state between calls, no clock, no names."""

from goldenhour.compute.policy.assign import NOBODY, assign, lost

__all__ = ["NOBODY", "assign", "lost"]
