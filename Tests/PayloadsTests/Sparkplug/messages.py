"""The life of an edge node in random messages of Sparkplug B, written by the code that is generated from the official
definition, and what has to be read of each.

Usage: messages.py SEED COUNT. Fields of a line are separated by tabs, texts are their bytes in hexadecimal:

    M  TOPIC  PAYLOAD  PROBLEM           a message; "-" for no problem
    R  SUFFIX  UNIT  TIME  VALUE  QUALITY    a reading of it: time in microseconds or "-", value n:BITS, t:TEXT or "-"
"""

import math
import random
import struct
import sys

from pysparkplug._protobuf import sparkplug_b_pb2 as definition

Payload = definition.Payload
NUMBERS = dict(definition.DataType.items())

SIGNED = {"Int8": 8, "Int16": 16, "Int32": 32, "Int64": 64}
UNSIGNED = {"UInt8": 8, "UInt16": 16, "UInt32": 32, "UInt64": 64}
TEXTS = ["String", "Text", "UUID"]
PLAIN = list(SIGNED) + list(UNSIGNED) + ["Float", "Double", "Boolean", "DateTime"] + TEXTS
ELEMENTS = {
    "Int8": "b", "Int16": "h", "Int32": "i", "Int64": "q", "UInt8": "B", "UInt16": "H", "UInt32": "I", "UInt64": "Q",
    "Float": "f", "Double": "d", "DateTime": "Q",
}
ARRAYS = [name + "Array" for name in ELEMENTS] + ["BooleanArray", "StringArray"]
KINDS = PLAIN * 2 + ARRAYS + ["DataSet", "Template", "Bytes", "File"]
WORDS = ["Temperature", "Inputs/A", "b c", "\u00e4\u00f6", "\U0001f3ed/x", "#1", "Node control", "Q\u0301", "a/", "%41"]


def number(value):
    """How a reading holds it."""
    return "n:" + struct.pack(">d", float(value)).hex()


def text(value):
    return "t:" + value.encode().hex()


class Unreadable(Exception):
    """A value that makes no reading, and the reason for that."""


class Scope:
    """The edge node itself or a device: what was said at its birth."""

    def __init__(self, path):
        self.path = path
        self.is_born = False
        self.metrics = []
        # The fields that a death will speak of, and their units, in the order of their first use.
        self.alive = {}

    def bear(self):
        self.is_born = True
        self.metrics = []
        self.alive = {}


class Metric:
    def __init__(self, name, kind, alias, unit):
        self.name = name
        self.kind = kind
        self.alias = alias
        self.unit = unit
        self.member_kinds = {}


