"""What the Python peers share: the inputs' manifest, and the protocol that the driver speaks (see ../worker.ts)."""

import json
import os
import sys
import time

import numpy

DTYPES = {"f32": numpy.float32, "i64": numpy.int64}

directory = sys.argv[1]
with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as file:
    manifest = json.load(file)
sizes = manifest["sizes"]


def load(name):
    about = manifest["arrays"][name]
    data = numpy.fromfile(os.path.join(directory, name + ".bin"), DTYPES[about["dtype"]])
    return data.reshape(about["shape"])


class Once:
    """A case whose calls are independent of each other."""

    units_per_call = 1

    def reset(self):
        pass


def timed(runner, seconds):
    runner.reset()
    runner.call()
    start = time.perf_counter()
    calls, elapsed = 0, 0.0
    while elapsed < seconds:
        runner.call()
        calls += 1
        elapsed = time.perf_counter() - start
    units = calls * runner.units_per_call
    return {"seconds": elapsed / units, "units": units}


def serve(identity, programs):
    """Answers on standard output what is asked on standard input, until that ends."""
    runners = {}

    def answer(request):
        if request["ask"] == "identity":
            return identity
        program = request["program"]
        if request["ask"] == "build":
            start = time.perf_counter()
            runner = programs[program]()
            runner.reset()
            runner.call()
            runners[program] = runner
            return {"built": time.perf_counter() - start}
        if request["ask"] == "check":
            runner = runners[program]
            answer = {"check": runner.check()}
            if hasattr(runner, "iterations"):
                answer["iterations"] = int(runner.iterations)
            return answer
        return timed(runners[program], request["seconds"])

    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # whatever goes wrong belongs in the table
            reply = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
