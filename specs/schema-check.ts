import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { explainSchemaError, type SchemaFinding } from "./explain-schema-error.ts";
import { foldUnions } from "./fold-unions.ts";
import type { JsonObject } from "./json.ts";

/** Makes a check against a schema; the schema is compiled at the first use. The check gives every finding, none if all is well. */
export function schemaCheck(schema: object): (value: JsonObject) => SchemaFinding[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compile(schema);
    if (validate(value)) return [];
    return dropConsequences(foldUnions(validate.errors ?? [])).map(explainSchemaError);
  };
}

/** Of a value of the wrong kind nothing else is worth saying. */
function dropConsequences(errors: readonly ErrorObject[]): ErrorObject[] {
  const wrongKinds = new Set(
    errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath),
  );
  return errors.filter(({ instancePath, keyword }) => keyword === "type" || !wrongKinds.has(instancePath));
}

function compile(schema: object): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    // Our own schemas, checked by a test: both would triple the time to the first result of every command.
    validateSchema: false,
    code: { optimize: false },
  });
  ajv.addKeyword("patternErrorMessage");
  return ajv.compile(schema);
}
