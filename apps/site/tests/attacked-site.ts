// A site that is attacked: an administrator, a reader with all scopes, and how to send it anything from any network.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ParsedMail, simpleParser } from "mailparser";
import { apiOf, exampleAddress, operationsOf, readDocument } from "./api-client.ts";
import { FORM, makeAdministrator, newPerson, type PlainReader } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

export const PAPER = "2412.08424";
export const VOTE = `/api/v1/papers/${PAPER}/vote`;
export const SUBSCRIPTIONS = "/api/v1/subscriptions";
const OPERATOR = "/api/v1/operator";
const NETWORK = "x-test-address";
const ROUTES = fileURLToPath(new URL("../src/routes/", import.meta.url));

/** The addresses of all forms, read from the sources: a new one cannot be forgotten here. */
export function formActions(): { readonly path: string; readonly route: string }[] {
  const files = readdirSync(ROUTES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("+page.server.ts"),
  );
  return files.flatMap((file) => {
    const [, actions] = readFileSync(join(ROUTES, file), "utf8").split("export const actions: Actions = {\n");
    if (actions === undefined) return [];
    const names = [...actions.split("\n};")[0].matchAll(/^ {2}(?:async )?(\w+)(?:\(|:)/gm)].map(
      ([, name]) => name,
    );
    const route = `/${file.replaceAll("\\", "/").replace(/\/?\+page\.server\.ts$/, "")}`;
    const path = route.replace("[token]", "A".repeat(43)).replace("[...id]", PAPER);
    return names.map((name) => ({ route, path: name === "default" ? path : `${path}?/${name}` }));
  });
}

/** A server with people on it. Close it with `Symbol.asyncDispose`, which scans its log for addresses and tokens. */
export interface AttackedSite extends AsyncDisposable {
  readonly server: TestServer;
  readonly administrator: PlainReader;
  readonly ada: PlainReader;
  /** Ada's, with all scopes that a reader may choose. */
  readonly token: string;
  /** Header fields of a network from which nothing came yet. */
  network(): Readonly<Record<string, string>>;
  /** Signs somebody in. */
  person(name: string): Promise<PlainReader>;
  /** Makes an access token by the form of the account page; empty where it is refused. */
  makeToken(reader: PlainReader, name: string, scopes?: readonly string[]): Promise<string>;
  /** Sends a request with ada's token, or the operator's where it is due. */
  api(path: string, init?: RequestInit): Promise<Response>;
  send(path: string, body: unknown, method?: string): Promise<Response>;
  votesFor(): Promise<number>;
  /** The messages that the site wrote for an address. */
  messagesTo(recipient: string): Promise<ParsedMail[]>;
  /** The operations of the API that change something, with an address of each. */
  writes(): { readonly path: string; readonly method: string }[];
}

export async function startAttackedSite(): Promise<AttackedSite> {
  const server = await startSeeded({
    environment: {
      ADDRESS_HEADER: NETWORK,
      // Nobody is there.
      ...{ GRADUS_ARXIV_URL: "http://127.0.0.1:9/query", GRADUS_OAI_URL: "http://127.0.0.1:9/oai" },
    },
  });
  let networks = 0;
  const network = () => ({ [NETWORK]: `10.9.${++networks >> 8}.${networks & 255}` });
  const person = (name: string) => newPerson(server, `${name}@example.org`, network());

  async function makeToken(
    { ask }: PlainReader,
    name: string,
    scopes: readonly string[] = ["votes", "submissions", "reports", "subscriptions"],
  ): Promise<string> {
    const fields = new URLSearchParams([["name", name]]);
    for (const scope of scopes) fields.append("scope", scope);
    const page = await ask("/account?/makeToken", {
      method: "POST",
      body: fields.toString(),
      headers: { "content-type": FORM, origin: server.origin },
    });
    return /gradus_[\w-]{43}/.exec(await page.text())?.[0] ?? "";
  }

  const document = await readDocument(apiOf(server.origin));
  const administrator = await person("administrator");
  await makeAdministrator(server, administrator);
  const operatorToken = await makeToken(administrator, "operator", ["operator"]);
  const ada = await person("ada");
  const token = await makeToken(ada, "all");

  const api = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}${path}`, {
      redirect: "manual",
      ...init,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${path.startsWith(OPERATOR) ? operatorToken : token}`,
        ...network(),
        ...init.headers,
      },
    });

  return {
    ...{ server, administrator, ada, token, network, person, makeToken, api },
    send: (path, body, method = "POST") =>
      api(path, { method, body: typeof body === "string" ? body : JSON.stringify(body) }),
    votesFor: async () => (await (await api(`/api/v1/papers/${PAPER}`)).json()).votes,
    async messagesTo(recipient) {
      const folder = join(server.folder, "mail");
      const files = readdirSync(folder).filter((name) => name.endsWith(".eml"));
      const messages = await Promise.all(files.map((name) => simpleParser(readFileSync(join(folder, name)))));
      return messages.filter(({ to }) => [to].flat().some((header) => header?.text === recipient));
    },
    writes: () =>
      operationsOf(document)
        .filter(({ method }) => method !== "get")
        .map(({ path, method, parameters }) => ({
          path: exampleAddress(path, parameters),
          method: method.toUpperCase(),
        })),
    async [Symbol.asyncDispose]() {
      await server.stop();
      server.remove();
    },
  };
}
