import { expect, test } from "vitest";
import { hasUsualLimit, isUnmeasured, readWhole } from "./body-limit.ts";

const ORIGIN = "https://papers.example.org";

/** A form whose body comes in so many pieces, without a length; `given` counts those that were asked for. */
function inPieces(pieces: readonly string[], path = "/submit?/check") {
  let given = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === pieces.length) controller.close();
      else controller.enqueue(new TextEncoder().encode(pieces[given++]));
    },
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN };
  // A stream is sent as it comes.
  const options = { method: "POST", body, headers, duplex: "half" };
  return { request: new Request(`${ORIGIN}${path}`, options), given: () => given };
}

test("a body within the limit arrives as it was sent, with the method and the headers", async () => {
  const whole = await readWhole(inPieces(["paper=2", "412.", "08424"]).request, 16);
  expect(whole?.method).toBe("POST");
  expect(whole?.headers.get("origin")).toBe(ORIGIN);
  expect([...((await whole?.formData()) ?? [])]).toEqual([["paper", "2412.08424"]]);
});

test("a body over the limit is none, and its rest is read and dropped", async () => {
  const { request, given } = inPieces(Array.from({ length: 40 }, () => "x".repeat(10)));
  expect(await readWhole(request, 99)).toBeUndefined();
  await expect.poll(given).toBe(40);
});

test("a body of exactly the limit is whole, and of one more byte not", async () => {
  expect(await (await readWhole(inPieces(["ab", "c"]).request, 3))?.text()).toBe("abc");
  expect(await readWhole(inPieces(["ab", "cd"]).request, 3)).toBeUndefined();
});

test("a request without a body stays as it is", async () => {
  const request = new Request(`${ORIGIN}/papers`);
  expect(await readWhole(request, 1)).toBe(request);
  expect(isUnmeasured(request)).toBe(false);
});

test("only bodies without a length are read beforehand, and only where nothing else counts them", () => {
  expect(isUnmeasured(inPieces(["a"]).request)).toBe(true);
  const measured = new Request(`${ORIGIN}/submit`, {
    method: "POST",
    body: "a",
    headers: { "content-length": "1" },
  });
  expect(isUnmeasured(measured)).toBe(false);
  for (const path of ["/account?/import", "/hooks/bounce", "/api/v1/reports"])
    expect(isUnmeasured(inPieces(["a"], path).request)).toBe(false);
  expect(hasUsualLimit("/account?/rename&/import")).toBe(true);
});
