#!/usr/bin/env node
// Plain JavaScript without new syntax: an older Node must get as far as the sentence below.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `nixherd: this project runs on Node 24.12 or newer, and this is Node ${process.versions.node}. ` +
      "Run scripts/setup, which puts one into .tools/, or install it and try again.",
  );
  process.exitCode = 1;
} else {
  const { main } = await import("./main.ts");
  await main(process.argv);
}