class Writer:
    """Makes one message, and gathers what it says."""

    def __init__(self, rng, scope, time):
        self.rng = rng
        self.scope = scope
        self.payload = Payload()
        self.readings = []
        self.problem = "-"
        self.time = None
        if time is not None:
            self.payload.timestamp = time
            self.time = time * 1000

    # What is expected

    def use(self, path, unit):
        self.scope.alive.setdefault(path, unit)

    def expect(self, path, unit, time, quality, value):
        self.use(path, unit)
        if isinstance(value, Unreadable):
            if self.problem == "-":
                self.problem = value.args[0]
            return
        if value == "-" and quality == "good":
            quality = "device_exception"
        unit = self.scope.alive[path]
        self.readings.append((self.scope.path + "/" + path, unit, time, value, quality))

    # Values

    def plain(self, target, kind):
        """Writes a value of one of the plain types, and says how it is read."""
        rng = self.rng
        if kind in SIGNED:
            bits = SIGNED[kind]
            value = rng.choice([0, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), rng.randint(-99, 99)])
            width = 64 if bits == 64 else rng.choice([bits, 32, 64])
            setattr(target, "long_value" if width == 64 else "int_value", value % 2**width)
            return number(value)
        if kind in UNSIGNED:
            bits = UNSIGNED[kind]
            value = rng.choice([0, 2**bits - 1, rng.randrange(2**bits), rng.randrange(200)])
            setattr(target, "long_value" if bits == 64 or rng.random() < 0.3 else "int_value", value)
            return number(value)
        if kind == "Float":
            value = struct.unpack("<f", struct.pack("<f", self.real(3e38)))[0]
            target.float_value = value
            return number(value) if math.isfinite(value) else Unreadable("not_finite")
        if kind == "Double":
            target.double_value = value = self.real(1e308)
            return number(value) if math.isfinite(value) else Unreadable("not_finite")
        if kind == "Boolean":
            target.boolean_value = value = rng.random() < 0.5
            return number(value)
        if kind == "DateTime":
            target.long_value = value = rng.randrange(2**42)
            return number(value)
        target.string_value = value = self.text()
        return text(value) if len(value.encode()) <= 256 else Unreadable("too_large")

    def real(self, large):
        rng = self.rng
        return rng.choice(
            [0.0, -0.0, rng.uniform(-1000, 1000), rng.uniform(-1, 1) * large, rng.gauss(0, 1e-30), 1 / 3]
            + ([math.nan, math.inf, -math.inf] if rng.random() < 0.1 else [])
        )

    def text(self):
        length = self.rng.choice([0, 1, 5, 40, 128, 129, 256, 300] if self.rng.random() < 0.3 else [3])
        return "".join(self.rng.choice("ab/\u00e4 0\n") for _ in range(length))

    def value(self, metric, path, kind, unit, time, quality, depth):
        """Writes a value of any kind, and says what is read of it."""
        if kind in PLAIN:
            self.expect(path, unit, time, quality, self.plain(metric, kind))
        elif kind in ARRAYS:
            self.array(metric, path, kind, unit, time, quality)
        elif kind == "DataSet":
            self.data_set(metric, path, unit, time, quality)
        elif kind == "Template":
            self.template(metric, path, time, quality, depth)
        else:
            metric.bytes_value = self.rng.randbytes(self.rng.randrange(20))

    def array(self, metric, path, kind, unit, time, quality):
        element = kind.removesuffix("Array")
        values = [self.plain_value(element) for _ in range(self.rng.randrange(12))]
        if element == "Boolean":
            bits = "".join("1" if value else "0" for value in values)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
            metric.bytes_value = struct.pack("<I", len(values)) + packed
        elif element == "String":
            metric.bytes_value = b"".join(value.encode() + b"\0" for value in values)
        else:
            metric.bytes_value = struct.pack("<" + ELEMENTS[element] * len(values), *values)
        for index, value in enumerate(values):
            read = text(value) if element == "String" else number(value)
            self.expect(f"{path}/{index}", unit, time, quality, read)

    def plain_value(self, kind):
        rng = self.rng
        if kind == "String":
            return "".join(rng.choice("xy\u00e9") for _ in range(rng.randrange(5)))
        if kind == "Boolean":
            return rng.random() < 0.5
        if kind in ("Float", "Double"):
            return struct.unpack("<f", struct.pack("<f", rng.uniform(-1000, 1000)))[0]
        bits = SIGNED.get(kind) or UNSIGNED.get(kind) or 42
        return rng.randrange(-(2 ** (bits - 1)), 2 ** (bits - 1)) if kind in SIGNED else rng.randrange(2**bits)

    def data_set(self, metric, path, unit, time, quality):
        rng = self.rng
        table = metric.dataset_value
        columns = [(f"{rng.choice(WORDS)}{index}", rng.choice(PLAIN)) for index in range(rng.randrange(4))]
        table.num_of_columns = len(columns)
        table.columns.extend(name for name, _ in columns)
        table.types.extend(NUMBERS[kind] for _, kind in columns)
        for row in range(rng.randrange(4)):
            cells = table.rows.add()
            for name, kind in columns:
                cell = cells.elements.add()
                value = "-" if rng.random() < 0.1 else self.plain(cell, kind)
                self.expect(f"{path}/{row}/{name}", unit, time, quality, value)

    def template(self, metric, path, time, quality, depth):
        rng = self.rng
        template = metric.template_value
        template.template_ref = "Pump"
        template.version = "1"
        template.parameters.add(name="p", type=NUMBERS["Int32"], int_value=1)
        is_definition = rng.random() < 0.1
        template.is_definition = is_definition
        alive, readings, problem = dict(self.scope.alive), list(self.readings), self.problem
        kinds = [kind for kind in KINDS if kind != "Template" or depth < 3]
        for index in range(rng.randrange(4)):
            name = f"{rng.choice(WORDS)}{index}"
            self.member(template.metrics.add(), f"{path}/{name}", name, rng.choice(kinds), time, quality, depth)
        if is_definition:
            self.scope.alive, self.readings, self.problem = alive, readings, problem

    def member(self, member, path, name, kind, time, quality, depth):
        member.name = name
        member.datatype = NUMBERS[kind]
        unit = self.properties(member)
        time, quality = self.stamp(member, time, quality)
        if self.rng.random() < 0.1:
            member.is_null = True
            if kind in PLAIN:
                self.expect(path, unit, time, quality, "-")
        else:
            self.value(member, path, kind, unit, time, quality, depth + 1)

    # Metrics

    def stamp(self, metric, time, quality):
        if self.rng.random() < 0.3:
            milliseconds = self.rng.randrange(1, 2**41)
            metric.timestamp = milliseconds
            time = milliseconds * 1000
        if self.rng.random() < 0.2:
            code, quality = self.rng.choice([(192, "good"), (500, "stale"), (0, "device_exception"), (80, "uncertain")])
            metric.properties.keys.append("Quality")
            metric.properties.values.add(type=NUMBERS["Int32"], int_value=code)
        return time, quality

    def properties(self, metric):
        """Gives it a unit, or none, among others; says which."""
        unit = None
        for key in self.rng.sample(["engUnit", "low", "nested", "list", "empty"], self.rng.choice([0, 0, 0, 1, 3])):
            metric.properties.keys.append(key)
            value = metric.properties.values.add()
            if key == "engUnit":
                unit = value.string_value = self.rng.choice(["Cel", "\u00b0C", "bar", "m/s"])
            elif key == "low":
                value.type = NUMBERS["Double"]
                value.double_value = 1.5
            elif key == "nested":
                value.propertyset_value.keys.append("engUnit")
                value.propertyset_value.values.add(string_value="inner")
            elif key == "list":
                value.propertysets_value.propertyset.add().keys.append("x")
            else:
                value.is_null = True
        return unit

    def metric(self, known, is_birth):
        rng = self.rng
        metric = self.payload.metrics.add()
        by_alias = known.alias is not None and not is_birth
        if not by_alias:
            metric.name = known.name
        if known.alias is not None:
            metric.alias = known.alias
        if is_birth or rng.random() < 0.3:
            metric.datatype = NUMBERS[known.kind]
        metric.metadata.description = "of no use here"
        if is_birth:
            known.unit = self.properties(metric)
        time, quality = self.stamp(metric, self.time, "good")
        metric.is_historical = rng.random() < 0.1
        is_null = rng.random() < 0.1
        if rng.random() < 0.05:
            metric.is_transient = True
            alive, readings, problem = dict(self.scope.alive), list(self.readings), self.problem
            self.value(metric, known.name, known.kind, known.unit, time, quality, 0)
            self.scope.alive, self.readings, self.problem = alive, readings, problem
        elif is_null:
            metric.is_null = True
            if known.kind in PLAIN:
                self.expect(known.name, known.unit, time, quality, "-")
        else:
            self.value(metric, known.name, known.kind, known.unit, time, quality, 0)

    def bear(self, session=None):
        self.scope.bear()
        if session is not None:
            self.payload.metrics.add(name="bdSeq", datatype=NUMBERS["Int64"], long_value=session)
            self.payload.metrics.add(name="Node Control/Rebirth", datatype=NUMBERS["Boolean"], boolean_value=False)
        for index in range(self.rng.randrange(8)):
            alias = self.rng.choice([None, index, 1000 * index, 2**64 - 1 - index])
            known = Metric(f"{self.rng.choice(WORDS)}{index}", self.rng.choice(KINDS), alias, None)
            self.scope.metrics.append(known)
            self.metric(known, is_birth=True)

    def data(self):
        for _ in range(self.rng.randrange(6)):
            if self.scope.metrics:
                self.metric(self.rng.choice(self.scope.metrics), is_birth=False)

    def end(self, scope, time):
        self.readings += [(f"{scope.path}/{path}", unit, time, "-", "stale") for path, unit in scope.alive.items()]
        scope.alive = {}
        scope.is_born = False

    def show(self, kind, node, device):
        topic = f"spBv1.0/g/{kind}/{node}" + (f"/{device}" if device else "")
        print("M", topic, self.payload.SerializeToString().hex(), self.problem, sep="\t")
        for path, unit, time, value, quality in self.readings:
            print("R", path.encode().hex(), (unit or "").encode().hex() or "-", "-" if time is None else time, value,
                  quality, sep="\t")


