import type { SubscriptionOptions } from "#lib/subscriptions/views.ts";
import type { TopicView } from "#lib/views.ts";

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** What can be chosen; `current` is a zone that is offered even if it goes by another name today. */
export function subscriptionOptions(topics: readonly TopicView[], current = "UTC"): SubscriptionOptions {
  return { topics, zones: zones.includes(current) ? zones : [...zones, current] };
}
