"""Is the command `zerorpc` of Python, with what newer Pythons have taken away from it."""
import collections
import collections.abc
import sys

import zerorpc.cli

collections.Iterator = collections.abc.Iterator
sys.argv[0] = "zerorpc"
sys.exit(zerorpc.cli.main())
