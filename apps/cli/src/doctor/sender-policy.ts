import { type Finding, finding } from "./check.ts";
import { type Dns, textRecords, unlessUnreachable } from "./dns.ts";

/** Whether a domain says who may send for it (SPF, RFC 7208). */
export function checkSpf(dns: Dns, domain: string): Promise<Finding> {
  return unlessUnreachable("SPF record", async () => {
    const found = await textRecords(dns, domain, /^v=spf1(?: |$)/i);
    const say = (state: Finding["state"], text: string) => finding("SPF record", state, text);
    if (found.length === 0)
      return say(
        "failed",
        `${domain} has none; add TXT "v=spf1 mx -all", with what your mail server's provider asks for`,
      );
    if (found.length > 1)
      return say("failed", `${domain} has ${found.length}; it must have one, or none counts`);
    const [record] = found;
    const terms = record.toLowerCase().split(/\s+/);
    if (terms.some((term) => term === "all" || term === "+all"))
      return say(
        "failed",
        `${domain} lets everybody send for it (${record}); end the record with -all or ~all`,
      );
    const closed = terms.some((term) => /^[-~]all$/.test(term) || term.startsWith("redirect="));
    if (!closed)
      return say(
        "note",
        `${domain} forbids nobody to send for it (${record}); end the record with -all or ~all`,
      );
    return say("ok", `${domain}: ${record} (must include the mail server's addresses)`);
  });
}

/** The domains that may have the policy of another, itself first, without its top level (RFC 7489, section 6.6.3). */
function policyDomains(domain: string): string[] {
  const labels = domain.split(".");
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, i) => labels.slice(i).join("."));
}

/** Whether a domain, or one above it, says what receivers do with mail that is not its own (DMARC, RFC 7489). */
export function checkDmarc(dns: Dns, domain: string): Promise<Finding> {
  return unlessUnreachable("DMARC record", async () => {
    const say = (state: Finding["state"], text: string) => finding("DMARC record", state, text);
    for (const own of policyDomains(domain)) {
      const name = `_dmarc.${own}`;
      const found = await textRecords(dns, name, /^v=DMARC1\s*(?:;|$)/i);
      if (found.length === 0) continue;
      if (found.length > 1)
        return say("failed", `${name} has ${found.length} records; it must have one, or none counts`);
      const policy = /;\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)/i.exec(found[0])?.[1].toLowerCase();
      if (!policy)
        return say("failed", `${name} has no policy (${found[0]}); add p=none, p=quarantine or p=reject`);
      return policy === "none"
        ? say(
            "note",
            `${name}: ${found[0]} (reports only; with SPF and DKIM in order, p=quarantine protects the domain)`,
          )
        : say("ok", `${name}: ${found[0]}`);
    }
    return say("failed", `${domain} has none; add TXT "v=DMARC1; p=none" at _dmarc.${domain}`);
  });
}
