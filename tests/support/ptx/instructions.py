# SPDX-License-Identifier: MIT
"""What each PTX instruction computes, as an expression in C++.

A rule is a regular expression that an opcode must match as a whole, and the expression of the result. In the
expression, {a}, {b} and {c} are the operands after the destination, as values of the type of the group `t`, or of the
type that is given: {b:u32}. {t} is the type itself, {line} the instruction's line. The result is of type `t`, or of the
third member of the rule. An opcode without a rule is not translated.
"""
import re

INTEGERS = "[su](?:16|32|64)"
BITS = "b(?:16|32|64)"
FLOATS = "f(?:32|64)"

RULES = [
    (rf"(?:mov|cvta\.to\.global)\.(?P<t>{INTEGERS}|{BITS}|{FLOATS}|pred)", "{a}"),
    # integers; overflow wraps around, as the translation is compiled with -fwrapv
    (rf"add\.(?P<t>{INTEGERS})", "{a} + {b}"),
    (rf"sub\.(?P<t>{INTEGERS})", "{a} - {b}"),
    (rf"mul\.lo\.(?P<t>{INTEGERS})", "{a} * {b}"),
    (r"mul\.hi\.(?P<t>[su](?:32|64))", "multiply_high({a}, {b})"),
    (r"mul\.wide\.s16", "s32{{{a:s16}}} * s32{{{b:s16}}}", "s32"),
    (r"mul\.wide\.u16", "u32{{{a:u16}}} * u32{{{b:u16}}}", "u32"),
    (r"mul\.wide\.s32", "s64{{{a:s32}}} * s64{{{b:s32}}}", "s64"),
    (r"mul\.wide\.u32", "u64{{{a:u32}}} * u64{{{b:u32}}}", "u64"),
    (rf"mad\.lo\.(?P<t>{INTEGERS})", "{a} * {b} + {c}"),
    (r"mad\.wide\.s32", "s64{{{a:s32}}} * s64{{{b:s32}}} + {c:s64}", "s64"),
    (r"mad\.wide\.u32", "u64{{{a:u32}}} * u64{{{b:u32}}} + {c:u64}", "u64"),
    (rf"div\.(?P<t>{INTEGERS})", "divide({a}, {b}, thread, {line})"),
    (rf"rem\.(?P<t>{INTEGERS})", "remainder({a}, {b}, thread, {line})"),
    (r"neg\.(?P<t>s(?:16|32|64))", "-{a}"),
    (r"abs\.(?P<t>s(?:16|32|64))", "{a} < 0 ? -{a} : {a}"),
    (rf"min\.(?P<t>{INTEGERS})", "{a} < {b} ? {a} : {b}"),
    (rf"max\.(?P<t>{INTEGERS})", "{a} > {b} ? {a} : {b}"),
    # bits
    (rf"and\.(?P<t>{BITS}|pred)", "{a} & {b}"),
    (rf"or\.(?P<t>{BITS}|pred)", "{a} | {b}"),
    (rf"xor\.(?P<t>{BITS}|pred)", "{a} ^ {b}"),
    (r"not\.pred", "!{a:pred}", "pred"),
    (rf"not\.(?P<t>{BITS})", "~{a}"),
    (rf"shl\.(?P<t>{BITS})", "shift_left({a}, {b:u32})"),
    (rf"shr\.(?P<t>{INTEGERS}|{BITS})", "shift_right({a}, {b:u32})"),
    # floating point, rounded to the nearest unless said otherwise
    (rf"add(?:\.rn)?\.(?P<t>{FLOATS})", "{a} + {b}"),
    (r"add\.rz\.(?P<t>f32)", "add_toward_zero({a}, {b})"),
    (rf"sub(?:\.rn)?\.(?P<t>{FLOATS})", "{a} - {b}"),
    (rf"mul(?:\.rn)?\.(?P<t>{FLOATS})", "{a} * {b}"),
    (rf"div\.rn\.(?P<t>{FLOATS})", "{a} / {b}"),
    (rf"rcp\.rn\.(?P<t>{FLOATS})", "{t}{{1}} / {a}"),
    (r"rcp\.approx\.ftz\.(?P<t>f32)", "flushed({t}{{1}} / flushed({a}))"),
    (r"rcp\.approx\.ftz\.(?P<t>f64)", "rough_reciprocal({a})"),
    (rf"sqrt\.rn\.(?P<t>{FLOATS})", "std::sqrt({a})"),
    (rf"fma\.rn\.(?P<t>{FLOATS})", "std::fma({a}, {b}, {c})"),
    (r"fma\.rm\.(?P<t>f32)", "multiply_add_down({a}, {b}, {c})"),
    (rf"neg\.(?P<t>{FLOATS})", "-{a}"),
    (rf"abs\.(?P<t>{FLOATS})", "std::fabs({a})"),
    (rf"min\.(?P<t>{FLOATS})", "minimum({a}, {b})"),
    (rf"max\.(?P<t>{FLOATS})", "maximum({a}, {b})"),
    (rf"copysign\.(?P<t>{FLOATS})", "std::copysign({b}, {a})"),
    (r"ex2\.approx\.ftz\.(?P<t>f32)", "flushed(std::exp2(flushed({a})))"),
    (r"ex2\.approx\.(?P<t>f32)", "std::exp2({a})"),
    # comparisons and choices
    (rf"selp\.(?P<t>{INTEGERS}|{BITS}|{FLOATS})", "{c:pred} ? {a} : {b}"),
    (rf"setp\.eq\.(?P<s>{INTEGERS}|{BITS}|{FLOATS})", "{a} == {b}", "pred"),
    (rf"setp\.ne\.(?P<s>{INTEGERS}|{BITS})", "{a} != {b}", "pred"),
    (rf"setp\.lt\.(?P<s>{INTEGERS}|{FLOATS})", "{a} < {b}", "pred"),
    (rf"setp\.le\.(?P<s>{INTEGERS}|{FLOATS})", "{a} <= {b}", "pred"),
    (rf"setp\.gt\.(?P<s>{INTEGERS}|{FLOATS})", "{a} > {b}", "pred"),
    (rf"setp\.ge\.(?P<s>{INTEGERS}|{FLOATS})", "{a} >= {b}", "pred"),
    # of floats, `ne` is false for NaN; those with a `u` are true
    (rf"setp\.ne\.(?P<s>{FLOATS})", "{a} < {b} || {a} > {b}", "pred"),
    (rf"setp\.equ\.(?P<s>{FLOATS})", "!({a} < {b} || {a} > {b})", "pred"),
    (rf"setp\.neu\.(?P<s>{FLOATS})", "{a} != {b}", "pred"),
    (rf"setp\.ltu\.(?P<s>{FLOATS})", "!({a} >= {b})", "pred"),
    (rf"setp\.leu\.(?P<s>{FLOATS})", "!({a} > {b})", "pred"),
    (rf"setp\.gtu\.(?P<s>{FLOATS})", "!({a} <= {b})", "pred"),
    (rf"setp\.geu\.(?P<s>{FLOATS})", "!({a} < {b})", "pred"),
    (rf"setp\.num\.(?P<s>{FLOATS})", "!std::isunordered({a}, {b})", "pred"),
    (rf"setp\.nan\.(?P<s>{FLOATS})", "std::isunordered({a}, {b})", "pred"),
    # conversions
    (r"cvt\.(?P<t>[su](?:8|16|32|64))\.(?P<s>[su](?:8|16|32|64))", "({t})({a})"),
    (r"cvt\.rn\.(?P<t>f(?:32|64))\.(?P<s>[su](?:8|16|32|64))", "({t})({a})"),
    (r"cvt\.rn\.f32\.f64", "(f32)({a:f64})", "f32"),
    (r"cvt\.f64\.f32", "(f64)({a:f32})", "f64"),
    (r"cvt\.sat\.f32\.f32", "saturated({a:f32})", "f32"),
    (rf"cvt\.rzi\.(?P<t>[su](?:32|64))\.(?P<s>{FLOATS})", "integer<{t}>(std::trunc({a}))"),
    (rf"cvt\.rni\.(?P<t>[su](?:32|64))\.(?P<s>{FLOATS})", "integer<{t}>(std::nearbyint({a}))"),
    (rf"cvt\.rmi\.(?P<t>[su](?:32|64))\.(?P<s>{FLOATS})", "integer<{t}>(std::floor({a}))"),
    (rf"cvt\.rpi\.(?P<t>[su](?:32|64))\.(?P<s>{FLOATS})", "integer<{t}>(std::ceil({a}))"),
    (r"cvt\.rzi\.(?P<t>f32)\.f32", "std::trunc({a})"),
    (r"cvt\.rni\.(?P<t>f32)\.f32", "std::nearbyint({a})"),
    (r"cvt\.rmi\.(?P<t>f32)\.f32", "std::floor({a})"),
    (r"cvt\.rpi\.(?P<t>f32)\.f32", "std::ceil({a})"),
    (r"cvt\.f32\.f16", "float_of_half({a:b16})", "f32"),
    (r"cvt\.rn\.f16\.f32", "half_of_float({a:f32})", "b16"),
    (r"cvt\.f32\.bf16", "float_of_bfloat16({a:b16})", "f32"),
    (r"cvt\.rn\.bf16\.f32", "bfloat16_of_float({a:f32})", "b16"),
]
COMPILED = [(re.compile(rule[0]), rule[1], rule[2] if len(rule) > 2 else None) for rule in RULES]
KNOWN = {}


def rule_of(opcode):
    """(expression, type of the result, type of the operands, their number), or None."""
    if opcode not in KNOWN:
        KNOWN[opcode] = None
        for pattern, expression, result in COMPILED:
            if match := pattern.fullmatch(opcode):
                types = match.groupdict()
                result = result or types["t"]
                KNOWN[opcode] = (expression, result, types.get("s") or types.get("t") or result,
                                 len(set(re.findall(r"\{([abc])", expression))))
                break
    return KNOWN[opcode]
