"""An OPC UA server as an outlet: variables to read and to subscribe to, alarms as conditions to acknowledge.

Nothing outside this package imports asyncua, and here nothing does before the outlet runs.
"""
