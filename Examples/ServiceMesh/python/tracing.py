"""A middleware that makes a Python service part of its callers' traces and deadlines.

    context = zerorpc.Context()
    context.register_middleware(Tracing())
    server = zerorpc.Server(Service(), context=context)
    client = zerorpc.Client(endpoint, context=context)      # what the service calls
"""

import random
import time

import gevent.local


class Tracing(object):
    def __init__(self):
        # zerorpc runs each handler in a greenlet of its own.
        self._call = gevent.local.local()
        self.spans = []

    def load_task_context(self, header):
        """A request has come: begins its span as a child of the caller's (https://www.w3.org/TR/trace-context)."""
        self._call.span = None
        self._call.deadline = None
        parts = header.get("traceparent", "").split("-")
        if len(parts) == 4:
            self._call.span = {
                "trace": parts[1], "parent": parts[2], "flags": parts[3],
                "span": "%016x" % random.randrange(1, 1 << 64),
            }
        # What remains of the caller's time in milliseconds, if it is a Swift peer.
        if "zrpc_timeout" in header:
            self._call.deadline = time.monotonic() + header["zrpc_timeout"] / 1000

    def get_task_context(self):
        """A call is made: hands trace and deadline on."""
        context = {}
        span = getattr(self._call, "span", None)
        if span:
            context["traceparent"] = "-".join(("00", span["trace"], span["span"], span["flags"]))
        deadline = getattr(self._call, "deadline", None)
        if deadline is not None:
            context["zrpc_timeout"] = max(0, int((deadline - time.monotonic()) * 1000))
        return context

    def server_after_exec(self, request, reply):
        self._end(request)

    def server_inspect_exception(self, request, reply, task_context, exc_info):
        self._end(request)

    def _end(self, request):
        """A request is answered. Here an exporter would be told."""
        span = getattr(self._call, "span", None)
        if span:
            self.spans.append(dict(span, name=request.name))
