#!/usr/bin/env python
"""zerorpc-python as a peer of the benchmark. Benchmarks/README.md describes the protocol of its two roles."""

import argparse
import json
import math
import os
import resource
import signal
import stat
import sys
import time

import gevent
import zerorpc
from gevent.os import tp_read

NAME = "zerorpc-python"
UNSUPPORTED = 3
SUB_BUCKETS = 128


class Echo:
    """What the server offers."""

    def call(self, body):
        return body

    @zerorpc.stream
    def stream(self, count, size):
        item = b"\0" * size
        return (item for _ in range(count))


def bucket_of(nanoseconds):
    """The log-linear bucket of a latency: 128 per power of two."""
    if nanoseconds < 2 * SUB_BUCKETS:
        return nanoseconds
    shift = nanoseconds.bit_length() - 8
    return shift * SUB_BUCKETS + (nanoseconds >> shift)


def maximum_resident_bytes(usage):
    """The peak of this program. On Linux not `ru_maxrss`, which starts with what the process was before exec."""
    if sys.platform == "darwin":
        return usage.ru_maxrss
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def at_end_of_input(action):
    """Calls `action` when standard input closes: whoever started us is gone, or wants us to stop."""
    while tp_read(0, 64):
        pass
    action()


def serve(options):
    server = zerorpc.Server(Echo())
    server.bind(options.endpoint)

    def stop():
        # Not server.stop(): that waits for streams whose client has left, until their heartbeats are missed.
        os._exit(0)

    gevent.signal_handler(signal.SIGTERM, stop)
    gevent.signal_handler(signal.SIGINT, stop)
    gevent.spawn(at_end_of_input, stop)
    print("ready", options.endpoint, flush=True)
    server.run()


class Load:
    """The calls of one run, and what came of them."""

    def __init__(self, options):
        self.options = options
        self.body = b"\0" * options.size
        self.clients = []
        for _ in range(options.connections):
            client = zerorpc.Client(timeout=60, heartbeat=30)
            client.connect(options.endpoint)
            self.clients.append(client)
        self.sent = self.received = 0
        self.latencies = []

    def run(self):
        self.make_calls(self.options.warmup, math.inf)
        self.sent = self.received = 0
        self.latencies = []
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic_ns()
        deadline = started + self.options.seconds * 1e9 if self.options.seconds else math.inf
        self.make_calls(self.options.count or sys.maxsize, deadline)
        elapsed = time.monotonic_ns() - started
        self.report(elapsed, before, resource.getrusage(resource.RUSAGE_SELF))
        return 0 if self.sent == self.received else 1

    def make_calls(self, limit, deadline):
        if self.options.mode == "stream":
            return self.consume(limit, deadline)
        loops = [
            gevent.spawn(self.keep_calling, self.clients[index % len(self.clients)], limit, deadline)
            for index in range(self.options.in_flight)
        ]
        gevent.joinall(loops, raise_error=True)

    def keep_calling(self, client, limit, deadline):
        now = time.monotonic_ns()
        while self.sent < limit and now < deadline:
            self.sent += 1
            if len(client.call(self.body)) != len(self.body):
                raise ValueError("the reply has another size than the request")
            self.received += 1
            before, now = now, time.monotonic_ns()
            self.latencies.append(now - before)

    def consume(self, limit, deadline):
        for _ in self.clients[0].stream(limit, self.options.size, slots=self.options.in_flight):
            self.sent += 1
            self.received += 1
            if time.monotonic_ns() >= deadline:
                break

    def report(self, elapsed, before, after):
        ordered = sorted(self.latencies)

        def percentile(share):
            return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0

        buckets = {}
        for value in ordered:
            bucket = bucket_of(value)
            buckets[bucket] = buckets.get(bucket, 0) + 1
        print(json.dumps({
            "subject": NAME,
            "mode": self.options.mode,
            "endpoint": self.options.endpoint,
            "in_flight": self.options.in_flight,
            "connections": self.options.connections,
            "size": self.options.size,
            "sent": self.sent,
            "received": self.received,
            "elapsed_ns": elapsed,
            "cpu_user_ns": int((after.ru_utime - before.ru_utime) * 1e9),
            "cpu_system_ns": int((after.ru_stime - before.ru_stime) * 1e9),
            "voluntary_switches": after.ru_nvcsw - before.ru_nvcsw,
            "involuntary_switches": after.ru_nivcsw - before.ru_nivcsw,
            "max_rss_bytes": maximum_resident_bytes(after),
            "latency_ns": {
                "count": len(ordered),
                "min": percentile(0),
                "mean": sum(ordered) // len(ordered) if ordered else 0,
                "p50": percentile(0.5),
                "p90": percentile(0.9),
                "p99": percentile(0.99),
                "p99_9": percentile(0.999),
                "max": percentile(1),
            },
            "histogram": sorted(buckets.items()),
        }), flush=True)


def parsed_options():
    parser = argparse.ArgumentParser(prog=NAME)
    parser.add_argument("role", choices=["serve", "load"])
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--mode", default="sequential")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--in-flight", type=int, default=1)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0)
    options = parser.parse_args()
    if options.mode not in ("sequential", "pipelined", "stream"):
        print(f"{NAME}: --mode {options.mode} is not supported", file=sys.stderr)
        sys.exit(UNSUPPORTED)
    if options.role == "load" and not options.count and not options.seconds:
        parser.error("one of --count and --seconds is needed")
    return options


def main():
    options = parsed_options()
    if options.role == "serve":
        return serve(options)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        gevent.spawn(at_end_of_input, lambda: os._exit(130))
    status = Load(options).run()
    # Closing its clients, zerorpc waits for heartbeats; nothing is left to do.
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
