import ort from "onnxruntime-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compile } from "../compile.ts";
import { InputError } from "../errors.ts";
import { exp } from "../ops/index.ts";
import { fetchRuntime, prepareRuntime } from "../prepare-runtime.ts";
import { runtimeVersion } from "../runtime-version.ts";
import { f32 } from "../tensor.ts";

const create = vi.spyOn(ort.InferenceSession, "create");
beforeEach(() => {
  create.mockClear();
  vi.stubEnv("GRADUS_RUNTIME", "native");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The threads of the session that a program gets. */
async function threads(options: { threads?: number } = {}): Promise<unknown> {
  using program = await compile(exp, f32(4), options);
  expect((await program.run(new Float32Array(4))).data).toEqual(new Float32Array(4).fill(1));
  const [, settings] = create.mock.calls[0];
  return settings && "intraOpNumThreads" in settings ? settings.intraOpNumThreads : undefined;
}

test("GRADUS_THREADS sets the threads of sessions that do not ask for any", async () => {
  vi.stubEnv("GRADUS_THREADS", "3");
  expect(await threads()).toBe(3);
});

test("a session that asks for threads is given them whatever the environment says", async () => {
  vi.stubEnv("GRADUS_THREADS", "3");
  expect(await threads({ threads: 2 })).toBe(2);
});

test("without it, or when it is empty, the program's size decides", async () => {
  vi.stubEnv("GRADUS_THREADS", "");
  expect(await threads()).toBe(1);
});

test.each(["0", "-1", "two", "1.5"])("GRADUS_THREADS=%s is refused, by name", async (given) => {
  vi.stubEnv("GRADUS_THREADS", given);
  await expect(threads()).rejects.toThrow(InputError);
  await expect(threads()).rejects.toThrow(`GRADUS_THREADS must be a positive integer, got "${given}"`);
});

test.each([
  ["native", 1, /^\d+\.\d+\.\d+$/],
  ["", 1, /^\d+\.\d+\.\d+$/],
  ["wasm", 0, /^\d+\.\d+\.\d+ \(WebAssembly\)$/],
])("GRADUS_RUNTIME=%s decides which build runs and whose version is told", async (given, native, version) => {
  vi.stubEnv("GRADUS_RUNTIME", given);
  using program = await compile(exp, f32(1), { threads: 1 });
  expect((await program.run(Float32Array.of(0))).data).toEqual(Float32Array.of(1));
  expect(create).toHaveBeenCalledTimes(native);
  expect(await runtimeVersion()).toMatch(version);
});

test("GRADUS_RUNTIME with another value is refused, by name", async () => {
  vi.stubEnv("GRADUS_RUNTIME", "Native");
  for (const refused of [compile(exp, f32(1)), runtimeVersion(), fetchRuntime(), prepareRuntime()]) {
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow('GRADUS_RUNTIME must be "native" or "wasm", got "Native"');
  }
});
