"""Sends values of every form through MessagePack, as zerorpc does, and compares. Called by scripts/check-contracts."""

import datetime
import uuid

import msgpack
from api_shop_client import APIItem, APIShopClient, Color, Customer, Line, Node


class Peer:
    """Stands in for zerorpc.Client, and answers each call with its first argument, packed and unpacked."""

    def __call__(self, name, *arguments, **options):
        blob = msgpack.Packer(use_bin_type=True).pack((name, arguments))
        unpacker = msgpack.Unpacker(raw=False)
        unpacker.feed(blob)
        self.name, self.arguments = unpacker.unpack()
        self.options = options
        return self.answer

    def close(self):
        pass


peer = Peer()
item = APIItem(
    id=uuid.uuid4(),
    tags={Color.red, Color.green},
    count=3,
    total=0.5,
    made=datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
)
item.parent = Node(items=[None, APIItem(id=uuid.uuid4(), tags=set(), count=0, total=1, made=item.made)], odd=[1])
line = Line(item_id=item.id, uuid=None, by_name={"a": item})
customer = Customer(name="Ada", friends=[Customer(name="Bob", friends=[])])

with APIShopClient(client=peer) as shop:
    peer.answer = None
    shop.order([line], customer, item.made, timeout=2)
    assert (peer.name, peer.options) == ("order", {"timeout": 2}), (peer.name, peer.options)
    sent = peer.arguments
    assert Line._decode(sent[0][0]) == line
    assert "uuid" not in sent[0][0] and sent[0][0]["item_id"] == str(item.id)
    assert Customer._decode(sent[1]) == customer
    assert sent[2] == msgpack.Timestamp.from_datetime(item.made)

    peer.answer = item._encode()
    assert shop.find_item(item.id, None) == item
    assert (peer.arguments, peer.options) == ([str(item.id), None], {})
    shop.find_item(item.id, Color.green)
    assert peer.arguments[1] == 'g"r'

    peer.answer = ["none", "red"]
    assert shop.list() == [Color.none, Color.red]
    peer.answer = iter([{"closed": {}}])
    assert list(shop.watch({"a"}, class_=1)) == [{"closed": {}}]
    assert peer.arguments == [["a"], 1]
    peer.answer = str(item.id)
    assert shop.raw({"any": b"thing"}, None) == item.id
    peer.answer = None
    assert shop.close_(3) is None
try:
    APIShopClient()
except ValueError as error:
    assert "endpoint" in str(error)
else:
    raise SystemExit("a client without endpoint was made")
print("round trip: ok")
