# Each line that ends with a comment "error" must be refused by mypy, and no other. scripts/check-contracts compares.
import msgpack  # type: ignore[import-untyped, unused-ignore]
from calculator_client import CalculatorClient, Sample

with CalculatorClient("tcp://127.0.0.1:4242") as calculator:
    calculator.add(1, 2)
    calculator.add(1, "2")  # error
    calculator.add(1)  # error
    calculator.add(1, 2, timeout="1")  # error
    calculator.subtract(1, 2)  # error
    text: str = calculator.add(1, 2)  # error
    for number in calculator.count(3):
        number.upper()  # error
    calculator.echo({"title": "a dict"})  # error
    Sample(title="no parts")  # error
    print(calculator.echo(Sample(title="", parts=[], counts={}, bytes=b"", date=msgpack.Timestamp(0))).titel)  # error
