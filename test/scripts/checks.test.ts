import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { repository } from "./clone-repository.ts";

/** A git repository of the files, which belong to nobody's machine. */
async function repositoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "nixherd-checks-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  await execa("git", ["init", "--quiet"], { cwd: root });
  return root;
}

/** Exit code and everything a check of scripts/ says about the files. */
async function check(script: string, files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const cwd = await repositoryOf(files);
  const { exitCode, all } = await execa("node", [join(repository, "scripts", script), ...args], {
    cwd,
    reject: false,
    all: true,
  });
  return { exitCode, lines: all.split("\n"), cwd };
}

describe("check-shell", () => {
  const good = '#!/usr/bin/env bash\nsource lib.sh\nif [[ -n $shown ]]; then\n  echo "$shown"\nfi\n';

  test("accepts files that ShellCheck and shfmt accept, and follows what they source", async () => {
    const { exitCode, lines } = await check("check-shell.ts", {
      tool: good,
      "lib.sh": "# shellcheck shell=bash\nshown=$(date)\nexport shown\n",
    });
    expect(lines).toEqual(["2 bash files, 0 problems"]);
    expect(exitCode).toBe(0);
  });

  test("names file, line and rule of everything wrong", async () => {
    const { exitCode, lines } = await check("check-shell.ts", {
      "bad.sh": "#!/usr/bin/env bash\nrm -rf $1\nif true; then\n    exit\nfi\n",
      long: `#!/usr/bin/env bash\n${"true\n".repeat(100)}`,
      "not-shell.txt": "rm -rf $1\n",
    });
    expect(lines).toEqual([
      "bad.sh:2:8: SC2086 Double quote to prevent globbing and word splitting.",
      "bad.sh:4:1: not formatted; node scripts/check-shell.ts --write does it",
      "long:101:1: 101 lines, at most 100",
      "2 bash files, 3 problems",
    ]);
    expect(exitCode).toBe(1);
  });

  test("formats with --write", async () => {
    const unformatted = "#!/usr/bin/env bash\nif true; then\nexit\nfi\n";
    const { exitCode, lines, cwd } = await check("check-shell.ts", { "a.sh": unformatted }, "--write");
    expect(lines).toEqual(["1 bash files, 0 problems"]);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(cwd, "a.sh"), "utf8")).toBe(unformatted.replace("exit", "  exit"));
  });
});

describe("check-links", () => {
  test("accepts links to files, folders, headings and other places", async () => {
    const { exitCode, lines } = await check("check-links.ts", {
      "README.md":
        "# Big `plan`, small!\n[a](docs/a.md#two-words) [b](docs) [c](#big-plan-small) [d](https://example.org/x)\n```\n[e](nowhere.md)\n```\n",
      "docs/a.md": "## Two words\n[up](../README.md)\n\n[ref]: a.md\n",
    });
    expect(lines).toEqual([""]);
    expect(exitCode).toBe(0);
  });

  test("names every link that leads nowhere", async () => {
    const { exitCode, lines } = await check("check-links.ts", {
      "README.md": "[a](gone.md)\n[b](docs/a.md#three) [c](#none)\n[d]: docs/b.md\n",
      "docs/a.md": "## Two words\n",
    });
    expect(lines).toEqual([
      "README.md:1: gone.md does not exist",
      "README.md:2: docs/a.md#three does not exist",
      "README.md:2: #none does not exist",
      "README.md:3: docs/b.md does not exist",
    ]);
    expect(exitCode).toBe(1);
  });
});

describe("check-leaks", () => {
  // Put together, because this file is checked as well.
  const mirror = ["registry", "somewhere", "net"].join(".");
  const stranger = ["foreign", "dev"].join(".");

  test("accepts known hosts, reserved names, addresses and the names of providers", async () => {
    const { exitCode, lines } = await check("check-leaks.ts", {
      a: "https://github.com/x http://127.0.0.1:80 https://pve1.example.org:8006 registry.opentofu.org/bpg/proxmox /usr/bin",
      "package-lock.json": `{ "funding": "https://${stranger}" }`,
    });
    expect(lines).toEqual([""]);
    expect(exitCode).toBe(0);
  });

  test("names the folder that the repository lies in, and no folder that only begins like it", async () => {
    const cwd = await repositoryOf({});
    writeFileSync(join(cwd, "a"), `cd ${cwd}/x\ncd ${cwd}-other\n`);
    const script = join(repository, "scripts/check-leaks.ts");
    const { stderr } = await execa("node", [script], { cwd, reject: false });
    expect(stderr).toBe("a:1: names a folder of the machine it was written on");
  });

  test("names foreign hosts and folders of a machine, in lock files too", async () => {
    const { exitCode, lines } = await check("check-leaks.ts", {
      a: `ok\nsee https://${stranger}/x\n`,
      b: `/${"Users"}/somebody/nixherd\n`,
      "package-lock.json": `"resolved": "https://${mirror}/x.tgz"`,
    });
    expect(lines).toEqual([
      `a:2: ${stranger} is not among the known hosts of scripts/check-leaks.ts`,
      "b:1: names a folder of the machine it was written on",
      `package-lock.json:1: ${mirror} is not among the known hosts of scripts/check-leaks.ts`,
    ]);
    expect(exitCode).toBe(1);
  });

  test("names a file that is no text", async () => {
    const { exitCode, lines } = await check("check-leaks.ts", { "program.bin": "ELF\0\u0001", a: "ok\n" });
    expect(lines).toEqual([
      "program.bin: is no text; what is downloaded or built stays out of the repository",
    ]);
    expect(exitCode).toBe(1);
  });
});
