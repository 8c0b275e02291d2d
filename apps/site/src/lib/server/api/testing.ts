import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { api } from "./app.ts";
import type { ApiEnvironment } from "./context.ts";
import { openApiDocument, operationsOf } from "./openapi.ts";

/** A request to the API. */
export interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly environment?: ApiEnvironment["Bindings"];
}

let networks = 0;

/** Operations of the API for those who say who they are, whose answers are checked against what is published of them. */
export function contractOf(includes: (path: string) => boolean) {
  const document = openApiDocument(api, "http://localhost");
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "https://api.test/document", components: document.components });
  const operations = operationsOf(document).filter(
    ({ path, operation }) => operation.security !== undefined && includes(path),
  );
  /** Statuses of each operation that were seen. */
  const seen = new Map(operations.map(({ operation }) => [operation.operationId, new Set<string>()]));

  /** Sends a request and checks what it is answered against what is published of the operation. */
  async function send(method: string, path: string, { token, body, headers, environment }: Sent = {}) {
    networks += 1;
    const response = await api.request(
      path,
      {
        method,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      },
      environment ?? { address: `192.0.${networks >> 8}.${networks & 255}` },
    );
    const parsed: unknown = await response.json();
    const status = String(response.status);
    for (const { path: pattern, method: documented, operation } of operations) {
      const matches = new RegExp(`^${pattern.replace(/\{\w+\}/g, ".+?")}$`).test(path.split("?")[0]);
      const wrongMethod = status === "405" && documented !== method.toLowerCase();
      if (!matches || (documented !== method.toLowerCase() && !wrongMethod)) continue;
      if (wrongMethod && response.headers.get("allow")?.includes(method)) continue;
      const described = operation.responses[status];
      expect(described, `${method} ${path} answers with ${status}`).toBeDefined();
      const { $ref = "" } = described.content?.["application/json"].schema ?? {};
      const validate = ajv.getSchema(`https://api.test/document${$ref}`);
      if (!validate) throw new Error(`no schema ${$ref}`);
      validate(parsed);
      expect(validate.errors ?? [], `${method} ${path} ${status}`).toEqual([]);
      seen.get(operation.operationId)?.add(status);
    }
    expect(response.headers.get("cache-control")).toBe("no-store");
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** Every documented response was given, but those that the server gives before the API is asked. */
  function expectEveryResponse(): void {
    for (const { operation } of operations) {
      const documented = Object.keys(operation.responses).filter(
        (status) => status !== "403" && status !== "414",
      );
      expect([operation.operationId, [...(seen.get(operation.operationId) ?? [])].sort()]).toEqual([
        operation.operationId,
        documented.sort(),
      ]);
    }
  }

  return { operations, send, expectEveryResponse };
}

/** The error of a problem. */
export const errorOf = (code: string, more: object = {}) => ({
  error: expect.objectContaining({ code, ...more }),
});
