import { expect, test } from "vitest";
import { GradusError } from "./check/index.ts";
import { equalityTestProblems, minimizeEquality } from "./optimize/index.ts";
import { methodRuns } from "./resume-tables-testing.ts";

/** A method with some more options, of any kind. */
type AnyRun = (options: object) => AsyncIterator<unknown>;

const runs = Object.entries(methodRuns).map(([name, run]) => [name, run as unknown as AnyRun] as const);

/** What two iterates of a run end in. */
async function outcome(run: AnyRun, options: object): Promise<unknown> {
  try {
    const method = run(options);
    for (let k = 0; k < 2; k++) if ((await method.next()).done) break;
    await method.return?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Errors with which the library and what it is made of say what is wrong. */
const isTyped = (error: unknown) =>
  error instanceof GradusError ||
  (error instanceof Error && /^(Graph|Input|Shape|BlasArgument)Error$/.test(error.name));

test.each(runs)("%s takes every option or answers it with a typed error: {} and null", async (_, run) => {
  const options = /its options are (.*)$/.exec(String(await outcome(run, { unheardOf: 1 })))?.[1].split(", ");
  expect(options).toContain("signal");
  for (const option of options ?? []) {
    const error = await outcome(run, { [option]: {} });
    if (error !== undefined && !isTyped(error)) expect([option, error]).toEqual([]);
    const ofNull = await outcome(run, { [option]: null });
    expect(isTyped(ofNull) || (option === "resume" && ofNull === undefined), `${option}: null`).toBe(true);
  }
});

test.each(["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"] as const)(
  "minimizeEquality by %s refuses null in its options, and as its options",
  async (method) => {
    const [{ problem, start }] = equalityTestProblems;
    for (const scaling of ["none", "gradient"])
      for (const name of ["lambda0", "tolerance", "signal", "onIterate"]) {
        const options = { method, scaling, [name]: null } as never;
        await expect(minimizeEquality(problem, start, options)).rejects.toThrow(GradusError);
        await expect(minimizeEquality(problem, start, options)).rejects.toThrow(
          name === "signal" ? "signal must be an AbortSignal, got null" : `${name} must not be null`,
        );
      }
    await expect(minimizeEquality(problem, start, null as never)).rejects.toThrow(
      "the options of minimizeEquality must be an object, got null",
    );
  },
);
