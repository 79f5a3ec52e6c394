"""Whether a license server is where the list says (R13)."""

from __future__ import annotations

from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Encounter, Met, Miss, Missed, machine


def judge(found: Encounter) -> Diagnosis:
    """One line for each location."""
    if isinstance(found, Missed):
        what, cure = _fault(found)
        return Diagnosis.fault(found.location, what, cure)
    if found.trouble:
        return Diagnosis.fault(
            found.location,
            f"{found.name} grants nothing new now: {found.trouble}",
            f"{machine(found.location)}: sparekey doctor --server STATE",
        )
    return Diagnosis.well(found.location, f"{found.name}, container {found.container}, lease time {found.ttl:g} s")


def _fault(missed: Missed) -> tuple[str, str]:
    """What is wrong, and the next command."""
    host, port = missed.location.host, missed.location.port
    at = f" ({', '.join(missed.addresses)})" if missed.addresses and missed.addresses != (host,) else ""
    who_listens = f"{machine(missed.location)}: ss -ltnp 'sport = :{port}'"
    match missed.miss:
        case Miss.UNRESOLVED:
            cure = f"getent hosts {host}; mend the name service, /etc/hosts, or the location in License.ini"
            return missed.detail, cure
        case Miss.REFUSED:
            return (
                f"refused the connection{at}: the machine is up, nothing listens at port {port}",
                f"{machine(missed.location)}: sparekey server run STATE",
            )
        case Miss.SILENT:
            return (
                f"took no connection {missed.detail}{at}: the machine is off, or a firewall is silent",
                f"ping -c 3 {host}; if it answers, let TCP port {port} through the firewall of {host}",
            )
        case Miss.UNREACHABLE:
            return f"cannot be reached{at}: {missed.detail}", f"ip route get {(*missed.addresses, host)[0]}"
        case Miss.MUTE:
            return (
                f"took the connection{at} and said nothing {missed.detail}: it hangs, or is no license server",
                f"{who_listens} shows who listens; restart it, or mend the port in License.ini",
            )
        case Miss.FOREIGN:
            return (
                f"is no license server{at}: it is {missed.detail}",
                f"{who_listens} shows who listens; stop it, or mend the port in License.ini",
            )


def missed_locations(found: tuple[Encounter, ...]) -> frozenset[str]:
    """Where no license server was met."""
    return frozenset(str(each.location) for each in found if not isinstance(each, Met))
