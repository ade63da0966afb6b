# SPDX-License-Identifier: MIT
"""Records as TensorBoard writes them: python3 make_events.py (needs tensorboard) writes events.hpp."""
import io
import os

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def scalars(*pairs):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in pairs])


EVENTS = [
    ("version", Event(wall_time=1.75e9, file_version="brain.Event:2")),
    ("one", Event(wall_time=1764547200.25, step=1, summary=scalars(("iteration/loss", 2.302585)))),
    ("several", Event(wall_time=1764547201.5, step=123456789012, summary=scalars(
        ("iteration/loss", float("nan")), ("iteration/accuracy", 0.0), ("iteration/rate", 1e-7), ("\u00e4\u4e2d/" + 200 * "x", -1e38)))),
    ("start", Event(wall_time=3.5, step=520, session_log=SessionLog(status=SessionLog.START))),
    ("empty", Event()),
]

lines = ["// SPDX-License-Identifier: MIT", f"// Records written by make_events.py with TensorBoard {tensorboard.__version__}.",
         "#pragma once", "", "namespace strata::golden {", ""]
for name, event in EVENTS:
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString())
    digits = out.getvalue().hex()
    rows = [f'    "{digits[i:i + 108]}"' for i in range(0, len(digits), 108)]
    lines += [f"inline constexpr const char* event_{name} =", "\n".join(rows) + ";", ""]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "events.hpp"), "w") as file:
    file.write("\n".join([*lines, "}  // namespace strata::golden", ""]))
