import type { GuestConnection } from "./connection.ts";
import { readFields } from "./fields.ts";
import { askScript } from "./run-script.ts";

/** One generation of a machine's system profile. */
export interface Generation {
  readonly number: number;
  /** When it was made, in seconds since 1970. */
  readonly madeAtSeconds: number;
  /** Store path. */
  readonly system: string;
  readonly nixosVersion: string;
  /** Version of its kernel; "" if it does not tell. */
  readonly kernel: string;
  /** Git revision of its configuration; "" if it does not tell. */
  readonly revision: string;
  /** The profile is at it: the next boot starts it. */
  readonly isCurrent: boolean;
  /** Its system runs. */
  readonly isRunning: boolean;
  /** Its system is what the machine booted. */
  readonly isBooted: boolean;
  /** Its system is the one that a deploy confirmed last. */
  readonly isConfirmed: boolean;
}

const timeoutMs = 30_000;

/** The generations of a machine's system profile, oldest first. */
export async function readGenerations(connection: GuestConnection): Promise<Generation[]> {
  return parseGenerations(await askScript(connection, { words: ["generations"], timeoutMs }));
}

/** Reads what guests/remote/generations.sh printed. */
function parseGenerations(text: string): Generation[] {
  const { one, count } = readFields(text);
  const generations = text.split("\n").flatMap((line): Generation[] => {
    const [number = "", madeAt = "", system = "", nixosVersion = "", kernel = "", revision = ""] =
      line.split("\t");
    if (!/^\d+$/.test(number) || system === "") return [];
    return [
      {
        number: Number(number),
        madeAtSeconds: Number(madeAt),
        system,
        nixosVersion,
        kernel,
        revision,
        isCurrent: Number(number) === count("current"),
        isRunning: system === one("running"),
        isBooted: system === one("booted"),
        isConfirmed: system === one("confirmed"),
      },
    ];
  });
  return generations.toSorted((left, right) => left.number - right.number);
}
