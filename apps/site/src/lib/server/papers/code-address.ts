const LONGEST_ADDRESS = 300;
const CODE_HOSTS = ["github.com", "gitlab.com", "codeberg.org", "huggingface.co"];

/** The address of code: https, at a host of code, without user and port. Undefined for anything else. */
export function codeAddress(text: string): string | undefined {
  if (text.length > LONGEST_ADDRESS || !/^[!-~]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, username, password, port, pathname, href } = new URL(text);
  const plain = protocol === "https:" && !username && !password && !port;
  return plain && CODE_HOSTS.includes(hostname) && pathname.length > 1 ? href : undefined;
}
