"""An MQTT broker as an outlet: variables and alarms retained, messages as they come, a last will.

Nothing outside this package imports aiomqtt, and here nothing does before the outlet runs.
"""
