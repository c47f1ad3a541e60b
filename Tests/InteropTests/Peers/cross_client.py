"""A client as zerorpc-crosstests asks for, in Python: cross_client.py ENDPOINT."""
import sys

import zerorpc

client = zerorpc.Client(sys.argv[1])
for value in (42, 42.42, b"random bytes", u"unicode string \U0001F600", [None, True, -1, 1.5, {"k": [1, 2]}]):
    echoed = client.echo(value)
    if echoed != value or type(echoed) is not type(value):
        sys.exit("sent %r, got %r" % (value, echoed))
client.quit()
print("All tests passed.")
