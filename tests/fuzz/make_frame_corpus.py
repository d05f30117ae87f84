#!/usr/bin/env python3
"""Writes the seed corpus of fuzz_frame: real frames that reach the accepting path of every view.

Run it in this folder after a change; tests/unit/wire/frame_corpus_test.cc checks the result.
"""
import os
import struct

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "frame")
ROUTER, DIRECTOR, ALL = bytes.fromhex("020000000001"), bytes.fromhex("020000000002"), b"\xff" * 6
CLIENT, VIP = bytes([203, 0, 113, 5]), bytes([10, 0, 0, 1])
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(payload, to=DIRECTOR, kind=0x0800, tag=None):
    tagged = b"" if tag is None else struct.pack(">HH", 0x8100, tag)
    return to + ROUTER + tagged + struct.pack(">H", kind) + payload


def ipv4(protocol, payload, ttl=64, fragment=0x4000, options=b"", to=VIP):
    header = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0,
                         20 + len(options) + len(payload), 7, fragment, ttl, protocol, 0)
    header += CLIENT + to + options
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + payload


def with_sum(protocol, segment, at, to=VIP):
    pseudo = CLIENT + to + struct.pack(">HH", protocol, len(segment))
    return segment[:at] + struct.pack(">H", checksum(pseudo + segment)) + segment[at + 2:]


def tcp(flags, payload=b"", port=80, options=b"", source=1024):
    segment = struct.pack(">HHIIBBHHH", source, port, 1000, 2000, (5 + len(options) // 4) << 4,
                          flags, 8192, 0, 0) + options + payload
    return with_sum(6, segment, 16)


def udp(payload, port=53):
    return with_sum(17, struct.pack(">HHHH", 5353, port, 8 + len(payload), 0) + payload, 6)


def icmp(kind, code, rest, payload=b""):
    message = struct.pack(">BBHI", kind, code, 0, rest) + payload
    return message[:2] + struct.pack(">H", checksum(message)) + message[4:]


def arp(operation, sender, target):
    return (struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + ROUTER + sender + b"\0" * 6 + target)


SYN_OPTIONS = bytes.fromhex("020405b40402080a00000001000000000103030a")
QUOTED = ipv4(6, tcp(SYN))[:28]

FRAMES = {
    "tcp_syn": ethernet(ipv4(6, tcp(SYN))),
    "tcp_syn_options": ethernet(ipv4(6, tcp(SYN, options=SYN_OPTIONS))),
    "tcp_ack_payload": ethernet(ipv4(6, tcp(ACK | PSH, b"GET / HTTP/1.1\r\n\r\n"))),
    "tcp_fin": ethernet(ipv4(6, tcp(FIN | ACK))),
    "tcp_rst": ethernet(ipv4(6, tcp(RST))),
    "tcp_other_port": ethernet(ipv4(6, tcp(SYN, port=81))),
    "tcp_ftp_data": ethernet(ipv4(6, tcp(SYN, source=20))),
    "tcp_ttl_1": ethernet(ipv4(6, tcp(SYN), ttl=1)),
    "tcp_too_big": ethernet(ipv4(6, tcp(SYN, b"x" * 1600))),
    "tcp_too_big_may_be_cut": ethernet(ipv4(6, tcp(SYN, b"x" * 1600), fragment=0)),
    "tcp_padded": ethernet(ipv4(6, tcp(SYN))) + b"\0" * 6,
    "tcp_truncated": ethernet(ipv4(6, tcp(SYN)))[:50],
    "tcp_priority_tag": ethernet(ipv4(6, tcp(SYN)), tag=0x6000),
    "tcp_vlan": ethernet(ipv4(6, tcp(SYN)), tag=5),
    "ip_options": ethernet(ipv4(6, tcp(SYN), options=b"\x94\x04\0\0")),
    "ip_other_vip": ethernet(ipv4(6, tcp(SYN), to=bytes([10, 0, 0, 2]))),
    "first_fragment": ethernet(ipv4(6, tcp(SYN), fragment=0x2000)),
    "later_fragment": ethernet(ipv4(17, b"x" * 32, fragment=0x0010)),
    "udp": ethernet(ipv4(17, udp(b"query"))),
    "udp_no_checksum": ethernet(ipv4(17, struct.pack(">HHHH", 5353, 53, 11, 0) + b"abc")),
    "udp_bad_length": ethernet(ipv4(17, struct.pack(">HHHH", 5353, 53, 99, 0))),
    "icmp_echo": ethernet(ipv4(1, icmp(8, 0, 0x12340001, b"ping"))),
    "icmp_unreachable": ethernet(ipv4(1, icmp(3, 3, 0, QUOTED))),
    "icmp_too_big": ethernet(ipv4(1, icmp(3, 4, 1400, QUOTED))),
    "icmp_time_exceeded": ethernet(ipv4(1, icmp(11, 0, 0, QUOTED))),
    "arp_request": ethernet(arp(1, CLIENT, VIP), to=ALL, kind=0x0806),
    "arp_reply": ethernet(arp(2, CLIENT, VIP), kind=0x0806),
    "arp_announcement": ethernet(arp(1, VIP, VIP), to=ALL, kind=0x0806),
    "ipv6": ethernet(b"\x60" + b"\0" * 39, kind=0x86DD),
}

if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for name, frame in FRAMES.items():
        with open(os.path.join(OUT, name), "wb") as file:
            file.write(frame)
