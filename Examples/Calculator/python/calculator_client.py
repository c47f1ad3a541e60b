"""Calls a calculator with zerorpc as it is on PyPI: python calculator_client.py ENDPOINT

It exits with an error if an answer is not as it should be.
"""

import sys

import zerorpc


def show(call, answer, expected):
    assert answer == expected, f"{call} answered {answer!r}, not {expected!r}"
    print(f"  {call:24}→ {answer!r}")


client = zerorpc.Client(sys.argv[1])

print("Calls, a stream and an error:")
show("add(1, 2)", client.add(1, 2), 3)
show("divide(1, 4)", client.divide(1, 4), 0.25)
show("list(count(5))", list(client.count(5)), [0, 1, 2, 3, 4])
try:
    sys.exit(f"divide(1, 0) answered {client.divide(1, 0)!r}")
except zerorpc.RemoteError as error:
    print(f"  {'divide(1, 0)':24}→ raises {error.name}: {error.msg}")

print("What the service tells about itself, from the Swift source:")
service = client._zerorpc_inspect()
print(f"  {service['name']}")
for name, method in service["methods"].items():
    signature = f"{name}({', '.join(argument['name'] for argument in method['args'])})"
    print(f"    {signature:22}{method['doc']}")
show("_zerorpc_args('add')[0]", client._zerorpc_args("add")[0], ["a", "b"])
