/** What the page tells the service worker. */
export interface KeepMessage {
  readonly kind: "keep";
  /** Addresses of this origin that the page or its worker has loaded. */
  readonly addresses: readonly string[];
}

/** Has the service worker keep what was loaded, so that it is there when the network is gone. */
export function keepOffline(addresses: readonly string[]): void {
  const message: KeepMessage = { kind: "keep", addresses };
  void navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage(message));
}

/**
 * The addresses of this origin that the page itself has loaded, and those of the styles that came within it: another page
 * that leads here asks for them as files.
 */
export function loadedByPage(): string[] {
  const resources = performance.getEntriesByType("resource").map(({ name }) => name);
  const styles = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].map(
    ({ href }) => href,
  );
  return [...resources, ...styles].filter((address) => new URL(address).origin === location.origin);
}

/** The addresses of this origin that a worker has loaded, its own included. */
export function loadedByWorker(): string[] {
  const own = [self.location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)];
  return own.filter((address) => address.startsWith(self.location.origin));
}
