"""The pricing service of the mesh: python pricing.py ENDPOINT ENDPOINT_OF_THE_STOCK"""

import sys

import zerorpc

from tracing import Tracing

tracing = Tracing()
context = zerorpc.Context()
context.register_middleware(tracing)
stock = zerorpc.Client(sys.argv[2], context=context)


class Pricing(object):
    prices = {"bolt": 0.25, "anvil": 75.0}

    def price(self, item, count):
        """The price of some pieces of an item, if there are as many."""
        if stock.available(item) < count:
            raise ValueError("there are not %d of %s" % (count, item))
        discount = 0.9 if count >= 10 else 1.0
        return round(self.prices[item] * count * discount, 2)

    def spans(self, trace):
        """The spans of a trace that were recorded here."""
        return [span for span in tracing.spans if span["trace"] == trace]


server = zerorpc.Server(Pricing(), context=context)
server.bind(sys.argv[1])
server.run()
