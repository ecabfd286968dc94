import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cwd } from "node:process";

// Compiled code is kept between runs: stripping types and compiling is a fifth of a small stack's synthesis.
enableCompileCache(join(cwd(), ".nixherd", "compile-cache"));
await import("./run-app.ts");
