import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TaskMessage, TaskRequest } from "./protocol.ts";
import { StoppedError, TaskError, TaskRunner, type TaskWorker } from "./task-runner.ts";

class FakeWorker implements TaskWorker {
  onmessage: ((event: MessageEvent<TaskMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly received: TaskRequest[] = [];
  terminated = false;
  postMessage(message: TaskRequest) {
    this.received.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  answer(message: TaskMessage) {
    this.onmessage?.({ data: message } as MessageEvent<TaskMessage>);
  }
}

let workers: FakeWorker[];
let loaded: string[];
let memory: number;
let runner: TaskRunner;
beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  loaded = [];
  runner = new TaskRunner(
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    {
      loaded: (addresses) => loaded.push(...addresses),
      memory: (bytes) => {
        memory = bytes;
      },
    },
  );
});
afterEach(() => vi.useRealTimers());

test("each answer goes to its task, in any order, and what was loaded is told", async () => {
  const first = runner.run("reset", undefined);
  const second = runner.run("predict", { row: 3 });
  expect(workers).toHaveLength(1);
  expect(workers[0].received).toEqual([
    { id: 0, kind: "reset", given: undefined },
    { id: 1, kind: "predict", given: { row: 3 } },
  ]);
  workers[0].answer({
    kind: "done",
    id: 1,
    answer: { values: [], scores: [1] },
    memory: 5,
    loaded: ["/a.js"],
  });
  workers[0].answer({ kind: "done", id: 0, answer: undefined, memory: 6, loaded: [] });
  expect(await second).toEqual({ values: [], scores: [1] });
  expect(await first).toBeUndefined();
  expect(loaded).toEqual(["/a.js"]);
  expect(memory).toBe(6);
});

test("progress is heard until a task fails", async () => {
  const stages: string[] = [];
  const opened = runner.run("open", { file: new File([], "m.onnx") }, { onProgress: (s) => stages.push(s) });
  workers[0].answer({ kind: "progress", id: 0, progress: "reading", memory: 7 });
  workers[0].answer({ kind: "failed", id: 0, failure: { name: "DataError", message: "no", details: "no" } });
  await expect(opened).rejects.toThrow(TaskError);
  expect(stages).toEqual(["reading"]);
});

test("a task that stops by itself leaves the worker; one that does not ends it with all that wait", async () => {
  const patient = new AbortController();
  const first = runner.run("predict", { row: 0 }, { signal: patient.signal });
  patient.abort();
  expect(workers[0].received.at(-1)).toEqual({ kind: "stop", id: 0 });
  workers[0].answer({ kind: "stopped", id: 0 });
  await expect(first).rejects.toMatchObject({ ended: false });
  vi.advanceTimersByTime(2000);
  expect(workers[0].terminated).toBe(false);

  const stuck = new AbortController();
  const second = runner.run("predict", { row: 0 }, { signal: stuck.signal });
  const third = runner.run("reset", undefined);
  stuck.abort();
  vi.advanceTimersByTime(2000);
  expect(workers[0].terminated).toBe(true);
  await expect(second).rejects.toMatchObject({ ended: true });
  await expect(third).rejects.toThrow(StoppedError);
  void runner.run("reset", undefined).catch(() => undefined);
  expect(workers).toHaveLength(2);
});

test("all tasks are stopped before another begins", async () => {
  const first = runner.run("predict", { row: 0 });
  const second = runner.run("reset", undefined);
  let over = false;
  const stopped = runner.stopAll().then(() => {
    over = true;
  });
  expect(workers[0].received.slice(2)).toEqual([
    { kind: "stop", id: 0 },
    { kind: "stop", id: 1 },
  ]);
  workers[0].answer({ kind: "stopped", id: 0 });
  await expect(first).rejects.toThrow(StoppedError);
  expect(over).toBe(false);
  workers[0].answer({ kind: "done", id: 1, answer: undefined, memory: 0, loaded: [] });
  await second;
  await stopped;
  expect(over).toBe(true);
  await runner.stopAll();
});

test("a worker that crashes fails what waits, and the next task starts another", async () => {
  const first = runner.run("reset", undefined);
  workers[0].onerror?.({ message: "out of memory" } as ErrorEvent);
  await expect(first).rejects.toThrow("out of memory");
  void runner.run("reset", undefined).catch(() => undefined);
  expect(workers).toHaveLength(2);
});

test("a task whose code does not come, or that of its worker, says so", async () => {
  const missing = /^a file that it needs could not be loaded\./;
  const first = runner.run("reset", undefined);
  workers[0].onerror?.({} as ErrorEvent);
  await expect(first).rejects.toThrow(missing);
  const second = runner.run("reset", undefined);
  const message = "Failed to fetch dynamically imported module: http://localhost/a.js";
  const failure = { name: "TypeError", message, details: message };
  workers[1].answer({ kind: "failed", id: 1, failure });
  await expect(second).rejects.toThrow(missing);
});

test("it is busy until the last of its tasks is over", async () => {
  expect(runner.busy).toBe(false);
  const first = runner.run("file", undefined);
  const second = runner.run("reset", undefined);
  for (const id of [0, 1]) {
    expect(runner.busy).toBe(true);
    workers[0].answer({ kind: "done", id, answer: undefined, memory: 0, loaded: [] });
  }
  await Promise.all([first, second]);
  expect(runner.busy).toBe(false);
});
