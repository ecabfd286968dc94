import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEventLine } from "../../terraform/apply-events.ts";

const resource = { addr: "terraform_data.nixos-101", module: "", resource_type: "terraform_data" };

function hookLine(type: string, hook: object = {}): string {
  return JSON.stringify({ "@level": "info", "@message": "text", type, hook: { resource, ...hook } });
}

test.each([
  ["apply_start", "started", 0],
  ["apply_progress", "running", 10],
  ["apply_complete", "complete", 12],
  ["apply_errored", "failed", 3],
])("%s is a resource that is %s.", (type, state, elapsedSeconds) => {
  expect(parseEventLine(hookLine(type, { action: "create", elapsed_seconds: elapsedSeconds }))).toEqual({
    type: "resource",
    state,
    address: "terraform_data.nixos-101",
    action: "create",
    elapsedSeconds,
  });
});

test("A hook's beginning, output and end are told apart.", () => {
  const address = "terraform_data.nixos-101";
  expect(parseEventLine(hookLine("provision_start", { provisioner: "local-exec" }))).toEqual({
    type: "provisioner",
    state: "started",
    address,
  });
  expect(parseEventLine(hookLine("provision_progress", { output: "phase=ssh state=ok ms=12" }))).toEqual({
    type: "provisioner-output",
    address,
    line: "phase=ssh state=ok ms=12",
  });
  expect(parseEventLine(hookLine("provision_errored"))).toEqual({
    type: "provisioner",
    state: "failed",
    address,
  });
});

test("A diagnostic keeps its words and its resource.", () => {
  const line = JSON.stringify({
    type: "diagnostic",
    diagnostic: { severity: "error", summary: "VM start", detail: "no bridge\n", address: "a.b", range: {} },
  });
  expect(parseEventLine(line)).toEqual({
    type: "diagnostic",
    diagnostic: { severity: "error", summary: "VM start", detail: "no bridge", address: "a.b" },
  });
});

test("What names no resource is a message; what cannot be read is kept as it is.", () => {
  const version = '{"@message":"OpenTofu 1.12.6","type":"version","ui":"1.2"}';
  expect(parseEventLine(version)).toEqual({ type: "message", message: "OpenTofu 1.12.6" });
  const unreadable = [
    "",
    "Warning: plain text",
    "{half a line",
    "[]",
    "{}",
    '{"type":7}',
    '{"type":"apply_start"}',
    '{"type":"apply_start","hook":{"resource":{}}}',
    '{"type":"diagnostic","diagnostic":{"severity":"loud","summary":"x"}}',
  ];
  for (const line of unreadable) expect(parseEventLine(line)).toEqual({ type: "unknown", line });
});

test("No line, JSON or not, makes the parser throw, and none is lost.", () => {
  const types = fc.constantFrom("apply_start", "provision_progress", "diagnostic", "log", "new_type");
  const records = fc.record({ type: types, hook: fc.jsonValue(), diagnostic: fc.jsonValue() });
  const lines = fc.oneof(
    fc.string(),
    fc.json(),
    records.map((record) => JSON.stringify(record)),
  );
  fc.assert(
    fc.property(lines, (line) => {
      const event = parseEventLine(line);
      return event.type !== "unknown" || event.line === line;
    }),
  );
});
