"""Serves a small neural network that reads digits: python model_server.py ENDPOINT

The network is trained here, in plain Python: 35 inputs (pixels of 5 x 7), 16 hidden units, 10 outputs, by stochastic gradient
descent on digits with noise.
"""

import math
import random
import sys

import gevent
import zerorpc

GLYPHS = """
01110 00100 01110 11111 00010 11111 00110 11111 01110 01110
10001 01100 10001 00010 00110 10000 01000 00001 10001 10001
10011 00100 00001 00100 01010 11110 10000 00010 10001 10001
10101 00100 00010 00010 10010 00001 11110 00100 01110 01111
11001 00100 00100 00001 11111 00001 10001 01000 10001 00001
10001 00100 01000 10001 00010 10001 10001 01000 10001 00010
01110 01110 11111 01110 00010 01110 01110 01000 01110 01100
"""
PIXELS, HIDDEN, CLASSES = 35, 16, 10
DIGITS = [
    [int(pixel) for row in GLYPHS.split("\n")[1:8] for pixel in row.split(" ")[digit]]
    for digit in range(CLASSES)
]


def noisy(digit, noise, source):
    """A picture of a digit, some of whose pixels are wrong."""
    return [1 - pixel if source.random() < noise else pixel for pixel in DIGITS[digit]]


class Network(object):
    def __init__(self, source):
        self.hidden = [[source.gauss(0, 0.3) for _ in range(PIXELS + 1)] for _ in range(HIDDEN)]
        self.output = [[source.gauss(0, 0.3) for _ in range(HIDDEN + 1)] for _ in range(CLASSES)]

    def forward(self, pixels):
        """What the hidden units say, and the probability of each class."""
        units = [math.tanh(row[-1] + sum(w * x for w, x in zip(row, pixels))) for row in self.hidden]
        scores = [row[-1] + sum(w * x for w, x in zip(row, units)) for row in self.output]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        return units, [power / total for power in powers]

    def learn(self, pixels, digit, rate):
        """One step down the gradient of the cross entropy; returns the loss before it."""
        units, probabilities = self.forward(pixels)
        errors = [p - (1.0 if k == digit else 0.0) for k, p in enumerate(probabilities)]
        back = [
            (1 - u * u) * sum(errors[k] * self.output[k][j] for k in range(CLASSES))
            for j, u in enumerate(units)
        ]
        for row, error in zip(self.output, errors):
            for j, unit in enumerate(units):
                row[j] -= rate * error * unit
            row[-1] -= rate * error
        for row, error in zip(self.hidden, back):
            for i, pixel in enumerate(pixels):
                if pixel:
                    row[i] -= rate * error
            row[-1] -= rate * error
        return -math.log(max(probabilities[digit], 1e-12))


class Model(object):
    def __init__(self):
        self.source = random.Random(7)
        self.network = Network(self.source)

    @zerorpc.stream
    def train(self, epochs):
        """Trains the network, and tells after each epoch how good it is on digits that it has not seen."""
        for epoch in range(1, epochs + 1):
            loss = 0.0
            for step in range(500):
                digit = self.source.randrange(CLASSES)
                loss += self.network.learn(noisy(digit, 0.08, self.source), digit, 0.1)
                if step % 20 == 0:
                    # Python's heartbeats run in this thread too, and need a turn now and then.
                    gevent.sleep(0)
            yield {"epoch": epoch, "loss": loss / 500, "accuracy": self.accuracy(200)}

    def accuracy(self, count):
        hits = 0
        for index in range(count):
            _, probabilities = self.network.forward(noisy(index % CLASSES, 0.08, self.source))
            hits += probabilities.index(max(probabilities)) == index % CLASSES
        return hits / count

    def classify(self, pictures):
        """The probability of each digit, for each picture: a list of 35 pixels that are 0 or 1."""
        for picture in pictures:
            if len(picture) != PIXELS:
                raise ValueError("a picture has %d pixels, not %d" % (PIXELS, len(picture)))
        return [self.network.forward(picture)[1] for picture in pictures]


server = zerorpc.Server(Model())
server.bind(sys.argv[1])
server.run()
