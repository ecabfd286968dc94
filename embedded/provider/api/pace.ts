/**
 * Shortens a pause of the real provider: demonstrations should not wait where nothing happens.
 * NIXHERD_EMBEDDED_POLL_MS is the length of its one-second polls in milliseconds, default 100; 1000 is the real pace.
 */
export function paced(realMs: number): number {
  return (realMs * positive("NIXHERD_EMBEDDED_POLL_MS", 100)) / 1000;
}

/**
 * Scales a timeout of the real provider, in milliseconds. NIXHERD_EMBEDDED_TIMEOUT_SCALE is the factor, default 1;
 * tests that wait for a timeout make it small together with the pauses.
 */
export function scaledTimeout(realMs: number): number {
  return realMs * positive("NIXHERD_EMBEDDED_TIMEOUT_SCALE", 1);
}

function positive(name: string, fallback: number): number {
  const number = Number(process.env[name] ?? fallback);
  return Number.isFinite(number) && number > 0 ? number : fallback;
}