class Node:
    def __init__(self, rng, name):
        self.rng = rng
        self.name = name
        self.own = Scope(f"g/{name}")
        self.devices = {device: Scope(f"g/{name}/{device}") for device in ("d1", "d\u00fc")}
        # In the order of their first births.
        self.seen = []
        self.session = 0
        self.sequence = 0

    def writer(self, scope):
        return Writer(self.rng, scope, self.rng.choice([None, self.rng.randrange(1, 2**41)]))

    def numbered(self, writer):
        writer.payload.seq = self.sequence
        self.sequence = (self.sequence + 1) % 256
        return writer

    def step(self):
        if not self.own.is_born:
            return self.birth()
        choice = self.rng.random()
        device = self.rng.choice(list(self.devices))
        scope = self.devices[device]
        if choice < 0.03:
            self.birth()
        elif choice < 0.06:
            self.death()
        elif choice < 0.1 and scope.is_born:
            writer = self.numbered(self.writer(scope))
            writer.end(scope, writer.time)
            writer.show("DDEATH", self.name, device)
        elif choice < 0.2 or (choice < 0.6 and not scope.is_born):
            self.device_birth(device)
        elif choice < 0.6:
            writer = self.numbered(self.writer(scope))
            writer.data()
            writer.show("DDATA", self.name, device)
        else:
            writer = self.numbered(self.writer(self.own))
            writer.data()
            writer.show("NDATA", self.name, None)

    def birth(self):
        writer = self.writer(self.own)
        self.sequence = self.rng.choice([0, 0, 0, 250])
        self.numbered(writer).bear(self.session)
        for scope in self.devices.values():
            scope.is_born = False
        writer.show("NBIRTH", self.name, None)

    def death(self):
        writer = Writer(self.rng, self.own, self.rng.choice([None, 5]))
        writer.payload.metrics.add(name="bdSeq", datatype=NUMBERS["Int64"], long_value=self.session)
        for scope in [self.own] + [self.devices[device] for device in self.seen]:
            writer.end(scope, None)
        self.session = (self.session + 1) % 256
        writer.show("NDEATH", self.name, None)

    def device_birth(self, device):
        if device not in self.seen:
            self.seen.append(device)
        writer = self.numbered(self.writer(self.devices[device]))
        writer.bear()
        writer.show("DBIRTH", self.name, device)


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    nodes = [Node(rng, "n"), Node(rng, "W\u00fc 2")]
    for _ in range(count):
        rng.choice(nodes).step()


main()
