/** Where a reader submits the paper of an arXiv identifier, which the form then has. */
export function submitPath(arxivId: string): string {
  return `/submit?${new URLSearchParams({ paper: arxivId })}`;
}
