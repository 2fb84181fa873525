"""Slack: one app, in one workspace by its tokens or in many by installation."""
