"""Tokens to facts, by hand: each file reads one kind of thing, each class stands on the one below.

Cursor → SpokenClocks → Clocks → Durations → MonthDays → Weekdays → Numbers → Rules → Parser.
"""
