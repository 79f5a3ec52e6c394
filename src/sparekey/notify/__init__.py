"""Notification: what people and plant systems are told of the changes of variables."""
