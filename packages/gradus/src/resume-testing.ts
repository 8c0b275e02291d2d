// What every method that resumes is held to: `resume-every-method.test.ts` holds all of them to it.
import { expect } from "vitest";
import { type Iterate, type Method, parseCheckpoint, serializeCheckpoint } from "./iterate/index.ts";

/** The option of a method that resumes, whatever its state is. */
export type Resume = { readonly resume?: { readonly iteration: number; readonly state: never } };
/** A fresh run of a method on a problem, from its start or from an iterate. */
export type Run = (options: Resume) => Method<Iterate>;
/** Runs by the names of their methods; what follows a colon says which variant it is. */
export type Runs = Readonly<Record<string, Run>>;

/** Every bit of data as text: of typed arrays the bytes, of objects what can be enumerated, of functions nothing. */
export function textOf(value: unknown, seen: readonly unknown[] = []): string {
  if (typeof value === "function" || typeof value === "symbol") return "";
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? "-0" : String(value);
  if (ArrayBuffer.isView(value) || value instanceof Map) return serializeCheckpoint(value);
  if (seen.includes(value)) return "";
  const entries = Object.entries(value).map(([key, one]) => `${key}:${textOf(one, [...seen, value])}`);
  return `{${entries.join(",")}}`;
}

interface Seen {
  readonly text: string;
  readonly iteration: number;
  /** The state as `serializeCheckpoint` wrote it, and as it was cloned, when the iterate came. */
  readonly stored: string;
  readonly cloned: unknown;
}

async function seenOf(method: Method<Iterate>, most: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const iterate of method) {
    const { iteration, state } = iterate;
    seen.push({
      ...{ text: textOf(iterate), iteration },
      ...{ stored: serializeCheckpoint(state), cloned: structuredClone(state) },
    });
    if (seen.length === most) break;
  }
  return seen;
}

/**
 * Stops a run at its start, after 1, 2 and 7 iterates, in the middle, at the last but one and at the last, and continues
 * it in a fresh run, from the state through text or from a clone of it in turn: all iterates have the bits and counts of
 * the run that was not interrupted, which is at most `most` iterates long, and the state that was handed in stays as it
 * was.
 */
export async function expectResumes(run: Run, most = 14): Promise<void> {
  const whole = await seenOf(run({}), most);
  expect(whole.length, "iterates").toBeGreaterThan(1);
  const last = whole.length - 1;
  const places = new Set([0, 1, 2, 7, last >> 1, last - 1, last].filter((place) => place <= last));
  for (const [turn, place] of [...places].entries()) {
    const { iteration, stored, cloned } = whole[place];
    const state = turn % 2 === 0 ? cloned : parseCheckpoint(stored);
    const rest = await seenOf(run({ resume: { iteration, state: state as never } }), most - place);
    const texts = (seen: readonly Seen[]) => seen.map(({ text }) => text);
    expect(texts(rest), `resumed after iterate ${place} of ${last}`).toEqual(texts(whole.slice(place)));
    expect(serializeCheckpoint(state), "the state handed in").toBe(stored);
  }
}
