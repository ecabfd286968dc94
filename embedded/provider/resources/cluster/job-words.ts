import type { ObjectWords } from "../../framework/cluster-object.ts";

type JobWords = Omit<ObjectWords, "creating" | "reading" | "updating" | "deleting">;

/** How a failure with a job is told; `title` is "Backup Job" or "Replication", `noun` the same inside a sentence. */
export function jobWords(title: string, noun: string): JobWords {
  const readBackFailed = {
    create: (error: string) => [`Unable to Read ${title} After Creation`, error] as const,
    update: (error: string) => [`Unable to Read ${title} After Update`, error] as const,
    import: (error: string) => [`Unable to Import ${title}`, error] as const,
  };
  return {
    createFailed: (_name, error) => [`Unable to Create ${title}`, error],
    updateFailed: (_name, error) => [`Unable to Update ${title}`, error],
    readFailed: (_name, error) => [`Unable to Read ${title}`, error],
    deleteFailed: (_name, error) => [`Unable to Delete ${title}`, error],
    lost: (phase, name, error) =>
      phase === "import"
        ? [`${title} Not Found`, `${noun} with ID '${name}' was not found`]
        : readBackFailed[phase](error),
    readBackFailed: (phase, _name, error) => readBackFailed[phase](error),
  };
}
