import { eachMachine, type Rule } from "../rule.ts";

/** Every file that a spec names exists, inside the repository, links followed. */
export const filesInRepository: Rule = {
  name: "files-in-repository",
  check: eachMachine(function* ({ filled }, { findFile, readKeyFile }) {
    const named = [
      { paths: filled.access.sshKeyFiles, pointer: "/access/sshKeyFiles", open: readKeyFile },
      {
        paths: filled.nixos === false ? [] : filled.nixos.modules,
        pointer: "/nixos/modules",
        open: findFile,
      },
      { paths: filled.hooks.postApply, pointer: "/hooks/postApply", open: findFile },
    ];
    for (const { paths, pointer, open } of named) {
      for (const [index, path] of paths.entries()) {
        const opened = open(path);
        if ("problem" in opened)
          yield { pointer: `${pointer}/${index}`, message: `"${path}" ${opened.problem}` };
      }
    }
  }),
};
