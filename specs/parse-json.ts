import type { Problem } from "../lib/problem.ts";
import { findSyntaxProblems, type SyntaxProblem } from "./find-syntax-problems.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

type ParseResult = { readonly value: JsonObject } | { readonly problems: readonly Problem[] };

/** Reads strict JSON with an object at its root. What is wrong with the text is said with line and column, counted from 1. */
export function parseJson(file: string, text: string): ParseResult {
  const problems = findTextProblems(text);
  if (problems.length > 0) return refuse(file, problems);
  const value: unknown = JSON.parse(text);
  if (isJsonObject(value)) return { value };
  const got = Array.isArray(value) ? "a list" : "a single value";
  return refuse(file, [{ pointer: "", message: `holds no object (expected { }, got ${got})` }]);
}

function findTextProblems(text: string): readonly SyntaxProblem[] {
  if (text.startsWith("\uFEFF")) {
    return [{ pointer: "", message: "starts with a byte order mark (expected plain UTF-8)" }];
  }
  if (text.trim() === "") return [{ pointer: "", message: "is empty (expected a JSON object)" }];
  return findSyntaxProblems(text);
}

function refuse(file: string, problems: readonly SyntaxProblem[]): ParseResult {
  return {
    problems: problems.map((problem) => ({ file, rule: "syntax", severity: "error", ...problem })),
  };
}
