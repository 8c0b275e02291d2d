import { papers } from "@gradus/papers";

for (const { title, claims } of papers) console.log(title, claims.length);
