import { deadlineInSeconds } from "../../api/deadline.ts";
import type { Operation } from "../../legacy/legacy-resource.ts";
import { cloneVm } from "./clone-vm.ts";
import { createFromScratch } from "./create-from-scratch.ts";

/**
 * Creates a VM: from a template if there is a clone block, else from nothing.
 * `timeout_clone` and `timeout_create` bound the whole creation, the start and the wait for an address included.
 */
export const createVm: Operation = async (data, session, warn) => {
  const isClone = data.now.block("clone") !== undefined;
  const seconds = data.now.number(isClone ? "timeout_clone" : "timeout_create");
  const deadline = deadlineInSeconds(seconds, session.lifetime);
  await (isClone ? cloneVm : createFromScratch)({ data, session, warn, deadline });
};
