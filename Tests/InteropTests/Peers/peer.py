"""Runs zerorpc-python on behalf of a Swift test.

Reads one JSON object a line from standard input and answers with one a line: {"exec": CODE} or {"eval": EXPRESSION}.
An answer is {"value": REPR}, or {"error": NAME, "message": TEXT}. It ends with its standard input.
"""
import collections
import json
import sys
import time
import traceback

import gevent
import gevent.fileobject
import msgpack
import zerorpc
import zmq.green as zmq


class Service(object):
    """Does one of everything."""

    def __init__(self):
        self.log = []

    def add(self, a, b):
        """Adds two numbers."""
        return a + b

    def echo(self, value):
        return value

    def types(self):
        return [None, True, -1, 300, 2**63, 1.5, u"h\xe9", b"by\x00\xfft", [1, [2]], {"k": 1, b"b": 2}]

    def none(self):
        return None

    def fail(self, message):
        raise RuntimeError(message)

    def unserialisable(self):
        return set([1])

    def too_large(self):
        return 2**70

    def integer_keys(self):
        return {1: "one"}

    def wait(self, seconds):
        try:
            gevent.sleep(seconds)
            self.log.append("waited")
        finally:
            self.log.append("ended")
        return seconds

    @zerorpc.stream
    def count(self, limit):
        return iter(range(limit))

    @zerorpc.stream
    def fail_at(self, limit):
        for number in range(limit):
            yield number
        raise ValueError("boom")

    @zerorpc.stream
    def slowly(self, limit, pause):
        for number in range(limit):
            gevent.sleep(pause)
            yield number

    @zerorpc.stream
    def endless(self):
        number = 0
        try:
            while True:
                yield number
                number += 1
                self.log.append("written")
        finally:
            self.log.append("ended")


def serve(heartbeat=5, **options):
    """Starts a server and returns its endpoint."""
    server = zerorpc.Server(service, heartbeat=heartbeat, **options)
    server.bind("tcp://127.0.0.1:*")
    gevent.spawn(server.run)
    return server._events._socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")


def connect(endpoint, timeout=20, heartbeat=5, **options):
    """Makes a client."""
    return zerorpc.Client(endpoint, timeout=timeout, heartbeat=heartbeat, **options)


def elapsed(call):
    """The seconds that a call takes, and what it raises."""
    start = time.time()
    try:
        call()
        error = None
    except Exception as raised:
        error = type(raised).__name__
    return [time.time() - start, error]


def error_of(call):
    """What a call raises: name, message and whether there is a traceback."""
    try:
        call()
    except zerorpc.RemoteError as error:
        return [error.name, error.msg, bool(error.traceback)]
    except Exception as error:
        return [type(error).__name__]
    return None


service = Service()


def main():
    names = dict(globals())
    for line in gevent.fileobject.FileObject(sys.stdin, "r"):
        try:
            command = json.loads(line)
            if "exec" in command:
                exec(command["exec"], names)
                answer = {"value": "None"}
            else:
                answer = {"value": repr(eval(command["eval"], names))}
        except BaseException as error:
            answer = {"error": type(error).__name__, "message": str(error) + "\n" + traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
