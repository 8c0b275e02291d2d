import { expect, test } from "vitest";
import { readForm } from "./read-form.ts";

const FORM = "application/x-www-form-urlencoded";

function sent(body: BodyInit, type?: string): Request {
  const headers = new Headers(type === undefined ? {} : { "content-type": type });
  return new Request("https://papers.example.org/submit", { method: "POST", body, headers });
}

test("fields are read from both types of form, with their parameters", async () => {
  const fields = new FormData();
  fields.set("paper", "2412.08424");
  for (const request of [
    sent(fields),
    sent("paper=2412.08424", FORM),
    sent("paper=2412.08424", `${FORM}; charset=utf-8`),
    sent("paper=2412.08424", FORM.toUpperCase()),
  ])
    expect([...(await readForm(request))]).toEqual([["paper", "2412.08424"]]);
});

test.each([
  ["paper=2412.08424\r\n", "text/plain", 415],
  ["{}", "application/json", 415],
  ["paper=2412.08424", "application/x-www-form-urlencoded-not", 415],
  ["no part", "multipart/form-data; boundary=x", 400],
  ["no boundary", "multipart/form-data", 400],
  ["--x\r\n\r\nwithout a name\r\n--x--\r\n", "multipart/form-data; boundary=x", 400],
])("%j as %s is refused with %i", async (body, type, status) => {
  await expect(readForm(sent(body, type))).rejects.toMatchObject({ status });
});

test("a body that breaks off for another reason keeps it", async () => {
  const reason = new Error("too large");
  const body = new ReadableStream({ pull: (controller) => controller.error(reason) });
  const headers = { "content-type": FORM };
  const request = new Request("https://papers.example.org/", {
    ...{ method: "POST", body, headers },
    ...{ duplex: "half" },
  });
  await expect(readForm(request)).rejects.toBe(reason);
});
