import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = ({ locals: { person } }) => ({
  person: person ? { label: person.email.split("@")[0] } : null,
});
