// A visit in a real browser, with a record of everything that should not happen.
import { existsSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
  type Locator,
  type Page,
  type Request,
  type Response,
} from "playwright-core";

const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
export const installed = existsSync(CHROMIUM);

if (!installed)
  console.warn(
    `there is no Chromium at ${CHROMIUM}: the browser tests are skipped. Install Debian's chromium, or name one in GRADUS_CHROMIUM`,
  );

/** How long a browser on a busy machine may take for what takes a moment alone. */
const PATIENCE_MILLISECONDS = 90_000;

const OPTIONS = { executablePath: CHROMIUM, args: ["--no-sandbox"], timeout: PATIENCE_MILLISECONDS };

export function launch(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({ ...OPTIONS, args: [...OPTIONS.args, ...args] });
}

/** Launches a browser to which several processes connect. */
export function launchServer(): Promise<BrowserServer> {
  return chromium.launchServer(OPTIONS);
}

/**
 * Errors and warnings of the console, exceptions, requests to elsewhere (workers' too), requests that failed, policy
 * violations.
 */
function record(page: Page, origin: string): string[] {
  const trouble: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`exception: ${error.message}`));
  const listen = (request: Request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) trouble.push(`foreign: ${url.href}`);
  };
  page.context().on("request", listen);
  page.once("close", () => page.context().off("request", listen));
  page.on("requestfailed", (request) => {
    // What a navigation no longer needs is called off.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") trouble.push(`failed: ${request.url()} ${reason}`);
  });
  return trouble;
}

/** A page that was opened, what the server sent for it, and what should not have happened since. */
export interface Visit {
  readonly page: Page;
  readonly response: Response | null;
  readonly trouble: readonly string[];
}

/** A reader who was never here: nothing is kept for them yet. */
export async function newReader(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MILLISECONDS);
  return context;
}

/** Opens an address of the site as a new reader does. */
export async function visit(
  browser: Browser,
  address: URL,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  return visitAs(await newReader(browser, options), address);
}

/** Opens an address of the site on a new page of a reader, who may have been here before. */
export async function visitAs(context: BrowserContext, address: URL): Promise<Visit> {
  const { open } = await newTab(context, address.origin);
  return open(address);
}

/** A page in which addresses of one site are opened one after the other: a visit ends where the next begins. */
export interface Tab {
  readonly page: Page;
  open(address: URL): Promise<Visit>;
}

/** Opens an empty tab of a reader. An address opened in it takes a browser half of the work that a new page takes. */
export async function newTab(context: BrowserContext, origin: string): Promise<Tab> {
  const page = await context.newPage();
  const trouble = record(page, origin);
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return {
    page,
    async open(address) {
      trouble.length = 0;
      return { page, response: await page.goto(address.href), trouble };
    },
  };
}

/** The page's scripts run: what only they show is there. */
export const alive = (page: Page) => page.getByRole("button", { name: "Keyboard shortcuts" }).waitFor();

/** Nothing is wider than the window. */
export const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

/** Cards whose contents are wider than they are, which cuts them off. */
export const cutOff = (page: Page) =>
  page
    .locator(".card")
    .evaluateAll((cards) =>
      cards
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
        .map(({ id, scrollWidth, clientWidth }) => `${id}: ${scrollWidth} > ${clientWidth}`),
    );

/** The labels of drawings that reach beyond their figure. */
export const labelsOutside = (page: Page) =>
  page.locator("figure svg text").evaluateAll((labels) =>
    labels
      .filter((label) => {
        const { left, right, width } = label.getBoundingClientRect();
        const figure = label.closest("figure")?.getBoundingClientRect();
        return figure && width > 0 && (left < figure.left || right > figure.right);
      })
      .map((label) => label.textContent),
  );

/** Buttons, links and fields that reach beyond the cell of the table they stand in. */
export const controlsOutside = (page: Page) =>
  page.locator("td, th").evaluateAll((cells) =>
    cells.flatMap((cell) => {
      const { left, right } = cell.getBoundingClientRect();
      return Array.from(cell.querySelectorAll("button, a, input, select"))
        .filter((control) => {
          const own = control.getBoundingClientRect();
          return own.width > 0 && (own.left < left - 1 || own.right > right + 1);
        })
        .map((control) => control.outerHTML);
    }),
  );

/**
 * Clicks what leads to another page, and returns when all of that page is there:
 * without scripts a click alone returns when its first bytes arrive.
 */
export async function follow(link: Locator, address: RegExp): Promise<void> {
  await Promise.all([link.page().waitForURL(address), link.click()]);
}
