/** Names of zones that engines keep, by the name that the tz database gives the zone today. */
const TODAY: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** All zones by their names today, UTC first, then in the order of the alphabet. */
export function zoneNames(): string[] {
  const names = new Set(Intl.supportedValuesOf("timeZone").map((zone) => TODAY[zone] ?? zone));
  names.delete("UTC");
  return ["UTC", ...[...names].sort()];
}

/** The name that an engine gives a zone, the same for all of its names; undefined for what it does not know. */
function canonical(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A zone by the name that it is offered by: browsers differ in whether India's is Kolkata or Calcutta. */
export function offeredZone(zones: readonly string[], zone: string): string | undefined {
  if (zones.includes(zone)) return zone;
  const name = canonical(zone);
  return name === undefined ? undefined : zones.find((other) => canonical(other) === name);
}
