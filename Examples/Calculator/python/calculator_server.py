"""The calculator as a Python service: python calculator_server.py ENDPOINT

Swift calls it through the same generated stub as a service written in Swift.
"""

import sys

import gevent
import zerorpc


class Calculator:
    def add(self, a, b):
        """Adds two numbers."""
        return a + b

    def divide(self, a, b):
        """Divides one number by another."""
        return a / b

    @zerorpc.stream
    def count(self, limit):
        """Counts from zero up to, but not including, a limit."""
        yield from range(limit)

    def echo(self, sample):
        """Returns what it is given."""
        return sample

    def sleep(self, seconds):
        """Suspends for a while."""
        gevent.sleep(seconds)


server = zerorpc.Server(Calculator())
server.bind(sys.argv[1])
print("serving", Calculator.__name__, "at", sys.argv[1], flush=True)
server.run()
