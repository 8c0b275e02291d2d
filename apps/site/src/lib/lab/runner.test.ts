import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LabMessage, LabRequest, RunRequest } from "./protocol.ts";
import { LabRunner, type WorkerLike } from "./runner.ts";

class FakeWorker implements WorkerLike {
  onmessage: ((event: MessageEvent<LabMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly received: LabRequest[] = [];
  terminated = false;
  postMessage(message: LabRequest) {
    this.received.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  answer(message: LabMessage) {
    this.onmessage?.({ data: message } as MessageEvent<LabMessage>);
  }
}

const request: RunRequest = {
  kind: "run",
  paper: "a",
  experiment: "b",
  profile: "quick",
  seed: 1,
  set: {},
  resume: false,
  version: "1",
};
const failure = { name: "DataError", message: "no", details: "no" };

let workers: FakeWorker[];
let runner: LabRunner;
beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  runner = new LabRunner(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
});
afterEach(() => vi.useRealTimers());

test("runs follow one another in the same worker", async () => {
  const seen: number[] = [];
  const first = runner.run(request, ({ events }) => seen.push(events.length));
  workers[0].answer({ kind: "events", events: [] });
  workers[0].answer({ kind: "failed", failure });
  expect(await first).toEqual({ kind: "failed", failure });
  expect(seen).toEqual([0]);
  const second = runner.run(request, () => {});
  workers[0].answer({ kind: "stopped" });
  expect(await second).toEqual({ kind: "stopped" });
  expect(workers).toHaveLength(1);
});

test("a run whose code could not be loaded says so, and is followed by one in another worker", async () => {
  for (const message of [
    "Failed to fetch dynamically imported module: http://localhost/a.js",
    "error loading dynamically imported module: http://localhost/a.js",
    "Importing a module script failed.",
    "Failed to fetch",
  ]) {
    const run = runner.run(request, () => {});
    const worker = workers[workers.length - 1];
    worker.answer({ kind: "failed", failure: { name: "TypeError", message, details: message } });
    expect(await run).toMatchObject({
      kind: "failed",
      failure: {
        message: expect.stringMatching(/^a file that it needs could not be loaded\./),
        details: message,
      },
    });
    expect(worker.terminated).toBe(true);
  }
  void runner.run(request, () => {});
  expect(workers).toHaveLength(5);
});

test("a worker that was started ahead, and told what to load, is the one that runs", () => {
  runner.warm("a", "b");
  runner.warm("a", "c");
  void runner.run(request, () => {});
  expect(workers).toHaveLength(1);
  expect(workers[0].received).toEqual([
    { kind: "warm", paper: "a", experiment: "b" },
    { kind: "warm", paper: "a", experiment: "c" },
    request,
  ]);
});

test("findings are judged beside a run, each answer to who asked; a worker that ends gives none", async () => {
  const run = runner.run(request, () => {});
  const [first, second, third] = [1, 2, 3].map((findings) => runner.judge("a", "b", findings));
  expect(workers).toHaveLength(1);
  expect(workers[0].received.slice(1)).toEqual(
    [1, 2, 3].map((findings, id) => ({ kind: "judge", id, paper: "a", experiment: "b", findings })),
  );
  const judged = {
    findings: 2,
    checks: [],
    undecided: [],
    headline: "",
    summary: [],
    captions: {},
    tables: [],
  };
  workers[0].answer({ kind: "judged", id: 1, judged });
  workers[0].answer({ kind: "judged", id: 0, judged: null });
  expect(await second).toBe(judged);
  expect(await first).toBeNull();
  workers[0].answer({ kind: "stopped" });
  expect(await run).toEqual({ kind: "stopped" });
  runner.discard();
  expect(await third).toBeUndefined();
});

test("a second run at the same time is refused", () => {
  void runner.run(request, () => {});
  expect(() => runner.run(request, () => {})).toThrow("already in progress");
});

test("a run that gives its turn stops, and its worker lives on", async () => {
  const run = runner.run(request, () => {});
  runner.stop();
  expect(workers[0].received.at(-1)).toEqual({ kind: "stop" });
  workers[0].answer({ kind: "stopped" });
  expect(await run).toEqual({ kind: "stopped" });
  vi.advanceTimersByTime(10_000);
  expect(workers[0].terminated).toBe(false);
});

test("a run that gives no turn is ended with its worker, and the next run gets another", async () => {
  const run = runner.run(request, () => {});
  runner.stop();
  vi.advanceTimersByTime(1499);
  expect(workers[0].terminated).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await run).toEqual({ kind: "stopped" });
  expect(workers[0].terminated).toBe(true);
  const next = runner.run(request, () => {});
  workers[1].answer({ kind: "stopped" });
  expect(await next).toEqual({ kind: "stopped" });
});

test("stopping a run does not end the one after it", async () => {
  const first = runner.run(request, () => {});
  runner.stop();
  workers[0].answer({ kind: "stopped" });
  await first;
  const second = runner.run(request, () => {});
  vi.advanceTimersByTime(10_000);
  expect(workers[0].terminated).toBe(false);
  workers[0].answer({ kind: "failed", failure });
  expect((await second).kind).toBe("failed");
});

test("a worker that breaks down fails the run", async () => {
  const run = runner.run(request, () => {});
  workers[0].onerror?.({ message: "out of memory" } as ErrorEvent);
  expect(await run).toMatchObject({ kind: "failed", failure: { message: "out of memory" } });
  expect(workers[0].terminated).toBe(true);
});

test("a run whose worker does not start says that its code did not come", async () => {
  const run = runner.run(request, () => {});
  // Without a network browsers give no message.
  workers[0].onerror?.({} as ErrorEvent);
  expect(await run).toMatchObject({
    failure: {
      message: expect.stringMatching(/^a file that it needs could not be loaded\./),
      details: "the worker did not start",
    },
  });
});

test("an exploration is opened, shown and closed in the worker that runs", async () => {
  const view = { title: "t", description: "d", controls: [], plots: [] };
  const opening = runner.openExploration("a", "b", { file: "" });
  const [worker] = workers;
  const [{ id }] = worker.received.filter((message) => message.kind === "open-exploration");
  worker.answer({ kind: "explored", id, answer: { view } });
  const opened = await opening;
  expect(opened.view).toEqual(view);
  const showing = opened.show({ x: 1 });
  const asked = worker.received.find((message) => message.kind === "explore");
  expect(asked).toMatchObject({ exploration: id, values: { x: 1 } });
  worker.answer({ kind: "explored", id: asked?.id ?? -1, answer: { shown: { plots: {}, milliseconds: 2 } } });
  expect(await showing).toEqual({ plots: {}, milliseconds: 2 });
  const bringing = opened.bringRows("a\n1");
  const brought = worker.received.find((message) => message.kind === "bring-rows");
  expect(brought).toMatchObject({ exploration: id, text: "a\n1" });
  const rows = { columns: ["a"], rows: [[1]] };
  worker.answer({ kind: "explored", id: brought?.id ?? -1, answer: { rows } });
  expect(await bringing).toEqual(rows);
  opened.close();
  expect(worker.received.at(-1)).toEqual({ kind: "close-exploration", exploration: id });
});

test("an exploration says why it fails, and ends with its worker", async () => {
  const opening = runner.openExploration("a", "b", {});
  const [{ id }] = workers[0].received.filter((message) => message.kind === "open-exploration");
  workers[0].answer({ kind: "explored", id, answer: { failure } });
  await expect(opening).rejects.toThrow("no");
  const other = runner.openExploration("a", "b", {});
  runner.discard();
  await expect(other).rejects.toThrow("the worker was ended");
});
