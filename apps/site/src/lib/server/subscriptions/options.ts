import type { SubscriptionOptions } from "#lib/subscriptions/views.ts";
import { zoneNames } from "#lib/subscriptions/zones.ts";
import type { TopicView } from "#lib/views.ts";

const zones = zoneNames();

/** What can be chosen; `current` is a zone that is offered even if it goes by another name today. */
export function subscriptionOptions(topics: readonly TopicView[], current = "UTC"): SubscriptionOptions {
  return { topics, zones: zones.includes(current) ? zones : [...zones, current] };
}
