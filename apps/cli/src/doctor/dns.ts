import { type Finding, finding } from "./check.ts";

/** Queries to the DNS. */
export interface Dns {
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>;
  resolveMx(name: string): Promise<readonly { readonly exchange: string }[]>;
  resolve4(name: string): Promise<readonly string[]>;
}

/** Answers that say that there is no such record. */
const NO_RECORD = new Set(["ENOTFOUND", "ENODATA"]);

/** The DNS could not be asked. */
class DnsError extends Error {
  override name = "DnsError";
}

/** The records of a question; none where the DNS says so. @throws DnsError when it cannot be asked */
async function records<RecordType>(
  ask: () => Promise<readonly RecordType[]>,
): Promise<readonly RecordType[]> {
  try {
    return await ask();
  } catch (error) {
    const { code }: { code?: unknown } = Object(error);
    if (NO_RECORD.has(String(code))) return [];
    throw new DnsError(`the DNS cannot be reached (${code ?? error}); check again where it can`, {
      cause: error,
    });
  }
}

/** The texts of a name that begin as wanted. @throws DnsError when the DNS cannot be asked */
export async function textRecords(dns: Dns, name: string, begins: RegExp): Promise<string[]> {
  const found = await records(() => dns.resolveTxt(name));
  return found.map((parts) => parts.join("")).filter((text) => begins.test(text));
}

/** Whether mail to a domain has somewhere to go (RFC 5321, section 5.1). @throws DnsError when the DNS cannot be asked */
export async function acceptsMail(dns: Dns, domain: string): Promise<boolean> {
  const exchanges = await records(() => dns.resolveMx(domain));
  // A lone "." refuses all mail (RFC 7505).
  if (exchanges.length > 0) return exchanges.some(({ exchange }) => exchange !== "" && exchange !== ".");
  return (await records(() => dns.resolve4(domain))).length > 0;
}

/** What a check finds, or that the DNS could not be asked. */
export async function unlessUnreachable(subject: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof DnsError) return finding(subject, "unknown", error.message);
    throw error;
  }
}
