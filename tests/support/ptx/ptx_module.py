# SPDX-License-Identifier: MIT
"""Reads the PTX that nvcc writes: the kernels of a module, each a list of labels and instructions.

What is not understood is never skipped: `Unsupported` names it with its file and line.
"""
import re
from dataclasses import dataclass, field

# The type of a register by what `.reg` declares it as; instructions say how they interpret its bits.
SIZES = {"pred": 1, "b8": 1, "u8": 1, "s8": 1, "b16": 2, "u16": 2, "s16": 2, "f16": 2, "bf16": 2, "b32": 4, "u32": 4,
         "s32": 4, "f32": 4, "b64": 8, "u64": 8, "s64": 8, "f64": 8}


class Unsupported(Exception):
    """One sentence: what the translation does not know, and where it stands."""


@dataclass
class Parameter:
    name: str
    offset: int  # in the kernel's arguments
    size: int


@dataclass
class Label:
    name: str


@dataclass
class Instruction:
    line: int
    predicate: str  # "", "%p1" or "!%p1"
    opcode: str
    operands: list


@dataclass
class Kernel:
    name: str
    line: int
    parameters: dict = field(default_factory=dict)  # by name
    argument_bytes: int = 0
    registers: dict = field(default_factory=dict)  # type by name, without the %
    shared: dict = field(default_factory=dict)  # offset by name
    shared_bytes: int = 0
    body: list = field(default_factory=list)  # of Label and Instruction


def rounded_up(value, to):
    return (value + to - 1) // to * to


def split_operands(text):
    """Splits at commas outside of braces and brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "{[(":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [" ".join(part.split()) for part in parts if part.strip()]


class Reader:
    SPACE = re.compile(r"\s*")
    # `//` to the end of the line; the line's end stays, so that lines can be counted.
    COMMENT = re.compile(r"//[^\n]*")
    MODULE = re.compile(r"\.(version|target|address_size)[^\n]*")
    ENTRY = re.compile(r"(?:\.visible\s+|\.weak\s+)*\.entry\s+([\w$]+)\s*\(([^)]*)\)((?:\s*\.(?:maxntid|minnctapersm|"
                       r"reqntid|maxnreg|noreturn)[^\n{]*)*)\s*\{")
    PARAMETER = re.compile(r"\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+([\w$]+)(?:\[(\d+)\])?$")
    LABEL = re.compile(r"([\w$]+)\s*:(?!:)")
    REGISTERS = re.compile(r"\.reg\s+\.(\w+)\s+%(\w+)<(\d+)>$")
    SCRATCH = re.compile(r"\.reg\s+\.(\w+)\s+%([a-z_]+)$")
    SHARED = re.compile(r"\.shared\s+\.align\s+(\d+)\s+\.b8\s+([\w$]+)\[(\d+)\]$")
    INSTRUCTION = re.compile(r"(?:@(!?%\w+)\s+)?([a-z][\w.:]*)\s*(.*)$", re.DOTALL)

    def __init__(self, text, file):
        self.text, self.file, self.at = self.COMMENT.sub("", text), file, 0
        self.line_of_at, self.counted = 1, 0

    def line(self):
        self.line_of_at += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line_of_at

    def unsupported(self, what, line):
        return Unsupported(f"{self.file}:{line}: {what}; teach tests/support/ptx to read it")

    def kernels(self):
        kernels = []
        while self.skip_space():
            if match := self.MODULE.match(self.text, self.at):
                self.at = match.end()
            elif match := self.ENTRY.match(self.text, self.at):
                kernels.append(self.kernel(match))
            else:
                what = self.text[self.at:].split("\n", 1)[0]
                raise self.unsupported(f"'{what}' is not a kernel", self.line())
        return kernels

    def skip_space(self):
        self.at = self.SPACE.match(self.text, self.at).end()
        return self.at < len(self.text)

    def kernel(self, match):
        kernel = Kernel(match[1], self.line())
        for declaration in split_operands(match[2]):
            self.parameter(kernel, declaration)
        self.at = match.end()
        depth = 1
        while depth:
            if not self.skip_space():
                raise self.unsupported(f"the kernel {kernel.name} has no end", kernel.line)
            if self.text[self.at] in "{}":  # a block, which nvcc writes around inline assembly
                depth += 1 if self.text[self.at] == "{" else -1
                self.at += 1
            elif match := self.LABEL.match(self.text, self.at):
                kernel.body.append(Label(match[1]))
                self.at = match.end()
            else:
                self.statement(kernel, depth)
        return kernel

    def parameter(self, kernel, declaration):
        match = self.PARAMETER.match(declaration)
        if not match or match[2] not in SIZES:
            raise self.unsupported(f"the parameter '{declaration}' of {kernel.name} is of an unknown kind", kernel.line)
        size = SIZES[match[2]]
        offset = rounded_up(kernel.argument_bytes, int(match[1] or size))
        size *= int(match[4] or 1)
        kernel.parameters[match[3]] = Parameter(match[3], offset, size)
        kernel.argument_bytes = offset + size

    def statement(self, kernel, depth):
        line, end = self.line(), self.text.find(";", self.at)
        if end < 0:
            raise self.unsupported(f"a statement of {kernel.name} has no end", line)
        statement = self.text[self.at:end].strip()
        self.at = end + 1
        if statement.startswith("."):
            self.directive(kernel, statement, depth, line)
        elif match := self.INSTRUCTION.match(statement):
            kernel.body.append(Instruction(line, match[1] or "", match[2], split_operands(match[3])))
        else:
            raise self.unsupported(f"'{statement}' is not an instruction", line)

    def directive(self, kernel, statement, depth, line):
        if (match := self.REGISTERS.match(statement)) and match[1] in SIZES and depth == 1:
            for number in range(int(match[3])):
                kernel.registers[f"{match[2]}{number}"] = match[1]
        elif (match := self.SCRATCH.match(statement)) and kernel.registers.get(match[2], match[1]) == match[1]:
            kernel.registers[match[2]] = match[1]  # of a block, which writes it before it reads it: all may share one
        elif match := self.SHARED.match(statement):
            kernel.shared[match[2]] = rounded_up(kernel.shared_bytes, int(match[1]))
            kernel.shared_bytes = kernel.shared[match[2]] + int(match[3])
        elif not statement.startswith((".pragma", ".loc")):
            raise self.unsupported(f"the declaration '{statement}' is unknown", line)


def read(path):
    """The kernels of a file of PTX."""
    with open(path, encoding="utf-8") as file:
        return Reader(file.read(), path).kernels()
