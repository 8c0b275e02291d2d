// Peers in browser pages and in Node train one model over a NATS server, as the guide describes.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { generateSigningKeys } from "gradus/collaborative";
import { chromium, type Page } from "playwright-core";
import { build, preview } from "vite";
import { describe, expect, it } from "vitest";
import type { Actions } from "../fixture/browser-peer/page.ts";
import { layers, type TrainedNode, type TrainingNode, train } from "../fixture/browser-peer/train.ts";
import { hasNatsServer, startNatsServer } from "../fixture/nats-server.ts";

const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
/** How long a page on a busy machine may take for what takes a moment alone. */
const PATIENCE_MILLISECONDS = 90_000;
const canRun = hasNatsServer && existsSync(CHROMIUM);
if (!canRun) console.warn(`without nats-server and Chromium at ${CHROMIUM} no peer is tested in a browser`);

/** The page of the fixture, built and served. */
async function servePage(outDir: string) {
  const root = join(import.meta.dirname, "../fixture/browser-peer");
  const shared = { root, configFile: false, logLevel: "error", build: { outDir, minify: false } } as const;
  await build(shared);
  const server = await preview({ ...shared, preview: { port: 0, host: "127.0.0.1" } });
  return { origin: server.resolvedUrls?.local[0] ?? "", [Symbol.asyncDispose]: () => server.close() };
}

function trainInPage(page: Page, server: string, node: TrainingNode): Promise<TrainedNode> {
  return page.evaluate(
    ([url, training]) => {
      const { actions } = globalThis as unknown as { actions: Actions };
      return actions.trainHere(url, training);
    },
    [server, node] as const,
  );
}

describe.skipIf(!canRun)("peers in a browser (skipped without Chromium or nats-server)", () => {
  it("learn with a peer in Node and a Byzantine one, through a restart of the server", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gradus-page-"));
    try {
      await using server = await startNatsServer();
      await using site = await servePage(folder);
      await using browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      const nodes = 4;
      const keys = await Promise.all(Array.from({ length: nodes }, generateSigningKeys));
      const publicKeys = keys.map(({ publicKey }) => publicKey);
      const identity = (node: number) => ({ node, nodes, privateKey: keys[node].privateKey, publicKeys });

      const tcp = { servers: `127.0.0.1:${server.port}`, noEcho: true, reconnectTimeWait: 100 };
      await using inNode = await connect({ ...tcp, maxReconnectAttempts: -1 });
      await using ofByzantine = await connect({ ...tcp, maxReconnectAttempts: -1 });
      // Answers every message with bytes that it signs but that are no model, and with messages in another's name.
      const byzantine = await layers(ofByzantine, identity(3));
      const fallSilent = byzantine.transport.subscribe(() => {
        // Messages sent while the connection closes are lost.
        Promise.resolve(byzantine.transport.broadcast(new Uint8Array(7))).catch(() => undefined);
        ofByzantine.publish("gradus.pages.all.2", new Uint8Array(200));
      });

      const pages = await Promise.all([0, 1].map(() => browser.newPage()));
      const exceptions: string[] = [];
      for (const page of pages) {
        page.setDefaultTimeout(PATIENCE_MILLISECONDS);
        page.on("pageerror", ({ message }) => exceptions.push(message));
        await page.goto(site.origin);
        await page.waitForFunction(() => "actions" in globalThis);
      }
      let strike: Promise<void> | undefined;
      const observe = (step: number) => {
        if (step >= 100) strike ??= server.kill().then(() => server.startAgain());
      };
      const of = (node: number, target: number) => ({ ...identity(node), target, steps: 200 });
      const trained = await Promise.all([
        ...pages.map((page, node) =>
          trainInPage(page, `ws://127.0.0.1:${server.webSocketPort}`, of(node, 2.9 + node / 10)),
        ),
        train(inNode, of(2, 3.1), observe),
      ]);
      fallSilent();
      await strike;
      expect(strike).toBeDefined();
      for (const { model, step, garbage } of trained) {
        expect(step).toBe(200);
        // The honest minima are 2.9, 3 and 3.1.
        expect(Math.abs(model - 3)).toBeLessThan(0.1);
        expect(garbage).toBeGreaterThan(0);
      }
      for (const { forged } of trained.slice(0, 2)) expect(forged).toBeGreaterThan(0);
      expect(exceptions).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
