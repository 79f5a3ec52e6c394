"""Mail, chat, webhook, syslog and the rest: each message of a matrix, sent as its URL says.

Nothing outside this package imports apprise, and here nothing does before the outlet runs.
"""
