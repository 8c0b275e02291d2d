import { MessageChannel, Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { answerBatches, workerObjective } from "./worker-objective.ts";

const index = new URL("./worker-objective.ts", import.meta.url).href;
const functions = new URL("../../objectives/rastrigin.ts", import.meta.url).href;

function startWorker(body: string): Worker {
  const source = `
    import { parentPort } from "node:worker_threads";
    import { answerBatches } from ${JSON.stringify(index)};
    import { rastrigin } from ${JSON.stringify(functions)};
    answerBatches(parentPort, ${body});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
}

const options = { particles: { count: 11, lower: -3, upper: 3 }, noiseKind: "anisotropic", seed: 2 } as const;

test("three workers give the run that one thread gives", async () => {
  const workers = Array.from({ length: 3 }, () => startWorker("(points) => rastrigin(4).values(points)"));
  const objective = workerObjective(4, workers);
  const parallel = await solve(consensusBasedOptimization(objective, options), { maxIterations: 20 });
  const alone = await solve(consensusBasedOptimization(rastrigin(4), options), { maxIterations: 20 });
  expect(parallel.iterate.state).toEqual(alone.iterate.state);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test("what the function throws, and a worker that fails, are named", async () => {
  const throwing = startWorker('() => { throw new Error("no such point"); }');
  await expect(workerObjective(2, [throwing]).values(new Float64Array(4), 0)).rejects.toThrow(
    "the objective failed in worker 0: no such point",
  );
  await throwing.terminate();
  const asked = (action: string) =>
    new Worker(`require("node:worker_threads").parentPort.once("message", () => { ${action}; })`, {
      eval: true,
    });
  const failing = asked('throw new Error("gone")');
  await expect(workerObjective(2, [failing]).values(new Float64Array(4), 0)).rejects.toThrow(
    "worker 0 failed: gone",
  );
  const ending = asked("process.exit(3)");
  const left = workerObjective(2, [ending]);
  // while it is waited for, and afterwards
  for (let call = 0; call < 2; call++)
    await expect(left.values(new Float64Array(4), 0)).rejects.toThrow("it ended with status 3");
  expect(() => workerObjective(2, [])).toThrow("ports must be an array of at least one worker");
});

test("ports of browsers are as good", async () => {
  const { port1, port2 } = new MessageChannel();
  // what a page's port has: events, no `on`
  const asInBrowsers = (port: typeof port1) => ({
    postMessage: (message: unknown) => port.postMessage(message),
    addEventListener(type: "message" | "error", listener: (event: { data?: unknown }) => void) {
      if (type === "message") port.on("message", (data: unknown) => listener({ data }));
    },
  });
  answerBatches(asInBrowsers(port2), async (points, step) => points.map((x) => x + step));
  const values = await workerObjective(1, [asInBrowsers(port1)]).values(Float64Array.of(1, 2), 5);
  expect([...values]).toEqual([6, 7]);
  port1.close();
});
