import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { callApi } from "../e2e/call-api.ts";
import { commitAll } from "../e2e/commit-all.ts";
import { machine, site } from "../e2e/machine-specs.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";
import { type CommandResult, createTestRepository, type TestRepository } from "../e2e/test-repository.ts";

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly name?: string; readonly run?: string; readonly uses?: string }[] }
    >
  >;
}

const read = (name: string) => readFileSync(resolve("docs/gitops", name), "utf8");
const github = parse(read("github-actions.yml")) as Workflow;
const gitlab = parse(read("gitlab-ci.yml")) as Readonly<
  Record<string, { script: string[]; after_script: string[] }>
>;

let repository: TestRepository;
let tools: string;

/** The script of a step of the GitHub workflow. */
function step(job: string, name: string): string {
  const found = github.jobs[job]?.steps.find((each) => each.name === name)?.run;
  if (found === undefined) throw new Error(`no step ${name} in job ${job}`);
  return found;
}

/** Runs a step as the runners do; `npx nixherd` is the program of this repository, whatever else speaks to a server a stand-in. */
function run(script: string, variables: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const assignments = Object.entries({ ...variables, PATH: `${tools}:${process.env["PATH"]}` }).map(
    ([name, value]) => `${name}=${value}`,
  );
  // path.sh would put the project's own programs before the stand-ins.
  const usable = script.replaceAll("source scripts/lib/path.sh", "true");
  return repository.run("env", [...assignments, "bash", "-e", "-o", "pipefail", "-c", usable]);
}

interface Note {
  readonly id: number;
  readonly author: { readonly id: number };
  body: string;
}

/** The part of GitLab's API that the comment needs, for a token of user 7: who one is, and the notes of a merge request by pages. */
async function serveNotes(notes: Note[], requests: string[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://host");
    requests.push(`${request.method} ${pathname}`);
    const page = Number(searchParams.get("page") ?? 1);
    const size = Number(searchParams.get("per_page") ?? 20);
    const known = notes.find(({ id }) => pathname.endsWith(`/notes/${id}`));
    if (request.headers["private-token"] !== "token") response.statusCode = 401;
    else if (request.method === "PUT" && known !== undefined) known.body = (await readJsonBody(request)).body;
    else if (request.method === "POST")
      notes.push({ id: notes.length, author: { id: 7 }, body: (await readJsonBody(request)).body });
    if (page * size < notes.length) response.setHeader("x-next-page", String(page + 1));
    const listed = notes.slice((page - 1) * size, page * size);
    response.end(JSON.stringify(pathname === "/user" ? { id: 7 } : listed));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const readJsonBody = async (request: IncomingMessage) => (await json(request)) as { readonly body: string };

const fileOf = (name: string) => readFileSync(join(repository.root, name), "utf8");

beforeAll(async () => {
  tools = mkdtempSync(join(tmpdir(), "nixherd-pipeline-tools-"));
  const nixherd = resolve("cli/nixherd.js");
  const words = join(tools, "said");
  writeFileSync(join(tools, "npx"), `#!/bin/sh\nshift\nexec node "${nixherd}" "$@"\n`, { mode: 0o755 });
  writeFileSync(join(tools, "gh"), `#!/bin/sh\nprintf '%s\\n' "gh $*" >>"${words}"\n`, { mode: 0o755 });
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: site,
    "prod/web-1": machine(101, { nixos: false }),
    "test/web-2": machine(151, { nixos: false }),
  });
  await commitAll(repository);
  await repository.run("git", ["update-ref", "refs/remotes/origin/main", "HEAD"]);
});

afterAll(async () => {
  rmSync(tools, { recursive: true, force: true });
  await repository?.close();
});

