import { ApiError } from "../../api/api-error.ts";

const notReady = /qemu guest agent.*(not running|not available|not ready)|got timeout/i;

/** Whether the answer says that the guest's agent may come up yet. */
export function isAgentNotReady(error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 400 || (error.status === 500 && notReady.test(error.message));
}
