#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Translates the PTX of nvcc to C++, so that the code that a GPU would run can be run on the CPU.

Each kernel becomes a function of one thread (translated.hpp). Registers are variables, labels are labels; a memory
access names its line in the PTX and is checked when it runs. An instruction that is not known stops the translation.
"""
import argparse
import re
import sys

from instructions import rule_of
from ptx_module import SIZES, Instruction, Label, Unsupported, read

SPECIAL_REGISTERS = {"%tid.x": "thread.index", "%ntid.x": "thread.count", "%ctaid.x": "thread.block",
                     "%nctaid.x": "thread.blocks"}
ADDRESS = re.compile(r"\[([%\w$]+)(?:\+(-?\d+))?\]$")
ACCESS = re.compile(r"(ld|st)\.(param|global|shared)(?:\.nc)?(?:\.v([24]))?\.(\w+)$")


def is_float(kind):
    return kind in ("f32", "f64")


def converted(expression, given, wanted):
    """An expression of type `given` as one of `wanted`: the same bits, cut or extended as `given` says."""
    if given == wanted:
        return expression
    if is_float(given) or is_float(wanted):
        if SIZES[given] != SIZES[wanted]:
            raise ValueError(f"{given} is not as large as {wanted}")
        return f"bits<{wanted}>({expression})"
    if (given == "pred") != (wanted == "pred"):
        raise ValueError(f"{given} is not a {wanted}")
    return f"({wanted})({expression})"


class Operand:
    """What stands for an operand in a rule: formatted, it is the expression of its value."""

    def __init__(self, translation, text, default):
        self.translation, self.text, self.default = translation, text, default

    def __format__(self, kind):
        return self.translation.value(self.text, kind or self.default)


class Translation:
    """Of one kernel."""

    def __init__(self, kernel, number, file):
        self.kernel, self.number, self.file = kernel, number, file
        self.words = set()  # offsets of arguments that are loaded as 64 bits
        self.has_barriers = False

    def register(self, text):
        """(name in C++, type) of a register."""
        name = text[1:] if text.startswith("%") else ""
        if name not in self.kernel.registers:
            raise ValueError(f"'{text}' is not a register")
        return self.variable(name), self.kernel.registers[name]

    @staticmethod
    def variable(register):
        """f32 is a type: the register %f32 is f_32."""
        return re.sub(r"(\d*)$", r"_\1", register, count=1)

    def value(self, text, kind):
        """An operand as an expression of type `kind`."""
        if text in SPECIAL_REGISTERS:
            return converted(SPECIAL_REGISTERS[text], "u32", kind)
        if text.startswith("%"):
            name, declared = self.register(text)
            if declared != "pred" and SIZES[declared] < SIZES[kind]:
                raise ValueError(f"{text} is smaller than {kind}")
            return converted(name, declared, kind)
        if match := re.fullmatch(r"0[fF]([0-9A-Fa-f]{8})", text):
            return converted(f"bits<f32>(0x{match[1]}u)", "f32", kind)
        if match := re.fullmatch(r"0[dD]([0-9A-Fa-f]{16})", text):
            return converted(f"bits<f64>(u64{{0x{match[1]}u}})", "f64", kind)
        if re.fullmatch(r"-?\d+U?|0[xX][0-9A-Fa-f]+U?", text) and not is_float(kind):
            if kind == "pred":
                return "true" if int(text.rstrip("U"), 0) else "false"
            return f"({kind})({int(text.rstrip('U'), 0) % 2 ** 64:#x}u)"
        if text in self.kernel.shared and not is_float(kind):
            return f"({kind}){self.kernel.shared[text]}u"
        if text in self.kernel.parameters and not is_float(kind):  # an index into them follows
            return f"({kind}){self.kernel.parameters[text].offset}u"
        raise ValueError(f"'{text}' is not an operand")

    def assignment(self, target, expression, kind):
        name, declared = self.register(target)
        if declared not in (kind, "pred") and not is_float(kind) and SIZES[declared] > SIZES[kind]:
            expression = f"({kind})({expression})"  # extended by its own sign
        return f"{name} = {converted(expression, kind, declared)};"

    def vector(self, text, size):
        """The registers of {%r1, %r2}, or of a scalar."""
        registers = [part.strip() for part in text.strip("{}").split(",")]
        if len(registers) != size:
            raise ValueError(f"'{text}' does not have {size} members")
        return registers

    def access(self, instruction, way, space, size, kind):
        """A load, a store, or the load of an argument."""
        if kind not in SIZES or kind == "pred" or kind in ("f16", "bf16"):
            raise ValueError(f"'{kind}' is not a type of memory")
        values, place = instruction.operands if way == "ld" else reversed(instruction.operands)
        match = ADDRESS.match(place)
        if not match:
            raise ValueError(f"'{place}' is not an address")
        base, offset, bytes_each = match[1], int(match[2] or 0), SIZES[kind]
        if space == "param" and way == "st":
            raise ValueError("kernels do not call functions")
        if space == "param" and base in self.kernel.parameters:
            offset += self.kernel.parameters[base].offset
            if bytes_each == 8:
                self.words.update(range(offset, offset + size * 8, 8))
            start = f"thread.arguments + {offset}"
        else:
            address = self.value(base, "u32" if space == "shared" else "u64")
            start = (f"{'stored' if way == 'st' else 'loaded'}_{space}({address} + ({offset}), {size * bytes_each},"
                     f" thread, {instruction.line})")
        code = [f"{'const ' if way == 'ld' else ''}char* const at = {start};"]
        for k, register in enumerate(self.vector(values, size)):
            at = f"at + {k * bytes_each}" if k else "at"
            if way == "ld":
                code.append(self.assignment(register, f"read<{kind}>({at})", kind))
            else:
                code.append(f"write<{kind}>({at}, {self.value(register, kind)});")
        return " ".join(code)

    def instruction(self, instruction):
        """The statement of an instruction, without its predicate."""
        opcode, operands = instruction.opcode, instruction.operands
        if opcode in ("bra", "bra.uni"):
            return f"goto {self.label(operands[0])};"
        if opcode == "ret":
            return "return;"
        if opcode in ("bar.sync", "barrier.sync") and operands == ["0"]:
            self.has_barriers = True
            return f"barrier(thread, {instruction.line});"
        if match := ACCESS.match(opcode):
            return self.access(instruction, match[1], match[2], int(match[3] or 1), match[4])
        if re.fullmatch(r"mov\.b(32|64)", opcode) and "{" in "".join(operands):
            return self.packing(opcode[4:], *operands)
        if not (rule := rule_of(opcode)):
            raise ValueError("its opcode has no rule")
        expression, result, kind, count = rule
        if len(operands) != 1 + count:
            raise ValueError(f"its rule is for {1 + count} operands")
        names = dict(zip("abc", (Operand(self, text, kind) for text in operands[1:])))
        return self.assignment(operands[0], expression.format(t=result, line=instruction.line, **names), result)

    def packing(self, kind, target, source):
        """mov.b32 %r, {%rs1, %rs2}, and mov.b32 {%rs1, %rs2}, %r: the first is the lower half."""
        half = "b16" if kind == "b32" else "b32"
        if source.startswith("{"):
            low, high = (self.value(part, half) for part in self.vector(source, 2))
            return self.assignment(target, f"({kind})({low}) | ({kind})({high}) << {SIZES[half] * 8}", kind)
        whole = self.value(source, kind)
        low, high = self.vector(target, 2)
        return " ".join(self.assignment(part, f"({half})({value})", half)
                        for part, value in ((low, whole), (high, f"{whole} >> {SIZES[half] * 8}")))

    @staticmethod
    def label(name):
        return re.sub(r"\W", "_", name)

    def statement(self, item):
        if isinstance(item, Label):
            return f"{self.label(item.name)}:;"
        try:
            code = self.instruction(item)
            if not item.predicate:
                return f"{{ {code} }}"
            sign, name = ("!", item.predicate[1:]) if item.predicate[0] == "!" else ("", item.predicate)
            return f"if ({sign}{self.value(name, 'pred')}) {{ {code} }}"
        except (ValueError, KeyError, TypeError, IndexError) as reason:
            spelled = f"{item.opcode} {', '.join(item.operands)}".strip()
            raise Unsupported(f"{self.file}:{item.line}: the instruction '{spelled}' cannot be translated, since"
                              f" {reason}; add it to tests/support/ptx/instructions.py") from None

    def function(self):
        body = [self.statement(item) for item in self.kernel.body]
        lines = [f"// {self.kernel.name}", f"void kernel_{self.number}(Thread& thread) {{"]
        by_type = {}
        for name, kind in self.kernel.registers.items():
            by_type.setdefault(kind, []).append(self.variable(name))
        lines += [f"  {kind} {', '.join(names)};" for kind, names in by_type.items()]
        return "\n".join(lines + ["  " + line for line in body] + ["}", ""])

    def table_entry(self):
        """The kernel's row in the table of the file."""
        kernel = self.kernel
        parameters = ", ".join(f"{{{p.offset}, {p.size}}}" for p in kernel.parameters.values())
        words = ", ".join(str(offset) for offset in sorted(self.words))
        return (f'  {{"{kernel.name}", source, kernel_{self.number}, {{{parameters}}}, {{{words}}},'
                f" {kernel.argument_bytes}, {kernel.shared_bytes}, {'true' if self.has_barriers else 'false'}}},")


def translate(path, name):
    """The C++ of a file of PTX."""
    translations = [Translation(kernel, number, name) for number, kernel in enumerate(read(path))]
    functions = [translation.function() for translation in translations]
    return "\n".join([f"// Made by tests/support/ptx/translate.py from {name}.", '#include "translated.hpp"', "",
                      "namespace strata::testing::ptx {", "namespace {", "", *functions,
                      f'const char* const source = "{name}";', "const std::vector<Kernel> kernels = {",
                      *(translation.table_entry() for translation in translations), "};",
                      "const Registration registration(kernels);", "", "}  // namespace",
                      "}  // namespace strata::testing::ptx", ""])


def main():
    parser = argparse.ArgumentParser(description="Translates PTX to C++.")
    parser.add_argument("ptx")
    parser.add_argument("cpp")
    options = parser.parse_args()
    text = translate(options.ptx, options.ptx.rsplit("/", 1)[-1])
    with open(options.cpp, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    try:
        main()
    except Unsupported as sentence:
        sys.exit(f"translate.py: {sentence}")
