import { networkInterfaces } from "node:os";

/** How long an answer may take. */
const timeoutMs = 10_000;

/** Prints what this computer serves at a URL; whatever lies at another computer's address is not asked for. */
async function fetchFromHost(url: URL): Promise<string> {
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  if (!own.includes(url.hostname)) throw new Error(`(7) Failed to connect to ${url.host}`);
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`(22) The requested URL returned error: ${answer.status}`);
  return answer.text();
}

try {
  process.stdout.write(await fetchFromHost(new URL(process.argv[2] ?? "")));
} catch (error) {
  console.error(`curl: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 22;
}
