"""Runs bare pyzmq sockets on behalf of a Swift test.

Reads one JSON object a line from standard input and answers with one a line: {"exec": CODE} or {"eval": EXPRESSION}.
An answer is {"value": REPR}, or {"error": NAME, "message": TEXT}. It ends with its standard input.
"""
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback

import zmq

context = zmq.Context()
context.set(zmq.MAX_SOCKETS, 20000)
sockets = {}
LIMIT = 20000


def open_socket(name, kind, role, endpoint, identity=None, subscribe=None, options=None):
    """Opens a socket under a name and returns its endpoint."""
    socket = context.socket(getattr(zmq, kind))
    socket.linger = 2000
    socket.rcvtimeo = socket.sndtimeo = LIMIT
    for key, value in (options or {}).items():
        socket.setsockopt(getattr(zmq, key), value)
    if identity is not None:
        socket.setsockopt(zmq.IDENTITY, identity)
    if subscribe is not None:
        socket.setsockopt(zmq.SUBSCRIBE, subscribe)
    sockets[name] = socket
    if role == "bind":
        bind(socket, endpoint)
        return socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")
    socket.connect(endpoint)
    return endpoint


def bind(socket, endpoint):
    """Binds as soon as the system gives the port back: libzmq closes sockets in the background."""
    deadline = time.monotonic() + LIMIT / 1000
    while True:
        try:
            return socket.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def close(*names):
    for name in names:
        sockets.pop(name).close()


def parts(sizes):
    """Parts of the given sizes, whose bytes count up."""
    return [bytes(bytearray(range(256)) * (size // 256 + 1))[:size] for size in sizes]


def send(name, *frames):
    sockets[name].send_multipart(list(frames))


def receive(name):
    return sockets[name].recv_multipart()


def digest(frames):
    """Sizes and a checksum, where the whole would be too much to print."""
    return [len(frame) for frame in frames], hashlib.sha256(b"".join(frames)).hexdigest()


def echo(name, count, skip=0):
    """Returns messages to whoever sent them, in the background. `skip` is the number of routing frames to leave alone."""
    socket = sockets[name]

    def run():
        for _ in range(count):
            try:
                socket.send_multipart(socket.recv_multipart())
            except zmq.ZMQError:
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return None


def resident():
    """This process's memory in kilobytes."""
    with open("/proc/self/status") as status:
        return int([line for line in status if line.startswith("VmRSS")][0].split()[1])


def killed_sender(endpoint):
    """Starts a process that sends `whole` and half of a large message, kills it, and returns when it is gone."""
    code = (
        "import sys, time, zmq\n"
        "s = zmq.Context().socket(zmq.PUSH)\n"
        "s.sndbuf = 8192\n"
        "s.connect(%r)\n"
        "s.send_multipart([b'whole'])\n"
        "s.send(b'first half', zmq.SNDMORE)\n"
        "sys.stdout.write('ready\\n'); sys.stdout.flush()\n"
        "time.sleep(60)\n" % endpoint
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()


def killed_in_transit(endpoint, size):
    """The same, but the large message is on its way: the receiver's buffers are full when the sender is killed."""
    import socket as tcp

    host, port = endpoint[len("tcp://"):].rsplit(":", 1)
    raw = tcp.create_connection((host, int(port)))
    greeting = b"\xff" + b"\0" * 8 + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + b"\0" * 31
    raw.sendall(greeting)
    ready = b"\x05READY" + b"\x0bSocket-Type" + b"\0\0\0\x04PUSH"
    raw.sendall(b"\x04" + bytes([len(ready)]) + ready)
    received = b""
    while len(received) < 64 + 2:
        received += raw.recv(4096)
    # One whole message, then a part with more to come, then half of a large part.
    raw.sendall(b"\x00\x05whole" + b"\x01\x05first" + b"\x02" + size.to_bytes(8, "big") + b"x" * (size // 2))
    raw.close()


def main():
    names = globals()
    for line in sys.stdin:
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
    os._exit(0)
