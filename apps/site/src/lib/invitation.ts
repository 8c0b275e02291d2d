/** Closes the invitation to subscribe, in this browser, for good. */
export function dismissInvitation(): void {
  document.documentElement.dataset.invitation = "closed";
  try {
    localStorage.setItem("gradus.invitation", "closed");
  } catch {
    // A browser that stores nothing still closes it on this page.
  }
}
