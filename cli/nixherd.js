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
  const { enableCompileCache } = await import("node:module");
  const { fileURLToPath } = await import("node:url");
  // Compiled code is kept between runs; stripping types and compiling takes longer than most commands' own start.
  enableCompileCache(fileURLToPath(new URL("../.nixherd/compile-cache", import.meta.url)));
  const { main } = await import("./main.ts");
  await main(process.argv);
}
