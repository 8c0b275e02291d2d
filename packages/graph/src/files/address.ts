import type { NamedFile } from "./contract.ts";

/** A file that is fetched from its address. */
export function fetchedFile(address: URL): NamedFile {
  return {
    name: address.href,
    async read(signal) {
      const response = await fetch(address, { signal }).catch((cause: unknown) => {
        // Node says why in the cause alone.
        const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
        throw reason === "" ? cause : new Error(reason, { cause });
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
      }
      return new Uint8Array(await response.arrayBuffer());
    },
    beside: (segments) => fetchedFile(new URL(segments.map(encodeURIComponent).join("/"), address)),
  };
}
