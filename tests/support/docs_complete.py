#!/usr/bin/env python3
"""Fails on a public name whose comment in the headers lacks what applies to it.

    docs_complete.py SOURCE XML

SOURCE is the repository, XML the folder that cmake/docs/build.cmake fills (FORMAT=XML). Public is what the API reference
shows: cmake/docs/headers.cmake chooses the headers, and namespaces `detail` and private members are left out.

The rules. A comment is what Doxygen takes for one: `///` before a name or `///<` after it.
 1. Comment. Every type, concept, alias, function, constant and field has one. An overload may share that of another
    one in its scope; an enumerator may be described in its enum's comment, and a field in its type's, by `name`. What C++
    defines needs none: operators, destructors, copies, what is deleted or defaulted. Nor do enumerators that equal another
    one, which are old names, and the members of PROTOCOLS, which are described once for all types that have them.
 2. Layer (in spec, with `lower`, or an alias of one) or network (in models). Its comment says
    - the shapes: "H x W x C -> ...", or of a vector "1 x 1 x C -> ...";
    - the source: a formula with "=", or whose definition it follows: PyTorch's, MATLAB's, a paper ("arXiv ...", "doi ...");
    - what it refuses ("Refuses ..."), if its lower() can refuse anything.
 3. Layer option (in spec, with `apply`): its default or, if it has none, what holds without it ("default", "without").
 4. Optimizer (with `direction`): a formula with "=", or a paper.
 5. Shapes. A function that takes or returns numbers in memory (a pointer, a span, an array of xtensor, Floats) says
    their order or their number: "[H][W][C]", "one per class", "count of them".
 6. Errors. A function that can throw an Error says "Throws": its body throws, or calls a function of the library that
    does. A call is recognized by its name, if all functions of this name throw.
 7. Units. A public field that is a number, and a constant, says its unit ("images", "bytes", "seconds", ...), its range
    ("from 0 to 1", "> 0") or what it multiplies or counts; or its name does (`epochs`).

A comment that satisfies the rules can still be wrong or unclear; these only find what was forgotten.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

# Functions, types and static members.
PROTOCOLS = {
    "include/strata/spec/README.md, an activation": {"name", "needs", "arguments", "f", "df"},
    "training::Optimizes": {"name", "slots", "squares", "layerwise", "conditions", "coefficients", "fault", "direction"},
    "core::Samples": {"count", "batch", "begin_epoch", "in_memory", "fill_outside"},
    "include/strata/README.md, a back end": {"name", "Inference", "Training"},
}
SHARED = set().union(*PROTOCOLS.values())

UNITS = (r"images?|samples?|pictures?|pixels?|rows?|columns?|channels?|classes|labels?|bytes|KiB|MiB|seconds|epochs?|"
         r"iterations?|updates?|validations?|threads?|cores?|devices?|GPUs?|processes|ranks?|floats|parameters|weights|nodes|"
         r"layers?|tensors?|percent|fraction|probability|number of|sum of|mean|count|index|factor|multiply|multiplies|multiplied|times|version|"
         r"seed|hash|from -?[\d.e-]+ to|at least|at most|[<>]=? ?-?\d|per \w+|level|accumulates|rate|ratio|gradients?")
NUMBER = re.compile(r"^(static |const |constexpr |inline |mutable )*(std::)?(unsigned |signed )?"
                    r"(int|long|short|float|double|size_t|u?int\d+_t|optional< ?(double|float|int|long) ?>)( const)?$")
MEMORY = re.compile(r"(float|double|uint8_t|int32_t|unsigned char|int) ?(const)? ?\*|[Ss]pan<|xtensor<|\bFloats\b")
SHAPE = re.compile(r"\]\s?\[|\[\w[\w .*+-]*\]|one (float |value |number |label |weight |per|for each)|per (class|channel|pixel|image|tensor|layer|label)|"
                   r"\b[HN] x \w+ x|count of|\w+_floats\b|\bas many\b|\b\w+ x \w+|in the order of")


def text_of(element):
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def comment_of(entry):
    return " ".join(text_of(entry.find(part)) for part in ("briefdescription", "detaileddescription")).strip()


class Throwers:
    """The functions of the library that can throw an Error, by the text of the headers."""

    def __init__(self, folder):
        self.bodies = collections.defaultdict(list)  # name: texts
        self.at = {}  # (file, first line): text
        for file in sorted(folder.rglob("*.hpp")):
            self.read(file, str(file.relative_to(folder.parent)))
        self.names = set()
        while True:
            found = {name for name, texts in self.bodies.items() if all(self.throws(text) for text in texts)}
            if found == self.names:
                break
            self.names = found

    def throws(self, text):
        return re.search(r"\bthrow\b", text) is not None or any(
            call in self.names for call in re.findall(r"\b([A-Za-z]\w*[A-Za-z0-9])(?:<[^<>()]*>)?(?: \w+)?[({]", text))

    def read(self, file, name):
        """Finds functions as braces after a name and parentheses; braces within parentheses are not looked at."""
        text = re.sub(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'',
                      lambda m: "" if m[0].startswith("//") else '""', file.read_text())
        blocks, head, depth = [], 0, 0
        for at, sign in ((m.start(), m[0]) for m in re.finditer(r"[(){};]", text)):
            depth += (sign == "(") - (sign == ")")
            if depth > 0 or sign in "()":
                continue
            if sign == "{":
                blocks.append((at, text[head:at]))
            elif sign == "}" and blocks:
                begin, words = blocks.pop()
                if re.match(r"\s*[,{]", text[at + 1:]):  # an initializer of a constructor
                    continue
                words = re.sub(r"\[\[.*?\]\]|\brequires\s*\([^{}]*?\)\s*(?=\w)", "", words, flags=re.S)
                named = [w for w in re.findall(r"(\w+)\s*\(", words) if w not in ("noexcept", "requires", "decltype", "alignas")]
                if named and named[0] not in ("if", "for", "while", "switch", "catch") and not re.search(r"\]\s*\(", words):
                    self.bodies[named[0]].append(text[begin:at])
                    self.at[name, text.count("\n", 0, begin) + 1] = text[begin:at]
            head = at + 1


class Checker:
    def __init__(self, source, xml):
        self.source = source
        self.problems = []
        self.throwers = Throwers(source / "include/strata")
        self.compounds = [c for file in sorted(xml.glob("*.xml")) if file.name != "index.xml"
                          for c in xml_tree(file).findall("compounddef")]
        self.lines = {}

    def report(self, entry, name, problem):
        at = entry.find("location")
        self.problems.append((at.get("file"), int(at.get("line", "0")), name, problem))

    def text(self, file):
        if file not in self.lines:
            self.lines[file] = (self.source / "include" / file).read_text().split("\n")
        return self.lines[file]

    def body(self, entry):
        at = entry.find("location")
        first, last = int(at.get("bodystart", "-1")), int(at.get("bodyend", "-1"))
        return "\n".join(self.text(at.get("bodyfile", at.get("file")))[first - 1:last]) if 0 < first <= last else ""

    def run(self):
        for compound in self.compounds:
            kind, name = compound.get("kind"), compound.findtext("compoundname")
            if kind not in ("class", "struct", "concept", "namespace") or "detail" in name.split("::"):
                continue
            if compound.get("prot", "public") != "public" or "<" in name:
                continue
            if kind != "namespace":
                self.type(compound, name)
            self.members(compound, name)
        return self.problems

    def type(self, compound, name):
        comment = comment_of(compound)
        if not comment:
            return self.report(compound, name, "has no comment")
        file = compound.find("location").get("file")
        if file.startswith("strata/spec/"):
            body = self.body(compound)
            if re.search(r"\bint lower\(graph::Builder", body):
                self.layer(compound, name, comment, body)
            if re.search(r"\bvoid apply\(", body) and not re.search(r"default|[Ww]ithout|otherwise|Otherwise", comment):
                self.report(compound, name, "does not say its default, or what holds without it")
        if re.search(r"\bvoid direction\(const Update", self.body(compound)) and not re.search(r"arXiv|=", comment):
            self.report(compound, name, "has no formula and names no paper")

    def layer(self, entry, name, comment, body):
        if not re.search(r"\b(H|1|28) x (W|1|28) x (C|1) -> ", comment):
            self.report(entry, name, "does not say its shapes: H x W x C -> ...")
        if not re.search(r"=|arXiv|doi|PyTorch|MATLAB", comment):
            self.report(entry, name, "has no formula and names no source")
        if re.search(r"\brefuse\(|check_options|make_window|lower_each|lower_branches|lower_crop|tapped_value", body) \
                and not re.search(r"\b[Rr]efuses?\b", comment):
            self.report(entry, name, 'does not say what it refuses ("Refuses ...")')

    def members(self, compound, scope):
        members = [m for m in compound.iter("memberdef") if m.get("prot") == "public" and m.get("kind") != "friend"]
        described = {code.text: comment_of(compound) for part in ("briefdescription", "detaileddescription")
                     for code in compound.find(part).iter("computeroutput")}
        commented = collections.defaultdict(str)
        for m in members:
            commented[m.findtext("name")] += comment_of(m) + " "
        for m in members:
            name, kind = m.findtext("name"), m.get("kind")
            full = scope + "::" + name
            arguments = text_of(m.find("argsstring"))
            if not name or name.startswith(("operator", "~", "@")) or re.search(r"= ?(delete|default)$", arguments):
                continue
            is_field = kind == "variable" and m.get("static") == "no"
            if compound.get("kind") != "namespace" and name in SHARED and not is_field:
                continue
            own = name == scope.split("::")[-1]
            if own and re.match(r"\((const )?%s ?&&? ?\w*\)" % name, arguments):
                continue
            comment = comment_of(m) or (commented[name].strip() if kind == "function" else "")
            if not comment and kind == "variable" and name in described:
                comment = described[name]
            if not comment:
                self.report(m, full, "has no comment")
                continue
            if kind == "enum":
                words = [value.findtext("name") for value in m.findall("enumvalue")]
                for value, word in zip(m.findall("enumvalue"), words):
                    if text_of(value.find("initializer")).lstrip("= ") in words:
                        continue
                    if not comment_of(value) and not re.search(r"\b%s\b" % word, comment):
                        self.report(m, full + "::" + word, "has no comment")
            elif kind == "function":
                self.function(m, full, comment, arguments)
            elif kind == "variable":
                if NUMBER.match(text_of(m.find("type"))) and not re.search(r"\b(%s)\b|[<>]=? ?-?\d|%%" % UNITS, comment + " " + re.sub("_", " ", name)):
                    self.report(m, full, "does not say its unit or range")
            elif kind == "typedef" and re.match(r"(Pointwise|Network) ?<", text_of(m.find("type"))):
                self.layer(m, full, comment, "")

    def function(self, m, full, comment, arguments):
        types = text_of(m.find("type")) + " " + " ".join(text_of(p.find("type")) + " " + text_of(p.find("declname")) for p in m.findall("param"))
        if MEMORY.search(types) and not SHAPE.search(comment):
            self.report(m, full, "does not say the order or the number of its values")
        if "noexcept" not in arguments:
            at = m.find("location")
            begin, end = int(at.get("bodystart", "-1")), int(at.get("bodyend", "-1"))
            text = next((self.throwers.at[at.get("file"), line] for line in range(begin, min(end, begin + 12) + 1)
                         if (at.get("file"), line) in self.throwers.at), "")
            if self.throwers.throws(text) and not re.search(r"\b[Tt]hrows?\b", comment):
                self.report(m, full, "can throw, and does not say so")


def xml_tree(file):
    return xml.etree.ElementTree.parse(file).getroot()


def main():
    source, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    checker = Checker(source, folder)
    if len(checker.compounds) < 200:
        sys.exit(f"{folder} describes only {len(checker.compounds)} types and namespaces")
    problems = sorted(set(checker.run()))
    for file, line, name, problem in problems:
        print(f"include/{file}:{line}: {name} {problem}")
    if problems:
        sys.exit(f"{len(problems)} comments lack something; tests/support/docs_complete.py has the rules")


if __name__ == "__main__":
    main()
