import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cwd, env, exit, stdin } from "node:process";
import { text } from "node:stream/consumers";

/**
 * The app of cdktf.json, started before it is known that it has anything to do: loads its code, waits for a line on
 * stdin, a JSON object with environment variables that were not known before, and then does what main.ts does.
 * Without a line it ends.
 */
enableCompileCache(join(cwd(), ".nixherd", "compile-cache"));
await Promise.all([
  import("./synthesize.ts"),
  import("../specs/read-fleet.ts"),
  import("../specs/read-sound-stacks.ts"),
]);
const asked = await text(stdin);
if (!asked.endsWith("\n")) exit(0);
Object.assign(env, JSON.parse(asked));
await import("./run-app.ts");
