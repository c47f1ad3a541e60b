"""Calls a calculator by its generated client: python typed_demo.py ENDPOINT

Editors complete it and mypy checks it, since calculator_client.py knows the service. It fails if an answer is wrong.
"""

import sys
from datetime import datetime, timezone

import zerorpc  # type: ignore[import-untyped]
from calculator_client import CalculatorClient, Sample, SamplePart


def main(endpoint: str) -> None:
    with CalculatorClient(endpoint, timeout=10) as calculator:
        total: int = calculator.add(1, 2)
        assert total == 3
        assert calculator.divide(1, 4, timeout=5) == 0.25

        numbers = [number + 1 for number in calculator.count(limit=5)]
        assert numbers == [1, 2, 3, 4, 5]

        sample = Sample(
            title="a sample",
            parts=[SamplePart(name="bolt", price=0.25), SamplePart(name="gift")],
            counts={"a": 1},
            bytes=b"\x00\x01\xff",
            date=datetime(2026, 2, 3, 4, 5, 6, 789_000, timezone.utc),
        )
        echo = calculator.echo(sample)
        assert echo == sample, echo
        assert echo.note is None and echo.parts[1].price is None

        try:
            calculator.divide(1, 0)
        except zerorpc.RemoteError as error:
            assert error.name == "DivisionByZero", error.name
        else:
            sys.exit("divide(1, 0) gave an answer")
        try:
            calculator.sleep(10, timeout=0.2)
        except zerorpc.TimeoutExpired:
            pass
        else:
            sys.exit("sleep(10) was answered within 0.2 seconds")
    print("a typed Python client called the calculator: ok")


main(sys.argv[1])
