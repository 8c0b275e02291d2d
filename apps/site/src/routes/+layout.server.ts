import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = ({ locals: { person } }) => ({
  person: person
    ? { label: person.name ?? person.email.split("@")[0], operates: person.role !== "reader" }
    : null,
});
