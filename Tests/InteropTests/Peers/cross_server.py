"""A server as zerorpc-crosstests asks for, in Python: cross_server.py ENDPOINT."""
import sys

import zerorpc


class CrossTest(object):
    def echo(self, value):
        print("echo", repr(value))
        return value

    def quit(self):
        print("exiting")
        # Calls that are being answered are waited for.
        server.stop()


server = zerorpc.Server(CrossTest())
server.bind(sys.argv[1])
print("serving at", sys.argv[1], flush=True)
server.run()
