// The graph engine warns once in a process when it runs on WebAssembly because there is no native runtime. Experiments
// and peers have processes of their own: their parent shows the notice, once for all of them.
import process from "node:process";

/** The code of the engine's process warning. */
const CODE = "GRADUS_WASM";

export interface NoticeMessage {
  readonly kind: "notice";
  readonly notice: string;
}

/** Has this process's notice shown in place of Node's warning; other warnings stay with Node. */
export function takeNotice(show: (notice: string) => void): void {
  const others = process.listeners("warning");
  // None with --no-warnings.
  if (others.length === 0) return;
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if ("code" in warning && warning.code === CODE) show(warning.message);
    else for (const tell of others) tell.call(process, warning);
  });
}

/** Node's options for a process that leaves its notice to its parent. */
export function withoutNotice(): string[] {
  return [...process.execArgv, `--disable-warning=${CODE}`];
}

/** Sends this process's notice to its parent. */
export function sendNotice(): void {
  process.on("warning", (warning) => {
    if (!("code" in warning) || warning.code !== CODE) return;
    const message: NoticeMessage = { kind: "notice", notice: warning.message };
    // A parent that has gone needs no notice.
    process.send?.(message, undefined, undefined, () => undefined);
  });
}

/** The notice in a message of a process; undefined for its other messages. */
export function noticeOf(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null || !("notice" in message)) return undefined;
  return typeof message.notice === "string" ? message.notice : undefined;
}
