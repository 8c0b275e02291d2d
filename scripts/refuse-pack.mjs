// Runs before `npm pack` and `npm publish` in the folder of a package, whose manifest names sources: Node does not run
// them once they are installed.
console.error(
  "gradus: packages are packed from what they are built to: npm run release -- --dry-run leaves their archives in\n" +
    "build/release, npm run release publishes them.",
);
process.exit(1);
