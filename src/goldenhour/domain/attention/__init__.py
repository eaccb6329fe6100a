"""Alerts: one owner, an acknowledgement timer, an escalation; nothing scrolls away."""
