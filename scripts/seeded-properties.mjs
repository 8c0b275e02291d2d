// Set up before every test file: properties are tried on the same examples each time.
import fc from "fast-check";

fc.configureGlobal({ seed: 1 });