describe("The GitHub workflow", () => {
  test("uses every action by a commit, with its version beside it.", () => {
    const uses = read("github-actions.yml").match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("lists the stacks as a matrix, without what only begins like one.", async () => {
    const output = join(tools, "output");
    const listed = await run(step("stacks", "List the stacks"), { GITHUB_OUTPUT: output });
    expect(listed.exitCode, listed.all).toBe(0);
    expect(readFileSync(output, "utf8")).toBe('names=["prod","test"]\n');
  });

  test("applies one stack, and finds no drift in it afterwards.", async () => {
    const applied = await run(step("apply", "Apply"), { STACK: "prod" });
    expect(applied.exitCode, applied.all).toBe(0);
    const rest = await run(step("apply", "Apply"), { STACK: "test" });
    expect(rest.exitCode, rest.all).toBe(0);
    const summary = join(tools, "summary.md");
    expect((await run(step("drift", "Look for drift"), { GITHUB_STEP_SUMMARY: summary })).exitCode).toBe(0);
    expect(readFileSync(summary, "utf8")).toContain("nixherd plan: no changes");
  });

  test("fails for drift, and shows it.", async () => {
    await callApi(repository, "PUT", "nodes/pve1/qemu/101/config", { description: "by hand" });
    const summary = join(tools, "drift.md");
    const drift = await run(step("drift", "Look for drift"), { GITHUB_STEP_SUMMARY: summary });
    expect(drift.exitCode).toBe(3);
    expect(readFileSync(summary, "utf8")).toMatch(
      /\| prod \| web-1 \(101\) \| \*\*update\*\* \| description \(live\)/,
    );
  });

  test("comments the plan of what a pull request changes, and only that.", async () => {
    repository.write("vm-specs/test/web-2.json", machine(151, { nixos: false, tags: ["new"] }));
    const planned = await run(step("plan", "Plan"), { GITHUB_BASE_REF: "main" });
    expect(planned.exitCode, planned.all).toBe(0);
    expect(fileOf("plan.md")).toMatch(/^### nixherd plan: test: 1 to update\n/);
    const commented = await run(step("plan", "Comment"), { PULL_REQUEST: "7" });
    expect(commented.exitCode, commented.all).toBe(0);
    const said = readFileSync(join(tools, "said"), "utf8");
    expect(said).toContain("gh pr comment 7 --edit-last --create-if-none --body-file plan.md");
  });
});

describe("The GitLab pipeline", () => {
  test("comments the plan of what a merge request changes.", async () => {
    const base = await repository.run("git", ["rev-parse", "HEAD"]);
    const script = gitlab["plan"]?.script.join("\n") ?? "";
    const planned = await run(script, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base.stdout });
    expect(planned.exitCode, planned.all).toBe(0);
    expect(fileOf("plan.md")).toMatch(/^### nixherd plan: test: 1 to update\n/);
  });

  test("posts the plan as a comment once, and edits that comment from then on.", async () => {
    const requests: string[] = [];
    const others = Array.from({ length: 100 }, (_, id) => ({ id, author: { id: 1 }, body: "looks good" }));
    const notes = [
      ...others,
      { id: 100, author: { id: 1 }, body: "<!-- nixherd plan -->\nby somebody else" },
    ];
    const url = await serveNotes(notes, requests);
    const variables = {
      CI_API_V4_URL: url,
      CI_PROJECT_ID: "3",
      CI_MERGE_REQUEST_IID: "9",
      GITLAB_API_TOKEN: "token",
    };
    const script = gitlab["plan"]?.after_script.join("\n") ?? "";
    for (const plan of ["### first\n", "### second, with äöü and `code`\n"]) {
      repository.write("plan.md", plan);
      const commented = await run(script, variables);
      expect(commented.exitCode, commented.all).toBe(0);
    }
    const path = "/projects/3/merge_requests/9/notes";
    expect(requests.filter((line) => !line.startsWith("GET "))).toEqual([`POST ${path}`, `PUT ${path}/101`]);
    expect(notes).toHaveLength(102);
    expect(notes.at(-1)?.body).toBe("<!-- nixherd plan -->\n### second, with äöü and `code`\n");
  });

  test("applies every stack in a job of its own, one run a stack, and fails for drift on schedule.", async () => {
    const drift = gitlab["drift"]?.script.join("\n") ?? "";
    expect((await run(drift)).exitCode).toBe(3);
    const listed = await run(gitlab["stacks"]?.script.join("\n") ?? "");
    expect(listed.exitCode, listed.all).toBe(0);
    const jobs = parse(fileOf("stacks.yml")) as Record<string, { script: string[]; resource_group: string }>;
    expect(Object.keys(jobs)).toEqual(["apply prod", "apply test"]);
    for (const [name, { script, resource_group: group }] of Object.entries(jobs)) {
      expect(group).toBe(name.replace("apply ", "nixherd-"));
      // The set-up is tested by itself.
      const applied = await run(script.filter((line) => line !== "scripts/setup").join("\n"));
      expect(applied.exitCode, applied.all).toBe(0);
    }
    expect((await run(drift)).exitCode).toBe(0);
  });
});
