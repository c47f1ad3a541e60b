"""Serves one of everything with zerorpc for Python: service.py [--mute] [--bind ENDPOINT] [--connect ENDPOINT]

Prints "listening at ENDPOINT". With --mute it cannot tell the arguments of its methods, as on Python 3.11 and later.
"""
import inspect
import sys

import gevent
import zerorpc
import zmq

if "--mute" not in sys.argv:
    # What zerorpc asks for, and Python 3.11 no longer has.
    inspect.getargspec = lambda function: inspect.getfullargspec(function)[:4]
elif hasattr(inspect, "getargspec"):
    del inspect.getargspec


class Cooler(object):
    """Cools things."""

    def add(self, a, b):
        """Adds two values.

        :param a: the first
        :param b: the second
        """
        return a + b

    def greet(self, name):
        """Greets somebody by name.

        :param str name: who is greeted
        :rtype: str
        """
        return "Hello, %s!" % name

    def set_target(self, degrees, unit="celsius", step_size=0.5, notify=None):
        """Sets what is to be reached, and returns it.

        Args:
            degrees (float): how cold
            unit: of the degrees
            step_size: how fast
            notify (str, optional): who wants to know,
                by name

        Returns:
            dict[str, str]: what was set
        """
        return {"degrees": str(degrees), "unit": unit, "step": str(step_size), "notify": str(notify)}

    def reset(self):
        """Forgets everything.

        :rtype: None
        """

    def undocumented(self, value):
        return value

    def mean(self, numbers):
        """Returns the mean.

        Parameters
        ----------
        numbers : list of floats
            what to take it of

        Returns
        -------
        float
            the mean
        """
        return sum(numbers) / len(numbers)

    @zerorpc.stream
    def watch(self, count, interval=0.0):
        """Watches the temperature.

        Args:
            count (int): how often

        Yields:
            int: degrees
        """
        for number in range(count):
            gevent.sleep(interval)
            yield number

    @zerorpc.stream
    def lines(self):
        """Streams the log.

        zerorpc: name = "injected"
        """
        return iter(["one", "two"])

    @zerorpc.stream
    def secretive(self, count):
        """Says nothing about what it does."""
        return iter(range(count))

    def repeat(self, default, self_=1):
        """Has a name that means something else in Swift."""
        return [default, self_]

    def client(self):
        """Has a name that stubs have for something else."""
        return "client"

    def fail(self, message):
        """Raises an error."""
        raise ValueError(message)

    def slow(self, seconds):
        gevent.sleep(seconds)
        return seconds

    def none(self):
        return None

    def many(self):
        """Returns something large."""
        return {
            "words": ["word%d" % number for number in range(30)],
            "text": "It is a long text, with 'quotes' and \"quotes\". " * 4 + "\nAnd a second line.",
            "nested": {"numbers": list(range(40)), "empty": [], b"bytes": b"\x00\xff" * 30},
            "float": 1e16, "small": 1e-5, "true": True, "none": None, "unicode": u"h\xe9\u2028\U0001f600",
        }

    @zerorpc.stream
    def items(self):
        return iter([{"a": 1}, u"h\xe9", None, 1.0, [1, 2]])

    @zerorpc.stream
    def nothing(self):
        return iter([])

    @zerorpc.stream
    def breaking(self):
        yield 1
        raise ValueError("enough")


# Names that only a dictionary can have.
methods = {name: getattr(Cooler(), name) for name in dir(Cooler) if name[0] != "_"}
methods["any-name"] = lambda x: x
methods["getAny"] = lambda: 1
methods["get_any"] = lambda: 2
if "--fridge" in sys.argv:
    server = zerorpc.Server(Cooler(), name="Cooler", heartbeat=5)
else:
    server = zerorpc.Server(methods, name="cooler_service", heartbeat=5)
if "--connect" in sys.argv:
    server.connect(sys.argv[sys.argv.index("--connect") + 1])
else:
    server.bind(sys.argv[sys.argv.index("--bind") + 1] if "--bind" in sys.argv else "tcp://127.0.0.1:*")
    print("listening at " + server._events._socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0"))
sys.stdout.flush()
server.run()
