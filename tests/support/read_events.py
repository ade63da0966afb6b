# SPDX-License-Identifier: MIT
"""Reads a folder of events with TensorBoard's own reader: python3 read_events.py FOLDER (needs tensorboard).

Prints every run and tag with its first and last points. Fails if a tag's steps are not strictly increasing, or with
--server if a TensorBoard that it starts on this machine (127.0.0.1) shows anything else. Says so, and succeeds, where
tensorboard is not installed.
"""
import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request


def accumulated(folder):
    """{(run, tag): [(step, value), ...]}"""
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.util import tensor_util
    reader = EventMultiplexer(tensor_size_guidance={"scalars": 10**6}).AddRunsFromDirectory(folder)
    reader.Reload()
    points = {}
    for run, data in sorted(reader.Runs().items()):
        for tag in data["tensors"]:
            points[run, tag] = [(e.step, float(tensor_util.make_ndarray(e.tensor_proto))) for e in reader.Tensors(run, tag)]
    return points


def served(folder, tags, patience=60):
    """The same from a server, which loads with another reader. It samples: at most 1,000 points of each tag."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1", "--port", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def ask(what, **query):
            address = f"http://127.0.0.1:{port}/data/plugin/scalars/{what}?{urllib.parse.urlencode(query)}"
            with urllib.request.urlopen(address, timeout=10) as reply:
                return json.load(reply)

        for _ in range(patience):
            try:
                shown = ask("tags")
                if {(run, tag) for run in shown for tag in shown[run]} >= set(tags):
                    break
            except OSError:
                pass
            time.sleep(1)
        return {(run, tag): [(step, value) for _, step, value in ask("scalars", run=run, tag=tag)] for run, tag in tags}
    finally:
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--server", action="store_true", help="also ask a TensorBoard server")
    asked = parser.parse_args()
    try:
        import tensorboard
    except ImportError:
        return print("tensorboard is not installed, so its reader was not asked")
    print(f"TensorBoard {tensorboard.__version__}")
    points = accumulated(asked.folder)
    wrong = [] if points else ["there are no scalars"]
    for (run, tag), of_tag in points.items():
        steps = [step for step, _ in of_tag]
        print(f"{run:12} {tag:26} {len(of_tag):6} points, step {steps[0]}: {of_tag[0][1]:.6g} ... step {steps[-1]}: {of_tag[-1][1]:.6g}")
        if any(a >= b for a, b in zip(steps, steps[1:])):
            at = next(i for i, (a, b) in enumerate(zip(steps, steps[1:])) if a >= b)
            wrong.append(f"{run} {tag}: step {steps[at + 1]} comes after step {steps[at]}")
    if asked.server and points:
        for key, shown in served(asked.folder, list(points)).items():
            strange = [point for point in shown if point not in points[key]]
            if not shown or strange or shown[-1] != points[key][-1] or len(shown) < min(len(points[key]), 1000):
                wrong.append(f"{key}: the server shows {len(shown)} points, of which {len(strange)} are not in the files")
        print(f"the server shows the same {len(points)} tags" if not wrong else "the server differs")
    for what in wrong:
        print("wrong:", what)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
