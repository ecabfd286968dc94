import { printParseErrorCode, visit } from "jsonc-parser";
import { pointerOf } from "./json.ts";

/** Deepest nesting that is read; a spec has about five levels besides nixos.settings. */
const maxDepth = 64;

/** One thing wrong with a text that should be JSON. */
export interface SyntaxProblem {
  readonly pointer: string;
  readonly message: string;
}

const explanations: Readonly<Record<string, string>> = {
  InvalidSymbol: "an unknown word or sign (expected a text in double quotes, a number, true, false or null)",
  InvalidNumberFormat: "a malformed number",
  PropertyNameExpected: "no key here (expected a key in double quotes)",
  ValueExpected: "no value here (expected a value)",
  ColonExpected: "no colon after the key (expected :)",
  CommaExpected: "no comma here (expected , between two entries)",
  CloseBraceExpected: "the object is not closed (expected })",
  CloseBracketExpected: "the list is not closed (expected ])",
  EndOfFileExpected: "more after the end of the object (expected the end of the file)",
  InvalidCommentToken: "a comment (expected plain JSON, which has none)",
  UnexpectedEndOfComment: "a comment (expected plain JSON, which has none)",
  UnexpectedEndOfString: 'a text that is not closed (expected " on the same line)',
  UnexpectedEndOfNumber: "a number that ends too early",
  InvalidUnicode: "a malformed \\u escape (expected four hexadecimal digits)",
  InvalidEscapeCharacter: 'an unknown escape (expected \\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t or \\u)',
  InvalidCharacter: "a control character in a text (expected an escape such as \\n or \\t)",
};

type Visitor = Parameters<typeof visit>[1];

/**
 * Finds the first violation of strict JSON, or else every key that readers disagree about: one that stands twice in its object
 * (JSON.parse takes the last, others the first), or one that JavaScript takes for the object's prototype.
 */
export function findSyntaxProblems(text: string): SyntaxProblem[] {
  const tooDeep = findExcessiveDepth(text);
  if (tooDeep !== undefined) return [tooDeep];
  const errors: SyntaxProblem[] = [];
  const badKeys: SyntaxProblem[] = [];
  const visitor: Visitor = {
    ...keyVisitor((problem) => badKeys.push(problem)),
    onError: (code, offset, _length, line, column) => {
      const what = isTrailingComma(text, offset)
        ? "a comma before a closing bracket (expected none after the last entry)"
        : explanations[printParseErrorCode(code)];
      errors.push({ pointer: "", message: `line ${line + 1}, column ${column + 1}: ${what}` });
    },
  };
  visit(text, visitor, { disallowComments: true, allowTrailingComma: false });
  return errors.length > 0 ? errors.slice(0, 1) : badKeys;
}

function keyVisitor(report: (problem: SyntaxProblem) => void): Visitor {
  const openObjects: Set<string>[] = [];
  return {
    onObjectBegin: () => {
      openObjects.push(new Set());
    },
    onObjectEnd: () => {
      openObjects.pop();
    },
    onObjectProperty: (key, _offset, _length, line, column, path) => {
      const keys = openObjects.at(-1);
      const isRepeated = keys?.has(key) === true;
      keys?.add(key);
      if (!isRepeated && key !== "__proto__") return;
      const wrong = isRepeated ? "is there twice (expected once)" : "is refused (expected another name)";
      report({
        pointer: pointerOf([...path(), key]),
        message: `line ${line + 1}, column ${column + 1}: key "${key}" ${wrong}`,
      });
    },
  };
}

function isTrailingComma(text: string, offset: number): boolean {
  return /[}\]]/.test(text.charAt(offset)) && text.slice(0, offset).trimEnd().endsWith(",");
}

/** Looked for before anything else reads the text, because every reader recurses into it. */
function findExcessiveDepth(text: string): SyntaxProblem | undefined {
  // Counts brackets inside texts too, so it only tells which texts need the exact count below.
  if (text.split(/[[{]/, maxDepth + 2).length < maxDepth + 2) return undefined;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (depth > maxDepth) {
      const line = text.slice(0, index).split("\n").length;
      return { pointer: "", message: `line ${line}: nested too deep (expected at most ${maxDepth} levels)` };
    }
  }
  return undefined;
}
